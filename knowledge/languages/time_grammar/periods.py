"""Calendar arithmetic: units, whole periods, their parts and weeks. Ranges are half-open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.languages.spans import Clock, Unit

MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
DAY = timedelta(days=1)
WEEK = timedelta(days=7)

# Early, mid and late in months of a longer period: (first month, months).
PARTS_IN_MONTHS: dict[str, dict[Unit, tuple[int, int]]] = {
    "early": {"year": (0, 3), "half": (0, 2), "quarter": (0, 1)},
    "mid": {"year": (4, 4), "half": (2, 2), "quarter": (1, 1)},
    "late": {"year": (9, 3), "half": (4, 2), "quarter": (2, 1)},
    "first_half": {"year": (0, 6), "half": (0, 3)},
    "second_half": {"year": (6, 6), "half": (3, 3)},
}
# The same in days of a month or week: (first day, days); 0 days reaches to its end.
PARTS_IN_DAYS: dict[str, dict[Unit, tuple[int, int]]] = {
    "early": {"month": (0, 10), "week": (0, 3)},
    "mid": {"month": (10, 10), "week": (2, 3)},
    "late": {"month": (20, 0), "week": (4, 0)},
    "first_half": {"month": (0, 15), "week": (0, 4)},
    "second_half": {"month": (15, 0), "week": (3, 0)},
}


@dataclass(frozen=True, slots=True)
class Period:
    """Days ``[start, stop)``; ``unit`` where they are one whole calendar unit."""

    start: date
    stop: date
    unit: Unit | None = None


def add_months(day: date, months: int) -> date:
    """Move by months; the 31st becomes the last day of a shorter month.

    Examples
    --------
    >>> add_months(date(2026, 3, 31), -1)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        if last <= day.day:
            try:
                return date(year, month + 1, last)
            except ValueError:
                continue
    raise ValueError(f"The date {months} months from {day} is outside the calendar.")


def add(day: date, unit: Unit, count: int) -> date:
    """Move by ``count`` units."""
    if unit == "day":
        return day + DAY * count
    return day + WEEK * count if unit == "week" else add_months(day, MONTHS[unit] * count)


def beginning(unit: Unit, day: date, clock: Clock) -> date:
    """Return the first day of the unit that contains ``day``."""
    if unit == "day":
        return day
    if unit == "week":
        return day - DAY * ((day.weekday() - clock.week_start) % 7)
    return date(day.year, day.month - (day.month - 1) % MONTHS[unit], 1)


def unit_at(unit: Unit, day: date, clock: Clock) -> Period:
    """Return the whole unit that contains ``day``."""
    start = beginning(unit, day, clock)
    return Period(start, add(start, unit, 1), unit)


def unit_from_now(unit: Unit, shift: int, clock: Clock) -> Period:
    """Return the whole unit ``shift`` units from the current one: -1 is last month."""
    start = add(beginning(unit, clock.as_of, clock), unit, shift)
    return Period(start, add(start, unit, 1), unit)


def fiscal_year(year: int, clock: Clock) -> Period:
    """Return the fiscal year named after the calendar year in which it ends."""
    first = clock.fiscal_year_start
    start = date(year if first == 1 else year - 1, first, 1)
    return Period(start, add_months(start, 12), "year")


def fiscal_year_of(day: date, clock: Clock) -> int:
    """Name the fiscal year that contains ``day``."""
    return day.year + (1 < clock.fiscal_year_start <= day.month)


def part_of(period: Period, part: str) -> Period | None:
    """Cut early, mid, late or a half out of a whole unit; None where that has no meaning."""
    if period.unit is None:
        return None
    if months := PARTS_IN_MONTHS.get(part, {}).get(period.unit):
        start = add_months(period.start, months[0])
        return Period(start, add_months(start, months[1]), "half" if months[1] == 6 else None)
    if days := PARTS_IN_DAYS.get(part, {}).get(period.unit):
        start = period.start + DAY * days[0]
        return Period(start, start + DAY * days[1] if days[1] else period.stop)
    return None


def week_of(period: Period, number: int, clock: Clock) -> Period | None:
    """Return the ``number``-th week of a period, -1 for the last; None where it has fewer.

    A week belongs to the period in which its fourth day lies, as in ISO 8601.
    """
    start = beginning("week", period.start, clock)
    if start + DAY * 3 < period.start:
        start += WEEK
    if number < 0:
        start = beginning("week", period.stop - DAY, clock)
        if start + DAY * 3 >= period.stop:
            start -= WEEK
        number = 1
    start += WEEK * (number - 1)
    if start + DAY * 3 >= period.stop:
        return None
    return Period(start, start + WEEK, "week")


def weekday_in(week: Period, weekday: int) -> Period:
    """Return a weekday (Monday = 0) of a week that may begin on any day."""
    start = week.start + DAY * ((weekday - week.start.weekday()) % 7)
    return Period(start, start + DAY, "day")


def weekend_at(day: date) -> Period:
    """Return Saturday and Sunday of the Monday-based week that contains ``day``."""
    saturday = day + DAY * (5 - day.weekday())
    return Period(saturday, saturday + DAY * 2)


def window_to_now(unit: Unit, count: int, extra_days: int, clock: Clock) -> Period:
    """Return the ``count`` units that end with ``as_of``, by calendar day."""
    stop = clock.as_of + DAY
    return Period(add(stop, unit, -count) - DAY * extra_days, stop)


def whole_units_before_now(unit: Unit, count: int, clock: Clock) -> Period:
    """Return the latest ``count`` units that are complete with ``as_of``."""
    stop = beginning(unit, clock.as_of + DAY, clock)
    return Period(add(stop, unit, -count), stop, unit if count == 1 else None)
