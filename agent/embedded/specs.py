"""From a reading to the arguments of one tool call."""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from agent.embedded.acts import amount_of, people_metric
from agent.embedded.conditions import AllOf, AnyOf, Bounded, Condition, Did, Is, Missing, NotSo
from agent.embedded.meaning import (
    Context,
    Json,
    Scope,
    choose,
    conjoined,
    filter_of,
    number_for,
    range_of,
)
from agent.embedded.outcomes import Refused, Unclear
from agent.embedded.quantities import Rank
from agent.embedded.reading import Group, Named, Placed, Reading
from knowledge.languages import TimeSpan
from tools.vocabulary import Term

# How a kind of thing, and a number for each one, are usually called.
_KINDS = ("{noun}类型", "{noun}类别", "{noun}分类", "{noun}种类", "{noun} type", "{noun} category")
_RATIOS = ("{label} per {noun}", "average {label} per {noun}", "每{noun}{label}", "平均每{noun}{label}",
           "单{noun}{label}", "{noun}均{label}")  # fmt: skip
_COUNTS = ("{noun}数", "{noun}量", "number of {noun}", "{noun} count", "{noun}")
_AVERAGES = frozenset({"days", "hours", "minutes", "score", "percent", "ratio"})
_DAYS = {"days": 1, "weeks": 7}
_TOP = 10
_ALL = 1000


@dataclass(frozen=True, slots=True)
class Draft:
    """One tool call in the making."""

    tool: str
    arguments: Json


