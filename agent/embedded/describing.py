"""Questions about the data itself: what can be asked, what a name means, which values there are."""

from __future__ import annotations

from collections.abc import Sequence

from agent.embedded.index import VocabularyIndex, plain
from agent.embedded.lattice import Cover, Node
from agent.embedded.plan import PlannedCall
from tools.vocabulary import Term

_LISTED = {"metrics": "metric", "dimensions": "dimension", "segments": "segments"}
_BUSY = frozenset({
    "time", "grain", "versus", "superlative", "top", "bottom", "share", "share_verb", "growth",
    "trend", "comparator", "comparator_after", "number", "by", "each", "negation", "exclude",
    "segment", "sort",
})  # fmt: skip
_TERMS = ("metric", "dimension", "segment")


def describe(found: Cover, index: VocabularyIndex) -> PlannedCall | None:
    """Plan a description, if the question asks for one."""
    asked = {n.roles["describe"]: n for n in found.nodes if "describe" in n.kinds}
    if not asked and not any("list" in node.kinds for node in found.nodes):
        return None
    busy = any(node.kinds & _BUSY and not node.kinds & {"filler"} for node in found.nodes)
    named = [node for node in found.nodes if node.terms]
    if "definition" in asked and not found.residue and named:
        return _definition(named)
    if "meaning" in asked and not found.residue and named and not _busy_but_segments(found):
        return _definition(named)
    if "difference" in asked and not found.residue and not busy and _are_names(named):
        return _definition(named)
    if "metrics" in asked and _asks_list(found.nodes) and not busy and (found.residue or named):
        return _call("metric", _metrics_about(found, index))
    if busy or found.residue:
        return None
    if "freshness" in asked:
        return _call("freshness")
    if "overview" in asked and not named:
        return _call("overview")
    for kind, described in _LISTED.items():
        if kind in asked and not named and _asks_list(found.nodes):
            return _call(described)
    if named and _asks_list(found.nodes) and all("dimension" in n.kinds for n in named):
        names = [term.name for n in named for term in _plainest(n)]
        return _call("values", names)
    return None


def _definition(named: Sequence[Node]) -> PlannedCall | None:
    for kind in _TERMS:
        names = [t.name for node in named for t in node.terms if t.kind == kind]
        if names:
            described = "segments" if kind == "segment" else kind
            return _call(described, list(dict.fromkeys(names)))
    return None


def _are_names(named: Sequence[Node]) -> bool:
    """Tell whether two or more names are all of things that have a definition."""
    return len(named) > 1 and all(node.kinds & set(_TERMS) for node in named)


def _metrics_about(found: Cover, index: VocabularyIndex) -> list[str]:
    """Metrics with a form that speaks of the topic: 跟退款有关的指标."""
    topics = [residue.text for residue in found.residue]
    topics += [n.text for n in found.nodes if n.terms and "describe" not in n.kinds]
    return [
        term.name
        for term in index.of_kind("metric")
        if any(topic in form.text.lower() for topic in topics for form in term.forms)
    ]


def _plainest(node: Node) -> list[Term]:
    return plain(node.of("dimension"))


def _busy_but_segments(found: Cover) -> bool:
    return any(
        node.kinds & (_BUSY - {"segment"}) and "filler" not in node.kinds for node in found.nodes
    )


def _asks_list(nodes: Sequence[Node]) -> bool:
    if any("how_many" in node.kinds for node in nodes):
        return False
    return any(
        node.kinds & {"which", "list"} or node.roles.get("describe") == "values" for node in nodes
    )


def _call(kind: str, about: Sequence[str] = ()) -> PlannedCall:
    arguments: dict[str, object] = {"kind": kind}
    if about:
        arguments["about"] = list(about)
    return PlannedCall(tool="describe_data", arguments=arguments)
