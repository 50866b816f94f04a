"""From a reading to the arguments of one tool call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.embedded.acts import content_of, is_told_by, people_metric
from agent.embedded.asked import Asked, act_in, dated, without_time
from agent.embedded.conditions import Condition, Did, Is, NotSo
from agent.embedded.index import plain
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
from agent.embedded.quantities import Direction, Rank
from agent.embedded.reading import Group, Placed, Reading
from agent.embedded.when import When
from tools.vocabulary import Term

_AVERAGES = frozenset({"days", "hours", "minutes", "score", "percent", "ratio"})
_ROW_OF_AVERAGE = ("stars", "score", "rating_stars")
_COUNTED = frozenset({"count", "currency"})
_PAIRING = frozenset({"and", "comma", "compare", "than", "or", "to"})
_TRADE = frozenset({"buy", "sell", "spend"})
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
        self.asked = Asked(reading, context)
        self.when = When(reading, context)

    def build(self) -> Draft:
        """Build the call.

        Raises
        ------
        Ambiguous            When words have several meanings.
        Unclear, Refused     When something is missing or cannot be had.
        """
        metrics = self.asked.metrics()
        if not metrics:
            raise Unclear("no_metric", "ambiguous", words=self.reading.text)
        self._check(metrics)
        if metrics == [self.asked.people]:
            return self._people_call(metrics)
        return Draft("query_metrics", self._query(metrics))

    def _check(self, metrics: Sequence[Term]) -> None:
        """Leave nothing unused that was said: it would change the answer silently."""
        reading = self.reading
        stray = [*(text for _, text in reading.bounds), *("-" for _ in reading.ungroups)]
        stray += [unfilter.text for unfilter in reading.unfilters]
        if stray:
            raise Unclear("unused_words", "ambiguous", words=", ".join(stray))
        if reading.amounts and not any(metric.unit == "currency" for metric in metrics):
            raise Unclear("unused_words", "ambiguous", words=", ".join(reading.amounts))
        averaged = all(t.unit in _AVERAGES or "average" in t.label_en.lower() for t in metrics)
        if reading.average and not averaged and not reading.per_person and not reading.per:
            raise Unclear("average_of_what", "ambiguous", words=self.context.label(metrics[0]))
        if reading.refers and len(metrics) > 1:
            raise Unclear("two_metrics", "ambiguous", words=reading.text)
        several = _compares_values(reading) or len(reading.times) > 1
        if reading.degree and not (reading.ranks or reading.versus or reading.growth or several):
            if not (reading.groups or reading.which or any(reading.grains)):
                raise Unclear("unused_words", "ambiguous", words=reading.text)
            direction: Direction = "desc" if reading.degree == "desc" else "asc"
            reading.ranks = [Rank(direction, None, 0, "word")]
        opposed = reading.against or reading.growth is not None or reading.between & _PAIRING
        if len(reading.times) == 2 and not opposed and not self.when.combined(reading.times):
            words = ", ".join(span.text for span in reading.times)
            raise Unclear("two_times", "ambiguous", words=words)
        if (reading.rank_by or reading.limits) and not reading.ranks:
            raise Unclear("rank_how", "ambiguous", words=reading.text)
        split = reading.groups or reading.grains or len(metrics) > 1
        if reading.against and not (reading.versus or reading.prior or several or split):
            raise Unclear("compare_what", "ambiguous", words=reading.text)

    # People

    def _people_call(self, metrics: list[Term]) -> Draft:
        """Count people: by the act they did, as a segment, or as a metric that is split."""
        reading = self.reading
        if doers := self._doers():
            return Draft("query_metrics", self._query([doers]))
        conditions = [placed.condition for placed in (*reading.conditions, *reading.acts)]
        if buyers := self._buyers_for(conditions):
            return Draft("query_metrics", self._query([buyers]))
        if self._is_shaped() or not conditions:
            reading.acts = [replace(act, modifies=True) for act in reading.acts]
            return Draft("query_metrics", self._query(metrics))
        if reading.which == "who" or reading.lists:
            self.context.assume("people_counted")
        arguments: Json = {"where": self._where(conditions, metrics)}
        if reading.times:
            arguments["time_range"] = range_of(reading.times[0], self.context)
        return Draft("size_segment", arguments)

    def _is_shaped(self) -> bool:
        """Tell whether more than one number was asked for."""
        reading = self.reading
        shares = reading.share is not None or reading.share_verb is not None
        compares = bool(reading.versus or reading.growth or reading.prior) or len(reading.times) > 1
        return bool(
            shares or compares or reading.groups or reading.grains or reading.ranks
            or reading.having or self._apart()
        )  # fmt: skip

    def _apart(self) -> bool:
        return self.reading.apart and _compares_values(self.reading)

    def _doers(self) -> Term | None:
        """Find the metric that counts who did it, where no more was asked of people."""
        reading = self.reading
        if len(reading.acts) != 1 or reading.share is not None or reading.share_verb is not None:
            return None
        if any(act_in(placed.condition) for placed in reading.conditions):
            return None
        act = act_in(reading.acts[0].condition)
        if act and any(isinstance(w, Is) and w.joined == "and" for w in act.where):
            return None
        name = people_metric(act.act, self.index) if act and act.act else None
        if name:
            reading.acts = [replace(reading.acts[0], modifies=False)]
        return self.index.term("metric", name) if name else None

    def _buyers_for(self, conditions: Sequence[Condition]) -> Term | None:
        """Buyers instead of customers, where a condition is about orders: app 渠道的客户."""
        people, name = self.asked.people, people_metric("buy", self.index)
        if name is None or people is None:
            return None
        fields = [condition.fields for condition in conditions if isinstance(condition, Is)]
        beyond = [f for f in fields if not any(self.index.reaches(people.name, d) for d in f)]
        if not beyond or not all(any(self.index.reaches(name, d) for d in f) for f in fields):
            return None
        term = self.index.term("metric", name)
        self.context.assume("people_are_buyers", metric=self.context.label(term))
        return term

    def _where(self, conditions: Sequence[Condition], metrics: Sequence[Term]) -> Json:
        reading = self.reading
        said = {act.times for c in conditions if (act := act_in(c)) and act.times and not act.exact}
        if len(said) == 1 and not reading.times and any(without_time(c) for c in conditions):
            times = next(iter(said))
            self.context.assume("same_time", words=times[0].text)
            conditions = [dated(c, times) for c in conditions]
        if len(reading.times) == 1 and any(without_time(c) for c in conditions):
            times = (reading.times.pop(),)
            conditions = [dated(c, times) for c in conditions]
        scope = Scope(tuple(term.name for term in metrics))
        return conjoined([filter_of(c, scope, self.context) for c in conditions])

    # The query

    def _query(self, metrics: list[Term]) -> Json:
        reading, context = self.reading, self.context
        scope = Scope(tuple(term.name for term in metrics))
        context.mentioned = frozenset(
            g.dimensions[0].name for g in reading.groups if len(g.dimensions) == 1
        )
        context.split = tuple(
            t.label_zh.removesuffix("名称") for g in reading.groups for t in g.dimensions
        )
        self._tell_acts(metrics)
        part, whole = self._sides()
        self._borrow_time(whole)
        dimensions = self.dimensions(scope)
        dimensions += self._compared_values(whole, scope, dimensions)
        arguments: Json = {"metrics": [term.name for term in metrics]}
        if dimensions:
            arguments["dimensions"] = [term.name for term in dimensions]
        arguments |= self.when.arguments({})
        filters = [*self._rows_of_averages(scope), *(filter_of(c, scope, context) for c in whole)]
        if filters:
            arguments["where"] = conjoined(_joined_values(filters))
        arguments |= self.ranking(metrics, dimensions, arguments)
        if part is not None:
            found = _joined_values([filter_of(c, scope, context) for c in part])
            arguments["share"] = {"part": conjoined(found)} if found else {}
        return arguments | self._having()

    def _borrow_time(self, conditions: Sequence[Condition]) -> None:
        """Take the time of 上个月下单3次以上的客户 for the question too, if it says none."""
        acts = [c for c in conditions if isinstance(c, Did) and not c.exact]
        times = {act.times for act in acts}
        if self.reading.times or self.reading.versus or len(times) != 1:
            return
        self.reading.times = list(next(iter(times)))
        if self.reading.times:
            self.context.assume("same_time", words=self.reading.times[0].text)

    def _tell_acts(self, metrics: Sequence[Term]) -> None:
        """Keep what a plain verb says beside the metric: the refunded of "orders refunded".

        Buying says nothing more of orders and revenue, nor does a verb that the metric is made of.
        """
        for placed in self.reading.acts:
            act = act_in(placed.condition)
            if act is None or not act.act or placed.modifies or act.act in _TRADE:
                continue
            if any(is_told_by(metric, act.act) for metric in metrics):
                continue
            told = (self.index.yes(word) for word in sorted(content_of(act.act)))
            value = next((v for v in told if v and self._reached(v, metrics)), None)
            if value is None or value.field is None:
                raise Unclear("unused_words", "ambiguous", words=act.text)
            found = Is(((value,),), act.text, (act.text,), frozenset({value.field}))
            self.reading.conditions.append(Placed(found, placed.begin, end=placed.end))

    def _reached(self, value: Term, metrics: Sequence[Term]) -> bool:
        return all(self.index.reaches(metric.name, value.field or "") for metric in metrics)

    def _placed(self) -> list[Placed]:
        """Conditions in order; a plain verb gives way to what stands around it."""
        reading = self.reading
        placed = list(reading.conditions)
        for act in reading.acts:
            did = act.condition
            if act.modifies:
                placed.append(act)
            elif isinstance(did, Did):
                placed += [Placed(part, act.begin) for part in did.where]
                reading.times += did.times
        reading.acts = []
        return sorted(placed, key=lambda p: p.begin)

    def _sides(self) -> tuple[list[Condition] | None, list[Condition]]:
        """Split conditions into those of a share's part and those of its whole."""
        reading, placed = self.reading, self._placed()
        if reading.ranks or reading.which:
            reading.groups = [*reading.groups, *reading.heads]
        if reading.share is None and reading.share_verb is None:
            return None, [p.condition for p in placed]
        if reading.groups and reading.share_verb is None:
            return [], [p.condition for p in placed]
        if not placed:
            if not reading.groups:
                raise Unclear("share_of_what", "ambiguous", words=reading.text)
            return [], []
        left, right = _left_out(*self._split(placed))
        if reading.share_verb is not None and not right:
            left, right = self._split_by(left, reading.among, left, [])
        return [p.condition for p in left], [p.condition for p in right]

    def _split(self, placed: list[Placed]) -> tuple[list[Placed], list[Placed]]:
        """(part, whole) by what stands between them: 占, 中, "among", "are"."""
        reading = self.reading
        if reading.share_verb is not None:
            return _around(placed, reading.share_verb)
        left, right = self._split_by(placed, reading.among, [], [])
        if left or right:
            return left, right
        share = reading.share if reading.share is not None else -1
        for at in reading.links:
            before, after = _around(placed, at)
            if at > share and before and after:
                return after, before
        return placed, []

    def _split_by(
        self, placed: list[Placed], marks: Sequence[int], part: list[Placed], whole: list[Placed]
    ) -> tuple[list[Placed], list[Placed]]:
        """(part, whole) by 中 or "among", else as given."""
        for at in marks:
            before, after = _around(placed, at)
            cjk = self.reading.text[at : at + 1] > "\u2e80"
            if before and after:
                return (after, before) if cjk else (before, after)
            if before and not cjk:
                return before, after
        return part, whole

    # Dimensions

    def dimensions(self, scope: Scope) -> list[Term]:
        """Dimensions to split by, in the order they were said."""
        found = [self._dimension(group, scope) for group in self.reading.groups]
        return list({term.name: term for term in found}.values())

    def _dimension(self, group: Group, scope: Scope) -> Term:
        index = self.index
        counted = all(t.type == "number" and t.unit in _COUNTED for t in group.dimensions)
        own_word = group.text.startswith(("各", "每"))  # 各个小时, a name of the dimension itself
        if counted and group.how == "each" and not (self.reading.ranks or own_word):
            # "revenue per seat" is a ratio
            raise Unclear("per_what", "ambiguous", words=group.text)
        if group.how == "spread" and (banded := self._banded(group, scope)):
            return banded
        found = choose(
            group.dimensions, group.text, self.context, lambda t: scope.reaches(t.name, index)
        )
        if found is None and (found := self._longer(group, scope)):
            self.context.assume("split_read_as", words=group.text, chosen=self.context.label(found))
        if found is None:
            name = group.dimensions[0].name
            metric = next(m for m in scope.metrics if not index.reaches(m, name))
            raise Refused(
                "cannot_split",
                "unsupported",
                words=group.text,
                dimension=self.context.label(group.dimensions[0]),
                metric=self.context.label(index.term("metric", metric)),
            )
        return found

    def _banded(self, group: Group, scope: Scope) -> Term | None:
        """Take the distribution of a number by its bands, where the brand has them."""
        names = (f"{term.name}_band" for term in group.dimensions if term.type == "number")
        terms = (term for name in names if (term := self.index.term("dimension", name)))
        return next((term for term in terms if scope.reaches(term.name, self.index)), None)

    def _longer(self, group: Group, scope: Scope) -> Term | None:
        """Take "category" of tickets as the ticket category: the one longer name that fits."""
        label = group.text
        names = {name for metric in scope.metrics for name in self.index.vocabulary.reach[metric]}
        terms = [t for name in sorted(names) if (t := self.index.term("dimension", name))]
        longer = [
            term
            for term in plain(terms)
            if self.context.label(term).lower().endswith(label)
            and term.entity != self.index.person_entity
        ]
        if not longer:
            return None
        options = [self.context.label(term) for term in longer]
        return longer[self.context.decide(f"split:{group.text}", group.text, options)]

    def _compared_values(
        self, conditions: Sequence[Condition], scope: Scope, dimensions: Sequence[Term]
    ) -> list[Term]:
        """Split by the dimension whose values are compared with each other: 天猫和京东对比.

        All its values, as in 会员和非会员的客单价, can only be meant side by side.
        """
        filters = [filter_of(c, scope, self.context) for c in conditions if isinstance(c, Is)]
        result = []
        for part in _joined_values(filters):
            term = self.index.term("dimension", str(part["field"]))
            if part["op"] != "in" or term is None or term in dimensions:
                continue
            values = part["values"]
            known = len(self.index.values[term.name])
            if self.reading.apart or (isinstance(values, list) and len(values) == known):
                result.append(term)
        return result

    # Ranking and having

    def ranking(self, metrics: Sequence[Term], dimensions: Sequence[Term], spec: Json) -> Json:
        """Rank by which metric, which way and how many."""
        reading = self.reading
        if not reading.ranks:
            return self._by_change(metrics[0], dimensions, spec)
        if not dimensions and "time_grain" not in spec:
            raise Unclear("rank_what", "ambiguous", words=reading.text)
        metric = self.asked.metric(reading.rank_by) if reading.rank_by else metrics[0]
        rank = joined(reading.ranks, reading.limits)
        by, direction = self._order(rank, metric, spec)
        limit = rank.limit or self._limit(rank)
        result: Json = {"by": by, "direction": direction, "limit": limit}
        if rank.offset:
            result["offset"] = rank.offset
        if within := self._within(dimensions, rank):
            result["within"] = within
        return {"ranking": result}

    def _order(self, rank: Rank, metric: Term, spec: Json) -> tuple[str, str]:
        """(column, direction); of growth the change is ranked, and the fastest is the most."""
        growth = self.reading.growth
        if growth is None or "comparison" not in spec:
            direction = rank.direction
            if direction in ("best", "worst"):
                low = (direction == "best") == (metric.direction == "down")
                direction = "asc" if low else "desc"
            return metric.name, direction
        self.context.assume("ranked_by_change")
        least = rank.word in _LEAST
        falling = growth == "down"
        return f"{metric.name}__change_rate", "asc" if falling != least else "desc"

    def _by_change(self, metric: Term, dimensions: Sequence[Term], spec: Json) -> Json:
        """Show those that fell first where "which ones fell" was asked."""
        growth = self.reading.growth
        if growth not in ("up", "down") or not dimensions or "comparison" not in spec:
            return {}
        if self.reading.which is None or "time_grain" in spec:
            return {}
        self.context.assume("ranked_by_change")
        direction = "asc" if growth == "down" else "desc"
        by = f"{metric.name}__change_rate"
        return {"ranking": {"by": by, "direction": direction, "limit": _ALL}}

    def _limit(self, rank: Rank) -> int:
        reading = self.reading
        if rank.source == "sort":
            return _ALL
        plural = any(group.plural for group in reading.groups) or reading.which == "many"
        if not plural:
            return 1
        self.context.assume("top_ten", limit=_TOP)
        return _TOP

    def _within(self, dimensions: Sequence[Term], rank: Rank) -> list[str]:
        """Dimensions in each of which the ranking starts anew: 每个渠道销售额前3的商品."""
        pairs = list(zip(self.reading.groups, dimensions, strict=False))
        if rank.source == "sort" or len(pairs) < 2:
            return []
        each = [term.name for group, term in pairs if group.how == "each"]
        by = [term.name for group, term in pairs if group.how in ("by", "spread")]
        bare = len(each) + len(by) < len(pairs)
        kept = each or (by if bare else [])
        return kept if len(kept) < len(pairs) else []

    def _having(self) -> Json:
        result = []
        for named, bound in self.reading.having:
            term = self.asked.metric(named)
            values = [number_for(q, term, self.context) for q in bound.quantities]
            result.append({"metric": term.name, "op": bound.op, "values": values})
        if result and not self.reading.groups and not self.reading.grains:
            raise Unclear("having_what", "ambiguous", words=self.reading.text)
        return {"having": result} if result else {}

    def _rows_of_averages(self, scope: Scope) -> list[Json]:
        """Read 评分低于3分的评论 as stars below 3: without groups the row's own value is meant."""
        reading = self.reading
        if reading.groups or reading.grains:
            return []
        result: list[Json] = []
        kept = []
        for named, bound in reading.having:
            term = self.asked.metric(named)
            own = next(
                (
                    name
                    for name in _ROW_OF_AVERAGE
                    if term.unit == "score" and scope.reaches(name, self.index)
                ),
                None,
            )
            if own is None or term.name in scope.metrics:
                kept.append((named, bound))
                continue
            values = [number_for(q, term, self.context) for q in bound.quantities]
            result.append({"field": own, "op": bound.op, "values": values})
        reading.having = kept
        return result


