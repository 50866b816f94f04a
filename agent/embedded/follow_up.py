"""Follow-ups: a fragment edits the arguments of the last answered call."""

from __future__ import annotations

import calendar
import copy
from collections.abc import Sequence
from datetime import date
from typing import cast

from agent.answer import Choice
from agent.embedded.atoms import key_of
from agent.embedded.conditions import Bound, Member
from agent.embedded.index import VocabularyIndex
from agent.embedded.meaning import Context, Json, Scope, conjoined, filter_of, number_for, range_of
from agent.embedded.outcomes import Refused, Unclear
from agent.embedded.plan import PreviousTurn
from agent.embedded.reading import Placed, Reading, Unfilter
from agent.embedded.specs import Builder, Draft
from knowledge.languages import TimeSpan, find_numbers, normalise
from tools.vocabulary import Term


def picked(typed: str, choices: Sequence[Choice]) -> str | None:
    """Give the question of the choice that was named by its label or its number."""
    if not choices:
        return None
    text = normalise(typed).text
    key = key_of(text)
    for choice in choices:
        if key in (key_of(normalise(choice.label).text), key_of(normalise(choice.question).text)):
            return choice.question
    numbers = [n for n in find_numbers(text) if n.value == int(n.value)]
    if len(numbers) == 1 and len(text) <= 8 and 1 <= numbers[0].value <= len(choices):
        return choices[int(numbers[0].value) - 1].question
    inside = [c for c in choices if key and key in key_of(normalise(c.label).text)]
    return inside[0].question if len(inside) == 1 and len(key) > 1 else None


def is_edit(reading: Reading, previous: PreviousTurn, index: VocabularyIndex) -> bool:
    """Tell whether a question only changes the one before it.

    A question with its own metric and no word of editing is a new one and inherits nothing.
    """
    if previous.tool not in ("query_metrics", "size_segment", "search_feedback"):
        return False
    if reading.among and all(p.begin > min(reading.among) for p in reading.conditions):
        return True
    counts = reading.counts and (reading.person or _names_others(reading, previous, index))
    if not (reading.metrics or counts or reading.having):
        return True
    shaped = reading.times or reading.conditions or reading.groups or reading.ranks
    if reading.cues & {"switch"}:
        return True
    if reading.cues & {"about"}:
        whole = reading.times and (reading.groups or reading.conditions)
        return not reading.counts and not whole
    return bool(reading.cues & {"also", "only", "same"}) and not shaped


def _names_others(reading: Reading, previous: PreviousTurn, index: VocabularyIndex) -> bool:
    """Tell whether "how many members" follows a question that did not count people."""
    people = index.count_metric(index.person_entity)
    counted = previous.tool == "size_segment" or (
        people is not None and previous.arguments.get("metrics") == [people.name]
    )
    return not counted and any(isinstance(p.condition, Member) for p in reading.conditions)


def edit(reading: Reading, previous: PreviousTurn, context: Context) -> Draft:
    """Apply a fragment to the previous call."""
    if previous.tool == "search_feedback":
        return Draft("search_feedback", _edit_search(reading, previous.arguments, context))
    editor = _Editor(reading, _base(previous, context.index), context)
    return editor.draft()


def _base(previous: PreviousTurn, index: VocabularyIndex) -> Json:
    spec = {
        key: copy.deepcopy(value)
        for key, value in previous.arguments.items()
        if value not in (None, [], (), {}) or (key == "share" and value == {})
    }
    people = index.count_metric(index.person_entity)
    if previous.tool == "size_segment" and people is not None:
        share = spec.pop("share", None)
        if isinstance(share, dict) and share.get("part"):
            spec["where"] = share["part"]
        spec["metrics"] = [people.name]
    return spec


_MOST_OF_A_YEAR = 300


