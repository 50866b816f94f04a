"""From names to a plan: what is computed from which table, over which window, for whom.

Everything that can be wrong with a question is found here, before any SQL is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from warehouse import arithmetic
from warehouse.conditions import check_filter, conjuncts, leaves, numbers_of, personal_names
from warehouse.errors import NotPermitted, UnknownName, UnsupportedQuery, nearest
from warehouse.periods import are_alike, compared_range, covered, period_starts
from warehouse.query import (
    Column,
    Condition,
    CustomerCondition,
    Filter,
    QuerySpec,
    Ranking,
    Scalar,
    Share,
    TimeGrain,
    TimeRange,
    Unit,
)
from warehouse.rights import Actor
from warehouse.semantic_columns import place_of
from warehouse.semantic_records import Dimension, Entity, Measure, Metric, SemanticModel

Role = Literal["metric", "compared", "change", "change_rate", "share"]

PERIOD = "period"
"""Name of the column with the first day of each period."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A simple metric and the one of its measures that is computed."""

    metric: Metric
    measure: Measure


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over a table that computes several simple metrics."""

    entity: Entity
    time: str | None
    cumulative: bool
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """The days that are read, ``[start, end)``, and the first day of its first and last period."""

    start: date | None
    end: date
    first_period: date | None = None
    last_period: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A question whose every name is known and fits."""

    model: SemanticModel
    actor: Actor
    as_of: date
    first_day: date
    spec: QuerySpec
    metrics: tuple[Metric, ...]
    extra: tuple[Metric, ...]
    dimensions: tuple[Dimension, ...]
    window: Window
    compared: Window | None
    time_range: TimeRange | None
    compared_range: TimeRange | None
    people_fields: tuple[str, ...]
    overlapping: tuple[str, ...]
    notes: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def needed(self) -> tuple[Metric, ...]:
        """What is computed: the metrics that are shown, and those only ranked or filtered by."""
        return self.metrics + self.extra

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that tell the rows apart."""
        period = (PERIOD,) if self.spec.time_grain else ()
        return (*period, *(dimension.name for dimension in self.dimensions))

    @property
    def part(self) -> Filter | None:
        """The part whose share is asked for."""
        return self.spec.share.part if self.spec.share else None

    @property
    def share_keys(self) -> tuple[str, ...]:
        """Keys of the groups inside of which shares add up to one."""
        share = self.spec.share
        within = share.within if share else ()
        return tuple(k for k in self.keys if k in within or (k == PERIOD and self.dimensions))


def make_plan(
    spec: QuerySpec, model: SemanticModel, actor: Actor, as_of: date, first_day: date
) -> Plan:
    """Look up all names of a question and check that they can be combined.

    Raises
    ------
    UnknownName
        When a metric, dimension, segment or value is not in the model.
    UnsupportedQuery
        When what was named cannot be combined.
    """
    metrics = tuple(model.metric(name) for name in dict.fromkeys(spec.metrics))
    dimensions = tuple(model.dimension(name) for name in dict.fromkeys(spec.dimensions))
    check_filter(spec.where, model)
    check_filter(actor.rows, model)
    extra = _extra_metrics(spec, model, metrics)
    overlapping: tuple[str, ...] = ()
    if spec.share is not None:
        overlapping = _check_share(spec.share, model, metrics, dimensions, spec.time_grain)
    if spec.ranking is not None:
        _check_within(spec.ranking.within, dimensions, spec.time_grain)
    covered_range, notes = covered(spec.time_range, spec.time_grain, first_day, as_of)
    window = _window(covered_range, spec.time_grain, as_of, notes)
    compared, compared_window = _compared(spec, as_of, first_day, notes)
    if overlapping:
        notes.append("shares_overlap")
    if covered_range and compared and not are_alike(covered_range, compared):
        notes.append("compared_length_differs")
    part = spec.share.part if spec.share else None
    personal = [dimension.name for dimension in dimensions if dimension.personal]
    personal += personal_names(spec.where, model) + personal_names(part, model)
    return Plan(
        model=model,
        actor=actor,
        as_of=as_of,
        first_day=first_day,
        spec=spec,
        metrics=metrics,
        extra=extra,
        dimensions=dimensions,
        window=window,
        compared=compared_window,
        time_range=covered_range,
        compared_range=compared,
        people_fields=tuple(dict.fromkeys(personal)),
        overlapping=overlapping,
        notes=tuple(dict.fromkeys(notes)),
        columns=_result_columns(spec, metrics, dimensions),
    )


def scans_of(
    plan: Plan,
    metrics: Iterable[Metric],
    dimensions: Sequence[Dimension],
    filters: Sequence[Filter | None],
    by_customer: bool = False,
) -> tuple[Scan, ...]:
    """Choose a measure for every simple metric below the metrics, and gather them by table.

    A measure must reach every dimension that rows are split or filtered by, and every one that the
    actor's rights filter by: what cannot be filtered by the rights is not read.

    Raises
    ------
    UnsupportedQuery
        When no measure of a metric reaches a dimension; names those that would work.
    NotPermitted
        When the actor's rights cannot be applied to a metric.
    """
    wanted = [dimension.name for dimension in dimensions]
    for where in filters:
        wanted += _fields(where, plan.model)
        by_customer = by_customer or _needs_customer(where, plan.model)
    found: dict[tuple[str, str | None, bool, str | None], list[Leaf]] = {}
    for metric in metrics:
        for simple in simple_metrics(plan.model, metric):
            measure = _measure(plan, metric, simple, tuple(dict.fromkeys(wanted)), by_customer)
            for where in filters:
                _check_counted(plan.model, metric, measure, where)
            time = measure.time or plan.model.entity(measure.entity).time
            per = simple.name if measure.per else None
            leaf = Leaf(simple, measure)
            leaves_here = found.setdefault((measure.entity, time, measure.cumulative, per), [])
            if leaf not in leaves_here:
                leaves_here.append(leaf)
    return tuple(
        Scan(plan.model.entity(entity), time, cumulative, tuple(leaves_here))
        for (entity, time, cumulative, _), leaves_here in found.items()
    )


def simple_metrics(model: SemanticModel, metric: Metric) -> Iterator[Metric]:
    """List the simple metrics that a metric is made of, in order; repeats included."""
    if metric.kind == "simple":
        yield metric
        return
    for name in arithmetic.names(formula(metric)):
        yield from simple_metrics(model, model.metric(name))


def formula(metric: Metric) -> arithmetic.Expression:
    """Give the arithmetic of a ratio or derived metric."""
    if metric.kind == "ratio":
        return arithmetic.Binary(
            "/", arithmetic.Name(str(metric.numerator)), arithmetic.Name(str(metric.denominator))
        )
    return arithmetic.parse(str(metric.expression))


def is_additive(model: SemanticModel, metric: Metric) -> bool:
    """Tell whether a metric is a sum or count, or a sum or difference of such: none is zero."""
    if metric.kind == "simple":
        return metric.measures[0].aggregate in ("sum", "count", "count_distinct")
    return metric.kind == "derived" and _is_linear(model, formula(metric))


def reach(model: SemanticModel) -> dict[str, tuple[str, ...]]:
    """List, for each metric, the dimensions that it can be split and filtered by."""
    by_entity = {
        entity.name: {
            dimension.name
            for dimension in model.dimensions
            if dimension.entity in model.joins.reachable(entity.name)
        }
        for entity in model.entities
    }
    found = {}
    for metric in model.metrics:
        sets = [
            set().union(*(by_entity[measure.entity] for measure in simple.measures))
            for simple in simple_metrics(model, metric)
        ]
        common = set.intersection(*sets)
        found[metric.name] = tuple(d.name for d in model.dimensions if d.name in common)
    return found


def _result_columns(
    spec: QuerySpec, metrics: Iterable[Metric], dimensions: Iterable[Dimension]
) -> tuple[Column, ...]:
    columns = [Column(name=PERIOD, role="period", unit="date")] if spec.time_grain else []
    columns += [Column(name=d.name, role="dimension", unit=d.unit) for d in dimensions]
    for metric in metrics:
        name, unit = metric.name, metric.unit
        change: Unit = "points" if unit == "percent" else unit
        roles: list[tuple[Role, Unit]] = [("metric", unit)]
        if spec.comparison is not None:
            roles += [("compared", unit), ("change", change), ("change_rate", "percent")]
        if spec.share is not None:
            roles.append(("share", "percent"))
        for role, role_unit in roles:
            place = name if role == "metric" else f"{name}__{role}"
            columns.append(Column(name=place, role=role, unit=role_unit, metric=name))
    return tuple(columns)


def _extra_metrics(
    spec: QuerySpec, model: SemanticModel, metrics: tuple[Metric, ...]
) -> tuple[Metric, ...]:
    extra: dict[str, Metric] = {}
    for having in spec.having:
        metric = model.metric(having.metric)
        numbers_of(having.metric, having.op, having.values, metric.unit == "currency")
        extra[metric.name] = metric
    if spec.ranking is not None and spec.ranking.by not in _derived_columns(spec):
        extra[spec.ranking.by] = _ranked_by(spec.ranking, spec, model)
    return tuple(metric for metric in extra.values() if metric not in metrics)


def _derived_columns(spec: QuerySpec) -> list[str]:
    suffixes = ["__compared", "__change", "__change_rate"] if spec.comparison else []
    suffixes += ["__share"] if spec.share else []
    return [name + suffix for name in spec.metrics for suffix in suffixes]


def _ranked_by(ranking: Ranking, spec: QuerySpec, model: SemanticModel) -> Metric:
    try:
        return model.metric(ranking.by)
    except UnknownName as error:
        known = [*(metric.name for metric in model.metrics), *_derived_columns(spec)]
        near = nearest(ranking.by, known)
        raise UnknownName(kind="metric", name=ranking.by, nearest=near) from error


def _check_share(
    share: Share,
    model: SemanticModel,
    metrics: tuple[Metric, ...],
    dimensions: tuple[Dimension, ...],
    grain: TimeGrain | None,
) -> tuple[str, ...]:
    """Check that shares make sense; list the metrics whose groups can overlap."""
    check_filter(share.part, model)
    _check_within(share.within, dimensions, grain)
    for metric in metrics:
        if not is_additive(model, metric):
            raise UnsupportedQuery(
                problem="share_of_rate",
                detail=f"{metric.name!r} is a rate or average: it has no share in a whole.",
                next="Ask for the share of one of the counts or amounts behind it.",
                metric=metric.name,
            )
    if share.part is not None:
        return ()
    return tuple(m.name for m in metrics if _can_overlap(model, m, dimensions, grain))


def _can_overlap(
    model: SemanticModel,
    metric: Metric,
    dimensions: tuple[Dimension, ...],
    grain: TimeGrain | None,
) -> bool:
    """Tell whether one thing that a metric counts can stand in several groups.

    A customer has one city, so customers by city are parts; but buys in several categories.
    """
    if not dimensions and grain is None:
        return False
    for simple in simple_metrics(model, metric):
        for measure in simple.measures:
            counted = measure.per.key if measure.per else measure.column
            is_distinct = measure.aggregate == "count_distinct" or measure.per is not None
            if not is_distinct or counted == model.entity(measure.entity).key:
                continue
            reached = _determined_by(model, measure.entity, str(counted))
            if not dimensions or any(d.entity not in reached for d in dimensions):
                return True
    return False


def _determined_by(model: SemanticModel, entity: str, column: str) -> set[str]:
    """List the entities of which a column's value picks one row."""
    targets = [join.to for join in model.entity(entity).joins if join.on == column]
    people = model.customer_entity
    if people is not None and model.entity(entity).customer == column:
        targets.append(people.name)
    return {reached for target in targets for reached in model.joins.reachable(target)}


