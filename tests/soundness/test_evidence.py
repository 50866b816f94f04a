"""Whatever is asked in whatever combination runs, and its evidence returns the rows shown."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from warehouse.errors import SmallGroup, UnsupportedQuery
from warehouse.query import Comparison, Having, QuerySpec, Ranking, Share
from warehouse.rights import Actor

from .conftest import EVERYONE, Ask
from .marts import Frames
from .test_against_pandas import REACH, conditions, ranges, specs

EAST = Actor.model_validate({"id": "e", "rows": {"field": "region", "values": ["east"]}})


@st.composite
def combined(draw: st.DrawFn, frames: Frames) -> QuerySpec:
    spec = draw(specs(frames))
    keys = [*spec.dimensions, *(["period"] if spec.time_grain else [])]
    within = draw(st.lists(st.sampled_from(keys), max_size=1)) if keys else []
    update: dict[str, object] = {}
    if spec.time_range is not None and draw(st.booleans()):
        kind = draw(st.sampled_from(["previous_period", "previous_year", "explicit"]))
        other = draw(ranges()) if kind == "explicit" else None
        update["comparison"] = Comparison(kind=kind, range=other)
    if draw(st.booleans()):
        part = None
        if draw(st.booleans()):
            part = draw(conditions(sorted(REACH[spec.metrics[0]]), frames))
        update["share"] = Share(part=part, within=tuple(within))
    if draw(st.booleans()):
        update["ranking"] = Ranking(
            by=draw(st.sampled_from(["orders", *spec.metrics])),
            direction=draw(st.sampled_from(["asc", "desc"])),
            limit=draw(st.integers(1, 12)),
            offset=draw(st.integers(0, 3)),
            within=tuple(within),
            keep=draw(st.sampled_from(["rows", "groups"])),
        )
    if draw(st.booleans()):
        update["having"] = (Having(metric=spec.metrics[0], op=">=", values=(1,)),)
    return spec.model_copy(update=update)


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow,
                           HealthCheck.filter_too_much],
)  # fmt: skip
@given(data=st.data())
def test_evidence_of_any_combination_returns_its_rows(
    data: st.DataObject, ask: Ask, frames: Frames
) -> None:
    spec = data.draw(combined(frames))
    actor = data.draw(st.sampled_from([EVERYONE, EAST]))
    assume(actor is EVERYONE or all("region" in REACH[name] for name in spec.metrics))
    assume(spec.ranking is None or set(spec.dimensions) <= set(REACH["orders"]))
    try:
        answered = ask(spec, actor)  # compares the evidence with the rows
    except (SmallGroup, UnsupportedQuery):
        assume(False)
        return

    keys = [c.name for c in answered.compiled.columns if c.role in ("dimension", "period")]
    places = [tuple(record[key] for key in keys) for record in answered.records]
    assert len(set(places)) == len(places), "a group stands twice"
    if spec.share is not None and spec.share.part is not None:
        shares = [answered.column(f"{name}__share") for name in spec.metrics]
        assert all(s is None or -1e-9 <= s <= 1 + 1e-9 for column in shares for s in column)
