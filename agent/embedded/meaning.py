"""Which of several meanings a name has, and what a condition is as a filter."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from agent.embedded.atoms import key_of
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
from agent.embedded.index import VocabularyIndex, plain
from agent.embedded.outcomes import Ambiguous, Refused, Unclear
from agent.embedded.words import tell
from knowledge.languages import Clock, TimeSpan, normalise, say
from tools.vocabulary import Term

Json = dict[str, object]
Language = Literal["zh", "en"]


@dataclass
class Context:
    """What a reading is resolved against, and the assumptions taken on the way."""

    index: VocabularyIndex
    clock: Clock
    language: Language
    decisions: Mapping[str, int]
    defaults: list[str] = field(default_factory=list)
    mentioned: frozenset[str] = frozenset()
    text: str = ""
    split: tuple[str, ...] = ()

    def assume(self, code: str, **params: str | int | float) -> None:
        """State an assumption, once."""
        self._state(tell(code, self.language, **params))

    def assume_time(self, span: TimeSpan) -> None:
        """State the convention by which a time was read."""
        convention = say(f"assumed_{span.assumed}", self.language)
        self._state(tell("time_read_as", self.language, words=span.text, convention=convention))

    def _state(self, sentence: str) -> None:
        if sentence not in self.defaults:
            self.defaults.append(sentence)

    def label(self, term: Term | None) -> str:
        """How a person calls a term."""
        if term is None:
            return ""
        return term.label_zh if self.language == "zh" else term.label_en

    def decide(self, key: str, text: str, options: Sequence[str]) -> int:
        """Give the number of the option that was decided for; ask if none was."""
        if len(options) == 1:
            return 0
        if key in self.decisions:
            return min(self.decisions[key], len(options) - 1)
        raise Ambiguous(key, text, options)


def choose(
    terms: Sequence[Term], text: str, context: Context, fits: Callable[[Term], bool]
) -> Term | None:
    """Choose the meaning of a name; None when none fits.

    The exact label wins over synonyms; a plain dimension wins over a qualified one (city over
    shipping city) whose qualifier was not said. What is left is asked.
    """
    found = list({term.name: term for term in terms if fits(term)}.values())
    if len(found) > 1:
        found = _written(found, text) or found
    if len(found) > 1:
        found = _labelled(found, text) or found
    if len(found) > 1 and found[0].kind == "dimension":
        found = plain(found)
    if not found:
        return None
    options = [context.label(term) for term in found]
    return found[context.decide(f"{found[0].kind}:{text}", text, options)]


def _written(terms: Sequence[Term], text: str) -> list[Term]:
    """Those terms with a form written exactly so: "conversion" is not "conversions"."""
    return [t for t in terms if any(form.text.lower() == text for form in t.forms)]


def _labelled(terms: Sequence[Term], text: str) -> list[Term]:
    key = key_of(text)
    return [t for t in terms if key in (_key(t.label_zh), _key(t.label_en))]


def _key(text: str) -> str:
    return key_of(text.lower() if text.isascii() else normalise(text).text)


# Filters


@dataclass(frozen=True)
class Scope:
    """The metrics a filter must reach: all of them."""

    metrics: tuple[str, ...]

    def reaches(self, dimension: str, index: VocabularyIndex) -> bool:
        """Tell whether every metric can be filtered by a dimension."""
        return all(index.reaches(metric, dimension) for metric in self.metrics)


def filter_of(condition: Condition, scope: Scope, context: Context) -> Json:
    """Write a condition as a filter, in JSON."""
    match condition:
        case Is():
            return _is(condition, scope, context)
        case Member():
            return {"segment": condition.segment.name}
        case Bounded():
            return _bounded(condition, scope, context)
        case Missing():
            found = _dimension(condition.dimensions, condition.text, scope, context)
            if found.type == "boolean":
                return {"not": {"field": found.name, "op": "=", "values": [True]}}
            return {"field": found.name, "op": "is_null"}
        case Did():
            return _did(condition, context)
        case AllOf():
            return conjoined([filter_of(part, scope, context) for part in condition.parts])
        case AnyOf():
            return {"any": [filter_of(part, scope, context) for part in condition.parts]}
        case NotSo():
            return negated(filter_of(condition.part, scope, context))


def conjoined(filters: Sequence[Json]) -> Json:
    """All of the filters as one, without doubles and without nesting."""
    flat: list[Json] = []
    for part in filters:
        inner = part.get("all")
        flat += [f for f in (inner if isinstance(inner, list) else [part]) if f not in flat]
    return flat[0] if len(flat) == 1 else {"all": flat}


def negated(part: Json) -> Json:
    """Give the filter that holds where this one does not."""
    inner = part.get("not")
    return inner if isinstance(inner, dict) else {"not": part}


def _is(condition: Is, scope: Scope, context: Context) -> Json:
    terms = [context.index.term("dimension", name) for name in condition.fields]
    known = [term for term in terms if term is not None]
    reached = [term for term in known if scope.reaches(term.name, context.index)]
    if not known:
        raise Unclear("mixed_values", "ambiguous", words=condition.text)
    if not reached:
        raise _unreachable(known[0], condition.text, scope, context)
    chosen = _field(reached, condition, context)
    values = [next(t.value for t in m if t.field == chosen.name) for m in condition.mentions]
    unique = list(dict.fromkeys(values))
    return {"field": chosen.name, "op": "=" if len(unique) == 1 else "in", "values": unique}


def _field(reached: list[Term], condition: Is, context: Context) -> Term:
    """Choose whose value a word is: 上海 is a city before it is a shipping city."""
    every = [t for name in condition.fields if (t := context.index.term("dimension", name))]
    found = _of_groups(reached, context) or [t for t in reached if t in plain(every)] or reached
    found = [t for t in reached if t.name in context.mentioned] or found
    narrower = (
        lambda terms: _by_label(terms, condition),
        plain,
        lambda terms: _hinted(terms, context.text),
        lambda terms: _same_people(terms, condition),
        lambda terms: _closest(terms, context.index),
    )
    for narrow in narrower:
        if len(found) > 1:
            found = narrow(found) or found
    options = [f"{context.label(t)}: {condition.text}" for t in found]
    chosen = found[context.decide(f"value:{condition.text}", condition.text, options)]
    others = [t for t in reached if t is not chosen]
    if others and not condition.named:
        context.assume(
            "value_read_as",
            value=condition.text,
            chosen=context.label(chosen),
            other=context.label(others[0]),
        )
    return chosen


def _of_groups(found: list[Term], context: Context) -> list[Term]:
    """Those dimensions that speak of what is split by: of 杭州各门店 it is the store's city."""
    return [
        t for t in found if any(name in t.label_zh and t.label_zh != name for name in context.split)
    ]


