from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import UnsupportedQuery
from warehouse.periods import compared_range, covered, day_of, period_of, period_starts
from warehouse.query import Comparison, TimeGrain, TimeRange

PREVIOUS = Comparison(kind="previous_period")
LAST_YEAR = Comparison(kind="previous_year")


def days(text: str) -> TimeRange:
    start, end = text.split("..")
    return TimeRange(start=date.fromisoformat(start), end=date.fromisoformat(end))


CASES = (
    # whole months, quarters, weeks, years go back by as many of them
    ("2026-10-01..2026-11-01", PREVIOUS, "2026-10-31", "2026-09-01..2026-10-01"),
    ("2026-03-01..2026-04-01", PREVIOUS, "2026-10-31", "2026-02-01..2026-03-01"),
    ("2026-07-01..2026-10-01", PREVIOUS, "2026-10-31", "2026-04-01..2026-07-01"),
    ("2026-08-01..2026-11-01", PREVIOUS, "2026-10-31", "2026-05-01..2026-08-01"),
    ("2025-01-01..2026-01-01", PREVIOUS, "2026-10-31", "2024-01-01..2025-01-01"),
    ("2026-10-19..2026-10-26", PREVIOUS, "2026-10-31", "2026-10-12..2026-10-19"),
    ("2026-10-12..2026-10-26", PREVIOUS, "2026-10-31", "2026-09-28..2026-10-12"),
    # a period to date goes back to the same days of the period before
    ("2026-10-26..2026-11-01", PREVIOUS, "2026-10-31", "2026-10-19..2026-10-25"),
    ("2026-10-01..2026-10-16", PREVIOUS, "2026-10-15", "2026-09-01..2026-09-16"),
    ("2026-03-01..2026-03-31", PREVIOUS, "2026-03-30", "2026-02-01..2026-03-01"),
    ("2026-07-01..2026-08-16", PREVIOUS, "2026-08-15", "2026-04-01..2026-05-16"),
    ("2026-01-01..2026-05-16", PREVIOUS, "2026-05-15", "2025-01-01..2025-05-16"),
    # what has not happened yet is not compared
    ("2026-10-01..2026-11-01", PREVIOUS, "2026-10-15", "2026-09-01..2026-09-16"),
    ("2026-01-01..2027-01-01", PREVIOUS, "2026-10-31", "2025-01-01..2025-11-01"),
    ("2026-01-01..2027-01-01", LAST_YEAR, "2026-10-31", "2025-01-01..2025-11-01"),
    # else as many days just before
    ("2026-10-02..2026-11-01", PREVIOUS, "2026-10-31", "2026-09-02..2026-10-02"),
    ("2026-09-05..2026-09-15", PREVIOUS, "2026-10-31", "2026-08-26..2026-09-05"),
    ("2026-10-31..2026-11-01", PREVIOUS, "2026-10-31", "2026-10-30..2026-10-31"),
    # the same days a year earlier
    ("2026-10-01..2026-11-01", LAST_YEAR, "2026-10-31", "2025-10-01..2025-11-01"),
    ("2025-02-01..2025-03-01", LAST_YEAR, "2026-10-31", "2024-02-01..2024-03-01"),
    ("2024-02-29..2024-03-01", LAST_YEAR, "2026-10-31", "2023-02-28..2023-03-01"),
    ("2024-02-01..2024-02-29", LAST_YEAR, "2026-10-31", "2023-02-01..2023-03-01"),
    ("2026-06-10..2026-06-20", LAST_YEAR, "2026-10-31", "2025-06-10..2025-06-20"),
)


@pytest.mark.parametrize(("asked", "comparison", "as_of", "expected"), CASES)
def test_a_range_is_compared_with(
    asked: str, comparison: Comparison, as_of: str, expected: str
) -> None:
    assert compared_range(days(asked), comparison, date.fromisoformat(as_of)) == days(expected)


def test_an_explicit_comparison_needs_its_range() -> None:
    with pytest.raises(UnsupportedQuery, match="An explicit comparison needs its range"):
        compared_range(days("2026-01-01..2026-02-01"), Comparison(kind="explicit"), date.max)


def test_the_calendar_has_a_beginning() -> None:
    with pytest.raises(UnsupportedQuery, match="nothing to compare with before 0001-01-01"):
        compared_range(days("0001-01-01..0001-02-01"), LAST_YEAR, date(2026, 1, 1))


@given(
    start=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    length=st.integers(1, 800),
    as_of=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
)
def test_previous_periods_end_where_or_before_the_range_starts(
    start: date, length: int, as_of: date
) -> None:
    range_ = TimeRange(start=start, end=start + timedelta(days=length))

    before = compared_range(range_, PREVIOUS, as_of)

    assert before.end <= start
    assert before.days <= max(range_.days, 31) + 3


def test_a_range_is_cut_at_the_last_day_of_data() -> None:
    first, as_of = date(2024, 11, 1), date(2026, 10, 31)

    assert covered(days("2026-10-01..2026-12-01"), None, first, as_of) == (
        days("2026-10-01..2026-11-01"), ["ends_after_data"],
    )  # fmt: skip
    assert covered(days("2024-01-01..2025-01-01"), None, first, as_of) == (
        days("2024-01-01..2025-01-01"), ["starts_before_data"],
    )  # fmt: skip
    assert covered(days("2027-01-01..2027-02-01"), None, first, as_of)[1] == ["outside_time"]
    assert covered(days("2024-10-01..2024-11-01"), None, first, as_of)[1] == ["outside_time"]
    assert covered(None, None, first, as_of) == (None, ["all_time"])
    assert covered(None, "month", first, as_of) == (days("2024-11-01..2026-11-01"), ["all_time"])


@pytest.mark.parametrize(
    ("grain", "expected"),
    [("day", "2026-05-20"), ("week", "2026-05-18"), ("month", "2026-05-01"),
     ("quarter", "2026-04-01"), ("year", "2026-01-01")],
)  # fmt: skip
def test_a_day_lies_in_its_period(grain: TimeGrain, expected: str) -> None:
    assert period_of(date(2026, 5, 20), grain) == date.fromisoformat(expected)


def test_cut_periods_are_noted() -> None:
    whole = period_starts(days("2026-01-01..2026-03-01"), "month")
    cut = period_starts(days("2026-01-02..2026-02-28"), "month")

    assert whole == (date(2026, 1, 1), date(2026, 2, 1), [])
    assert cut == (*whole[:2], ["partial_first_period", "partial_last_period"])


def test_more_periods_than_anyone_reads_are_refused() -> None:
    with pytest.raises(UnsupportedQuery, match="more than 10000 periods"):
        period_starts(days("0001-01-01..2026-01-01"), "day")
    assert period_starts(days("0001-01-01..2026-01-01"), "year")[0] == date(1, 1, 1)
    assert period_starts(days("9999-02-01..9999-12-31"), "year")[1] == date(9999, 1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-02-03", "2026-02-03"), ("as_of", "2026-10-31"), ("as_of - 30 days", "2026-10-01"),
     ("start of week", "2026-10-26"), ("start of month", "2026-10-01"),
     ("start of quarter", "2026-10-01"), ("start of year - 1 day", "2025-12-31")],
)  # fmt: skip
def test_days_can_be_counted_from_the_end_of_the_data(text: str, expected: str) -> None:
    assert day_of(text, date(2026, 10, 31)) == date.fromisoformat(expected)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "as_of -- 1 days", "start of day"])
def test_other_words_are_no_days(text: str) -> None:
    with pytest.raises(ValueError):
        day_of(text, date(2026, 10, 31))