class _Editor:
    def __init__(self, reading: Reading, spec: Json, context: Context) -> None:
        self.reading = reading
        self.spec = spec
        self.context = context
        self.index = context.index
        self.builder = Builder(reading, context)

    def draft(self) -> Draft:
        before = copy.deepcopy(self.spec)
        self._metrics()
        self._ungroup()
        self._bounds()
        metrics = self._terms()
        scope = Scope(tuple(term.name for term in metrics))
        known = [
            *cast("list[str]", self.spec.get("dimensions", [])),
            *_fields(self.spec.get("where")),
        ]
        self.context.mentioned = frozenset(known)
        self._unfilter(scope)
        if not self._narrowed(scope):
            self._filters(scope)
        self._split(scope)
        self._time()
        self._rank(metrics)
        self._share(scope)
        if self.spec == before:
            raise Unclear("unused_words", "ambiguous", words=self.reading.text)
        self._check(scope)
        return self._call(metrics)

    def _terms(self) -> list[Term]:
        names = cast("list[str]", self.spec.get("metrics", []))
        return [term for name in names if (term := self.index.term("metric", name))]

    def _ungroup(self) -> None:
        """Take splits away: those named, or all of them."""
        old = cast("list[str]", self.spec.get("dimensions", []))
        split = [names for names in self.reading.ungroups if not names or set(names) & set(old)]
        self.reading.unfilters += [
            Unfilter(frozenset(names), None, self.reading.text)
            for names in self.reading.ungroups
            if names not in split and not self.reading.ungrains
        ]
        for names in split:
            self._set("dimensions", [n for n in old if names and n not in names])
        if self.reading.ungrains:
            self.spec.pop("time_grain", None)
        if "dimensions" not in self.spec and "time_grain" not in self.spec:
            self.spec.pop("ranking", None)

    def _bounds(self) -> None:
        """Change the number of the one comparison there is: 超过50的呢."""
        for bound, text in self.reading.bounds:
            having = cast("list[Json]", self.spec.get("having", []))
            own = [p for p in _parts(self.spec.get("where")) if "customer_metric" in p]
            if not isinstance(bound, Bound) or len([*having, *own]) != 1:
                raise Unclear("unused_words", "ambiguous", words=text)
            changed = (having or own)[0]
            name = str(changed.get("metric") or changed["customer_metric"])
            term = self.index.term("metric", name)
            assert term is not None
            values = [number_for(q, term, self.context) for q in bound.quantities]
            changed |= {"op": bound.op, "values": values}
        self.reading.bounds = []
        self.reading.ungroups = []

    def _set(self, key: str, value: list[str]) -> None:
        if value:
            self.spec[key] = value
        else:
            self.spec.pop(key, None)

    def _metrics(self) -> None:
        ranking = self.spec.get("ranking")
        if self.reading.rank_by and not self.reading.ranks and isinstance(ranking, dict):
            chosen = self.builder.asked.metric(self.reading.rank_by).name
            ranking["by"] = chosen
            self.spec["metrics"] = [chosen]
        if not self.reading.metrics:
            return
        new = [term.name for term in self.builder.asked.metrics()]
        old = cast("list[str]", self.spec.get("metrics", []))
        if "also" in self.reading.cues and "switch" not in self.reading.cues:
            new = [*old, *(name for name in new if name not in old)]
        self.spec["metrics"] = new
        if isinstance(ranking, dict) and ranking.get("by") not in new:
            ranking["by"] = new[0]
        having = cast("list[Json]", self.spec.pop("having", []))
        if kept := [h for h in having if h["metric"] in new]:
            self.spec["having"] = kept

    def _filters(self, scope: Scope) -> None:
        share = self.spec.get("share")
        part = share.get("part") if isinstance(share, dict) else None
        for placed in self.reading.conditions:
            new = filter_of(placed.condition, scope, self.context)
            if isinstance(share, dict) and set(_fields(part)) & set(_fields(new)):
                share["part"] = part = conjoined(self._with(_parts(part), new, placed))
                continue
            if parts := self._with(_parts(self.spec.get("where")), new, placed):
                self.spec["where"] = conjoined(parts)
            else:
                self.spec.pop("where", None)

    def _with(self, parts: list[Json], new: Json, placed: Placed) -> list[Json]:
        """Add a condition to others, or put it in the place of one on the same dimension."""
        inner = new.get("not")
        if placed.removes and isinstance(inner, dict) and _has(parts, inner):
            return _without(parts, inner)
        if "also" in self.reading.cues and (same := _same_field(parts, new)):
            same["values"] = list(dict.fromkeys([*_values(same), *_values(new)]))
            same["op"] = "in"
            return parts
        if "not" in new or "any" in new:
            return [*parts, new]
        replaces = "only" not in self.reading.cues
        return [*(p for p in parts if not _replaced(p, new, replaces)), new]

    def _unfilter(self, scope: Scope) -> None:
        """Take filters away: that on a dimension, one that is said, or the only one there is."""
        for unfilter in self.reading.unfilters:
            parts = _parts(self.spec.get("where"))
            if unfilter.condition is not None:
                kept = _without(parts, filter_of(unfilter.condition, scope, self.context))
            elif unfilter.dimensions:
                kept = [p for p in parts if not unfilter.dimensions & set(_fields(p))]
            else:
                kept = [] if len(parts) == 1 else parts
            if kept == parts:
                raise Unclear("unused_words", "ambiguous", words=unfilter.text)
            if kept:
                self.spec["where"] = conjoined(kept)
            else:
                self.spec.pop("where")
        self.reading.unfilters = []

    def _narrowed(self, scope: Scope) -> bool:
        """Read 其中女性占多少: the share of a part in what was asked before."""
        reading = self.reading
        shares = reading.share is not None or reading.share_verb is not None
        if not shares or not reading.conditions or self.spec.get("dimensions"):
            return False
        parts = [filter_of(p.condition, scope, self.context) for p in reading.conditions]
        self.spec["share"] = {"part": conjoined(parts)}
        reading.share = reading.share_verb = None
        return True

    def _split(self, scope: Scope) -> None:
        old = cast("list[str]", self.spec.get("dimensions", []))
        new = [term.name for term in self.builder.dimensions(scope)]
        if "also" in self.reading.cues:
            kept = [*old, *(name for name in new if name not in old)]
        else:
            kept = new or old
        if kept:
            self.spec["dimensions"] = kept
        else:
            self.spec.pop("dimensions", None)
            if "time_grain" not in self.spec:
                self.spec.pop("ranking", None)
        ranking = self.spec.get("ranking")
        if isinstance(ranking, dict) and not set(ranking.get("within") or []) <= set(kept):
            ranking.pop("within")

    def _time(self) -> None:
        reading = self.reading
        if len(reading.times) == 1 and "time_range" in self.spec:
            if reading.against:
                range_ = range_of(reading.times[0], self.context)
                self.spec["comparison"] = {"kind": "explicit", "range": range_}
                return
            if shifted := self._same_days_of(reading.times[0]):
                self.spec["time_range"] = shifted
                return
        if reading.times:
            comparison = self.spec.get("comparison")
            if isinstance(comparison, dict) and comparison.get("kind") == "explicit":
                self.spec.pop("comparison")
            self.spec |= self.builder.when.arguments(self.spec)
        elif reading.versus or reading.growth:
            self.spec |= self.builder.when.arguments(self.spec)
        elif reading.grains:
            self.spec["time_grain"] = self.builder.when.grain(self.spec.get("time_range"))

    def _same_days_of(self, span: TimeSpan) -> Json | None:
        """Take 去年呢 after September as September of that year; the whole year after a year."""
        time_range = self.spec.get("time_range")
        if span.unit != "year" or span.start is None or not isinstance(time_range, dict):
            return None
        start, end = (date.fromisoformat(str(time_range[key])) for key in ("start", "end"))
        years = start.year - span.start.year
        if (end - start).days > _MOST_OF_A_YEAR or not years or self.reading.metrics:
            return None
        shifted = (_in_year(start, start.year - years), _in_year(end, end.year - years))
        first, last = (day.isoformat() for day in shifted)
        self.context.assume("same_days_of", words=span.text, start=first, end=last)
        return {"start": first, "end": last}

    def _rank(self, metrics: Sequence[Term]) -> None:
        if not self.reading.ranks:
            unsaid = not self.spec.get("dimensions") and "time_grain" not in self.spec
            if unsaid and "degree" in self.reading.cues and self.reading.which:
                raise Unclear("compare_what", "ambiguous", words=self.reading.text)
            return
        names = cast("list[str]", self.spec.get("dimensions", []))
        terms = [term for name in names if (term := self.index.term("dimension", name))]
        if "time_grain" not in self.spec and names and all(self._is_pinned(n) for n in names):
            raise Unclear("rank_what", "ambiguous", words=self.reading.text)
        self.spec |= self.builder.ranking(metrics, terms, self.spec)

    def _is_pinned(self, dimension: str) -> bool:
        """Tell whether a filter leaves one value of a dimension, so that nothing is to rank."""
        parts = _parts(self.spec.get("where"))
        return any(part.get("field") == dimension and part.get("op") == "=" for part in parts)

    def _share(self, scope: Scope) -> None:
        if self.reading.share is None and self.reading.share_verb is None:
            return
        if self.spec.get("dimensions"):
            self.spec["share"] = {}
        elif "where" in self.spec:
            self.spec["share"] = {"part": self.spec.pop("where")}
        else:
            raise Unclear("share_of_what", "ambiguous", words=self.reading.text)

    def _check(self, scope: Scope) -> None:
        """Refuse what the new metric does not reach, instead of dropping it silently."""
        names = [
            *cast("list[str]", self.spec.get("dimensions", [])),
            *_fields(self.spec.get("where")),
        ]
        for name in names:
            if not scope.reaches(name, self.index):
                metric = next(m for m in scope.metrics if not self.index.reaches(m, name))
                raise Refused(
                    "cannot_filter",
                    "unsupported",
                    words=self.reading.text,
                    dimension=self.context.label(self.index.term("dimension", name)),
                    metric=self.context.label(self.index.term("metric", metric)),
                )

    def _call(self, metrics: Sequence[Term]) -> Draft:
        people = self.index.count_metric(self.index.person_entity)
        plain = set(self.spec) <= {"metrics", "where", "time_range"} and "where" in self.spec
        if plain and list(metrics) == [people]:
            return Draft("size_segment", {k: v for k, v in self.spec.items() if k != "metrics"})
        return Draft("query_metrics", self.spec)


