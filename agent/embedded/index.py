"""The typed lexicon: every form of a vocabulary's terms, found by its atoms."""

from __future__ import annotations

import re
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from threading import Lock

from agent.embedded.atoms import key_of
from agent.embedded.lexicon import lexicon
from agent.embedded.table import PhraseTable
from knowledge.languages import normalise
from tools.vocabulary import Term, TermKind, Vocabulary

_KEPT = 4
# How people call a dimension that tells whether there is something.
_WHETHER = (
    "{noun} or not", "with or without {noun}", "has {noun}", "是否{noun}", "是否有{noun}",
    "有无{noun}", "是否使用{noun}", "是否用{noun}",
)  # fmt: skip
_cache: OrderedDict[str, VocabularyIndex] = OrderedDict()
_lock = Lock()


class VocabularyIndex:
    """All forms of a vocabulary, with what the planner asks of its terms."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.terms = vocabulary.terms
        self.phrases = PhraseTable()
        self.spelled: set[str] = set()
        self._by_name = {
            (t.kind, t.name if t.kind != "value" else _place(t)): t for t in self.terms
        }
        self.values: dict[str, list[Term]] = defaultdict(list)
        self.chosen_forms: dict[tuple[int, str], str] = {}  # of names that are said back, by term
        self.near: object = None  # known words by length and sound, made when first needed
        self._fill()

    def term(self, kind: TermKind, name: str) -> Term | None:
        """Find a term by its kind and name."""
        return self._by_name.get((kind, name))

    def value(self, dimension: str, value: object) -> Term | None:
        """Find the term of a dimension's stored value."""
        return self._by_name.get(("value", f"{dimension}={value}"))

    def of_kind(self, kind: TermKind) -> list[Term]:
        """List the terms of a kind."""
        return [term for term in self.terms if term.kind == kind]

    def reads(self, text: str) -> tuple[Term, ...]:
        """Terms that a text may mean."""
        return tuple(self.terms[i] for i in self.phrases.get(key_of(normalise(text).text)))

    def reaches(self, metric: str, dimension: str) -> bool:
        """Tell whether a metric can be split and filtered by a dimension."""
        return dimension in self._reach.get(metric, frozenset())

    def is_of_people(self, fields: Iterable[str]) -> bool:
        """Tell whether a value of these dimensions is first of all one of the customer.

        咖啡 is a category of what is bought before it is the customer's favourite category.
        """
        terms = [term for name in fields if (term := self.term("dimension", name))]
        return any(term.entity == self.person_entity for term in plain(terms))

    def plain_fields(self, text: str) -> frozenset[str]:
        """Dimensions that a name is of, or is a value of, without their qualified forms."""
        names = (t.field if t.kind == "value" else t.name for t in self.reads(text))
        terms = [term for name in names if name and (term := self.term("dimension", name))]
        return frozenset(term.name for term in plain(terms))

    def reached_by(self, dimension: str) -> int:
        """Count the metrics that can be split by a dimension."""
        return sum(dimension in found for found in self._reach.values())

    @cached_property
    def _reach(self) -> dict[str, frozenset[str]]:
        return {name: frozenset(found) for name, found in self.vocabulary.reach.items()}

    @cached_property
    def person_entity(self) -> str | None:
        """The entity that is the customer: the one most personal dimensions belong to."""
        counts: dict[str, int] = defaultdict(int)
        for term in self.of_kind("dimension"):
            if term.personal and term.entity:
                counts[term.entity] += 1
        return max(counts, key=lambda name: counts[name], default=None)

    @cached_property
    def counting(self) -> frozenset[str]:
        """Metrics that count an entity."""
        found = (self.count_metric(entity.name) for entity in self.of_kind("entity"))
        return frozenset(term.name for term in found if term)

    def counted_by(self, metric: str) -> str:
        """Give the name of the entity that a metric counts, nothing if it counts none."""
        found = (e.name for e in self.of_kind("entity") if self._counts(metric, e.name))
        return next(found, "")

    def _counts(self, metric: str, entity: str) -> bool:
        term = self.count_metric(entity)
        return term is not None and term.name == metric

    @cached_property
    def leading(self) -> tuple[Term, ...]:
        """The metrics to name first: the featured ones, else those that split the most ways."""

        def reach(term: Term) -> frozenset[str]:
            return self._reach.get(term.name, frozenset())

        if featured := tuple(term for term in self.of_kind("metric") if term.featured):
            return featured[:6]
        metrics = sorted(self.of_kind("metric"), key=lambda t: -len(reach(t)))
        money = [t for t in metrics if t.unit == "currency" and t.direction == "up"]
        if money:  # what splits in the same ways as money is at the heart of the brand too
            lead = reach(money[0])
            metrics.sort(key=lambda t: -len(lead & reach(t)) / max(1, len(lead | reach(t))))
        best: dict[str, Term] = {}
        for term in metrics:
            if term.direction == "up":
                best.setdefault(term.unit, term)
        wanted = [best.pop(unit) for unit in ("currency", "count", "percent") if unit in best]
        return (*wanted, *best.values())[:6]

    def longer(self, terms: Sequence[Term]) -> list[Term]:
        """List metrics whose names end with a name of these: 活动转化率 for 转化率."""
        names = {label for t in terms for label in (t.label_zh, t.label_en.lower())}
        return [
            term
            for term in self.of_kind("metric")
            if term not in terms
            and any(
                label.endswith(name)
                for name in names
                for label in (term.label_zh, term.label_en.lower())
            )
        ]

    def count_metric(self, entity: str | None) -> Term | None:
        """Find the metric that counts an entity: of the same name, or "number of" its label."""
        if entity is None:
            return None
        if found := self.term("metric", entity):
            return found
        term = self.term("entity", entity)
        labels = (term.label_zh + "数", "number of " + term.label_en) if term else ()
        return next((t for label in labels for t in self.reads(label) if t.kind == "metric"), None)

    def named_by(self, dimension: Term) -> Term | None:
        """Find the entity whose things a dimension names: 门店 names stores, a city does not."""
        entity = self.term("entity", dimension.entity) if dimension.entity else None
        if entity is None:
            return None
        texts = (form.text for form in entity.forms)
        return entity if any(dimension in self.reads(text) for text in texts) else None

    def yes(self, noun: str) -> Term | None:
        """Find the value "yes" of the dimension that tells whether there is such a thing."""
        for pattern in _WHETHER:
            for term in self.reads(pattern.format(noun=noun)):
                if term.kind == "dimension" and term.type == "boolean":
                    return self.value(term.name, True)
        return None

    def _fill(self) -> None:
        spelled: set[str] = set()
        written: set[str] = set()
        for number, text, is_pinyin in _forms(self.terms):
            for key in _keys(text):
                bare = key.replace(" ", "")
                if bare.isdigit() or not any(character.isalnum() for character in bare):
                    continue  # "5" and "?" alone never name a value
                self.phrases.add(key, number)
                (spelled if is_pinyin else written).add(key)
        self.spelled = spelled - written
        known = lexicon().phrases
        for number, text in (*_variants(self.terms), *_bare(self.terms)):
            key = key_of(text)
            if not self.phrases.get(key) and not known.get(key):
                self.phrases.add(key, number)
        for term in self.terms:
            if term.kind == "value" and term.field:
                self.values[term.field].append(term)