_LEAST = frozenset(
    {"最慢", "最少", "最低", "最小", "slowest", "least", "fewest", "lowest", "smallest"}
)


def joined(ranks: Sequence[Rank], limits: Sequence[int]) -> Rank:
    """Make one rank of several words: 最低的…前5 takes the order of one, the number of the other.

    Raises
    ------
    Unclear     When they contradict each other: the top 5 and the bottom 3.
    """
    sorts = [r for r in ranks if r.source == "sort"]
    ranks = [r for r in ranks if r.source != "sort"] or [r for r in sorts if r.word] or sorts
    words = [r for r in ranks if r.source == "word"]
    counted = [r for r in ranks if r.source in ("count", "place")]
    numbers = {r.limit for r in ranks if r.limit} | set(limits)
    orders = {r.direction for r in (words or counted)}
    if len(numbers) > 1 or len(orders) > 1:
        raise Unclear("rank_how", "ambiguous")
    lead = (words or counted or list(ranks))[0]
    source = counted[0].source if counted else lead.source
    limit = next(iter(numbers), None)
    offset = max(rank.offset for rank in ranks)
    return replace(lead, limit=limit, offset=offset, source=source)


def _left_out(part: list[Placed], whole: list[Placed]) -> tuple[list[Placed], list[Placed]]:
    """Leave out of the whole what is excluded beside another value of the same dimension."""
    named = {f for p in part if isinstance(p.condition, Is) for f in p.condition.fields}
    out = [
        p
        for p in part
        if isinstance(p.condition, NotSo)
        and isinstance(p.condition.part, Is)
        and named & set(p.condition.part.fields)
    ]
    return [p for p in part if p not in out], [*whole, *out]


