"""Any question over the model gives what pandas gives."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.compiler import reach
from warehouse.query import (
    And,
    Condition,
    CustomerCondition,
    Filter,
    InSegment,
    Not,
    Or,
    QuerySpec,
    TimeRange,
)
from warehouse.rights import Actor
from warehouse.semantic_model import load_semantic_model

from .conftest import EVERYONE, Ask
from .marts import AS_OF, FIRST_DAY, Frames
from .oracle import Oracle, plain, same

MODEL = load_semantic_model()
REACH = reach(MODEL)
METRICS = sorted(REACH)
SEGMENTS = sorted(segment.name for segment in MODEL.segments)
SUMMED = ("orders", "revenue", "units", "sessions", "tickets", "aov", "refunded_order_rate")
SETTINGS = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def ranges(draw: st.DrawFn) -> TimeRange:
    start = draw(st.dates(FIRST_DAY - timedelta(days=40), AS_OF))
    return TimeRange(start=start, end=start + timedelta(days=draw(st.integers(1, 400))))


@st.composite
def conditions(draw: st.DrawFn, names: list[str], frames: Frames) -> Condition:
    dimension = MODEL.dimension(draw(st.sampled_from(names)))
    known = sorted(frames[dimension.entity][dimension.column].dropna().unique().tolist())
    value = st.sampled_from(known[:200])
    ops = ["=", "!=", "in", "not_in", "is_null", "is_not_null"]
    ranked = [named.value for named in dimension.values if named.ranked]
    if dimension.ordered:
        value = st.sampled_from([v for v in known if v in ranked])
    if dimension.ordered or dimension.type in ("number", "date"):
        ops += [">", ">=", "<", "<=", "between"]
    if dimension.type == "text":
        ops.append("contains")
    op = draw(st.sampled_from(ops))
    count = 0 if op.startswith("is_") else 2 if op in ("between", "in", "not_in") else 1
    values = [draw(value) for _ in range(count)]
    if dimension.type == "date":
        values = [str(day)[:10] for day in values]
    if dimension.unit == "currency":
        values = [number / 100 for number in values]
    if op == "contains":
        values = [str(values[0])[:2]]
    return Condition(field=dimension.name, op=op, values=tuple(values))


@st.composite
def filters(draw: st.DrawFn, names: list[str], frames: Frames, people: bool) -> Filter:
    leaf = conditions(names, frames)
    if people:
        customers = st.builds(
            CustomerCondition,
            customer_metric=st.sampled_from(SUMMED),
            op=st.sampled_from([">=", ">", "<", "<=", "=", "!="]),
            values=st.tuples(st.sampled_from([0, 1, 2, 5, 0.2, 300])),
            time_range=st.none() | ranges(),
        )
        leaf = leaf | customers | st.builds(InSegment, segment=st.sampled_from(SEGMENTS))
    tree = st.recursive(
        leaf,
        lambda inner: (
            st.builds(lambda a, b: And(all=(a, b)), inner, inner)
            | st.builds(lambda a, b: Or(any=(a, b)), inner, inner)
            | st.builds(lambda a: Not(negated=a), inner)
        ),
        max_leaves=4,
    )
    return draw(tree)


@st.composite
def specs(draw: st.DrawFn, frames: Frames) -> QuerySpec:
    first = draw(st.sampled_from(METRICS))
    names = set(REACH[first])
    metrics = [first]
    for name in draw(st.lists(st.sampled_from(METRICS), max_size=2)):
        if len(names & set(REACH[name])) > 3:
            metrics.append(name)
            names &= set(REACH[name])
    known = sorted(names)
    grain = draw(st.none() | st.sampled_from(["week", "month", "quarter", "year"]))
    where = None
    if known and draw(st.booleans()):
        people = "region" in names
        where = draw(filters(known, frames, people))
    dimensions = draw(st.lists(st.sampled_from(known), max_size=2, unique=True)) if known else []
    return QuerySpec(
        metrics=tuple(dict.fromkeys(metrics)),
        dimensions=tuple(dimensions),
        time_range=draw(st.none() | ranges()),
        time_grain=grain,
        where=where,
        limit=10_000,
    )


@pytest.mark.usefixtures("nothing_hidden")
@SETTINGS
@given(data=st.data())
def test_any_question_equals_pandas(
    data: st.DataObject, ask: Ask, oracle: Oracle, frames: Frames
) -> None:
    spec = data.draw(specs(frames))

    check(spec, EVERYONE, ask, oracle)


@pytest.mark.usefixtures("nothing_hidden")
@SETTINGS
@given(data=st.data())
def test_any_question_of_a_limited_actor_equals_pandas(
    data: st.DataObject, ask: Ask, oracle: Oracle, frames: Frames
) -> None:
    spec = data.draw(specs(frames))
    rows = Condition(field="region", op="in", values=("east", "overseas"))
    if not all("region" in REACH[name] for name in spec.metrics):
        return

    check(spec, Actor(id="east", rows=rows), ask, oracle)


@pytest.mark.usefixtures("nothing_hidden")
@pytest.mark.parametrize("name", METRICS)
def test_every_metric_equals_pandas(name: str, ask: Ask, oracle: Oracle) -> None:
    year = TimeRange(start=date(2025, 3, 7), end=date(2026, 6, 18))

    check(QuerySpec(metrics=(name,)), EVERYONE, ask, oracle)
    check(QuerySpec(metrics=(name,), time_range=year, time_grain="quarter"), EVERYONE, ask, oracle)
    place = METRICS.index(name)
    for dimension in {REACH[name][(place * step) % len(REACH[name])] for step in (1, 7, 11)}:
        spec = QuerySpec(metrics=(name,), dimensions=(dimension,), time_range=year, limit=10_000)
        check(spec, EVERYONE, ask, oracle)


def check(spec: QuerySpec, actor: Actor, ask: Ask, oracle: Oracle) -> None:
    answered = ask(spec, actor)
    keys = [c.name for c in answered.compiled.columns if c.role in ("dimension", "period")]
    found = {tuple(plain(record[key]) for key in keys): record for record in answered.records}
    expected = {tuple(map(plain, key)): row for key, row in oracle.rows(spec, actor).items()}
    assert len(found) == len(answered.rows)
    if len(expected) > spec.limit:
        expected = {key: row for key, row in expected.items() if key in found}
        assert len(found) == spec.limit
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        for metric, value in row.items():
            assert same(found[key][metric], value), (key, metric, found[key][metric], value)