def index_of(vocabulary: Vocabulary) -> VocabularyIndex:
    """Build the index of a vocabulary, or take it from the few kept ones."""
    with _lock:
        found = _cache.get(vocabulary.hash)
        if found is None:
            found = _cache[vocabulary.hash] = VocabularyIndex(vocabulary)
            if len(_cache) > _KEPT:
                _cache.popitem(last=False)
        else:
            _cache.move_to_end(vocabulary.hash)
        return found


def plain(dimensions: Sequence[Term]) -> list[Term]:
    """Take those dimensions that are no qualified form of another: 城市, not 收货城市."""
    return [d for d in dimensions if not any(_qualifies(d, other) for other in dimensions)]


def _qualifies(term: Term, other: Term) -> bool:
    """Tell whether a term is the other with something before it."""
    if term is other:
        return False
    name, base = term.name.split("_"), other.name.split("_")
    longer = len(name) > len(base) and name[-len(base) :] == base
    zh, en = other.label_zh, other.label_en.lower()
    label = term.label_zh != zh and term.label_zh.endswith(zh)
    return longer or (label and term.label_en.lower().endswith(en))


def _place(term: Term) -> str:
    return f"{term.field}={term.value}"


def _forms(terms: Sequence[Term]) -> Iterator[tuple[int, str, bool]]:
    """List (number of the term, normalised form, whether it is a pinyin spelling)."""
    for number, term in enumerate(terms):
        for form in term.forms:
            yield number, normalise(form.text).text, form.source == "pinyin"


# Other words for the same kind of number: 差评率 is 差评占比, "order count" is "number of orders".
_ENDINGS = {
    "percent": (("率", "占比", "比例", "比率"), (" rate", " share", " ratio", " percentage")),
    "count": (("数", "量", "数量", "总数"), (" count", " volume", " numbers")),
}


_TURNED = re.compile(r"^(rate|share|ratio|percentage|number|count) of (.+)$")


def _variants(terms: Sequence[Term]) -> Iterator[tuple[int, str]]:
    """List (number of the term, form with another word for share or count in its end)."""
    for number, term in enumerate(terms):
        if term.kind != "metric" or term.unit not in _ENDINGS:
            continue
        for form in term.forms:
            text = normalise(form.text).text
            yield from ((number, other) for other in _windows(text))
            text = _TURNED.sub(r"\2 \1", text)
            if text != form.text.lower():
                yield number, text
            for endings in _ENDINGS[term.unit]:
                for ending in sorted(endings, key=len, reverse=True):
                    if text.endswith(ending) and len(text) > len(ending) + 1:
                        stem_of = text[: -len(ending)]
                        yield from ((number, stem_of + other) for other in endings)
                        break


def _windows(text: str) -> Iterator[str]:
    """Other ways to say a metric's own window: "repurchase rate within 30 days"."""
    if match := _DAYS.match(text):
        days, name = match["days"], match["name"]
        yield from (f"{name} {within} {days} days" for within in ("within", "in", "over"))
    if match := _DAYS_ZH.match(text):
        days, name = match["days"], match["name"]
        yield from (f"{days}{unit}{name}" for unit in ("天", "天内", "日", "日内", "天内的"))


_DAYS = re.compile(r"^(?P<days>\d+)[- ]?days? (?P<name>.+)$")
_DAYS_ZH = re.compile(r"^(?P<days>\d+)[天日]内?(?P<name>[^\d]+)$")


def _bare(terms: Sequence[Term]) -> Iterator[tuple[int, str]]:
    """List (number of the term, form without its word for number): 退货 for 退货量."""
    for number, term in enumerate(terms):
        if term.kind == "metric" and term.unit == "count":
            for form in term.forms:
                text = normalise(form.text).text
                ending = next((e for e in ("总数", "数量", "数", "量") if text.endswith(e)), "")
                if ending and len(text) - len(ending) >= 2:
                    yield number, text[: -len(ending)]


def _keys(text: str) -> Iterable[str]:
    key = key_of(text)
    yield key
    words = key.split(" ")
    if 2 <= len(words) <= 3 and key.isascii() and all(word.isalpha() for word in words):
        yield "".join(words)
