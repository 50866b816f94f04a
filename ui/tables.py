"""An answer's table as people read it: sorted, shown, and exported with what it means."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO, StringIO
from typing import Literal

from agent.answer import Answer
from agent.writer import filter_text, window_text
from knowledge.languages import say
from tools.evidence import Cell, Table, TableColumn
from ui.cells import cell_text, is_key, unit_of

Language = Literal["zh", "en"]
Direction = Literal["asc", "desc"]
Row = tuple[Cell, ...]

MOST_ROWS = 200
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""How a text begins that a spreadsheet may take for a formula (OWASP, CSV injection)."""
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML, and so an Excel file, cannot hold."""
_LONGEST_CELL = 32_000
_NUMBER_FORMATS = {
    "currency": "#,##0.00", "percent": "0.0%", "points": "0.0%", "count": "#,##0",
}  # fmt: skip


def is_number(column: TableColumn) -> bool:
    """Tell whether a column holds figures, rather than what a row is about."""
    return not is_key(column.role) and column.unit not in ("text", "date")


def sorted_rows(table: Table, column: str, direction: Direction) -> tuple[Row, ...]:
    """Order the rows by one column; what is missing comes last either way.

    Figures are ordered by size, periods by time, all else by what is shown.
    """
    at = next((i for i, c in enumerate(table.columns) if c.name == column), None)
    if at is None:
        return table.rows
    known = [row for row in table.rows if row[at] is not None]
    by_value = is_number(table.columns[at]) or table.columns[at].role == "period"

    def key(row: Row) -> tuple[float, str]:
        value = row[at]
        if isinstance(value, int | float) and by_value:
            return float(value), ""
        return 0.0, str(value if by_value else table.shown(column, value))

    known.sort(key=key, reverse=direction == "desc")
    return (*known, *(row for row in table.rows if row[at] is None))


def shown_rows(
    table: Table, rows: Sequence[Row], language: Language, currency: str
) -> list[list[str]]:
    """Write the first rows as people read them."""
    return [
        [
            cell_text(table, column, cell, language, currency)
            for column, cell in zip(table.columns, row, strict=True)
        ]
        for row in rows[:MOST_ROWS]
    ]


def as_csv(answer: Answer, currency: str) -> bytes:
    """Write the table and, below it, what it means, for a spreadsheet or a program.

    Figures stay figures. A text that a spreadsheet could take for a formula is written after a
    single quote, which is taken off to have it back.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    table = answer.table
    if table is not None:
        writer.writerow([_harmless(header) for header in _headers(answer, table, currency)])
        writer.writerows(
            [_csv_cell(table, *pair) for pair in _cells(table, row)] for row in table.rows
        )
    writer.writerow([])
    writer.writerows([_harmless(name), _harmless(value)] for name, value in notes(answer))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(answer: Answer, currency: str) -> bytes:
    """Write the table as an Excel file, with what it means on a second sheet."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    data = book.create_sheet(say("ui_data", answer.language))
    about = book.create_sheet(say("ui_sources", answer.language))

    def text(sheet: object, value: str) -> object:
        cell = WriteOnlyCell(sheet, value=_ILLEGAL.sub("", value)[:_LONGEST_CELL])
        cell.data_type = "s"  # a text, whatever it begins with
        return cell

    def figure(column: TableColumn, value: float) -> object:
        cell = WriteOnlyCell(data, value=value)
        cell.number_format = _NUMBER_FORMATS.get(unit_of(column), "General")
        return cell

    table = answer.table
    if table is not None:
        data.append([text(data, header) for header in _headers(answer, table, currency)])
        for row in table.rows:
            data.append(
                [
                    figure(column, value)
                    if isinstance(value, int | float) and is_number(column)
                    else text(data, _plain(table, column, value))
                    for column, value in _cells(table, row)
                ]
            )
    for name, value in notes(answer):
        about.append([text(about, name), text(about, value)])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def notes(answer: Answer) -> Iterator[tuple[str, str]]:
    """Tell what the figures of an answer mean and where they come from, line by line."""
    language, understood = answer.language, answer.understood

    def said(code: str) -> str:
        return say(f"ui_{code}", language)

    if understood.time_range is not None:
        yield said("window"), window_text(understood.time_range, language)
    if understood.compare_to is not None:
        yield said("compared_with"), window_text(understood.compare_to, language)
    if understood.filters:
        filters = (filter_text(item, language) for item in understood.filters)
        yield said("filters"), say("list_comma", language).join(filters)
    for evidence in answer.evidence:
        for definition in evidence.definition:
            yield f"{said('definition')} · {definition.label}", definition.text
        yield said("as_of"), evidence.as_of.isoformat()
        yield said("build"), evidence.build_id
        if evidence.sql:
            yield said("query"), evidence.sql
    for caveat in answer.caveats:
        yield said("caveat"), caveat


def _headers(answer: Answer, table: Table, currency: str) -> list[str]:
    return [
        f"{column.label} ({currency})" if unit_of(column) == "currency" else column.label
        for column in table.columns
    ]


def _cells(table: Table, row: Row) -> Iterator[tuple[TableColumn, Cell]]:
    return zip(table.columns, row, strict=True)


def _csv_cell(table: Table, column: TableColumn, value: Cell) -> str | int | float:
    if isinstance(value, int | float) and is_number(column):
        return value
    return _harmless(_plain(table, column, value))


def _plain(table: Table, column: TableColumn, value: Cell) -> str:
    shown = table.shown(column.name, value)
    if shown is None:
        return ""
    return shown.isoformat() if isinstance(shown, date) else str(shown)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
