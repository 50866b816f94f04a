"""The time of a question: its range, what it is compared with, and in which steps."""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from agent.embedded.meaning import Context, Json, range_of
from agent.embedded.outcomes import Unclear
from agent.embedded.reading import Reading
from knowledge.languages import TimeSpan

_DAYS = {"days": 1, "weeks": 7}
_LONG = 45
_STEPWISE = re.compile(r"[^\d]?环比|\w+[- ]over[- ]\w+")
_TWO_STEPS = {"day": 1, "week": 13, "month": 58, "quarter": 180, "year": 700}
_YEARLESS = ("latest_begun", "festival_day", "festival_sale", "festival_holiday")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_STEPS = ("day", "week", "month", "quarter", "year")


class When:
    """Resolves the times of one reading."""

    def __init__(self, reading: Reading, context: Context) -> None:
        self._reading = reading
        self._context = context

    def arguments(self, spec: Json) -> Json:
        """Time range, comparison and grain; ``spec`` holds those of the turn that is edited."""
        reading = self._reading
        result: Json = {}
        if len(reading.times) > 2:
            result |= self._row(reading.times)
        elif len(reading.times) == 2:
            result |= self._pair(reading.times)
        elif reading.times:
            result["time_range"] = range_of(reading.times[0], self._context)
        if len(reading.times) < 2:
            result |= self._compared({**spec, **result})
        if "time_range" not in result and "time_range" not in spec:
            self._context.assume("all_time", **self._covered())
        if reading.grains:
            result["time_grain"] = self.grain(result.get("time_range", spec.get("time_range")))
        return result

    def grain(self, time_range: object) -> str:
        """Give the grain that was said, else steps by the length of the range."""
        if said := next((g for g in self._reading.grains if g), None):
            return said
        days = 10_000
        if isinstance(time_range, dict):
            start, end = _days(time_range)
            days = (end - start).days
        grain = "day" if days <= 31 else "week" if days <= 100 else "month"
        self._context.assume(f"grain_{grain}")
        return grain

    def _covered(self) -> dict[str, str]:
        first = self._context.index.vocabulary.first_day
        return {"first": first, "last": self._context.clock.as_of.isoformat()}

    # Comparison

    def _compared(self, spec: Json) -> Json:
        reading = self._reading
        time_range = spec.get("time_range")
        if self._is_trend(time_range):
            reading.grains.append(None)
        wants = bool(reading.versus) or (reading.growth is not None and not reading.grains)
        if reading.prior and isinstance(time_range, dict):
            return {"comparison": self._before(time_range)}
        if not wants or self._compares_steps(time_range):
            return {}
        if time_range is None:
            return self._undated()
        main = reading.times[0] if reading.times else None
        return {"comparison": self._comparison(main)}

    def _compares_steps(self, time_range: object) -> bool:
        """Take "month over month in 2026" as the months side by side, not as 2026 with before."""
        reading = self._reading
        versus = next((v for v in reading.versus if _STEPWISE.fullmatch(v.text)), None)
        if versus is None or not isinstance(time_range, dict):
            return False
        start, end = _days(time_range)
        grain = next((g for g in reading.grains if g), None)
        if versus.comparison != "previous_period":
            return False
        if grain is None and versus.unit in _STEPS and (end - start).days > _TWO_STEPS[versus.unit]:
            reading.grains.append(versus.unit)
        elif grain is None:
            return False
        self._context.assume("steps_compared")
        return True

    def _is_trend(self, time_range: object) -> bool:
        """Tell whether "how has it changed" over a longer time asks for the course of it."""
        reading = self._reading
        if reading.growth != "any" or reading.versus or reading.prior or reading.ranks:
            return False
        if reading.grains or reading.against or not isinstance(time_range, dict):
            return False
        start, end = _days(time_range)
        return (end - start).days >= _LONG

    def _comparison(self, main: TimeSpan | None) -> Json:
        versus = next(iter(self._reading.versus), None)
        if versus is None:
            return {"kind": "previous_period"}
        named = versus.start and versus.stop
        same = main is None or versus.unit is None or versus.unit == main.unit
        if versus.comparison and (same or not named or versus.comparison == "previous_year"):
            return {"kind": versus.comparison}
        return {"kind": "explicit", "range": range_of(versus, self._context)}

    def _undated(self) -> Json:
        """Compare the latest whole month, or the period now that the named one came before."""
        versus = next(iter(self._reading.versus), None)
        as_of = self._context.clock.as_of
        start, end = latest_month(as_of)
        if versus and versus.stop and versus.unit in ("day", "week", "quarter", "year"):
            start, end = min(versus.stop, as_of), as_of + timedelta(days=1)
        elif versus and versus.unit == "week":
            end = as_of + timedelta(days=1)
            end -= timedelta(days=(end.weekday() - self._context.clock.week_start) % 7)
            start = end - timedelta(days=7)
        window: Json = {"start": start.isoformat(), "end": end.isoformat()}
        last = (end - timedelta(days=1)).isoformat()
        self._context.assume("compared_window", start=start.isoformat(), end=last)
        return {"time_range": window, "comparison": self._comparison(None)}

    def _before(self, time_range: Json) -> Json:
        """Compare with the days just before: 跟之前30天比."""
        prior = self._reading.prior
        assert prior is not None
        if prior.unit not in _DAYS:
            raise Unclear("unused_words", "ambiguous", words=self._reading.text)
        start, end = _days(time_range)
        days = timedelta(days=int(prior.value * _DAYS[prior.unit]))
        if days == end - start:
            return {"kind": "previous_period"}
        before = {"start": (start - days).isoformat(), "end": start.isoformat()}
        return {"kind": "explicit", "range": before}

    # Several times

    def _pair(self, ranges: Sequence[TimeSpan]) -> Json:
        """Compare two times; the later one leads unless it is set against the other."""
        main, other = ranges
        if combined := self.combined(ranges):
            return {"time_range": range_of(combined, self._context)}
        directed = self._reading.between & {"compare", "than"}
        if not directed and (main.start or date.min) < (other.start or date.min):
            main, other = other, main
        result: Json = {"time_range": range_of(main, self._context)}
        by_name = _YEAR.search(main.text) or _YEAR.search(other.text)  # meant as they are
        if main.open_end and main.unit and main.unit == other.unit and not by_name:
            kind = "previous_year" if main.unit == "year" else "previous_period"
            self._context.assume("same_days", words=other.text)
            return result | {"comparison": {"kind": kind}}
        against = range_of(other, self._context)
        return result | {"comparison": {"kind": "explicit", "range": against}}

    def combined(self, ranges: Sequence[TimeSpan]) -> TimeSpan | None:
        """Take "September, last year" as one time: a year beside a time that says none."""
        if self._reading.between & {"and", "compare", "than", "or"} or self._reading.against:
            return None
        year = next((span for span in ranges if span.unit == "year" and span.start), None)
        other = next((span for span in ranges if span is not year and span.start), None)
        if year is None or other is None or other.start is None or other.stop is None:
            return None
        if year.start is None or other.unit == "year" or other.assumed not in _YEARLESS:
            return None
        moved = year.start.year - other.start.year
        start, stop = (_in_year(day, day.year + moved) for day in (other.start, other.stop))
        return replace(other, start=start, stop=stop, assumed=None)

    def _row(self, ranges: Sequence[TimeSpan]) -> Json:
        """Take three or more neighbouring times of one unit as one range in steps."""
        spans = sorted(ranges, key=lambda span: span.start or date.min)
        units = {span.unit for span in spans}
        unit = next(iter(units))
        meets = all(a.stop == b.start for a, b in itertools.pairwise(spans))
        if len(units) != 1 or unit not in _STEPS or not meets:
            raise Unclear("too_many_times", "ambiguous", words=self._reading.text)
        start = range_of(spans[0], self._context)["start"]
        end = range_of(spans[-1], self._context)["end"]
        return {"time_range": {"start": start, "end": end}, "time_grain": unit}


def _in_year(day: date, year: int) -> date:
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def latest_month(as_of: date) -> tuple[date, date]:
    """Give the latest whole calendar month of the data, half-open."""
    last = calendar.monthrange(as_of.year, as_of.month)[1]
    end = as_of + timedelta(days=1) if as_of.day == last else as_of.replace(day=1)
    return (end - timedelta(days=1)).replace(day=1), end


def _days(time_range: Json) -> tuple[date, date]:
    start, end = (date.fromisoformat(str(time_range[key])) for key in ("start", "end"))
    return start, end
