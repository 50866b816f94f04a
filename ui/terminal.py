"""An answer in the terminal, from its JSON: so that asking a server loads no records."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal, TypedDict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from knowledge.languages import say
from ui.cells import is_key, written

if TYPE_CHECKING:
    from collections.abc import Sequence

Language = Literal["zh", "en"]
CellJson = str | int | float | bool | None

MOST_ROWS = 40


class ColumnJson(TypedDict):
    """A column of an answer's table."""

    name: str
    label: str
    unit: str
    role: str
    metric: str | None


class TableJson(TypedDict):
    """An answer's table."""

    columns: list[ColumnJson]
    rows: list[list[CellJson]]
    labels: dict[str, dict[str, str]]


class EvidenceJson(TypedDict):
    """One piece of an answer's evidence; more fields stand in the record."""

    id: str
    kind: str
    sql: str | None
    row_count: int
    as_of: str
    build_id: str


class ChoiceJson(TypedDict):
    """One reading of an ambiguous question."""

    label: str
    question: str


class AnswerJson(TypedDict):
    """What the terminal shows of an Answer; more fields stand in the record."""

    kind: str
    thread: str
    language: Language
    text: str
    table: TableJson | None
    evidence: list[EvidenceJson]
    choices: list[ChoiceJson]
    suggestions: list[str]
    caveats: list[str]
    planner: Literal["embedded", "chat"]
    verified: bool
    ms: float


def show_answer(
    answer: AnswerJson, currency: str, with_sql: bool = False, console: Console | None = None
) -> None:
    """Print an answer: text, table, caveats, choices, and what it rests on."""
    console = console or Console(file=sys.stdout, highlight=False, markup=False)
    language = answer["language"]
    style = "yellow" if answer["kind"] in ("refusal", "failure") else ""
    console.print(Text(printable(answer["text"]), style), soft_wrap=True)
    table = answer["table"]
    if table is not None and len(table["rows"]) > 1:
        _show_table(table, language, currency, console)
    for caveat in answer["caveats"]:
        console.print(Text(f"! {printable(caveat)}", "yellow"), soft_wrap=True)
    _show_next(answer, console)
    for item in answer["evidence"]:
        console.print(Text(_evidence_line(item, language), "dim"), soft_wrap=True)
        if with_sql and item["sql"]:
            console.print(Text(printable(item["sql"]), "cyan"), soft_wrap=True)
    console.print(Text(_last_line(answer), "dim"), soft_wrap=True)


def printable(text: str) -> str:
    """Leave out what would move the cursor, colour the screen or turn the reading direction."""
    return "".join(c for c in text if c in "\n\t" or not _is_control(c))


def _is_control(character: str) -> bool:
    return (
        character < " "
        or "\x7f" <= character <= "\x9f"
        or "\u202a" <= character <= "\u202e"
        or "\u2066" <= character <= "\u2069"
    )


def _show_table(table: TableJson, language: Language, currency: str, console: Console) -> None:
    shown = Table(header_style="bold", border_style="dim")
    for column in table["columns"]:
        shown.add_column(
            Text(printable(column["label"])), justify="left" if is_key(column["role"]) else "right"
        )
    for row in table["rows"][:MOST_ROWS]:
        shown.add_row(*_row(table, row, language, currency))
    console.print(shown)
    if (hidden := len(table["rows"]) - MOST_ROWS) > 0:
        console.print(Text(say("ui_more_rows", language, count=hidden), "dim"))


def _row(
    table: TableJson, row: Sequence[CellJson], language: Language, currency: str
) -> list[Text]:
    texts = (
        written(
            cell,
            column["role"],
            column["unit"],
            table["labels"].get(column["name"], {}),
            language,
            currency,
        )
        for column, cell in zip(table["columns"], row, strict=True)
    )
    return [Text(printable(text)) for text in texts]


def _show_next(answer: AnswerJson, console: Console) -> None:
    language = answer["language"]
    offered = [choice["label"] for choice in answer["choices"]] or answer["suggestions"]
    if not offered:
        return
    console.print(Text(say("ui_choose" if answer["choices"] else "ui_try", language), "dim"))
    for number, text in enumerate(offered, start=1):
        console.print(Text(f"  {number}. {printable(text)}"), soft_wrap=True)


def _evidence_line(item: EvidenceJson, language: Language) -> str:
    return say(
        "ui_evidence_line",
        language,
        id=item["id"],
        kind=say(f"ui_evidence_{item['kind']}", language),
        rows=f"{item['row_count']:,}",
        as_of=item["as_of"],
        build=item["build_id"],
    )


def _last_line(answer: AnswerJson) -> str:
    language = answer["language"]
    parts = [say(f"ui_planner_{answer['planner']}", language), f"{answer['ms']:.0f} ms"]
    if answer["verified"]:
        parts.insert(0, say("ui_verified", language))
    if answer["thread"]:
        parts.append(f"--thread {answer['thread']}")
    return " · ".join(parts)