def _check_within(
    within: Sequence[str], dimensions: tuple[Dimension, ...], grain: TimeGrain | None
) -> None:
    known = [*(dimension.name for dimension in dimensions), *([PERIOD] if grain else [])]
    for name in within:
        if name not in known:
            raise UnsupportedQuery(
                problem="within",
                detail=f"'within' {name!r} is not one of the dimensions of the question.",
                next=f"Split by it too. The question splits by: {', '.join(known) or 'nothing'}.",
                name=name,
            )


def _compared(
    spec: QuerySpec, as_of: date, first_day: date, notes: list[str]
) -> tuple[TimeRange | None, Window | None]:
    if spec.comparison is None:
        return None, None
    if spec.time_range is None:
        raise UnsupportedQuery(
            problem="no_time_range",
            detail="All data has nothing before it to be compared with.",
            next="Give a time range.",
        )
    other = compared_range(spec.time_range, spec.comparison, as_of)
    if other.end <= first_day or other.start > as_of:  # nothing there is not zero
        last = other.end - timedelta(days=1)
        raise UnsupportedQuery(
            problem="compared_outside_data",
            detail=f"{other.start} to {last} is outside the data, which covers "
            f"{first_day} to {as_of}.",
            next="Compare with a period inside it.",
            first=str(other.start),
            last=str(last),
            data_first=str(first_day),
            data_last=str(as_of),
        )
    if other.start < first_day:
        notes.append("compared_before_data")
    if other.end > as_of + timedelta(days=1):
        notes.append("compared_after_data")
    return other, _window(other, spec.time_grain, as_of, [])