def _by_label(found: list[Term], condition: Is) -> list[Term]:
    """Those dimensions of which every word is a value's label, not only a synonym."""
    keys = [key_of(normalise(word).text) for word in condition.words]
    return [
        term
        for term in found
        if all(
            any(
                t.field == term.name and key in (_key(t.label_zh), _key(t.label_en))
                for t in mention
            )
            for key, mention in zip(keys, condition.mentions, strict=True)
        )
    ]


def _closest(found: list[Term], index: VocabularyIndex) -> list[Term]:
    """Take the dimension that far fewer metrics reach: the metric's own, not the customer's."""
    reached = {term.name: index.reached_by(term.name) for term in found}
    first, second = sorted(reached.values())[:2]
    return [t for t in found if reached[t.name] == first] if first * 2 <= second else []


def _hinted(found: list[Term], text: str) -> list[Term]:
    """Those dimensions of which a word of the question speaks: "paid social *traffic*"."""
    words = [_words(term) for term in found]
    shared = frozenset.intersection(*words)
    key = f" {key_of(text)} "
    return [
        term
        for term, own in zip(found, words, strict=True)
        if any(f" {word} " in key for word in own - shared)
    ]


def _words(term: Term) -> frozenset[str]:
    """Words of a dimension's labels: pairs of Chinese characters, English words."""
    zh = _key(term.label_zh).split(" ")
    pairs = {" ".join(pair) for pair in itertools.pairwise(zh)}
    return frozenset(pairs | {word for word in _key(term.label_en).split(" ") if len(word) > 3})


def _same_people(found: list[Term], condition: Is) -> list[Term]:
    """Of dimensions of one entity with the same stored value, the first one stands for all.

    A municipality is its own province: whichever is meant, the same rows are selected.
    """
    if len({term.entity for term in found}) > 1:
        return []
    for mention in condition.mentions:
        names = {t.name for t in found}
        if len({str(t.value) for t in mention if t.field in names}) > 1:
            return []
    return found[:1]


