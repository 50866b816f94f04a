"""From a question to typed spans: the cheapest cover in which every atom is owned once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from agent.embedded.atoms import Atom, cut, is_cjk, is_sign
from agent.embedded.index import VocabularyIndex
from agent.embedded.lexicon import Roles, lexicon
from knowledge.languages import Clock, NumberSpan, TimeSpan, find_numbers, find_times
from tools.vocabulary import Term

_BREAKS = frozenset(",.;:!?,。;:!?\n")
_SIGNS: dict[str, Roles] = {
    "(": {"open": ""},
    ")": {"close": ""},
    "[": {"open": "own"},
    "]": {"close": "own"},
    "/": {"and": ""},
    "|": {"and": ""},
}
_UNOWNED_CHARACTER, _UNOWNED_WORD, _SKIPPED_SIGN = 3.0, 5.0, 0.05
_TIME_KINDS = {"range": "time", "grain": "grain", "comparison": "versus"}


@dataclass(slots=True)
class Node:
    """A span with every role it may play: ``roles`` of grammar words, ``terms`` of names."""

    kinds: frozenset[str]
    begin: int
    end: int
    text: str
    roles: Roles = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    value: object = None
    number: NumberSpan | None = None

    def of(self, kind: str) -> tuple[Term, ...]:
        """Terms of one kind."""
        return tuple(term for term in self.terms if term.kind == kind)

    def named(self, dimension: str) -> tuple[Term, ...]:
        """Value terms of one dimension."""
        return tuple(t for t in self.terms if t.kind == "value" and t.field == dimension)


@dataclass(frozen=True, slots=True)
class Residue:
    """Words that nothing owns."""

    begin: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Cover:
    """A question as spans in order, and what no span owns."""

    text: str
    nodes: tuple[Node, ...]
    residue: tuple[Residue, ...]


def bridged(found: Cover, index: VocabularyIndex, clock: Clock) -> Cover:
    """Read 新增了多少客户 as 新增客户: a name that a question word stands in the middle of."""
    asked = next((n for n in found.nodes if "how_many" in n.kinds), None)
    if asked is None or any("metric" in node.kinds for node in found.nodes):
        return found
    begin, end = asked.begin, asked.end
    while found.text[begin - 1 : begin] in _PARTICLES:
        begin -= 1
    tail = next((n for n in found.nodes if n.begin == end and "unit" in n.kinds), None)
    for stop in {end, tail.end if tail else end}:
        again = cover(found.text[:begin] + found.text[stop:], index, clock)
        for node in again.nodes:
            if "metric" in node.kinds and node.begin < begin < node.end:
                return again
    return found


_PARTICLES = frozenset("了过的")


def cover(
    text: str,
    index: VocabularyIndex,
    clock: Clock,
    typed: str = "",
    without: tuple[int, int] | None = None,
) -> Cover:
    """Cover normalised text with spans of names, grammar words, times and numbers.

    The cover with the fewest and longest spans wins; what no span can own costs most. ``typed`` is
    the same text before case was folded: US is a country, "us" is not. ``without`` is a span that
    must be read in parts.
    """
    times, numbers = find_times(_masked(text), clock), find_numbers(text)
    stops = [stop for time in times for stop in (time.begin, time.end)]
    stops += [stop for number in numbers for stop in (number.begin, number.end)]
    atoms = cut(text, stops)
    spans = [_spans_at(atoms, i, index) for i in range(len(atoms))]
    _mind_case(atoms, spans, typed)
    _unfold_wholes(atoms, spans)
    found: tuple[TimeSpan | NumberSpan, ...] = (*times, *numbers)
    for span in found:
        inside = [i for i, a in enumerate(atoms) if span.begin <= a.begin and a.end <= span.end]
        if inside:
            _add(spans[inside[0]], inside[-1] + 1, _span_node(span))
    for i, atom in enumerate(atoms):
        if atom.key.isdigit() and not any(node.number for node in spans[i].values()):
            number = NumberSpan(atom.begin, atom.end, int(atom.key), False, atom.key)
            _add(spans[i], i + 1, _span_node(number))
    _count_one(atoms, spans)
    _unfold_acts(atoms, spans, index)
    _unfold_shares(spans)
    _unfold_bounds(atoms, spans)
    if without:
        for i, atom in enumerate(atoms):
            if atom.begin == without[0]:
                spans[i] = {j: n for j, n in spans[i].items() if atoms[j - 1].end < without[1]}
    chosen = _cheapest(atoms, spans)
    nodes, unowned = [], []
    for i, j, node in chosen:
        if node is None:
            unowned.append(atoms[i])
        elif node.kinds:
            node.begin, node.end = atoms[i].begin, atoms[j - 1].end
            node.text = text[node.begin : node.end]
            nodes.append(node)
    return Cover(text, tuple(nodes), tuple(_runs(unowned, text)))


def _mind_case(atoms: Sequence[Atom], spans: Sequence[dict[int, Node]], typed: str) -> None:
    """Take US for a name and "us" for a filler, also where the brand has such a name."""
    if typed.isupper():
        return
    for i, atom in enumerate(atoms):
        node = spans[i].get(i + 1)
        code = node is not None and node.kinds == {"value"} and len(atom.key) <= 2
        if code and atom.key.isascii() and typed[atom.begin : atom.end].islower():
            del spans[i][i + 1]  # "de" is no country, DE is
            continue
        if node is None or not 2 <= len(atom.key) <= 3 or "filler" not in node.kinds:
            continue
        capital = typed[atom.begin : atom.end].isupper() and atom.key not in _OFTEN_CAPITAL
        if capital and not node.terms:
            del spans[i][i + 1]
        elif capital:
            node.kinds = frozenset(term.kind for term in node.terms)
        elif node.terms:
            node.kinds, node.terms = frozenset({"filler"}), ()


def _unfold_acts(
    atoms: Sequence[Atom], spans: Sequence[dict[int, Node]], index: VocabularyIndex
) -> None:
    """Read "customers who bought" before "coffee" as words, not as one name of the buyers.

    A name made of people and what they do says all of it only where nothing is said of the act.
    """
    begins_value = [
        any(node.kinds & {"value", "time"} for node in found.values()) for found in spans
    ]
    for i, found in enumerate(spans):
        for end in [e for e, node in found.items() if node.terms and not node.roles]:
            if found[end].kinds & {"metric", "segment"} and _says_act(atoms[i:end], index):
                after = _past_prepositions(spans, end)
                before = any(e == i and "value" in n.kinds for f in spans for e, n in f.items())
                if before or (after < len(atoms) and begins_value[after]):
                    del found[end]


def _unfold_shares(spans: Sequence[dict[int, Node]]) -> None:
    """Read 会员占比 after 会员中 as a share of them, not as the metric of that name."""
    whole = next((i for i, f in enumerate(spans) for n in f.values() if "among" in n.kinds), None)
    if whole is None:
        return
    for found in spans[whole + 1 :]:
        for end in [e for e, node in found.items() if "metric" in node.kinds]:
            parts = [m for m, n in found.items() if m < end and n.kinds & {"segment", "value"}]
            shares = (spans[m].get(end) for m in parts)
            if any(node is not None and "share" in node.kinds for node in shares):
                del found[end]


def _count_one(atoms: Sequence[Atom], spans: Sequence[dict[int, Node]]) -> None:
    """Read "only one order" as a number; elsewhere "one" stands for a noun."""
    compared = {e for found in spans for e, node in found.items() if "comparator" in node.kinds}
    for i in compared & {i for i, atom in enumerate(atoms) if atom.key == "one"}:
        spans[i][i + 1] = _span_node(NumberSpan(atoms[i].begin, atoms[i].end, 1, False, "one"))


def _unfold_bounds(atoms: Sequence[Atom], spans: Sequence[dict[int, Node]]) -> None:
    """Read "hour under 18" as a bound: after a number's name it is no age band of that name."""
    ends = [(end, node) for found in spans for end, node in found.items() if end < len(spans)]
    for end, node in ends:
        names = {term.name for term in node.of("dimension") if term.type == "number"}
        if not names:
            continue
        for stop in [e for e, n in spans[end].items() if n.kinds == {"value"}]:
            counted = any(atom.key.isdigit() for atom in atoms[end:stop]) and stop > end + 1
            if counted and not any(term.field in names for term in spans[end][stop].terms):
                del spans[end][stop]


