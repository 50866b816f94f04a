"""Who asks, and what follows from it: row rights, masking, the smallest group shown."""

from __future__ import annotations

from typing import Literal

from warehouse.query import Filter, Record

Role = Literal["marketer", "analyst", "lead", "admin"]
SMALLEST_GROUP = 20


class Actor(Record):
    """Who asks or decides.

    ``rows`` limits every query of the actor to the rows it keeps (brand, region, store);
    ``None`` reads all rows.
    """

    id: str
    roles: tuple[Role, ...] = ("marketer",)
    rows: Filter | None = None