def _window(
    range: TimeRange | None, grain: TimeGrain | None, as_of: date, notes: list[str]
) -> Window:
    if range is None:
        return Window(None, as_of + timedelta(days=1))
    if grain is None:
        return Window(range.start, range.end)
    first, last, cut = period_starts(range, grain)
    notes += cut
    return Window(range.start, range.end, first, last)


def _fields(where: Filter | None, model: SemanticModel) -> list[str]:
    """List the dimensions that a filter reads; a customer's own metric has its own."""
    return [leaf.field for leaf in leaves(where, model) if isinstance(leaf, Condition)]


def _needs_customer(where: Filter | None, model: SemanticModel) -> bool:
    return any(isinstance(leaf, CustomerCondition) for leaf in leaves(where, model))


def _measure(
    plan: Plan, metric: Metric, simple: Metric, wanted: tuple[str, ...], by_customer: bool
) -> Measure:
    model, rows = plan.model, plan.actor.rows
    usable = [
        measure
        for measure in simple.measures
        if all(_reaches(model, measure, name) for name in wanted)
        and not (by_customer and customer_place(model, measure.entity) is None)
    ]
    if not usable:
        raise _unreachable(plan, metric, simple, wanted)
    allowed = [
        measure
        for measure in usable
        if all(_reaches(model, measure, name) for name in _fields(rows, model))
        and not (_needs_customer(rows, model) and customer_place(model, measure.entity) is None)
    ]
    if not allowed:
        raise NotPermitted(actor=plan.actor.id, what=metric.name, who="an administrator")
    measure = allowed[0]
    if measure.time is None and model.entity(measure.entity).time is None and plan.window.start:
        raise UnsupportedQuery(
            problem="undated",
            detail=f"{metric.name!r} has no dates.",
            next="Ask for it without a time range.",
            metric=metric.name,
        )
    return measure


