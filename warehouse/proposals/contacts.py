"""Columns that reach or name a person: told by their name, and by what stands in them."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from warehouse.proposals.names import normalised
from warehouse.proposals.words import contact_names

CERTAIN = 0.8
"""Share of cells of a shape from which a column is of contacts."""

_SHAPES = (
    ("e-mail", r"[^@\s]+@[^@\s]+[.][A-Za-z]{2,}"),
    ("phone", r"([+]?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}"),
    ("phone", r"[+][0-9]{1,3}[-. (]*[0-9]{1,4}[-. )]*[0-9]{2,4}([-. ]?[0-9]{2,4}){1,3}"),
    ("phone", r"[(]?[0-9]{3}[)]?[-. ][0-9]{3}[-. ][0-9]{4}"),
    ("identity card", r"[1-9][0-9]{5}(19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}[0-9Xx]"),
)


def contact_kind(
    connection: DuckDBPyConnection, cells: str, column: str, filled: int
) -> str | None:
    """Name the kind of contact data that a column of ``cells (cell, n)`` holds, if any."""
    named = contact_names().get(normalised(column))
    if named is not None or not filled:
        return named
    counts = ", ".join(
        f"sum(n) FILTER (WHERE regexp_full_match(cell, '{shape}'))" for _, shape in _SHAPES
    )
    found = connection.execute(f"SELECT {counts} FROM {cells}").fetchall()[0]  # noqa: S608
    for (kind, _), count in zip(_SHAPES, found, strict=True):
        if int(count or 0) >= CERTAIN * filled:
            return kind
    return None
