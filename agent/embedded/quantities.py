"""Numbers in a sentence: quantities with units, comparisons, ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent.embedded.cascade import Rule, first, merged, only
from agent.embedded.conditions import Bound, Quantity
from agent.embedded.lattice import Node

Direction = Literal["desc", "asc", "best", "worst"]
_DIRECTIONS = ("desc", "asc", "best", "worst")
_TIME_UNITS = {"days": "day", "weeks": "week", "months": "month", "years": "year"}


@dataclass(frozen=True, slots=True)
class Rank:
    """Top or bottom N, a superlative, a place, or an order."""

    direction: Direction
    limit: int | None = None
    offset: int = 0
    source: Literal["count", "word", "place", "sort"] = "word"
    word: str = ""


def _certain(nodes: list[Node]) -> list[Node] | None:
    """Decide that 2025 is a number, where a year cannot stand."""
    nodes[-1].kinds -= {"time"}
    return nodes


def _quantity(nodes: list[Node]) -> list[Node] | None:
    number = next(node.number for node in nodes if node.number is not None)
    unit_node = first(nodes[1:], "unit")
    if "time" in nodes[0].kinds and len(nodes) == 1:
        return None
    unit = unit_node.roles["unit"] if unit_node else None
    currency = None
    money = first(nodes, "money") or first(nodes, "currency_sign")
    if number.unit == "points":
        unit = "percent"
    elif number.unit is not None:
        unit, currency = "money", number.unit
    elif money is not None:
        unit, currency = "money", money.roles.get("money") or money.roles["currency_sign"]
    value = float(number.value) / 100 if unit == "percent" and not number.percent else number.value
    quantity = Quantity(float(value), unit, number.percent or unit == "percent", currency)
    return [merged("quantity", nodes, quantity)]


def _oclock(nodes: list[Node]) -> list[Node] | None:
    """Read 晚上8点 as 20."""
    quantity = _value(nodes[1])
    if quantity.unit != "oclock":
        return None
    late = nodes[0].roles["daypart"] == "pm" and quantity.value < 12
    value = quantity.value + 12 if late else quantity.value
    return [merged("quantity", nodes, Quantity(value, "oclock"))]


def _implied(nodes: list[Node]) -> list[Node]:
    """Read "aged 25 to 34": the word before says what the number is of."""
    unit = nodes[0].roles["implies"]
    node = nodes[-1]
    if isinstance(node.value, Bound):
        changed = tuple(_of_unit(q, unit) for q in node.value.quantities)
        value: object = Bound(node.value.op, changed, node.value.text)
    else:
        value = _of_unit(_value(node), unit)
    return [merged("bound" if "bound" in node.kinds else "quantity", nodes, value)]


def _of_unit(quantity: Quantity, unit: str) -> Quantity:
    return Quantity(quantity.value, quantity.unit or unit, quantity.percent, quantity.currency)


def _counted(nodes: list[Node]) -> list[Node]:
    word = first(nodes, "times_word")
    assert word is not None
    quantity = Quantity(float(word.roles["times_word"]), "times")
    return [merged("quantity", nodes, quantity)]


def _value(node: Node) -> Quantity:
    assert isinstance(node.value, Quantity)
    return node.value


def _bound(op: str, nodes: list[Node]) -> list[Node]:
    quantities = tuple(_value(node) for node in only(nodes, "quantity"))
    if len(quantities) == 2 and quantities[1].unit and not quantities[0].unit:
        low, high = quantities
        quantities = (Quantity(low.value, high.unit, high.percent, high.currency), high)
    if implied := first(nodes, "implies"):
        quantities = tuple(_of_unit(q, implied.roles["implies"]) for q in quantities)
    text = " ".join(node.text for node in nodes)
    return [merged("bound", nodes, Bound(op, quantities, text))]


def _between(nodes: list[Node]) -> list[Node]:
    return _bound("between", nodes)


def _either(nodes: list[Node]) -> list[Node] | None:
    """Read "1 or 2 stars"."""
    return _bound("in", nodes) if _value(nodes[-1]).unit in ("stars", "years_old") else None


def _before(nodes: list[Node]) -> list[Node]:
    comparator = first(nodes, "comparator")
    assert comparator is not None
    return _bound(comparator.roles["comparator"], nodes)


def _not_before(nodes: list[Node]) -> list[Node]:
    bound = _before(nodes)[0]
    assert isinstance(bound.value, Bound)
    bound.value = bound.value.inverted()
    return [bound]


def _after(nodes: list[Node]) -> list[Node]:
    return _bound(nodes[-1].roles["comparator_after"], nodes)


def _drop_first(nodes: list[Node]) -> list[Node] | None:
    """Drop "over" of "over the last month"; "after" and "before" a time mean something else."""
    return nodes[1:] if nodes[0].text in _HARMLESS_BEFORE_TIME else None


_HARMLESS_BEFORE_TIME = ("over", "past", "only", "just", "exactly", "只", "仅", "就", "up to")


def _count(node: Node) -> int | None:
    value = _value(node).value
    return int(value) if value == int(value) and 1 <= value <= 1000 else None


def _top(nodes: list[Node]) -> list[Node] | None:
    return _ranked(nodes, "desc")


def _bottom(nodes: list[Node]) -> list[Node] | None:
    return _ranked(nodes, "asc")


def _ranked(nodes: list[Node], direction: Direction) -> list[Node] | None:
    quantity, word = first(nodes, "quantity"), first(nodes, "superlative")
    limit = _count(quantity) if quantity else None
    if quantity and limit is None:
        return None
    if word is not None:
        direction = word.roles["superlative"]  # type: ignore[assignment]
    source: Literal["count", "word"] = "count" if limit and word is None else "word"
    return [merged("rank", nodes, Rank(direction, limit, 0, source))]


def _superlative(nodes: list[Node]) -> list[Node] | None:
    word, quantity = first(nodes, "superlative"), first(nodes, "quantity")
    assert word is not None
    if quantity and _value(quantity).unit in _TIME_UNITS:
        return None
    limit = _count(quantity) if quantity else None
    if quantity and limit is None:
        return None
    direction: Direction = word.roles["superlative"]  # type: ignore[assignment]
    return [merged("rank", nodes, Rank(direction, limit, 0, "word", word.text))]


def _span_of_time(nodes: list[Node]) -> list[Node] | None:
    """Read 销售额最高的一天, "the 3 best months": so many steps of time are ranked."""
    quantity, word = first(nodes, "quantity"), first(nodes, "superlative") or first(nodes, "top")
    assert quantity is not None
    grain, limit = _TIME_UNITS.get(_value(quantity).unit or ""), _count(quantity)
    if grain is None or limit is None:
        return None
    direction = word.roles.get("superlative", "desc") if word else "asc"
    rank = merged("rank", nodes, Rank(direction, limit, 0, "count"))  # type: ignore[arg-type]
    step = merged("grain", nodes[-1:], None)
    step.roles = {"grain": grain}
    return [rank, step]


def _best_selling(nodes: list[Node]) -> list[Node]:
    """Read 畅销: the most of what is sold."""
    act = merged("act", nodes, None)
    act.roles = {"act": "sell"}
    return [act, merged("rank", nodes, Rank("desc", None, 0, "word"))]


def _bare(nodes: list[Node]) -> list[Node] | None:
    """Read "top cities": only words that cannot mean a place in time or space."""
    if nodes[0].text not in ("top", "the top", "bottom", "the bottom", "leading"):
        return None
    return _ranked(nodes, "desc" if "top" in nodes[0].kinds else "asc")


def _place(nodes: list[Node]) -> list[Node] | None:
    quantity, word = first(nodes, "quantity"), first(nodes, "nth_word")
    place = _count(quantity) if quantity else int(word.roles["nth_word"]) if word else None
    if place is None:
        return None
    how = first(nodes, "superlative") or first(nodes, "degree")
    direction: Direction = "desc"
    if how is not None:
        direction = how.roles.get("superlative") or how.roles["degree"]  # type: ignore[assignment]
    if first(nodes, "bottom"):
        direction = "asc"
    return [merged("rank", nodes, Rank(direction, 1, place - 1, "place"))]


def _sort(nodes: list[Node]) -> list[Node]:
    direction = nodes[-1].roles["sort"]
    kept: Direction = direction if direction in _DIRECTIONS else "desc"  # type: ignore[assignment]
    said = nodes[-1].text if direction in _DIRECTIONS else ""
    return [merged("rank", nodes, Rank(kept, None, 0, "sort", said))]


def _ordinal(node: Node) -> bool:
    return node.number is not None and node.number.ordinal


def _whole(node: Node) -> int:
    return int(node.number.value) if node.number is not None else 0


def _ordinal_place(nodes: list[Node]) -> list[Node] | None:
    """Read "third highest" and 第三高, where the number word itself is an ordinal."""
    if not _ordinal(nodes[0]):
        return None
    place = _whole(nodes[0])
    how = nodes[-1]
    direction: Direction = how.roles.get("superlative") or how.roles["degree"]  # type: ignore[assignment]
    return [merged("rank", nodes, Rank(direction, 1, place - 1, "place"))] if place > 0 else None


def _ordinal_alone(nodes: list[Node]) -> list[Node] | None:
    """Read 排名第三: an ordinal after a word of ranking."""
    if not _ordinal(nodes[-1]):
        return None
    place = _whole(nodes[-1])
    direction: Direction = "asc" if first(nodes, "bottom") else "desc"
    return [merged("rank", nodes, Rank(direction, 1, place - 1, "place"))] if place > 0 else None


NUMBERS = (
    Rule("number (superlative|degree)", _ordinal_place),
    Rule("(bottom|sort|nth) number", _ordinal_alone),
    Rule("(comparator|between|top|bottom|superlative|to) number", _certain),
    Rule("currency_sign number money?", _quantity),
    Rule("number money", _quantity),
    Rule("number unit?", _quantity),
    Rule("times_word", _counted),
    Rule("daypart quantity", _oclock),
)

BOUNDS = (
    Rule("comparator (?=time)", _drop_first),
    Rule("comparator act (?=quantity)", lambda nodes: nodes[::-1]),  # 至少下过5单
    Rule("between quantity (to|and) quantity within?", _between),
    Rule("quantity to quantity within?", _between),
    Rule("quantity or quantity", _either),
    Rule("negation comparator quantity comparator_after?", _not_before),
    Rule("comparator quantity comparator_after?", _before),
    Rule("quantity comparator_after", _after),
    Rule("implies link? (bound|quantity)", _implied),
)

RANKS = (
    Rule("best_selling", _best_selling),
    Rule("(superlative|top|bottom) quantity", _span_of_time),
    Rule("quantity superlative", _span_of_time),
    Rule("nth quantity (superlative|degree)?", _place),
    Rule("nth_word superlative", _place),
    Rule("superlative? top quantity superlative?", _top),
    Rule("superlative? bottom quantity superlative?", _bottom),
    Rule("superlative quantity", _superlative),
    Rule("quantity superlative", _superlative),
    Rule("superlative", _superlative),
    Rule("(top|bottom)? sort", _sort),
    Rule("(top|bottom)", _bare),
)