def _edit_search(reading: Reading, arguments: dict[str, object], context: Context) -> Json:
    result = {k: copy.deepcopy(v) for k, v in arguments.items() if v is not None}
    scope = Scope(tuple(n for n in ("feedback_count",) if context.index.term("metric", n)))
    parts = _parts(result.get("where"))
    for placed in reading.conditions:
        new = filter_of(placed.condition, scope, context)
        parts = [p for p in parts if not _replaced(p, new, True)] + [new]
    if parts:
        result["where"] = conjoined(parts)
    if reading.times:
        result["time_range"] = range_of(reading.times[0], context)
    if result == {k: v for k, v in arguments.items() if v is not None}:
        raise Unclear("unused_words", "ambiguous", words=reading.text)
    return result


def _in_year(day: date, year: int) -> date:
    last = calendar.monthrange(year, day.month)[1]
    return day.replace(year=year, day=min(day.day, last))


# Parts of a filter


def _parts(where: object) -> list[Json]:
    if not isinstance(where, dict):
        return []
    inner = where.get("all")
    return list(inner) if isinstance(inner, list | tuple) else [where]


def _values(part: Json) -> list[object]:
    values = part.get("values", [])
    return list(values) if isinstance(values, list | tuple) else []


def _same_field(parts: Sequence[Json], new: Json) -> Json | None:
    found = (p for p in parts if p.get("field") == new.get("field") is not None)
    return next((p for p in found if p.get("op") in ("=", "in")), None)


