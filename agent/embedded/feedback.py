"""Questions about what customers write: the topic in their words, and the filters around it."""

from __future__ import annotations

from agent.embedded.acts import known
from agent.embedded.cascade import only, rewrite
from agent.embedded.index import VocabularyIndex
from agent.embedded.lattice import Cover, Node
from agent.embedded.meaning import Context, Json, Scope, conjoined, filter_of, range_of
from agent.embedded.outcomes import Ambiguous
from agent.embedded.phrases import Phrases
from agent.embedded.pieces import condition_of
from agent.embedded.plan import PlannedCall, PreviousTurn
from agent.embedded.quantities import BOUNDS, NUMBERS
from knowledge.languages import TimeSpan
from tools.vocabulary import Term

_COUNTS = ("feedback_count", "reviews", "rating", "negative_share")
_NUMERIC = frozenset(
    {"how_many", "share", "share_verb", "growth", "by", "each", "superlative", "trend"}
)


def search(found: Cover, index: VocabularyIndex, context: Context) -> PlannedCall | None:
    """Plan a search over feedback, if the question asks what customers say."""
    metric = next(iter(known(_COUNTS, index)), None)
    if metric is None or not _asks(found):
        return None
    scope = Scope((metric,))
    nodes = [node for node in found.nodes if not node.kinds & _TRIGGERS]
    nodes = [n for n in nodes if n.kinds - {"filler"}]
    topic: list[tuple[int, int]] = [(r.begin, r.end) for r in found.residue]
    kept: list[Node] = []
    for node in nodes:
        if node.terms and not _filters(node, scope, index):
            inside = any(node.end == r.begin or r.end == node.begin for r in found.residue)
            if not node.kinds & {"entity", "person"} or (inside and "person" not in node.kinds):
                topic.append((node.begin, node.end))
        else:
            kept.append(node)
    where = _polarity(found, scope, index)
    for node in only(Phrases(index).select(rewrite(kept, (*NUMBERS, *BOUNDS))), "cond"):
        try:
            where.append(filter_of(condition_of(node), scope, context))
        except Ambiguous:  # a word of two dimensions is rather a word of the text
            topic.append((node.begin, node.end))
    arguments: Json = {"text": _joined(topic, found.text)}
    spans = [n.value for n in only(found.nodes, "time") if isinstance(n.value, TimeSpan)]
    if spans:
        arguments["time_range"] = range_of(spans[0], context)
    if where:
        arguments["where"] = conjoined(where)
    if limit := _limit(found):
        arguments["limit"] = limit
    return PlannedCall(tool="search_feedback", arguments=arguments)


def continued(call: PlannedCall, previous: PreviousTurn | None) -> PlannedCall:
    """Take the time of the turn before for "what do they complain about", which says no topic."""
    before = previous.arguments.get("time_range") if previous else None
    if call.arguments.get("text") or "time_range" in call.arguments or not before:
        return call
    return PlannedCall(tool=call.tool, arguments={**call.arguments, "time_range": before})


_TRIGGERS = frozenset({"feedback", "feedback_noun", "feedback_polarity"})


def _asks(found: Cover) -> bool:
    """Tell whether it is about the words of customers, not about a number of them."""
    kinds = {kind for node in found.nodes for kind in node.kinds}
    if "feedback" in kinds:
        return not kinds & {"by", "each", "share", "growth", "trend"}
    spoken = kinds & {"feedback_noun", "feedback_polarity"}
    plain = not kinds & _NUMERIC and not any(
        "metric" in n.kinds and not n.kinds & _TRIGGERS for n in found.nodes
    )
    looks = kinds & {"which", "describe", "find", "list"} or found.residue
    return bool(spoken) and plain and bool(looks)


def _filters(node: Node, scope: Scope, index: VocabularyIndex) -> bool:
    if "segment" in node.kinds:
        return True
    return any(t.field and scope.reaches(t.field, index) for t in node.of("value"))


def _polarity(found: Cover, scope: Scope, index: VocabularyIndex) -> list[Json]:
    result: list[Json] = []
    spoken = [n.roles["feedback_polarity"] for n in only(found.nodes, "feedback_polarity")]
    spoken += [n.roles["feedback"] for n in only(found.nodes, "feedback")]
    for polarity in dict.fromkeys(spoken):
        value: Term | None = index.value("polarity", polarity)
        if value and value.field and scope.reaches(value.field, index):
            result.append({"field": value.field, "op": "=", "values": [value.value]})
    return result


def _limit(found: Cover) -> int | None:
    numbers = [n.number for n in found.nodes if n.number is not None]
    whole = [int(n.value) for n in numbers if not n.weak and n.value == int(n.value)]
    return whole[0] if len(whole) == 1 and 1 <= whole[0] <= 20 else None


def _joined(spans: list[tuple[int, int]], text: str) -> str:
    """Write the topic as it stands in the question, neighbours together."""
    pieces: list[list[int]] = []
    for begin, end in sorted(set(spans)):
        if pieces and text[pieces[-1][1] : begin].strip() == "":
            pieces[-1][1] = end
        else:
            pieces.append([begin, end])
    return " ".join(text[begin:end] for begin, end in pieces)
