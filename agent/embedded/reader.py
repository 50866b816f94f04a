"""From spans to a reading: the rules in their order, then every span where it belongs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from agent.embedded.atoms import is_cjk
from agent.embedded.cascade import merged, only, rewrite
from agent.embedded.conditions import Bound, Did, Is, Quantity
from agent.embedded.groups import GROUPS, PERIODS, as_group
from agent.embedded.heads import settle_metrics
from agent.embedded.index import VocabularyIndex
from agent.embedded.lattice import Node
from agent.embedded.phrases import Phrases
from agent.embedded.pieces import condition_of
from agent.embedded.quantities import BOUNDS, NUMBERS, RANKS, Rank
from agent.embedded.reading import Group, Named, Placed, Reading, Unfilter
from knowledge.languages import TimeSpan
from tools.vocabulary import Term

# Words that may stand unused: they change nothing. Any other grammar word must be used by a rule.
HARMLESS = frozenset({
    "filler", "of", "link", "preposition", "have", "and", "but", "comma", "which", "how_many",
    "count", "person", "total", "greeting", "thanks", "among", "also",
    "about", "enough", "same", "compare", "than", "describe", "entity", "amount", "switch",
    "only", "within", "apart", "ours", "implies", "find", "pronoun", "both",
})  # fmt: skip
_DROPPED = frozenset(
    {"filler", "of", "preposition", "greeting", "thanks", "enough", "find", "both"}
)
_JOINING = frozenset({"link", "have", "filler", "of", "which"})


class Reader:
    """Reads covers over one vocabulary."""

    def __init__(self, index: VocabularyIndex) -> None:
        self._phrases = Phrases(index)
        self._index = index

    def read(self, nodes: Sequence[Node], text: str) -> Reading:
        """Read the spans of a question."""
        cues = _cues(nodes)
        headless = self._heads_of_things(nodes)
        # A word that may be "and" (和, 跟) sets nothing against anything by itself.
        kinds = frozenset(k for node in nodes if "and" not in node.kinds for k in node.kinds)
        both = any("both" in node.kinds for node in nodes)
        kept = self._named_apart([node for node in nodes if not node.kinds <= _DROPPED])
        kept = self._on_weekdays(self._things(_settle_values(kept, self._index)))
        kept = rewrite(kept, (*NUMBERS, *BOUNDS))
        kept = [n for n in kept if not n.kinds <= {"between", "preposition", "filler"}]
        kept = rewrite(kept, (*RANKS, *PERIODS))
        kept = _settle_dimensions(kept)
        kept = self._phrases.select(kept)
        kept = rewrite(kept, GROUPS)
        reading = Reading(text, cues=cues, unused=headless)
        for node in settle_metrics(kept, text, self._index.counting):
            _take(reading, node)
        if both:
            _in_each_time(reading)
        if not _sets_against(kept):
            reading.times = _narrowest(reading.times)
        reading.against = bool(kinds & {"compare", "than"})
        reading.refers = "pronoun" in kinds
        reading.between = _between_times(kept)
        paired = bool(reading.versus) or len(reading.times) > 1
        opposed = bool(kinds & {"compare", "than", "degree"}) or reading.growth is not None
        reading.apart = "apart" in kinds or (opposed and not paired)
        return reading

    def _named_apart(self, nodes: list[Node]) -> list[Node]:
        """Read "orders were cancelled" as the metric "cancelled orders", where there is one."""
        metrics = [node for node in only(nodes, "metric") if "value" not in node.kinds]
        if len(metrics) != 1:
            return nodes
        at = nodes.index(metrics[0])
        for i, node in enumerate(nodes):
            low, high = min(i, at), max(i, at)
            joined = all(n.kinds & _JOINING for n in nodes[low + 1 : high])
            turned = low > 0 and nodes[low - 1].kinds & {"negation", "exclude"}
            if "value" not in node.kinds or not joined or turned:
                continue
            words = [node.text.removeprefix("被")]
            if "metric" in node.kinds:  # "invoices are cancellations": by the label, cancelled
                words += [label for t in node.of("value") for label in (t.label_zh, t.label_en)]
            read = [self._index.reads(f"{word} {metrics[0].text}") for word in words]
            found = (tuple(term for term in terms if term.kind == "metric") for terms in read)
            if named := next((terms for terms in found if terms), ()):
                whole = merged("metric", nodes[low : high + 1], None)
                whole.terms = named
                return [*nodes[:low], whole, *nodes[high + 1 :]]
        return nodes

    def _things(self, nodes: list[Node]) -> list[Node]:
        """Read 门店有多少家 and "how many shops": how many there are of what a name stands for."""
        if any(node.kinds & {"metric", "act", "person", "share", "share_verb"} for node in nodes):
            return nodes
        asked = next((i for i, node in enumerate(nodes) if "how_many" in node.kinds), None)
        if asked is None:
            return nodes
        after = [n for n in nodes[asked + 1 :] if not n.kinds & {"unit", "comma", "have"}]
        beside = nodes[asked - 1 : asked] if not after else after[:1]
        if len(after) < 2 and beside and (entity := self._entity(beside[0])):
            beside[0].kinds, beside[0].terms = frozenset({"entity"}), (entity,)
        return nodes

    def _on_weekdays(self, nodes: list[Node]) -> list[Node]:
        """Read 今年周末 as the weekends of this year: a day of the week inside another time."""
        times = [node for node in nodes if "time" in node.kinds]
        daily = [node for node in nodes if node.kinds & {"weekdays", "value"} and node in times]
        others = any("weekdays" in node.kinds and node not in daily for node in nodes)
        if daily and (others or len(times) > len(daily)):
            for node in daily:
                node.kinds -= {"time"}
        return [
            self._days(node) if "weekdays" in node.kinds and "time" not in node.kinds else node
            for node in nodes
        ]

    def _days(self, node: Node) -> Node:
        days = node.roles["weekdays"].split(" ")
        found = [tuple(t for n in _WEEKDAYS if (t := self._index.value(n, day))) for day in days]
        if not all(found):
            return node
        return merged("cond", [node], Is(tuple(found), node.text, tuple(days)))

    def _heads_of_things(self, nodes: Sequence[Node]) -> list[str]:
        """List 客服人数 and the like: a number of people that is no number of the thing."""
        people = self._index.count_metric(self._index.person_entity)
        return [
            a.text + b.text
            for a, b in itertools.pairwise(nodes)
            if a.end == b.begin
            and b.roles.get("count") == "people"
            and "person" not in a.kinds
            and any(t.name in self._index.counting for t in a.of("metric") if t != people)
        ]

    def _entity(self, node: Node) -> Term | None:
        """Find the entity that a word names, itself or as its end: 线下门店."""
        for end in range(len(node.text)):
            read = self._index.reads(node.text[end:])
            if end and not set(read) & set(node.terms):
                continue  # 门店 alone is the value that 线下门店 is; 客户 is not 女客户
            for term in read:
                entity = term if term.kind == "entity" else None
                if term.kind == "dimension":
                    entity = self._index.named_by(term)
                if entity and self._index.count_metric(entity.name):
                    return entity
            if "value" not in node.kinds or not is_cjk(node.text):
                break
        return None


_WEEKDAYS = ("order_weekday", "weekday", "day_of_week")
_CUES = frozenset(
    {"about", "only", "switch", "remove", "also", "same", "enough", "undo", "exclude", "degree"}
)


def _cues(nodes: Sequence[Node]) -> frozenset[str]:
    """Words of editing; "and" and 那 are such only at the beginning, 呢 only at the end."""
    spoken = [node for node in nodes if not node.kinds <= {"comma", "greeting", "thanks"}]
    cues = {kind for node in spoken for kind in node.kinds & _CUES - {"about"}}
    if spoken and ("about" in spoken[0].kinds or "about" in spoken[-1].kinds):
        cues.add("about")
    return frozenset(cues)


def _settle_values(nodes: list[Node], index: VocabularyIndex) -> list[Node]:
    """Take a word that is a metric and a value as the value of what another metric reaches."""
    both = [n for n in only(nodes, "metric") if "value" in n.kinds]
    metrics = [n for n in only(nodes, "metric") if n not in both]
    if both and not metrics:
        metrics = [next((n for n in both if "entity" in n.kinds), both[0])]
    for node in both:
        names = [t.name for n in metrics if n is not node for t in n.of("metric")]
        fields = {term.field for term in node.of("value")}
        reached = any(index.reaches(name, field or "") for name in names for field in fields)
        dropped = "metric" if reached or _is_value_of(node, nodes) else "value"
        node.kinds -= {dropped}
        node.terms = tuple(term for term in node.terms if term.kind != dropped)
    return nodes


def _in_each_time(reading: Reading) -> None:
    """Read "bought in both May and June" as two conditions on the same people."""
    acts = [placed for placed in reading.acts if isinstance(placed.condition, Did)]
    if len(acts) != 1 or not isinstance(did := acts[0].condition, Did):
        return
    times = [*did.times, *reading.times, *reading.versus]
    if len(times) < 2 or not all(time.start for time in times):
        return
    each = [
        replace(acts[0], condition=replace(did, times=(time,)), modifies=True) for time in times
    ]
    reading.conditions += each
    reading.acts, reading.times, reading.versus = [], [], []


def _is_value_of(node: Node, nodes: list[Node]) -> bool:
    """Tell whether its dimension stands before it, or that it is left out: 剔除取消订单."""
    before = nodes[: nodes.index(node)]
    if before and "exclude" in before[-1].kinds:
        return True
    for other in reversed(before):
        if "dimension" in other.kinds:
            return any(node.named(term.name) for term in other.of("dimension"))
        if not other.kinds & {"link", "comparator", "negation", "and", "or", "value"}:
            return False
    return False


def _settle_dimensions(nodes: list[Node]) -> list[Node]:
    """Take a word that is a dimension and a value (门店) for what its neighbours make of it."""
    split = any(node.kinds & {"rank", "by", "each"} for node in nodes)
    plain = any("dimension" in n.kinds and "value" not in n.kinds for n in nodes)
    for i, node in enumerate(nodes):
        if not ("dimension" in node.kinds and node.kinds & {"value", "filler"}):
            continue
        before = nodes[i - 1].kinds if i else frozenset()
        after = nodes[i + 1].kinds if i + 1 < len(nodes) else frozenset()
        asked = before & {"by", "each", "which", "rank", "limit", "bound"} or after & {
            "by_after",
            "which",
            "have",
        }
        if "value" in node.kinds:
            dropped = "value" if asked or (split and not plain) else "dimension"
        else:
            dropped = "filler" if asked else "dimension"
        node.kinds -= {dropped}
        node.terms = tuple(term for term in node.terms if term.kind != dropped)
    return nodes


def _between_times(nodes: Sequence[Node]) -> frozenset[str]:
    """Kinds of what stands between two times: a list, or one set against the other."""
    at = [i for i, node in enumerate(nodes) if "time" in node.kinds]
    between = nodes[at[0] : at[-1]] if at else []
    kinds = (n.kinds - {"than"} if "and" in n.kinds else n.kinds for n in between)
    return frozenset(kind for found in kinds for kind in found)


# Times


def _sets_against(nodes: Sequence[Node]) -> bool:
    """Tell whether a word between two times sets one against the other, or lists both."""
    at = [i for i, node in enumerate(nodes) if "time" in node.kinds]
    between = nodes[at[0] : at[-1]] if at else []
    return any(node.kinds & {"and", "or", "compare", "than", "growth"} for node in between)


def _narrowest(times: list[TimeSpan]) -> list[TimeSpan]:
    """Take 国庆期间(10.1-10.7) and "H1, January to June" as one time that is said twice."""
    if len(times) != 2:
        return times
    for inner, outer in ((times[1], times[0]), (times[0], times[1])):
        if _lies_in(inner, outer):
            return [inner]
    return times


def _lies_in(inner: TimeSpan, outer: TimeSpan) -> bool:
    if not (inner.start and inner.stop and outer.start and outer.stop):
        return False
    return outer.start <= inner.start and inner.stop <= outer.stop


# Taking spans


def _take(reading: Reading, node: Node) -> None:
    """Put one span where it belongs; the first fitting kind decides."""
    for kind, take in _TAKERS:
        if kind in node.kinds:
            take(reading, node)
            return
    if not node.kinds & HARMLESS:
        reading.unused.append(node.text)


def _take_group(reading: Reading, node: Node) -> None:
    if isinstance(node.value, Group):
        reading.groups.append(node.value)
    else:
        reading.groups.append(as_group(node, ""))


def _take_time(reading: Reading, node: Node) -> None:
    assert isinstance(node.value, TimeSpan)
    (reading.versus if node.value.kind == "comparison" else reading.times).append(node.value)


def _take_grain(reading: Reading, node: Node) -> None:
    said = node.value.grain if isinstance(node.value, TimeSpan) else None
    reading.grains.append(said or node.roles.get("grain"))


def _take_condition(reading: Reading, node: Node) -> None:
    if "headed" in node.roles:
        reading.heads.append(Group(node.of("dimension"), node.roles["headed"]))
    place = Placed(
        condition_of(node), node.begin, "remove" in node.roles, "modifies" in node.roles, node.end
    )
    if "linked" in node.roles:
        reading.links.append(node.begin - 1)
    (reading.acts if "did" in node.kinds else reading.conditions).append(place)


def _take_having(reading: Reading, node: Node) -> None:
    assert isinstance(node.value, Bound)
    reading.having.append((Named(node.of("metric"), node.text), node.value))


def _take_unfilter(reading: Reading, node: Node) -> None:
    names = frozenset(term.name for term in node.of("dimension"))
    condition = node.value if node.value is None else condition_of(node)
    reading.unfilters.append(Unfilter(names, condition, node.text))


def _take_ungroup(reading: Reading, node: Node) -> None:
    reading.ungroups.append(tuple(term.name for term in node.of("dimension")))
    reading.ungrains |= "grain" in node.roles


def _take_limit(reading: Reading, node: Node) -> None:
    assert isinstance(node.value, int)
    reading.limits.append(node.value)


def _take_prior(reading: Reading, node: Node) -> None:
    if isinstance(node.value, Quantity):
        reading.prior = node.value
    else:
        reading.unused.append(node.text)


def _take_how_many(reading: Reading, node: Node) -> None:
    reading.counts = True
    reading.counts_at = node.begin
    unit = node.roles.get("how_many", "any")
    reading.person |= unit == "people"
    if unit == "much":
        reading.much = True
    elif unit != "any":
        reading.counted_in = unit


def _take_rank(reading: Reading, node: Node) -> None:
    assert isinstance(node.value, Rank)
    reading.ranks.append(node.value)


def _take_entity(reading: Reading, node: Node) -> None:
    reading.entities += node.of("entity")
    if "person" in node.kinds:
        reading.person = True
        reading.people_at.append(node.begin)


def _take_which(reading: Reading, node: Node) -> None:
    if "link" in node.kinds:  # "customers who are women" asks nothing, "who are they" does
        reading.links.append(node.begin)
        if node.begin > 0:
            return
    reading.which = reading.which or node.roles["which"]


_TAKERS = (
    ("cond", _take_condition),
    ("did", _take_condition),
    ("having", _take_having),
    ("ungroup", _take_ungroup),
    ("unfilter", _take_unfilter),
    ("bound", lambda r, n: r.bounds.append((n.value, n.text))),
    ("group", _take_group),
    ("ordered_by", lambda r, n: setattr(r, "rank_by", Named(n.of("metric"), n.text))),
    ("per", lambda r, n: r.per.append((Named(n.terms, n.text), n.roles["each"]))),
    ("rank", _take_rank),
    ("metric", lambda r, n: r.metrics.append(Named(n.of("metric"), n.text))),
    ("time", _take_time),
    ("versus", _take_time),
    ("limit", _take_limit),
    ("prior", _take_prior),
    ("grain", _take_grain),
    ("trend", _take_grain),
    ("dimension", _take_group),
    ("degree", lambda r, n: None),
    ("aligned", lambda r, n: setattr(r, "aligned", True)),
    ("average", lambda r, n: setattr(r, "average", True)),
    ("amount", lambda r, n: r.amounts.append(n.text)),
    ("per_one", lambda r, n: setattr(r, "per_person", True)),
    ("list", lambda r, n: setattr(r, "lists", True)),
    ("share", lambda r, n: setattr(r, "share", n.begin)),
    ("share_verb", lambda r, n: setattr(r, "share_verb", n.begin)),
    ("entity", _take_entity),
    ("person", _take_entity),
    ("growth", lambda r, n: setattr(r, "growth", n.roles["growth"])),
    ("which", _take_which),
    ("feedback_noun", lambda r, n: r.nouns.append(n.text)),
    ("how_many", _take_how_many),
    ("count", lambda r, n: setattr(r, "counts", True)),
    ("among", lambda r, n: r.among.append(n.begin)),
    ("link", lambda r, n: r.links.append(n.begin)),
)
