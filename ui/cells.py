"""Cells of an answer's table as people read them."""

from __future__ import annotations

from typing import Literal

from knowledge.languages import say
from knowledge.languages.formatting import format_value
from tools.evidence import Cell, Table, TableColumn

Language = Literal["zh", "en"]


def unit_of(column: TableColumn) -> str:
    """Unit in which a column's values are shown: shares are percent, their changes points."""
    if column.role in ("share", "change_rate"):
        return "percent"
    if column.role == "change" and column.unit == "percent":
        return "points"
    return column.unit


def cell_text(
    table: Table, column: TableColumn, cell: Cell, language: Language, currency: str
) -> str:
    """Write one cell: its label where it has one, else its value in people's units."""
    if cell is None:
        return str(table.labels.get(column.name, {}).get("None") or say("missing_value", language))
    shown = table.shown(column.name, cell)
    if shown is not cell or is_key(column):
        return str(shown)
    signed = column.role in ("change", "change_rate")
    return format_value(cell, unit_of(column), language, currency, signed=signed)


def is_key(column: TableColumn) -> bool:
    """Whether a column says what a row is about, rather than how much."""
    return column.role in ("dimension", "period")
