"""No group of fewer than twenty people is shown, nor can one be worked out from what is shown."""

from itertools import pairwise

import pytest

from warehouse.errors import SmallGroup
from warehouse.query import Condition, CustomerCondition, InSegment, TimeRange
from warehouse.rights import SMALLEST_GROUP

from .conftest import Answered, Ask
from .marts import Frames

WINDOW = {"start": "2026-03-01", "end": "2026-07-01"}
SPLITS = (
    ["age_band"], ["gender"], ["member_level"], ["member_level", "gender"], ["city", "age_band"],
    ["age_band", "category"], ["is_member"], ["member_level", "sales_channel"],
)  # fmt: skip


def people_of(frames: Frames, answered: Answered) -> dict[tuple, int]:
    """Count the people behind every group of orders, with pandas."""
    orders = frames["orders"].merge(frames["customers"], on="customer_id", how="left")
    range_ = answered.compiled.time_range
    kept = orders[
        orders["is_valid"]
        & (orders["ordered_at"] >= str(range_.start))
        & (orders["ordered_at"] < str(range_.end))
    ]
    keys = [c.name for c in answered.compiled.columns if c.role == "dimension"]
    counted = kept.groupby(keys, dropna=False)["customer_id"].nunique()
    return {k if isinstance(k, tuple) else (k,): int(n) for k, n in counted.items()}


@pytest.mark.parametrize("split", [s for s in SPLITS if "category" not in s])
def test_groups_of_few_people_are_not_shown(split: list[str], ask: Ask, frames: Frames) -> None:
    answered = ask(metrics=["orders"], dimensions=split, time_range=WINDOW, limit=10_000)
    people = people_of(frames, answered)

    shown = {tuple(row[: len(split)]) for row in answered.rows}
    few = {key for key, count in people.items() if 0 < count < SMALLEST_GROUP}
    assert not shown & few
    assert answered.hidden >= len(few)


@pytest.mark.parametrize("split", SPLITS)
def test_what_is_hidden_is_never_one_group_alone(split: list[str], ask: Ask) -> None:
    for metric in ("orders", "revenue"):
        found = ask(metrics=[metric], dimensions=split, time_range=WINDOW, limit=10_000)
        assert found.hidden != 1


def test_one_small_group_takes_the_next_smallest_with_it(ask: Ask, frames: Frames) -> None:
    levels = frames["customers"]["member_level"].value_counts()
    assert 0 < levels["diamond"] < SMALLEST_GROUP <= sorted(levels)[1]

    found = ask(metrics=["customers"], dimensions=["member_level"])

    hidden = set(levels.index) - set(found.column("member_level"))
    assert hidden == set(levels.sort_values().index[:2])
    assert found.hidden == 2


def test_the_rest_of_a_city_does_not_give_away_one_of_its_groups(ask: Ask, frames: Frames) -> None:
    """City is no secret: its total can be asked for, so two of its groups must be hidden."""
    found = ask(metrics=["customers"], dimensions=["city", "gender"], limit=10_000)
    counts = frames["customers"].groupby(["city", "gender"], dropna=False).size()
    shown = {tuple(row[:2]) for row in found.rows}

    for city in {city for city, _ in counts.index if isinstance(city, str)}:
        groups = [(city, gender) for c, gender in counts.index if c == city]
        hidden = [key for key in groups if key not in shown]
        assert len(hidden) != 1 or len(groups) == 1
        assert (
            not hidden
            or len(groups) == len(hidden)
            or sum(counts[key] for key in hidden) >= SMALLEST_GROUP
        )


def test_a_share_gives_no_small_group_away(ask: Ask, frames: Frames) -> None:
    found = ask(metrics=["customers"], dimensions=["member_level"], share={})

    missing = 1 - sum(found.column("customers__share"))
    people = len(frames["customers"])
    assert missing * people >= SMALLEST_GROUP
    assert found.hidden >= 2


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_top_list_does_not_show_small_groups_either(direction: str, ask: Ask) -> None:
    split = {"metrics": ["orders"], "dimensions": ["age_band"], "time_range": WINDOW}
    every = [row for row in ask(**split).rows if row[0]]

    top = ask(**split, ranking={"by": "orders", "direction": direction, "limit": 2})

    ordered = sorted(every, key=lambda row: row[1], reverse=direction == "desc")
    assert [row[1] for row in top.rows] == [row[1] for row in ordered[:2]]
    assert len(top.rows) == 2


def test_a_filter_of_few_people_is_refused(ask: Ask) -> None:
    diamond = Condition(field="member_level", values=("diamond",))
    few = CustomerCondition(customer_metric="orders", op=">=", values=(60,))

    for where in (diamond, few):
        with pytest.raises(SmallGroup, match="Fewer than 20 people match"):
            ask(metrics=["orders"], where=where)


def test_a_part_is_refused_if_it_or_its_rest_are_few(ask: Ask) -> None:
    diamond = Condition(field="member_level", values=("diamond",))

    for part in (diamond, {"not": diamond}):
        with pytest.raises(SmallGroup):
            ask(metrics=["customers"], share={"part": part})


def test_few_people_in_the_compared_window_hide_a_group(ask: Ask, frames: Frames) -> None:
    lately = {"start": "2026-06-01", "end": "2026-07-01"}
    early = {"kind": "explicit", "range": {"start": "2026-05-30", "end": "2026-06-01"}}
    alone = ask(metrics=["orders"], dimensions=["gender"], time_range=lately)
    compared = ask(metrics=["orders"], dimensions=["gender"], time_range=lately, comparison=early)

    assert compared.hidden > alone.hidden


def test_few_people_in_one_of_two_tables_hide_a_group(ask: Ask) -> None:
    window = {"start": "2026-06-01", "end": "2026-07-01"}
    visits = ask(metrics=["sessions"], dimensions=["gender"], time_range=window)
    both = ask(metrics=["sessions", "tickets"], dimensions=["gender"], time_range=window)

    assert both.hidden > visits.hidden


def test_periods_of_few_people_are_left_out_of_a_trend(ask: Ask, frames: Frames) -> None:
    women = Condition(field="gender", values=("female",))
    days = ask(metrics=["orders"], time_range=WINDOW, time_grain="day", where=women)
    weeks = ask(metrics=["orders"], time_range=WINDOW, time_grain="month", where=women)

    assert days.hidden + len(days.rows) == 122
    assert days.hidden > 80
    assert len(weeks.rows) == 4
    assert all(a < b for a, b in pairwise(weeks.column("period")))


def test_what_is_not_personal_is_shown_however_small(ask: Ask, frames: Frames) -> None:
    lhasa = ask(metrics=["customers"], where=Condition(field="city", values=("拉萨",)))

    assert lhasa.rows == (((frames["customers"]["city"] == "拉萨").sum(),),)
    assert 0 < lhasa.rows[0][0] < SMALLEST_GROUP
    assert lhasa.compiled.people_column is None


def test_a_segment_counts_as_personal(ask: Ask) -> None:
    found = ask(metrics=["orders"], where=InSegment(segment="lapsed"))

    assert found.compiled.people_fields == ("recency_days",)


def test_nobody_is_no_small_group(ask: Ask) -> None:
    window = TimeRange.model_validate({"start": "2026-01-01", "end": "2026-01-02"})
    old = Condition(field="age", op=">", values=(150,))

    assert ask(metrics=["orders"], where=old, time_range=window).rows == ((0,),)