class Builder:
    """Builds the call of one reading."""

    def __init__(self, reading: Reading, context: Context) -> None:
        self.reading = reading
        self.context = context
        self.index = context.index
        self._people = self.index.count_metric(self.index.person_entity)

    def build(self) -> Draft:
        """Build the call.

        Raises
        ------
        Ambiguous            When words have several meanings.
        Unclear, Refused     When something is missing or cannot be had.
        """
        reading = self.reading
        metrics = self.metrics()
        if not metrics:
            raise Unclear("no_metric", "ambiguous", words=reading.text)
        self._check(metrics)
        if self._counts_people(metrics):
            return self._people_call(metrics)
        return Draft("query_metrics", self._query(metrics))

    def _check(self, metrics: Sequence[Term]) -> None:
        """Leave nothing unused that was said: it would change the answer silently."""
        reading = self.reading
        averaged = all(t.unit in _AVERAGES or "average" in t.label_en.lower() for t in metrics)
        if reading.average and not averaged and not reading.per_person and not reading.per:
            raise Unclear("average_of_what", "ambiguous", words=self.context.label(metrics[0]))
        if reading.degree and not (reading.ranks or reading.versus or reading.growth):
            asked = reading.groups or reading.which or any(reading.grains)
            if asked and not _compares_values(reading):
                word = "desc" if reading.degree == "desc" else "asc"
                reading.ranks = [Rank(word, None, 0, "word")]
            elif not _compares_values(reading) and not len(reading.times) == 2:
                raise Unclear("unused_words", "ambiguous", words=reading.text)
        if (reading.rank_by or reading.limits) and not reading.ranks:
            raise Unclear("rank_how", "ambiguous", words=reading.text)

    # Metrics

    def metrics(self) -> list[Term]:
        """The metrics asked for, or those that the question implies."""
        reading = self.reading
        named = [self._metric(found) for found in reading.metrics]
        if not named and reading.having:
            named = [self._metric(found) for found, _ in reading.having]
        if not named and reading.rank_by:
            named = [self._metric(reading.rank_by)]
        if not named:
            named = self._implied()
        if named and reading.per_person and self.index.person_entity:
            person = self.index.term("entity", self.index.person_entity)
            texts = (person.label_zh, person.label_en) if person else ()
            reading.per = [*reading.per, *((Named((), text), "any") for text in texts[:1])]
        if named and reading.per:
            named = self._per(named)
        return list(dict.fromkeys(named))

    def _per(self, metrics: list[Term]) -> list[Term]:
        """Take 各类工单 as a split by the kind of ticket, "revenue per customer" as a metric."""
        for per, each in self.reading.per:
            if each == "kind":
                found = self._read(_KINDS, per.text, "", "dimension")
                if found is None:
                    raise Unclear("per_what", "ambiguous", words=per.text)
                self.reading.groups = [*self.reading.groups, Group((found,), per.text, "each")]
                continue
            labels = [form.text for form in metrics[0].forms]
            ratio = (self._read(_RATIOS, per.text, label, "metric") for label in labels)
            chosen = next((term for term in ratio if term), None)
            if chosen is None:
                raise Unclear("per_what", "ambiguous", words=per.text)
            metrics = [chosen, *metrics[1:]]
        return metrics

    def _read(self, patterns: Sequence[str], noun: str, label: str, kind: str) -> Term | None:
        texts = (pattern.format(noun=noun, label=label) for pattern in patterns)
        found = (t for text in texts for t in self.index.reads(text) if t.kind == kind)
        return next(found, None)

    def _metric(self, named: Named) -> Term:
        found = choose(named.terms, named.text, self.context, lambda _: True)
        assert found is not None
        return found

    def _implied(self) -> list[Term]:
        reading = self.reading
        if reading.counts and not reading.person:
            for act in reversed(reading.acts):
                if term := self._measured(act.condition):
                    return [term]
        people = reading.person or (reading.counts and self._all_people())
        if people and self._people:
            return [self._people]
        for per, each in reading.per:
            counted = [t.name for t in per.terms if t.kind in ("metric", "entity")]
            if each == "kind" and counted and (term := self.index.count_metric(counted[0])):
                return [term]
        for noun in reading.nouns:
            if term := self._read(_COUNTS, noun, "", "metric"):
                return [term]
        for entity in reading.entities:
            if term := self.index.count_metric(entity.name):
                return [term]
        return []

    def _all_people(self) -> bool:
        """Tell whether only conditions on people were said: 高价值的有多少."""
        conditions = [placed.condition for placed in self.reading.conditions]
        return bool(conditions) and all(self._about_people(c) for c in conditions)

    def _about_people(self, condition: Condition) -> bool:
        match condition:
            case Is():
                terms = [self.index.term("dimension", name) for name in condition.fields]
                return any(t and t.entity == self.index.person_entity for t in terms)
            case NotSo():
                return self._about_people(condition.part)
            case AllOf() | AnyOf():
                return all(self._about_people(part) for part in condition.parts)
            case Bounded() | Missing():
                return any(t.entity == self.index.person_entity for t in condition.dimensions)
        return True

    def _measured(self, condition: Condition) -> Term | None:
        """The amount that "how much was spent" asks for."""
        if not isinstance(condition, Did) or condition.act is None:
            return None
        names = amount_of(condition.act, self.reading.counted_in, self.index)
        terms = [term for name in names if (term := self.index.term("metric", name))]
        if not terms:
            return None
        options = [self.context.label(term) for term in terms]
        return terms[self.context.decide(f"metric:{condition.text}", condition.text, options)]

    # People

    def _counts_people(self, metrics: Sequence[Term]) -> bool:
        return self._people is not None and list(metrics) == [self._people]

    def _people_call(self, metrics: list[Term]) -> Draft:
        """Count people: by the act they did, as a segment, or as a metric that is split."""
        reading = self.reading
        if buyers := self._doers():
            reading.acts, act = [], reading.acts[0].condition
            assert isinstance(act, Did)
            reading.conditions += [Placed(part, reading.share or 0) for part in act.where]
            reading.times += act.times
            return Draft("query_metrics", self._query([buyers]))
        conditions = [placed.condition for placed in (*reading.conditions, *reading.acts)]
        if moved := self._buyers_for(conditions):
            return Draft("query_metrics", self._query([moved]))
        shaped = reading.groups or reading.grains or reading.ranks or reading.versus
        compared = reading.share is not None or reading.growth or len(reading.times) > 1
        if shaped or compared or reading.having or reading.share_verb is not None:
            return Draft("query_metrics", self._query(metrics))
        if not conditions:
            return Draft("query_metrics", self._query(metrics))
        arguments: Json = {"where": self._where(conditions, metrics)}
        if reading.times:
            arguments["time_range"] = range_of(reading.times[0], self.context)
        return Draft("size_segment", arguments)

    def _doers(self) -> Term | None:
        """The metric that counts who did it, where that is all that was asked of people."""
        reading = self.reading
        if len(reading.acts) != 1 or reading.share is not None or reading.share_verb is not None:
            return None
        if any(_holds_act(placed.condition) for placed in reading.conditions):
            return None
        act = reading.acts[0].condition
        name = people_metric(act.act, self.index) if isinstance(act, Did) and act.act else None
        return self.index.term("metric", name) if name else None

    def _buyers_for(self, conditions: Sequence[Condition]) -> Term | None:
        """Buyers instead of customers, where a condition is about orders: app 渠道的客户."""
        assert self._people is not None
        name = people_metric("buy", self.index)
        if name is None:
            return None
        fields = [f for c in conditions if isinstance(c, Is) for f in [c.fields] if f]
        beyond = [f for f in fields if not any(self.index.reaches(self._people.name, d) for d in f)]
        if not beyond or not all(any(self.index.reaches(name, d) for d in f) for f in fields):
            return None
        term = self.index.term("metric", name)
        self.context.assume("people_are_buyers", metric=self.context.label(term))
        return term

    def _where(self, conditions: Sequence[Condition], metrics: Sequence[Term]) -> Json:
        reading = self.reading
        if len(reading.times) == 1 and any(_lacks_time(c) for c in conditions):
            span = reading.times.pop()
            conditions = [_dated(c, span) for c in conditions]
        scope = Scope(tuple(term.name for term in metrics))
        return conjoined([filter_of(c, scope, self.context) for c in conditions])

    # The query

    def _query(self, metrics: list[Term]) -> Json:
        reading, context = self.reading, self.context
        scope = Scope(tuple(term.name for term in metrics))
        context.mentioned = frozenset(
            t.name
            for group in reading.groups
            for t in group.dimensions
            if len(group.dimensions) == 1
        )
        for act in reading.acts:
            if not act.modifies and isinstance(act.condition, Did):
                reading.times += act.condition.times
        if reading.ranks or reading.which:
            reading.groups = [*reading.groups, *reading.heads]
        part, whole = self._sides()
        arguments: Json = {"metrics": [term.name for term in metrics]}
        dimensions = self.dimensions(scope)
        dimensions += self._compared_values(whole, scope, dimensions)
        if dimensions:
            arguments["dimensions"] = [term.name for term in dimensions]
        arguments |= self.time({})
        if whole:
            arguments["where"] = conjoined([filter_of(c, scope, context) for c in whole])
        arguments |= self.ranking(metrics, dimensions, arguments)
        if part is not None:
            share: Json = (
                {"part": conjoined([filter_of(c, scope, context) for c in part])} if part else {}
            )
            arguments["share"] = share
        arguments |= self._having()
        return arguments

    def _sides(self) -> tuple[list[Condition] | None, list[Condition]]:
        """Split conditions into those of a share's part and those of its whole."""
        reading = self.reading
        placed = [*reading.conditions, *(a for a in reading.acts if a.modifies)]
        for act in reading.acts:
            if not act.modifies and isinstance(act.condition, Did):
                placed += [Placed(part, act.begin) for part in act.condition.where]
        placed.sort(key=lambda p: p.begin)
        if reading.share is None and reading.share_verb is None:
            return None, [p.condition for p in placed]
        if reading.groups and not reading.share_verb:
            return [], [p.condition for p in placed]
        if not placed:
            if not reading.groups:
                raise Unclear("share_of_what", "ambiguous", words=reading.text)
            return [], []
        left, right = self._split(placed)
        return [p.condition for p in left], [p.condition for p in right]

    def _split(self, placed: list[Placed]) -> tuple[list[Placed], list[Placed]]:
        """(part, whole) by what stands between them: 占, 中, "among", "are"."""
        reading = self.reading
        if reading.share_verb is not None:
            at = reading.share_verb
            return _around(placed, at)
        for at in reading.among:
            before, after = _around(placed, at)
            if before and after:
                return (after, before) if _is_cjk_at(reading.text, at) else (before, after)
            if before and not _is_cjk_at(reading.text, at):
                return before, after
        share = reading.share if reading.share is not None else -1
        for at in reading.links:
            before, after = _around(placed, at)
            if at > share and before and after:
                return after, before
        return placed, []

    def dimensions(self, scope: Scope) -> list[Term]:
        """Dimensions to split by, in the order they were said."""
        found: dict[str, Term] = {}
        for group in self.reading.groups:
            term = self._dimension(group, scope)
            found[term.name] = term
        return list(found.values())

    def _dimension(self, group: Group, scope: Scope) -> Term:
        index = self.index
        found = choose(
            group.dimensions, group.text, self.context, lambda t: scope.reaches(t.name, index)
        )
        if found is None:
            metric = next(
                m for m in scope.metrics if not index.reaches(m, group.dimensions[0].name)
            )
            raise Refused(
                "cannot_split",
                "unsupported",
                words=group.text,
                dimension=self.context.label(group.dimensions[0]),
                metric=self.context.label(index.term("metric", metric)),
            )
        return found

    def _compared_values(
        self, conditions: Sequence[Condition], scope: Scope, dimensions: Sequence[Term]
    ) -> list[Term]:
        """Split by the dimension whose values are compared with each other: 天猫和京东对比."""
        if not self.reading.apart:
            return []
        result = []
        for condition in conditions:
            if isinstance(condition, Is) and len(condition.mentions) > 1:
                name = filter_of(condition, scope, self.context)["field"]
                term = self.index.term("dimension", str(name))
                if term and term not in dimensions:
                    result.append(term)
        return result

    # Time

    def time(self, spec: Json) -> Json:
        """Time range, comparison and grain; ``spec`` holds those of the turn that is edited."""
        reading, context = self.reading, self.context
        result: Json = {}
        wants = bool(reading.versus) or (reading.growth is not None and not reading.grains)
        if len(reading.times) > 2:
            result |= self._row(reading.times)
        elif len(reading.times) == 2:
            result |= self._pair(reading.times)
        elif reading.times:
            result["time_range"] = range_of(reading.times[0], context)
            if wants:
                result["comparison"] = self._comparison(reading.times[0])
            elif reading.prior:
                result["comparison"] = self._before(result["time_range"])
        elif wants and "time_range" in spec:
            result["comparison"] = self._comparison(None)
        elif wants:
            result |= self._undated_comparison()
        elif "time_range" not in spec:
            context.assume("all_time", **self._covered())
        if reading.grains:
            result["time_grain"] = self.grain(result.get("time_range", spec.get("time_range")))
        return result

    def _covered(self) -> dict[str, str]:
        return {
            "first": self.index.vocabulary.first_day,
            "last": self.context.clock.as_of.isoformat(),
        }

    def _pair(self, ranges: Sequence[TimeSpan]) -> Json:
        """Two times in one question are compared; the later one unless one is set against it."""
        main, other = ranges
        if not self.reading.against and (main.start or date.min) < (other.start or date.min):
            main, other = other, main
        result: Json = {"time_range": range_of(main, self.context)}
        if main.open_end and main.unit and main.unit == other.unit:
            kind = "previous_year" if main.unit == "year" else "previous_period"
            self.context.assume("same_days", words=other.text)
            result["comparison"] = {"kind": kind}
        else:
            other_range = range_of(other, self.context)
            result["comparison"] = {"kind": "explicit", "range": other_range}
        return result

    def _before(self, time_range: object) -> Json:
        """The days just before a range: 跟之前30天比."""
        prior, unit = self.reading.prior, self.reading.prior and self.reading.prior.unit
        if prior is None or unit not in _DAYS or not isinstance(time_range, dict):
            raise Unclear("unused_words", "ambiguous", words=self.reading.text)
        start, end = (date.fromisoformat(str(time_range[key])) for key in ("start", "end"))
        days = int(prior.value * _DAYS[unit])
        if days == (end - start).days:
            return {"kind": "previous_period"}
        before = {"start": (start - timedelta(days=days)).isoformat(), "end": start.isoformat()}
        return {"kind": "explicit", "range": before}

    def _row(self, ranges: Sequence[TimeSpan]) -> Json:
        """Three or more times in a row, each of the same unit, are one range in steps."""
        spans = sorted(ranges, key=lambda span: span.start or date.min)
        units = {span.unit for span in spans}
        unit = next(iter(units))
        meets = all(a.stop == b.start for a, b in itertools.pairwise(spans))
        if len(units) != 1 or unit not in ("day", "week", "month", "quarter", "year") or not meets:
            raise Unclear("too_many_times", "ambiguous", words=self.reading.text)
        ends = range_of(spans[0], self.context)["start"], range_of(spans[-1], self.context)["end"]
        return {"time_range": {"start": ends[0], "end": ends[1]}, "time_grain": unit}

    def _comparison(self, main: TimeSpan | None) -> Json:
        versus = next(iter(self.reading.versus), None)
        if versus is None:
            return {"kind": "previous_period"}
        named = versus.start and versus.stop
        same = main is None or versus.unit is None or versus.unit == main.unit
        if versus.comparison and (same or not named or versus.comparison == "previous_year"):
            return {"kind": versus.comparison}
        return {"kind": "explicit", "range": range_of(versus, self.context)}

    def _undated_comparison(self) -> Json:
        """Compare the latest whole month, or the period that the other one names."""
        versus = next(iter(self.reading.versus), None)
        as_of = self.context.clock.as_of
        end = as_of + timedelta(days=1)
        unit = versus.unit if versus else None
        if unit in ("week", "quarter", "year", "day") and versus and versus.stop:
            start = versus.stop if versus.stop <= as_of else as_of
        else:
            start, end = latest_month(as_of)
        window: Json = {"start": start.isoformat(), "end": end.isoformat()}
        self.context.assume("compared_window", **{k: str(v) for k, v in window.items()})
        return {"time_range": window, "comparison": self._comparison(None)}

    def grain(self, time_range: object) -> str:
        """The grain that was said, else steps by the length of the range."""
        if said := next((g for g in self.reading.grains if g), None):
            return said
        days = 10_000
        if isinstance(time_range, dict):
            start, end = (date.fromisoformat(str(time_range[k])) for k in ("start", "end"))
            days = (end - start).days
        grain = "day" if days <= 31 else "week" if days <= 100 else "month"
        self.context.assume(f"grain_{grain}")
        return grain

    # Ranking and having

    def ranking(self, metrics: Sequence[Term], dimensions: Sequence[Term], spec: Json) -> Json:
        """The ranking that was asked for, by which metric, which way and how many."""
        reading = self.reading
        if not reading.ranks:
            return {}
        if not dimensions and "time_grain" not in spec:
            raise Unclear("rank_what", "ambiguous", words=reading.text)
        by = self._metric(reading.rank_by) if reading.rank_by else metrics[0]
        rank = _joined(reading.ranks)
        if reading.limits and rank.limit is None:
            rank = replace(rank, limit=reading.limits[0])
        direction = rank.direction
        if direction in ("best", "worst"):
            good_is_low = by.direction == "down"
            direction = "asc" if (direction == "best") == good_is_low else "desc"
        limit = rank.limit or self._limit(rank)
        result: Json = {"by": by.name, "direction": direction, "limit": limit}
        if rank.offset:
            result["offset"] = rank.offset
        within = self._within(dimensions, rank)
        if within:
            result["within"] = within
        return {"ranking": result}

    def _limit(self, rank: Rank) -> int:
        reading = self.reading
        if rank.source == "sort":
            return _ALL
        plural = any(group.plural for group in reading.groups) or reading.which == "many"
        if reading.which == "one" or not plural:
            return 1
        self.context.assume("top_ten", limit=_TOP)
        return _TOP

    def _within(self, dimensions: Sequence[Term], rank: Rank) -> list[str]:
        """Dimensions in each of which the ranking starts anew: 每个渠道销售额前3的商品."""
        pairs = list(zip(self.reading.groups, dimensions, strict=False))
        if rank.source == "sort" or len(pairs) < 2:
            return []
        each = [term.name for group, term in pairs if group.how == "each"]
        by = [term.name for group, term in pairs if group.how == "by"]
        bare = len(each) + len(by) < len(pairs)
        kept = each or (by if bare else [])
        return kept if len(kept) < len(pairs) else []

    def _having(self) -> Json:
        result = []
        for named, bound in self.reading.having:
            term = self._metric(named)
            values = [number_for(q, term, self.context) for q in bound.quantities]
            result.append({"metric": term.name, "op": bound.op, "values": values})
        if result and not self.reading.groups and not self.reading.grains:
            raise Unclear("having_what", "ambiguous", words=self.reading.text)
        return {"having": result} if result else {}


