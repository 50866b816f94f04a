"""Who asks, and what follows from it: row rights, masking, the smallest group shown.

The smallest group works in two steps. The compiled SQL counts the people behind every group,
leaves out those that are too small before anything is ranked or cut, and with them a neighbour
where one alone could be had by subtraction; so the evidence's SQL returns just what was shown.
``suppress`` then takes the count off the rows, tells how many groups are missing, and drops
whatever should not have come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from warehouse.errors import SmallGroup
from warehouse.query import Cell, Column, Filter, Record

Role = Literal["marketer", "analyst", "lead", "admin"]
Row = tuple[Cell, ...]

SMALLEST_GROUP = 20
PEOPLE = "__people"
"""Column with the number of people behind a row; negative: so many groups are hidden."""


class Actor(Record):
    """Who asks or decides.

    ``rows`` limits every query of the actor to the rows it keeps (brand, region, store);
    ``None`` reads all rows.
    """

    id: str
    roles: tuple[Role, ...] = ("marketer",)
    rows: Filter | None = None


def suppress(
    columns: Sequence[Column], rows: Sequence[Row], fields: Sequence[str] = ()
) -> tuple[tuple[Row, ...], int]:
    """Take the count of people off the rows and hide the groups that are too small.

    Parameters
    ----------
    columns : sequence of Column
        The columns that people see, as ``CompiledQuery.columns``.
    rows : sequence of rows
        As the SQL returned them; a row may be one cell longer than ``columns``.
    fields : sequence of str
        The personal names that were asked for, as ``CompiledQuery.people_fields``.

    Returns
    -------
    tuple of rows, int
        The rows that may be shown, without the count, and how many groups are hidden.

    Raises
    ------
    SmallGroup
        When the one number that was asked for is of too few people.

    Examples
    --------
    >>> city = Column(name="city", role="dimension", unit="text")
    >>> suppress([city], [("上海", 120), ("拉萨", 3), (None, -2)])
    ((('上海',),), 3)
    """
    width = len(columns)
    shown: list[Row] = []
    hidden = 0
    for row in rows:
        people = row[width] if len(row) > width else None
        if not isinstance(people, int) or people == 0 or people >= SMALLEST_GROUP:
            shown.append(row[:width])
        else:
            hidden += max(1, -people)
    if hidden and not any(column.role in ("dimension", "period") for column in columns):
        raise SmallGroup(minimum=SMALLEST_GROUP, filter=", ".join(fields) or "the filter")
    return tuple(shown), hidden
