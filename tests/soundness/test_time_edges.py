"""The last second of a day belongs to it, the first second of the next does not."""

from datetime import date
from itertools import pairwise

import pytest

from .conftest import Ask
from .marts import AS_OF, Frames

EDGE_DAYS = ("2024-02-29", "2025-12-31", "2026-05-31", "2026-06-30")


def placed(frames: Frames, start: str, end: str) -> int:
    days = frames["orders"]["ordered_at"].dt.strftime("%Y-%m-%d")
    return int(((days >= start) & (days < end)).sum())


@pytest.mark.parametrize("day", EDGE_DAYS)
def test_a_day_holds_its_first_and_last_second(day: str, ask: Ask, frames: Frames) -> None:
    following = str(date.fromisoformat(day).toordinal() + 1)
    end = date.fromordinal(int(following)).isoformat()

    (row,) = ask(metrics=["placed_orders"], time_range={"start": day, "end": end}).rows

    assert row == (placed(frames, day, end),)
    assert row[0] >= 1


@pytest.mark.parametrize("month", ["2024-02", "2025-12", "2026-05", "2026-06"])
def test_months_of_a_trend_hold_their_edges(month: str, ask: Ask, frames: Frames) -> None:
    trend = ask(metrics=["placed_orders"], time_grain="month").by("period")

    months = frames["orders"]["ordered_at"].dt.strftime("%Y-%m")
    assert trend[date.fromisoformat(f"{month}-01")]["placed_orders"] == int((months == month).sum())


def test_weeks_begin_on_monday(ask: Ask) -> None:
    weeks = ask(metrics=["placed_orders"], time_grain="week", limit=10_000).column("period")

    assert {day.weekday() for day in weeks} == {0}
    assert {(b - a).days for a, b in pairwise(weeks)} == {7}


def test_a_range_beyond_the_data_ends_with_it(ask: Ask) -> None:
    year = ask(metrics=["orders"], time_range={"start": "2026-01-01", "end": "2027-01-01"},
               time_grain="month")  # fmt: skip

    assert year.compiled.time_range.end == date(2026, 7, 1)
    assert len(year.rows) == AS_OF.month
    assert "ends_after_data" in year.compiled.notes


def test_cut_periods_are_noted(ask: Ask) -> None:
    cut = ask(metrics=["orders"], time_range={"start": "2026-03-15", "end": "2026-05-10"},
              time_grain="month")  # fmt: skip
    whole = ask(metrics=["orders"], time_range={"start": "2026-03-01", "end": "2026-06-01"},
                time_grain="month")  # fmt: skip

    assert cut.compiled.notes == ("partial_first_period", "partial_last_period")
    assert cut.column("period") == [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]
    assert whole.compiled.notes == ()


def test_a_range_outside_the_data_is_noted(ask: Ask) -> None:
    before = ask(metrics=["orders"], time_range={"start": "2019-01-01", "end": "2020-01-01"})
    after = ask(metrics=["orders"], time_range={"start": "2027-01-01", "end": "2027-02-01"})

    assert before.compiled.notes == after.compiled.notes == ("outside_time",)
    assert before.rows == after.rows == ((0,),)


def test_recent_orders_wait_until_they_were_observed(ask: Ask, frames: Frames) -> None:
    orders = frames["orders"]
    known = orders[orders["is_valid"] & orders["customer_id"].notna()]
    old = known[known["ordered_at"] < "2026-06-01"]  # 30 days before the last day, inclusive
    expected = (old["days_to_next"] <= 30).sum() / len(old)

    answered = ask(metrics=["repurchase_rate_30d"])

    assert answered.column("repurchase_rate_30d") == [pytest.approx(expected)]
    assert "recent_left_out" in answered.compiled.notes
    old = {"start": "2025-01-01", "end": "2026-06-01"}
    assert ask(metrics=["repurchase_rate_30d"], time_range=old).compiled.notes == ()
