"""Splits, periods and orders: what a question is shown by, and in which steps."""

from __future__ import annotations

from agent.embedded.atoms import stem
from agent.embedded.cascade import Action, Rule, first, merged, only
from agent.embedded.conditions import Quantity
from agent.embedded.lattice import Node
from agent.embedded.pieces import condition_of
from agent.embedded.reading import Group
from knowledge.languages import TimeSpan

_DIMS = "(dimension|grain|period)((and|comma|or|each)* (dimension|grain|period))*"


def _group(how: str) -> Action:
    def build(nodes: list[Node]) -> list[Node]:
        result = []
        for node in nodes:
            if "dimension" in node.kinds:
                result.append(merged("group", [node], as_group(node, how)))
            elif "grain" in node.kinds:
                result.append(node)
            elif "period" in node.kinds:
                result += _period([node])
        return result

    return build


def as_group(node: Node, how: str) -> Group:
    """Take 各年龄段 as each of them also where 各 is part of the name."""
    each = how or ("each" if node.text.startswith(("各", "每", "each ", "every ")) else "")
    return Group(node.of("dimension"), node.text, each, _is_plural(node.text))


def _ordered_by(nodes: list[Node]) -> list[Node]:
    node = merged("ordered_by", nodes[-1:], None)
    return [node]


def _ranked_by(nodes: list[Node]) -> list[Node]:
    """Read 销售额最高的五个城市的订单数: ranked by the one metric, asked for the other."""
    return [*_ordered_by(nodes[:1]), *nodes[1:]]


def _per(nodes: list[Node]) -> list[Node]:
    node = merged("per", nodes[-1:], None)
    node.terms = nodes[-1].terms
    node.roles = {"each": nodes[0].roles.get("each", "any")}
    return [node]


def _per_unit(nodes: list[Node]) -> list[Node] | None:
    """Read 每单: an order is named by its counting word."""
    if nodes[-1].roles.get("unit") not in ("times", "items"):
        return None
    return _per(nodes)


def _agent(nodes: list[Node]) -> list[Node]:
    """Read "bought by women": the preposition names who, not a split."""
    return nodes[1:]


def _limited(nodes: list[Node]) -> list[Node] | None:
    """Read "which 5 brands" and 三个品类: the number says how many to show."""
    quantity = nodes[-1].value
    assert isinstance(quantity, Quantity)
    whole = quantity.value == int(quantity.value) and 1 <= quantity.value <= 1000
    if not whole or quantity.unit not in (None, "items"):
        return None
    return [merged("limit", nodes, int(quantity.value))]


def _drop_first(nodes: list[Node]) -> list[Node]:
    """Read 周环比: the period's own length decides already."""
    return nodes[1:]


def _prior(nodes: list[Node]) -> list[Node]:
    """Read 跟之前30天比."""
    quantity = first(nodes, "quantity")
    assert quantity is not None
    return [merged("prior", nodes, quantity.value)]


def _counted(nodes: list[Node]) -> list[Node] | None:
    """Read 多少件商品: what is counted, not what is split by."""
    if "entity" not in nodes[-1].kinds:
        return None
    nodes[-1].kinds -= {"dimension", "value"}
    return nodes


def _period(nodes: list[Node]) -> list[Node]:
    """Read "which month" and 销售额最高的一天: the time itself is ranked."""
    found = merged("grain", nodes[-1:], None)
    found.roles = {"grain": nodes[-1].roles["period"]}
    return [*nodes[:-1], found]


def _dated(nodes: list[Node]) -> list[Node]:
    """Read 按今年的订单数: the time is the question's, not a split."""
    return [*nodes[1:-1], nodes[0], nodes[-1]]


def _long(nodes: list[Node]) -> list[Node] | None:
    """Read 国庆七天: the number only repeats how long the time is."""
    span, quantity = nodes[0].value, nodes[1].value
    assert isinstance(quantity, Quantity)
    if not isinstance(span, TimeSpan) or not (span.start and span.stop):
        return None
    same = quantity.unit == "days" and (span.stop - span.start).days == quantity.value
    return nodes[:1] if same else None


PERIODS = (
    Rule("(which|each|rank|top|bottom) (quantity|unit)? period", _period),
    Rule("how_many unit? dimension", _counted),
    Rule("period (?=(have|link)* bound)", _period),
    Rule("bound period", _period),
    Rule("quantity period (?=rank)", _period),
    Rule("period versus", _drop_first),
    Rule("than average", lambda nodes: [merged("stray", nodes, None)]),
    Rule("time quantity", _long),
    Rule("(and|than)* prior quantity (than|compare)*", _prior),
    Rule("which? quantity (?=(value|segment)* (dimension|grain))", _limited),
)


def _unfilter(nodes: list[Node]) -> list[Node]:
    """Read "remove the city filter", 把性别条件去掉 and 不限上海."""
    node = merged("unfilter", nodes, None)
    node.terms = tuple(term for n in only(nodes, "dimension") for term in n.of("dimension"))
    if found := only(nodes, "cond"):
        node.value = condition_of(found[0])
    return [node]


def _ungroup(nodes: list[Node]) -> list[Node]:
    """Read 不分渠道 and "without the split"."""
    node = merged("ungroup", nodes, None)
    node.terms = tuple(term for n in only(nodes, "dimension") for term in n.of("dimension"))
    node.roles = {"grain": ""} if only(nodes, "grain") or only(nodes, "period") else {}
    return [node]


GROUPS = (
    Rule("(remove|exclude) dimension? filter_noun", _unfilter),
    Rule("dimension filter_noun? (remove|exclude)", _unfilter),
    Rule("filter_noun (remove|exclude)", _unfilter),
    Rule("remove cond filter_noun?", _unfilter),
    Rule(f"remove (by|each)* {_DIMS} by_after?", _ungroup),
    Rule("(remove|exclude) by_after", _ungroup),
    Rule("by (time|cond)+ metric", _dated),
    Rule("by metric", _ordered_by),
    Rule("metric rank dimension (?=metric)", _ranked_by),
    Rule("person rank dimension (?=metric)", lambda nodes: [merged("stray", nodes, None)]),
    Rule(f"each (each|which)* {_DIMS} by_after?", _group("each")),
    Rule(f"by (by|each|which)* {_DIMS} by_after?", _group("by")),
    Rule("(dimension|grain)((and|comma|or|each)* (dimension|grain))* by_after", _group("spread")),
    Rule("(by|each) metric (?=$)", _ordered_by),
    Rule("by (?=cond)", _agent),
    Rule("(by|each) (person|entity)", _per),
    Rule("each metric", _per),
    Rule("each (unit|quantity)", _per_unit),
    Rule("(by|sort) metric", _ordered_by),
)


def _is_plural(text: str) -> bool:
    word = text.split(" ")[-1]
    return word.isascii() and stem(word) != word
