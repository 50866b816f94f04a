"""What a rewritten span holds: a condition, a comparison, the metric that owns it."""

from __future__ import annotations

from collections.abc import Sequence

from agent.embedded.cascade import merged
from agent.embedded.conditions import (
    AllOf,
    AnyOf,
    Bound,
    Bounded,
    Condition,
    Did,
    Is,
    Member,
    Missing,
    NotSo,
    Quantity,
)
from agent.embedded.lattice import Node
from tools.vocabulary import Term


def condition_of(node: Node) -> Condition:
    """Give the condition that a span was read as."""
    assert isinstance(node.value, Is | Member | Bounded | Missing | Did | AllOf | AnyOf | NotSo)
    return node.value


def bound_of(node: Node) -> Bound:
    """Give a comparison; a bare number is an exact one."""
    if isinstance(node.value, Bound):
        return node.value
    assert isinstance(node.value, Quantity)
    return Bound("=", (node.value,), node.text)


def bounded(nodes: list[Node], dimensions: tuple[Term, ...], bound: Bound) -> Node:
    """Compare a numeric dimension."""
    text = " ".join(node.text for node in nodes)
    return merged("cond", nodes, Bounded(dimensions, bound, text))


def fits(bound: Bound, metrics: Sequence[Term]) -> bool:
    """Tell whether a number with its unit can be compared with one of the metrics."""
    units = {term.unit for term in metrics}
    if bound.unit == "money":
        return "currency" in units
    if any(quantity.percent for quantity in bound.quantities):
        return bool(units & {"percent", "ratio"})
    return bound.unit not in ("years_old", "stars", "oclock")
