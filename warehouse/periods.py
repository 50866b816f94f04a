"""Calendar periods: the window that is read, what it is compared with, and its parts."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from warehouse.errors import UnsupportedQuery
from warehouse.query import Comparison, TimeGrain, TimeRange

MOST_PERIODS = 10_000
_MONTHS: dict[TimeGrain, int] = {"month": 1, "quarter": 3, "year": 12}
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_RELATIVE = re.compile(
    r"(?P<anchor>as_of|start of (?P<grain>week|month|quarter|year))"
    r"(?: *(?P<sign>[+-]) *(?P<days>\d{1,5}) days?)?"
)


def compared_range(range: TimeRange, comparison: Comparison, as_of: date) -> TimeRange:
    """Find the range that a range is compared with.

    Parameters
    ----------
    range : TimeRange
        What was asked for. What lies after ``as_of`` has not happened, so nothing of the compared
        range stands against it.
    comparison : Comparison
        ``previous_period``: whole calendar months, quarters, weeks or years go back by as many of
        them; a period to date goes back to the same days of the period before, of the smallest
        period that it can be; else the same number of days just before. ``previous_year``: the same
        days one year earlier. ``explicit``: the range it names.
    as_of : date
        Last day in the data.

    Raises
    ------
    UnsupportedQuery
        When an explicit comparison names no range, or the calendar ends before the range.

    Examples
    --------
    >>> october = TimeRange(start=date(2026, 10, 1), end=date(2026, 11, 1))
    >>> back = compared_range(october, Comparison(kind="previous_period"), date(2026, 10, 15))
    >>> str(back.start), str(back.end)
    ('2026-09-01', '2026-09-16')
    """
    try:
        if comparison.kind == "explicit":
            return _explicit(comparison)
        if comparison.kind == "previous_year":
            return _back_by_months(_happened(range, as_of), 12)
        return _previous(range, as_of)
    except (ValueError, OverflowError) as error:
        raise UnsupportedQuery(
            problem="bad_range",
            detail=f"There is nothing to compare with before {range.start}.",
            next="Give a later time range.",
        ) from error


def covered(
    range: TimeRange | None, grain: TimeGrain | None, first_day: date, as_of: date
) -> tuple[TimeRange | None, list[str]]:
    """Cut a range at the last day of data and note what of it the data does not cover.

    Returns
    -------
    TimeRange or None, list of str
        The range that is read, none for everything up to ``as_of``; codes of notes.
    """
    everything = TimeRange(start=min(first_day, as_of), end=as_of + _DAY)
    if range is None:
        return (everything if grain else None), ["all_time"]
    if range.start > as_of or range.end <= first_day:
        return range, ["outside_time"]
    notes = []
    if range.start < first_day:
        notes.append("starts_before_data")
    if range.end > everything.end:
        notes.append("ends_after_data")
    return _happened(range, as_of), notes


def are_alike(range: TimeRange, other: TimeRange) -> bool:
    """Tell whether two ranges have as many days, or as many whole months."""
    months = _whole_months(range)
    return range.days == other.days or (months > 0 and months == _whole_months(other))


def period_starts(range: TimeRange, grain: TimeGrain) -> tuple[date, date, list[str]]:
    """Find the first day of the first and last period of a range, and note which are cut.

    Raises
    ------
    UnsupportedQuery
        When there are more periods than anyone could read.
    """
    first, last = period_of(range.start, grain), period_of(range.end - _DAY, grain)
    shortest = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}[grain]
    if (last - first).days / shortest > MOST_PERIODS:
        raise UnsupportedQuery(
            problem="too_many_periods",
            detail=f"{range.start} to {range.end} has more than {MOST_PERIODS} periods.",
            next="Narrow the time range or ask by a longer period.",
        )
    notes = []
    if first < range.start:
        notes.append("partial_first_period")
    if range.end <= _last_day(last, grain):
        notes.append("partial_last_period")
    return first, last, notes


def period_of(day: date, grain: TimeGrain) -> date:
    """Find the first day of the period that a day lies in; weeks begin on Monday.

    Examples
    --------
    >>> str(period_of(date(2026, 5, 20), "quarter"))
    '2026-04-01'
    """
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS[grain]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def day_of(text: str, as_of: date) -> date:
    """Read an ISO day, or one counted from the last day of data.

    Raises
    ------
    ValueError
        When the text is neither.

    Examples
    --------
    >>> str(day_of("as_of - 30 days", date(2026, 10, 31))), str(day_of("start of year", date.max))
    ('2026-10-01', '9999-01-01')
    """
    found = _RELATIVE.fullmatch(text.strip())
    if found is None:
        return date.fromisoformat(text.strip())
    day = as_of
    for grain in ("week", "month", "quarter", "year"):
        if found["grain"] == grain:
            day = period_of(as_of, grain)
    days = timedelta(days=int(found["days"] or 0))
    return day - days if found["sign"] == "-" else day + days


def _explicit(comparison: Comparison) -> TimeRange:
    if comparison.range is None:
        raise UnsupportedQuery(
            problem="no_compared_range",
            detail="An explicit comparison needs its range.",
            next="Give 'range'.",
        )
    return comparison.range


def _previous(range: TimeRange, as_of: date) -> TimeRange:
    happened = _happened(range, as_of)
    months = _whole_months(range)
    if months:
        return _back_by_months(happened, months)
    if range.start.weekday() == 0 and range.days % 7 == 0:
        return _back_by_days(happened, range.days)
    if happened.end == as_of + _DAY:
        for grain in ("week", "month", "quarter", "year"):
            if period_of(as_of, grain) == range.start:
                months = _MONTHS.get(grain, 0)
                return _back_by_months(happened, months) if months else _back_by_days(happened, 7)
    return _back_by_days(happened, happened.days)


def _happened(range: TimeRange, as_of: date) -> TimeRange:
    if range.start > as_of or range.end <= as_of + _DAY:
        return range
    return TimeRange(start=range.start, end=as_of + _DAY)


def _whole_months(range: TimeRange) -> int:
    if range.start.day != 1 or range.end.day != 1:
        return 0
    return (range.end.year - range.start.year) * 12 + range.end.month - range.start.month


def _back_by_months(range: TimeRange, months: int) -> TimeRange:
    """Go back to the same days of an earlier month; a day that it lacks becomes its last.

    The end is moved as the last day is, but a range up to the end of a month stays one.
    """
    if range.end.day == 1:
        end = _months_before(range.end, months)
    else:
        end = _months_before(range.end - _DAY, months) + _DAY
    return TimeRange(start=_months_before(range.start, months), end=end)


def _back_by_days(range: TimeRange, days: int) -> TimeRange:
    back = timedelta(days=days)
    return TimeRange(start=range.start - back, end=range.end - back)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _last_day(first: date, grain: TimeGrain) -> date:
    if grain == "day":
        return first
    try:
        if grain == "week":
            return first + _WEEK - _DAY
        return _months_before(first, -_MONTHS[grain]) - _DAY
    except (ValueError, OverflowError):  # the calendar ends within the period
        return date.max
