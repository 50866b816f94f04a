"""Cells of an answer's table as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from knowledge.languages import say
from knowledge.languages.formatting import format_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.evidence import Cell, Table, TableColumn

Language = Literal["zh", "en"]


def cell_text(
    table: Table, column: TableColumn, cell: Cell, language: Language, currency: str
) -> str:
    """Write one cell of a table."""
    labels = table.labels.get(column.name, {})
    return written(cell, column.role, column.unit, labels, language, currency)


def unit_of(column: TableColumn) -> str:
    """Tell in which unit a column's values are shown."""
    return _unit(column.role, column.unit)


def written(
    cell: Cell,
    role: str,
    unit: str,
    labels: Mapping[str, str],
    language: Language,
    currency: str,
) -> str:
    """Write a value: by its label where it has one, else in people's units.

    Parameters
    ----------
    cell : value
        As the evidence's SQL returned it.
    role, unit : str
        Of its column.
    labels : mapping
        Labels of the column's values.
    language, currency : str
        Of the answer.
    """
    label = labels.get(str(cell))
    if label is not None:
        return label
    if cell is None:
        return say("missing_value", language)
    if is_key(role):
        return str(cell)
    signed = role in ("change", "change_rate")
    return format_value(cell, _unit(role, unit), language, currency, signed=signed)


def is_key(role: str) -> bool:
    """Whether a column says what a row is about, rather than how much."""
    return role in ("dimension", "period")


def _unit(role: str, unit: str) -> str:
    if role in ("share", "change_rate"):
        return "percent"
    # The difference of two percentages is in percentage points.
    return "points" if role == "change" and unit == "percent" else unit
