"""Windows: lengths of time that end now, begin now, or lie beside or inside a named time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from knowledge.languages.spans import Unit
from knowledge.languages.time_grammar import periods
from knowledge.languages.time_grammar.line import CLOSE, Found, Line
from knowledge.languages.time_grammar.named import days_of
from knowledge.languages.time_grammar.periods import DAY, WEEK, Period
from knowledge.languages.time_grammar.slots import Reading
from knowledge.languages.time_grammar.tokens import Meaning

_ONCE = re.compile(r" ?[一1] ?(?:次|单|笔|个订单)")


def rolling(line: Line, at: int) -> Found | None:
    """Read 近30天, "last 3 months", 前一个月, "next two weeks", L30D, 最近."""
    kind = line.kind(at)
    if kind == "window":
        return _until_now(line, at, at + 1, line.meaning(at))
    if kind not in ("recent", "front", "next"):
        return None
    length, end = line.length(at + 1), at + 2
    if length is None and line.meaning(at).code == "rolling" and line.follows(at + 1, "unit"):
        length = Meaning("duration", 1, line.meaning(at + 1).unit)
    if length is None:
        return _vague(line, at)
    if kind == "recent":
        before = line.meaning(at).code == "before"
        return _units_before(line, at, end, length) if before else _until_now(line, at, end, length)
    if kind == "front":
        return _front(line, at, end, length)
    stop = periods.add(line.tomorrow, _unit(length), length.number) + DAY * length.extra
    return [line.range(at, end, Reading(Period(line.tomorrow, stop)))], end


def _until_now(line: Line, at: int, end: int, length: Meaning) -> Found:
    whole = periods.whole_units_before_now(_unit(length), length.number, line.clock)
    if length.code == "whole":
        reading = Reading(whole)
    else:
        assumed = "few_is_three" if length.code == "few" else "last_days_end_at_as_of"
        # Whoever counts in quarters may well mean the calendar's.
        other = (whole.start, whole.stop) if length.unit == "quarter" else None
        reading = Reading(_window(line, length), assumed, other)
    if line.kind(end) == "within" and line.linked(end, CLOSE):
        end += 1
    return [line.range(at, end, reading)], end


def _units_before(line: Line, at: int, end: int, length: Meaning) -> Found:
    """Read 上两个月: like 上个月, the units before the running one."""
    start = periods.unit_from_now(_unit(length), -length.number, line.clock).start
    stop = periods.unit_from_now(_unit(length), 0, line.clock).start
    return [line.range(at, end, Reading(Period(start, stop)))], end


def _window(line: Line, length: Meaning) -> Period:
    return periods.window_to_now(_unit(length), length.number, length.extra, line.clock)


def _unit(length: Meaning) -> Unit:
    return length.unit or "day"


def _front(line: Line, at: int, end: int, length: Meaning) -> Found:
    """Read 前一个月 as the month before, 前三个月 as the last three (or the year's first)."""
    unit = _unit(length)
    if length.number == 1 and not length.extra:
        previous = periods.unit_from_now(unit, -1, line.clock)
        return [line.range(at, end, Reading(previous))], end
    first = periods.beginning("year", line.clock.as_of, line.clock)
    other = (first, periods.add(first, unit, length.number)) if unit in periods.MONTHS else None
    return [line.range(at, end, Reading(_window(line, length), "front_is_last", other))], end


def _vague(line: Line, at: int) -> Found | None:
    """Read 最近 and "recently" alone, but not the 最近一次 of a last purchase."""
    meaning = line.meaning(at)
    alone = meaning.code == "vague" or line.text.startswith("最近", line.tokens[at].begin)
    if not alone or _ONCE.match(line.after(at)):
        return None
    period = Period(line.tomorrow - DAY * 30, line.tomorrow)
    return [line.range(at, at + 1, Reading(period, "recent_is_30_days", weak=True))], at + 1


def ago(line: Line, at: int) -> Found | None:
    """Read "3 months ago", 30天前, and 7天内 as a window that may belong to another word."""
    if line.kind(at) == "within":
        length = line.length(at + 1)
        return _weak(_until_now(line, at, at + 2, length)) if length else None
    length = line.duration(at)
    if length is None:
        return None
    if line.follows(at + 1, "within"):
        return _weak(_until_now(line, at, at + 1, length))
    if not (line.follows(at + 1, "ago", "front") or _excludes(line, at + 1)):
        return None
    unit = _unit(length)
    period = periods.unit_from_now(unit, -length.number, line.clock)
    before = periods.add(line.clock.as_of, unit, -length.number) + DAY
    reading = Reading(period, "ago_is_calendar_unit", (None, before))
    return [line.range(at, at + 2, reading)], at + 2


def _weak(found: Found) -> Found:
    spans, end = found
    return [replace(span, weak=True) for span in spans], end


def _excludes(line: Line, at: int) -> bool:
    return line.follows(at, "up_to") and line.meaning(at).code == "excludes"


def to_date(line: Line, at: int) -> Found | None:
    """Read YTD, "this month so far"."""
    if line.kind(at) != "to_date":
        return None
    unit = line.meaning(at).unit or "year"
    return [line.range(at, at + 1, Reading(periods.unit_at(unit, line.clock.as_of, line.clock)))], (
        at + 1
    )


def beside(line: Line, at: int) -> Found | None:
    """Read 双11前一周, "2 weeks before Christmas", "week of Oct 12"."""
    if line.kind(at) == "week_of":
        return _week_of(line, at)
    if line.kind(at) == "duration" and line.follows(at + 1, "before", "after", "since", "from"):
        return _measured_from(line, at)
    found = days_of(line, at)
    if found is None or not line.follows(found[1], "front", "back", "up_to", "onwards"):
        return None
    period, end = found
    length, back = line.length(end + 1), line.kind(end) in ("front", "up_to")
    if length is None or (back and period.unit in periods.MONTHS):
        return None
    return _next_to(line, at, end + 2, period, length, back)


def _measured_from(line: Line, at: int) -> Found | None:
    """Read "2 weeks before Christmas", "30 days from Oct 1"."""
    found, length = days_of(line, at + 2), line.duration(at)
    if found is None or length is None:
        return None
    period, end = found
    if line.kind(at + 1) in ("since", "from"):
        period = Period(period.start, period.start)
    return _next_to(line, at, end, period, length, line.kind(at + 1) == "before")


def _week_of(line: Line, at: int) -> Found | None:
    found = days_of(line, at + 1)
    if found is None:
        return None
    week = periods.unit_at("week", found[0].start, line.clock)
    return [line.range(at, found[1], Reading(week))], found[1]


def _next_to(
    line: Line, at: int, end: int, period: Period, length: Meaning, back: bool
) -> Found | None:
    unit, days = _unit(length), DAY * length.extra
    if back:
        start = periods.add(period.start, unit, -length.number) - days
        return [line.range(at, end, Reading(Period(start, period.start)))], end
    stop = periods.add(period.stop, unit, length.number) + days
    return [line.range(at, end, Reading(Period(period.stop, stop)))], end


def first_or_last(line: Line, at: int) -> Found | None:
    """Read 10月前10天, "last week of July", 前三季度, 9月最后三天."""
    kind = line.kind(at)
    if kind == "front" and line.follows(at + 1, "quarter", "month"):
        year = line.clock.as_of.year
        return _first_of_year(line, at, at + 1, Period(date(year, 1, 1), date(year + 1, 1, 1)))
    if kind in ("front", "final", "recent") and (found := _end_of_named(line, at)):
        return found
    days = days_of(line, at)
    if days is None or days[0].unit not in periods.MONTHS:
        return None
    period, end = days
    if line.follows(end, "front") and line.follows(end + 1, "quarter", "month"):
        return _first_of_year(line, at, end + 1, period)
    if line.follows(end, "front", "final") and (length := line.length(end + 1)):
        return _cut(line, at, end + 2, period, length, line.kind(end) == "front")
    return None


def _first_of_year(line: Line, at: int, last: int, year: Period) -> Found | None:
    """Read 前三季度, 前9月: from the beginning of the year to the end of the named unit."""
    meaning = line.meaning(last)
    months = meaning.number * (3 if meaning.kind == "quarter" else 1)
    named_month = meaning.kind == "month" and meaning.code != "digits"
    if named_month or not 1 < months <= 12:
        return None
    period = Period(year.start, periods.add_months(year.start, months))
    return [line.range(at, last + 1, Reading(period, "front_is_first"))], last + 1


def _end_of_named(line: Line, at: int) -> Found | None:
    """Read "first 10 days of October", "the last quarter of 2025"."""
    length = line.length(at + 1)
    if length is None and line.follows(at + 1, "unit"):
        length = Meaning("duration", 1, line.meaning(at + 1).unit)
    if length is None or not line.linked(at + 2):
        return None
    if not line.gap(at + 2).strip().startswith(("of", "in")):
        return None
    days = days_of(line, at + 2)
    if days is None:
        return None
    return _cut(line, at, days[1], days[0], length, line.kind(at) == "front")


def _cut(
    line: Line, at: int, end: int, period: Period, length: Meaning, first: bool
) -> Found | None:
    """Cut the first or last units out of a period."""
    unit, count = _unit(length), length.number
    if unit == "week":
        return _cut_weeks(line, at, end, period, count, first)
    one = unit if count == 1 else None
    if first:
        stop = min(periods.add(period.start, unit, count), period.stop)
        return [line.range(at, end, Reading(Period(period.start, stop, one)))], end
    start = max(periods.add(period.stop, unit, -count), period.start)
    return [line.range(at, end, Reading(Period(start, period.stop, one)))], end


def _cut_weeks(
    line: Line, at: int, end: int, period: Period, count: int, first: bool
) -> Found | None:
    week = periods.week_of(period, 1 if first else -1, line.clock)
    if week is None:
        return None
    start = week.start if first else week.start - WEEK * (count - 1)
    weeks = Period(start, start + WEEK * count, "week" if count == 1 else None)
    return [line.range(at, end, Reading(weeks, "week_by_middle"))], end
