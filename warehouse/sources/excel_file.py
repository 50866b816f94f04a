"""Excel: one sheet, its cells written as text, staged as a CSV file is."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from warehouse.errors import SourceError, nearest
from warehouse.sources.csv_file import stage_text
from warehouse.sources.files import fingerprint
from warehouse.sources.raw import RawTable
from warehouse.workspace_file import SourceFile

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
MOST_UNPACKED = 2 * 10**9
MOST_PACKING = 200
"""An archive that grows beyond this is made to fill memory, not to hold a table."""

Cell = int | float | str | bool | time | date | datetime | timedelta


def stage_excel(
    connection: DuckDBPyConnection,
    source: str,
    files: Sequence[Path],
    declared: SourceFile,
    scratch: Path,
) -> RawTable:
    """Stage one sheet of each workbook in ``raw.<source>``, every column as text.

    Whole numbers are written without a point, dates as ISO; formulas by the result that was saved.
    """
    texts = []
    for number, path in enumerate(files):
        text = scratch / f"sheet-{number}.csv"
        with _opened(path) as book:
            _write(book, _sheet(book, path, declared.sheet), text, path)
        texts.append(text)
    prints = tuple(fingerprint(path, text=False) for path in files)
    written = declared.model_copy(update={"delimiter": ",", "encoding": "utf-8"})
    return stage_text(connection, source, prints, texts, written)


def sheets_with_data(path: Path) -> tuple[str, ...]:
    """List the sheets of a workbook that hold more than a line of names.

    Raises
    ------
    SourceError
        It is no workbook, or one made to fill memory.
    """
    with _opened(path) as book:
        return tuple(
            name for name in book.sheet_names if book.get_sheet_by_name(name).total_height > 1
        )


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    from python_calamine import CalamineError, CalamineWorkbook

    _refuse_bomb(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            yield book
    except (CalamineError, OSError) as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise _refused(path, f"is no workbook that can be read: {said}.") from None


def _refuse_bomb(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [(part.file_size, part.compress_size) for part in archive.infolist()]
    except (zipfile.BadZipFile, OSError) as error:
        raise _refused(path, f"is no whole workbook: {error}.") from None
    unpacked, packed = (sum(column) for column in zip(*sizes, strict=True)) if sizes else (0, 1)
    if unpacked > MOST_UNPACKED or unpacked > MOST_PACKING * max(packed, 1) + 10**6:
        raise _refused(path, f"unpacks to {unpacked / 10**6:,.0f} MB.")


def _sheet(book: CalamineWorkbook, path: Path, wanted: str | None) -> str:
    names = book.sheet_names
    if wanted is not None:
        if wanted not in names:
            near = nearest(wanted, names) or names
            raise _refused(
                path, f"has no sheet {wanted!r}.", f"Nearest: {', '.join(map(repr, near))}."
            )
        return wanted
    full = [name for name in names if book.get_sheet_by_name(name).total_height > 1]
    if len(full) > 1:
        listed = ", ".join(map(repr, full))
        raise _refused(path, f"has data on several sheets: {listed}.", "Name one with --sheet.")
    if not full:
        raise _refused(path, "has no sheet with rows below a line of names.")
    return full[0]


def _write(book: CalamineWorkbook, sheet: str, text: Path, path: Path) -> None:
    with text.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        width = 0
        for row in book.get_sheet_by_name(sheet).iter_rows():
            cells = [_written(cell) for cell in row]
            if not width:
                while cells and not cells[-1]:
                    cells.pop()
                width = len(cells)
                if not width:
                    continue
            if any(cells):
                writer.writerow([*cells[:width], *filter(None, cells[width:])])


def _written(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _refused(path: Path, detail: str, following: str = "Save it as .xlsx or CSV.") -> SourceError:
    return SourceError(file=str(path), detail=detail, next=following)