def latest_month(as_of: date) -> tuple[date, date]:
    """The latest whole calendar month of the data, half-open."""
    last = calendar.monthrange(as_of.year, as_of.month)[1]
    end = as_of + timedelta(days=1) if as_of.day == last else as_of.replace(day=1)
    return (end - timedelta(days=1)).replace(day=1), end


def _joined(ranks: Sequence[Rank]) -> Rank:
    """One rank of several words: 最低的…前5 takes the order of one and the number of the other."""
    word = next((r for r in ranks if r.source == "word"), ranks[0])
    number = next((r for r in ranks if r.limit), word)
    sort_only = all(r.source == "sort" for r in ranks)
    source = "sort" if sort_only else number.source if number.limit else word.source
    counted = next((r for r in ranks if r.source in ("count", "place")), None)
    direction = word.direction if word.source == "word" else (counted or word).direction
    return Rank(direction, number.limit, number.offset, source)


def _compares_values(reading: Reading) -> bool:
    """Tell whether values are set against each other: 天猫和京东哪个高."""
    return any(
        isinstance(placed.condition, Is) and len(placed.condition.mentions) > 1
        for placed in reading.conditions
    )


def _around(placed: Sequence[Placed], at: int) -> tuple[list[Placed], list[Placed]]:
    return [p for p in placed if p.begin < at], [p for p in placed if p.begin > at]


def _is_cjk_at(text: str, at: int) -> bool:
    return text[at : at + 1] > "\u2e80"


def _holds_act(condition: Condition) -> bool:
    inner = condition.part if isinstance(condition, NotSo) else condition
    return isinstance(inner, Did)


def _lacks_time(condition: Condition) -> bool:
    inner = condition.part if isinstance(condition, NotSo) else condition
    return isinstance(inner, Did) and not inner.times


def _dated(condition: Condition, span: TimeSpan) -> Condition:
    if isinstance(condition, NotSo):
        return replace(condition, part=_dated(condition.part, span))
    if isinstance(condition, Did) and not condition.times:
        return replace(condition, times=(span,))
    return condition
