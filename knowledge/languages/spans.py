"""The records that the readers of this folder hand back: where in a text, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Unit = Literal["day", "week", "month", "quarter", "half", "year"]
Grain = Literal["day", "week", "month", "quarter", "year"]
ComparisonKind = Literal["previous_period", "previous_year"]

# Every convention a reading may rest on; people read it as message ``assumed_<code>``.
ASSUMPTIONS = (
    "after_excludes",  # "after August" begins on September 1
    "after_includes",  # 8月以后 begins on August 1
    "ago_is_calendar_unit",  # "3 months ago" is that whole calendar month
    "calendar_quarter",  # Q3 is July to September although the fiscal year starts elsewhere
    "few_is_three",  # "the last few weeks"
    "festival_day",  # the festival's own day
    "festival_holiday",  # its public holiday
    "festival_sale",  # its usual sale window
    "festival_year_unknown",  # a lunar festival outside the table: no range
    "month_first",  # 3/4/2026 is March 4
    "fiscal_year_by_end",  # fiscal year 2026 is the one that ends in 2026
    "front_is_first",  # 前三季度: the first three of the year
    "front_is_last",  # 前三个月: the last three up to now
    "impossible_date",  # 2月30日: no range
    "last_days_end_at_as_of",  # a rolling window whose last day is as_of
    "last_named_is_latest",  # "last September" is the latest one that has ended
    "latest_begun",  # no year said: the latest such time that has begun
    "part_of_period",  # early, mid, late: thirds and the like
    "recent_is_30_days",  # 最近, "recently"
    "season_months",  # summer is June to August
    "short_year",  # 25年 is 2025
    "until_includes",  # "until August" ends with August 31
    "week_by_middle",  # a week belongs to the month or year of its fourth day
)


@dataclass(frozen=True, slots=True)
class Clock:
    """What "today" is, and how the brand cuts its calendar.

    ``as_of`` is the last day of the data; ``week_start`` counts from Monday = 0;
    ``fiscal_year_start`` is the month in which a fiscal year begins.
    """

    as_of: date
    week_start: int = 0
    fiscal_year_start: int = 1


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time expression: characters ``[begin, end)`` of the normalised text.

    Kind ``range``: days ``[start, stop)``. ``start`` is None for "before March" and "until March";
    both are None where no such time exists (then ``assumed`` says why). A period still running is
    cut after ``as_of`` and marked ``open_end``; a future one stands as it is. ``unit`` is the
    calendar unit that was named ("September": month), None for windows and joined ranges.

    Kind ``grain``: by which unit to split; ``grain`` None for "trend", "over time".

    Kind ``comparison``: ``comparison`` with which period; where the words name one ("vs last
    month"), ``start``, ``stop`` and ``unit`` carry it, counted from ``as_of``.

    ``assumed`` is a code of ``ASSUMPTIONS``; ``other`` is the range of the second reading where the
    words have two. ``weak`` words often mean something else (a bare weekday, a number that looks
    like a year): any other owner of these characters should win.
    """

    begin: int
    end: int
    kind: Literal["range", "grain", "comparison"]
    start: date | None
    stop: date | None
    grain: Grain | None
    comparison: ComparisonKind | None
    text: str
    assumed: str | None = None
    open_end: bool = False
    unit: Unit | None = None
    other: tuple[date | None, date | None] | None = None
    weak: bool = False


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """A number: characters ``[begin, end)`` of the normalised text.

    A ``percent`` is a share, 0-1: 30%, 三成, 一半 and "a third of" alike; the span covers its sign
    or word. ``unit`` is ``points`` for percentage points (2 个百分点 is 0.02), else None: units
    and currencies stay outside. ``ordinal``: 第3, third, 3rd. ``weak`` marks articles and pronouns
    that are seldom meant as a number (一个, "one").
    """

    begin: int
    end: int
    value: int | float
    percent: bool
    text: str
    ordinal: bool = False
    unit: str | None = None
    weak: bool = False