def _unfold_wholes(atoms: Sequence[Atom], spans: Sequence[dict[int, Node]]) -> None:
    """Read 占全部订单 as a share of all the orders: 全部 is no part of a metric's name there."""
    whole = lexicon().kind("filler") | lexicon().kind("total")
    shares = {e for f in spans for e, n in f.items() if n.kinds & {"share", "share_verb"}}
    for i in shares & set(range(len(spans))):
        for end in [e for e, node in spans[i].items() if "metric" in node.kinds]:
            for m in range(i + 1, end):
                bare = spans[m].get(end)
                said = " ".join(atom.key for atom in atoms[i:m]) in whole
                if said and bare is not None and "metric" in bare.kinds:
                    spans[i].pop(end, None)


def _says_act(atoms: Sequence[Atom], index: VocabularyIndex) -> bool:
    """Tell whether a name is only an act with who does it: "never bought", 没买过的客户."""
    keys, at, acts = [atom.key for atom in atoms], 0, 0
    while at < len(keys):
        pieces = ((n, " ".join(keys[at : at + n])) for n in range(len(keys) - at, 0, -1))
        size, piece = next(((n, p) for n, p in pieces if _is_of_act(p, index)), (0, ""))
        if not size:
            return False
        acts += piece in lexicon().kind("act")
        at += size
    return acts == 1 and len(keys) > 1