def _check_counted(
    model: SemanticModel, metric: Metric, measure: Measure, where: Filter | None
) -> None:
    """Refuse a filter for nothing but what a metric leaves out: its zero would be no answer."""
    counted = {
        place_of(own.field, measure.entity): _allowed(own)
        for own in conjuncts(measure.where)
        if own.op in ("=", "in")
    }
    for asked in conjuncts(where):
        dimension = model.dimension(asked.field)
        ours = counted.get((dimension.entity, dimension.column))
        if (
            ours is None
            or dimension.type != "boolean"
            or asked.op not in ("=", "in", "!=", "not_in")
        ):
            continue
        theirs = _allowed(asked)
        if not ours & (theirs if asked.op in ("=", "in") else {True, False} - theirs):
            raise UnsupportedQuery(
                problem="never_counted",
                detail=f"{metric.name!r} never counts what {asked.field!r} is asked for.",
                next="Ask for a metric that does.",
                metric=metric.name,
                dimension=asked.field,
            )


def _allowed(condition: Condition) -> set[Scalar]:
    return set(condition.values)


def customer_place(model: SemanticModel, entity: str) -> tuple[str, str] | None:
    """Find the entity and column that hold the customer of a row, if rows have one."""
    own = model.entity(entity).customer
    if own is not None:
        return entity, own
    people = model.customer_entity
    if people is None or model.joins.way(entity, people.name) is None:
        return None
    return people.name, people.key


def _reaches(model: SemanticModel, measure: Measure, dimension: str) -> bool:
    return model.joins.way(measure.entity, model.dimension(dimension).entity) is not None


def _unreachable(
    plan: Plan, metric: Metric, simple: Metric, wanted: tuple[str, ...]
) -> UnsupportedQuery:
    model = plan.model
    far = [name for name in wanted if not any(_reaches(model, m, name) for m in simple.measures)]
    works = [n for n in reach(model)[metric.name] if not model.dimension(n).hidden]
    if not wanted:
        return UnsupportedQuery(
            problem="no_customer",
            detail=f"{metric.name!r} is not counted by customer.",
            next="Filter it by something else.",
            metric=metric.name,
        )
    name = far[0] if far else " + ".join(wanted)
    return UnsupportedQuery(
        problem="unreachable",
        detail=f"{metric.name!r} cannot be split or filtered by {name!r}.",
        next=f"It can by: {', '.join(works)}.",
        metric=metric.name,
        dimension=name,
        works=works,
    )


def _is_linear(model: SemanticModel, expression: arithmetic.Expression) -> bool:
    if isinstance(expression, arithmetic.Name):
        return is_additive(model, model.metric(expression.name))
    if isinstance(expression, arithmetic.Number):
        return False
    if expression.sign in "+-":
        return _is_linear(model, expression.left) and _is_linear(model, expression.right)
    left, right = expression.left, expression.right
    if isinstance(right, arithmetic.Number):
        return _is_linear(model, left)
    return (
        expression.sign == "*" and isinstance(left, arithmetic.Number) and _is_linear(model, right)
    )
