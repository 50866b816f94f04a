"""Ways along many-to-one joins, from the table that is counted to the tables that describe it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Step(NamedTuple):
    """One join: the column ``on`` of ``source`` holds the key of ``target``."""

    source: str
    on: str
    target: str


class Joins:
    """The shortest way from each entity to every entity it can reach.

    Each step leads from many rows to one, so a way of any length keeps the number of rows.

    Parameters
    ----------
    joins : mapping of str to sequence of (on, to)
        The joins that each entity declares.

    Examples
    --------
    >>> joins = Joins({"lines": [("order_id", "orders")], "orders": [("shop", "stores")]})
    >>> [step.on for step in joins.way("lines", "stores")]
    ['order_id', 'shop']
    >>> joins.way("orders", "lines") is None
    True
    """

    def __init__(self, joins: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        self.ambiguous: list[tuple[Step, ...]] = []
        """Second ways of the same length as the first: a model with any is not valid."""
        self._ways = {start: self._search(start, joins) for start in joins}

    def way(self, start: str, end: str) -> tuple[Step, ...] | None:
        """Find the steps from one entity to another; none where there is no way."""
        return self._ways[start].get(end)

    def reachable(self, start: str) -> tuple[str, ...]:
        """List the entities that can be reached, itself first."""
        return tuple(self._ways[start])

    def _search(
        self, start: str, joins: Mapping[str, Sequence[tuple[str, str]]]
    ) -> dict[str, tuple[Step, ...]]:
        ways: dict[str, tuple[Step, ...]] = {start: ()}
        edge = [start]
        while edge:
            found: dict[str, tuple[Step, ...]] = {}
            for source in edge:
                for on, target in joins.get(source, ()):
                    way = (*ways[source], Step(source, on, target))
                    if target in found:
                        self.ambiguous.append(way)
                    elif target not in ways:
                        found[target] = way
            ways |= found
            edge = list(found)
        return ways