def _is_of_act(key: str, index: VocabularyIndex) -> bool:
    if any(key in lexicon().kind(kind) for kind in ("act", "person", "have", "negation", "of")):
        return True
    terms = (index.terms[number] for number in index.phrases.get(key))
    return any(term.kind == "entity" and term.name == index.person_entity for term in terms)


def _past_prepositions(spans: Sequence[dict[int, Node]], at: int) -> int:
    while at < len(spans) and (
        ends := [e for e, n in spans[at].items() if n.kinds & {"preposition", "filler", "link"}]
    ):
        at = max(ends)
    return at


_OFTEN_CAPITAL = frozenset({"ok", "pls", "plz", "thx", "hi", "hey", "top"})

# 下 ends 一下, 看下 before a time that begins anew; 下上个月 is no time.
_POLITE_END = re.compile(r"下(?=[上本这今去昨前近最当截]|\d{4})")


def _masked(text: str) -> str:
    return _POLITE_END.sub(" ", text)


def _spans_at(atoms: Sequence[Atom], i: int, index: VocabularyIndex) -> dict[int, Node]:
    """All spans that start at an atom, by the atom after them."""
    found: dict[int, Node] = {}
    atom = atoms[i]
    if atom.key in _BREAKS:
        _add(found, i + 1, _node({"comma": atom.key}))
    elif atom.key in _SIGNS:
        _add(found, i + 1, _node(dict(_SIGNS[atom.key])))
    for end, numbers in index.phrases.starting(atoms, i):
        terms = tuple(index.terms[number] for number in numbers)
        if atom.key in lexicon().kind("preposition"):
            terms += _without_preposition(atoms[i + 1 : end], terms, index)
        kinds = _kinds(terms, index)
        if "metric" in kinds and _names_what_it_counts(terms, atoms[i:end], index):
            kinds |= {"entity"}
        _add(found, end, Node(kinds, 0, 0, "", terms=terms))
    for end, numbers in lexicon().phrases.starting(atoms, i):
        _add(found, end, _node(dict(lexicon().roles[numbers[0]])))
    return found


def _without_preposition(
    atoms: Sequence[Atom], terms: Sequence[Term], index: VocabularyIndex
) -> tuple[Term, ...]:
    """Values that "on the app" means too, since "app" alone does."""
    if not any(term.kind == "value" for term in terms):
        return ()
    bare = index.phrases.get(" ".join(a.key for a in atoms if a.key not in ("a", "an", "the")))
    found = (index.terms[number] for number in bare)
    return tuple(term for term in found if term.kind == "value" and term not in terms)


