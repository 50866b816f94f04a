"""Which of several metric words are asked for, and which only name what is counted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from agent.embedded.cascade import only
from agent.embedded.lattice import Node
from agent.embedded.outcomes import Unclear

_JOINING = frozenset({"and", "comma", "compare", "than", "or", "but"})
_POSSESSIVE = re.compile(r"\b(from|by|of|among)\b")


def settle_metrics(nodes: list[Node], text: str, counting: frozenset[str]) -> list[Node]:
    """Take a word that is a metric and what it counts as a noun, beside another metric.

    Raises
    ------
    Unclear     When two metrics stand side by side and nothing says how they belong together.
    """
    found = only(nodes, "metric")
    nouns = [n for n in found if "entity" in n.kinds or _counts(n, counting)]
    if len(found) > 1:
        kept = _kept(found, nouns, nodes, text)
        for node in found:
            if node not in kept:
                node.kinds = (node.kinds - {"metric"}) or frozenset({"entity"})
    return nodes


def _kept(
    found: Sequence[Node], nouns: Sequence[Node], nodes: Sequence[Node], text: str
) -> list[Node]:
    pure = [node for node in found if node not in nouns]
    for a, b in itertools.pairwise(found):
        owner = (
            a.terms != b.terms
            and b in pure
            and (a in pure or _POSSESSIVE.search(text[a.end : b.begin]))
        )
        if owner and not _are_joined(a, b, nodes, text):
            unclear = Unclear("two_metrics", "ambiguous", words=f"{a.text}, {b.text}")
            raise unclear.about((a.begin, a.end), (b.begin, b.end))
    listed = [n for n in nouns if _is_listed(n, found, nodes, text)]
    if pure or listed:
        return [*pure, *listed]
    things = [node for node in nouns if "person" not in node.kinds]
    return (things or list(nouns))[:1]


def _counts(node: Node, counting: frozenset[str]) -> bool:
    """Tell whether a word counts an entity: 流量 may be the noun of 流量的转化率."""
    return {term.name for term in node.of("metric")} <= counting


def _is_listed(node: Node, found: Sequence[Node], nodes: Sequence[Node], text: str) -> bool:
    """Tell whether a noun stands in a list of metrics: "revenue, orders and rating"."""
    at = found.index(node)
    before = at > 0 and _is_list(found[at - 1], node, nodes, text)
    after = at + 1 < len(found) and _is_list(node, found[at + 1], nodes, text)
    place = list(nodes).index(node)
    described = place > 0 and "cond" in nodes[place - 1].kinds  # 女性客户, 销售额: only its owner
    return before or (after and not described)


def _is_list(a: Node, b: Node, nodes: Sequence[Node], text: str) -> bool:
    """Tell whether two metrics stand in a list; a noun said twice is one."""
    return a.terms != b.terms and _are_joined(a, b, nodes, text)


def _are_joined(a: Node, b: Node, nodes: Sequence[Node], text: str) -> bool:
    """Tell whether two metrics stand in one list."""
    between = list(nodes)[list(nodes).index(a) + 1 : list(nodes).index(b)]
    if not between:
        return " " in text[a.end : b.begin] and text[b.begin] > "\u2e80"
    return any(node.kinds & _JOINING for node in between)