def _replaced(old: Json, new: Json, segments: bool) -> bool:
    """Tell whether an old condition gives way to a new one about the same thing."""
    inner = old.get("not")
    if isinstance(inner, dict):
        return _replaced(inner, new, False)
    if "field" in new:
        return old.get("field") == new["field"]
    if "segment" in new:
        return old == new or (segments and "segment" in old)
    return "customer_metric" in new and old.get("customer_metric") == new["customer_metric"]


def _has(parts: Sequence[Json], part: Json) -> bool:
    return any(_covers(old, part) for old in parts)


def _covers(old: Json, part: Json) -> bool:
    if old == part:
        return True
    same = old.get("field") is not None and old.get("field") == part.get("field")
    return same and set(map(str, _values(part))) <= set(map(str, _values(old)))


def _without(parts: Sequence[Json], part: Json) -> list[Json]:
    result = []
    for old in parts:
        left = [v for v in _values(old) if v not in _values(part)]
        if not _covers(old, part):
            result.append(old)
        elif left and old != part:
            result.append({**old, "op": "=" if len(left) == 1 else "in", "values": left})
    return result


def _fields(where: object) -> list[str]:
    """Dimensions that a filter names, outside conditions on customers' own metrics."""
    if not isinstance(where, dict):
        return []
    if "field" in where:
        return [str(where["field"])]
    inner = [where.get("not"), *_sequence(where.get("all")), *_sequence(where.get("any"))]
    return [name for part in inner for name in _fields(part)]


def _sequence(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