def _kinds(terms: Iterable[Term], index: VocabularyIndex) -> frozenset[str]:
    kinds: set[str] = {term.kind for term in terms}
    if any(term.kind == "entity" and term.name == index.person_entity for term in terms):
        kinds.add("person")
    return frozenset(kinds)


def _names_what_it_counts(
    terms: Iterable[Term], atoms: Sequence[Atom], index: VocabularyIndex
) -> bool:
    """Tell whether a metric's form is only the noun it counts: 工单, not 工单数."""
    if not any(term.kind == "metric" and term.name in index.counting for term in terms):
        return False
    counts = lexicon().kind("count")
    keys = [atom.key for atom in atoms]
    return not any(
        " ".join(keys[i:j]) in counts for i in range(len(keys)) for j in range(i + 1, len(keys) + 1)
    )


def _node(roles: Roles) -> Node:
    return Node(frozenset(roles), 0, 0, "", roles=roles)


def _span_node(span: TimeSpan | NumberSpan) -> Node:
    if isinstance(span, NumberSpan):
        return Node(frozenset({"number"}), 0, 0, "", number=span)
    return Node(frozenset({_TIME_KINDS[span.kind]}), 0, 0, "", value=span)


def _add(spans: dict[int, Node], end: int, node: Node) -> None:
    """Merge a span with others over the same atoms: it then has all their roles."""
    old = spans.get(end)
    if old is None:
        spans[end] = node
        return
    spans[end] = Node(
        old.kinds | node.kinds, 0, 0, "",
        roles={**node.roles, **old.roles},
        terms=old.terms + node.terms,
        value=node.value if node.value is not None else old.value,
        number=node.number or old.number,
    )  # fmt: skip


def _cheapest(
    atoms: Sequence[Atom], spans: Sequence[dict[int, Node]]
) -> Iterator[tuple[int, int, Node | None]]:
    best = [0.0] * (len(atoms) + 1)
    step: list[tuple[int, Node | None]] = [(0, None)] * len(atoms)
    for i in reversed(range(len(atoms))):
        skip = _skip_cost(atoms[i])
        best[i], step[i] = skip + best[i + 1], (i + 1, None if skip > 1 else _NOTHING)
        for end, node in spans[i].items():
            cost = _cost(node, atoms[i:end]) + best[end]
            if cost < best[i] - 1e-9:
                best[i], step[i] = cost, (end, node)
    i = 0
    while i < len(atoms):
        end, chosen = step[i]
        yield i, end, chosen
        i = end


_NOTHING = Node(frozenset(), 0, 0, "")


def _skip_cost(atom: Atom) -> float:
    if is_sign(atom):
        return _SKIPPED_SIGN
    return _UNOWNED_CHARACTER if is_cjk(atom.key) else _UNOWNED_WORD


def _cost(node: Node, atoms: Sequence[Atom]) -> float:
    if all(is_sign(atom) for atom in atoms):
        return 0.01
    if node.roles.get("verb") == "contact":
        return 0.0  # whoever asks for contact data is told so, whatever else the words could be
    weak = getattr(node.value, "weak", False) or (node.number is not None and node.number.weak)
    short = len(atoms) == 1 and len(atoms[0].key) == 1 and bool(node.terms) and not node.roles
    # Of two covers with as many spans, the one with a longer single span is the likelier one.
    return 1.0 + (0.3 if short or (weak and not node.terms) else 0.0) - 0.002 * len(atoms) ** 2


def _runs(atoms: Sequence[Atom], text: str) -> Iterator[Residue]:
    """Join unowned neighbours: "NPS score" is one unknown name, not two."""
    i = 0
    while i < len(atoms):
        j = i + 1
        while j < len(atoms) and text[atoms[j - 1].end : atoms[j].begin].strip("-_ ") == "":
            j += 1
        begin, end = atoms[i].begin, atoms[j - 1].end
        yield Residue(begin, end, text[begin:end])
        i = j