def _bounded(condition: Bounded, scope: Scope, context: Context) -> Json:
    found = _dimension(condition.dimensions, condition.text, scope, context)
    values = [number_for(q, found, context) for q in condition.bound.quantities]
    if condition.bound.op == "!=":
        return {"not": {"field": found.name, "op": "=", "values": values}}
    return {"field": found.name, "op": condition.bound.op, "values": values}


def _dimension(terms: Sequence[Term], text: str, scope: Scope, context: Context) -> Term:
    found = choose(terms, text, context, lambda t: scope.reaches(t.name, context.index))
    if found is None:
        raise _unreachable(terms[0], text, scope, context)
    return found


def _unreachable(dimension: Term, text: str, scope: Scope, context: Context) -> Refused:
    index = context.index
    metric = next(m for m in scope.metrics if not index.reaches(m, dimension.name))
    return Refused(
        "cannot_filter",
        "unsupported",
        words=text,
        dimension=context.label(dimension),
        metric=context.label(index.term("metric", metric)),
    )


def _did(condition: Did, context: Context) -> Json:
    index = context.index
    terms = [t for name in condition.metrics if (t := index.term("metric", name))]
    found = choose(terms, condition.text, context, lambda _: True)
    if found is None:
        raise Unclear("unused_words", "ambiguous", words=condition.text)
    bound = condition.bound or Bound(">=", (Quantity(1.0),), "")
    every = [w for w in condition.where if isinstance(w, Is) and w.joined == "and"]
    if every and condition.bound is None:
        return _did_all(condition, every[0], context)
    result: Json = {
        "customer_metric": found.name,
        "op": bound.op,
        "values": [number_for(q, found, context) for q in bound.quantities],
    }
    if len({(span.start, span.stop) for span in condition.times}) > 1:
        words = ", ".join(span.text for span in condition.times)
        raise Unclear("two_times", "ambiguous", words=words)
    if condition.times:
        result["time_range"] = range_of(condition.times[0], context)
    if condition.where:
        scope = Scope((found.name,))
        result["where"] = conjoined([filter_of(part, scope, context) for part in condition.where])
    return result


def _did_all(condition: Did, every: Is, context: Context) -> Json:
    """Read "bought coffee and snacks" as both, each on its own."""
    context.assume("did_all", words=every.text)
    rest = tuple(part for part in condition.where if part is not every)
    single = (
        replace(every, mentions=(mention,), words=(word,), joined="")
        for mention, word in zip(every.mentions, every.words, strict=True)
    )
    return conjoined([_did(replace(condition, where=(*rest, one)), context) for one in single])


# Numbers and times


def number_for(quantity: Quantity, term: Term, context: Context) -> int | float:
    """Express a number in the unit of what it is compared with."""
    value = quantity.value
    if quantity.currency and term.unit == "currency":
        own = context.index.vocabulary.currency
        if quantity.currency != own:
            raise Refused("other_currency", "unsupported", words=quantity.currency, currency=own)
    if term.unit == "percent" and not quantity.percent and value > 1:
        value = value / 100
    elif quantity.unit == "money" and term.unit not in ("currency", "ratio"):
        raise Unclear("money_of_what", "ambiguous", words=context.label(term))
    elif quantity.percent and term.unit not in ("percent", "ratio"):
        raise Unclear("percent_of_what", "ambiguous", words=context.label(term))
    return int(value) if value == int(value) else round(value, 10)


def range_of(span: TimeSpan, context: Context) -> Json:
    """Days of a time expression, open ends closed by what the data covers.

    Raises
    ------
    Refused     When there is no such time, or no data of it.
    """
    vocabulary = context.index.vocabulary
    first_day, as_of = date.fromisoformat(vocabulary.first_day), context.clock.as_of
    if span.start is None and span.stop is None:
        raise Refused("no_such_time", "outside_time", words=span.text)
    begin, end = span.start or first_day, span.stop or as_of + timedelta(days=1)
    if begin >= end or end <= first_day or begin > as_of:
        days = {"first": first_day.isoformat(), "last": as_of.isoformat()}
        raise Refused("outside_time", "outside_time", words=span.text, **days)
    if span.assumed:
        context.assume_time(span)
    if span.weak and span.unit != "year":
        last = (end - timedelta(days=1)).isoformat()
        context.assume("weak_time", words=span.text, start=begin.isoformat(), end=last)
    return {"start": begin.isoformat(), "end": end.isoformat()}