def _joined_values(filters: Sequence[Json]) -> list[Json]:
    """Values of one dimension, named apart, are alternatives: nothing is in two cities at once."""
    result: list[Json] = []
    for part in filters:
        same = next((p for p in result if _listable(p, part)), None)
        if same is None:
            result.append(dict(part))
            continue
        values = [*_values(same), *(v for v in _values(part) if v not in _values(same))]
        same |= {"op": "=" if len(values) == 1 else "in", "values": values}
    return result


def _listable(old: Json, new: Json) -> bool:
    same = old.get("field") is not None and old.get("field") == new.get("field")
    return same and {old.get("op"), new.get("op")} <= {"=", "in"}


def _values(part: Json) -> list[object]:
    values = part.get("values")
    return list(values) if isinstance(values, list) else []


def _compares_values(reading: Reading) -> bool:
    """Tell whether values are set against each other: 天猫和京东哪个高."""
    found = [p.condition for p in reading.conditions if isinstance(p.condition, Is)]
    fields = [set(condition.fields) for condition in found]
    shared = any(a & b for i, a in enumerate(fields) for b in fields[i + 1 :])
    return shared or any(len(condition.mentions) > 1 for condition in found)


def _around(placed: Sequence[Placed], at: int) -> tuple[list[Placed], list[Placed]]:
    return [p for p in placed if p.begin < at], [p for p in placed if p.begin > at]
