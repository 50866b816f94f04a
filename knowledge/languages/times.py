"""Time expressions of a text that may mix both languages.

The languages' rules make tokens; here a small grammar puts neighbouring tokens together: named
times ("去年9月", "early October 2025"), windows ("近30天"), ranges, since and until, comparisons and
grains. At each place the reading that covers most words wins. There is no lenient fallback.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import cast

from knowledge.languages import literals, periods
from knowledge.languages.en import time as en
from knowledge.languages.mentions import NO_BOUNDS, READABLE, Bounds, Reading, Slots, resolve
from knowledge.languages.periods import DAY, Period
from knowledge.languages.spans import Clock, ComparisonKind, Grain, TimeSpan, Unit
from knowledge.languages.tokens import Meaning, Scanner, Token
from knowledge.languages.zh import time as zh

Found = tuple[list[TimeSpan], int]
Mention = tuple[dict[str, Token], int]

_SLOTS = frozenset(
    "year half quarter month season festival shift week_day week day weekday weekend date main_day"
    .split()
)  # fmt: skip
_PICKED = frozenset("month weekday weekend festival season quarter half".split())
# What may stand between two words of one time: 去年的9月, "the third quarter of last year".
_GAP = re.compile(r"(?:'s)?(?:,? ?| ?(?:的|之|of|in|for|on|of the|in the|for the|the) ?)")
_CLOSE = re.compile(r" ?的? ?")
_DAY_GAP = re.compile(r" ?(?:of )?(?:the )?")
# A number that looks like a year is none after a comparator or before what it counts.
_COUNTED_BEFORE = re.compile(
    r"(?:超过?|[大小高低多少等]于|不到|不足|至少|最多|达到|满|over|than|above|below|under|least|most|top"
    r"|前|第|[><=≥≤#¥$]) ?$"
)
_COUNTED_AFTER = re.compile(
    r" ?(?:[元块个人单次件位名万千百分]|yuan|rmb|usd|dollars?|points?|times)"
)


@cache
def _scanner() -> Scanner:
    return Scanner((*literals.LITERALS, *zh.RULES, *en.RULES, *literals.REST))


def find_times(text: str, clock: Clock) -> list[TimeSpan]:
    """Find the time ranges, grains and comparisons of a normalised text, not overlapping.

    Examples
    --------
    >>> clock = Clock(date(2026, 10, 31))
    >>> [(s.text, str(s.start), str(s.stop)) for s in find_times("近30天 vs last September", clock)]
    [('近30天', '2026-10-02', '2026-11-01'), ('last september', '2026-09-01', '2026-10-01')]
    """
    return _Parser(text, _scanner().tokens(text), clock).spans()


class _Parser:
    """One text's tokens, read from left to right."""

    def __init__(self, text: str, tokens: list[Token], clock: Clock) -> None:
        self.text = text
        self.tokens = tokens
        self.clock = clock
        self.tomorrow = clock.as_of + DAY

    def spans(self) -> list[TimeSpan]:
        spans: list[TimeSpan] = []
        at = 0
        while at < len(self.tokens):
            found = max(
                (found for rule in PRODUCTIONS if (found := rule(self, at))),
                key=lambda found: found[1],
                default=None,
            )
            if found:
                spans += found[0]
            at = found[1] if found else at + 1
        return spans

    # Tokens and their neighbourhood.

    def kind(self, at: int) -> str:
        return self.tokens[at].kind if at < len(self.tokens) else ""

    def meaning(self, at: int) -> Meaning:
        return self.tokens[at].meaning

    def linked(self, at: int, gap: re.Pattern[str] = _GAP) -> bool:
        """Tell whether a token belongs to the one before it."""
        if not 0 < at < len(self.tokens):
            return False
        begin, end = self.tokens[at - 1].end, self.tokens[at].begin
        if begin == end:
            return True
        between = self.text[begin:end]
        if "," in between and self.kind(at) not in ("year", "weekday", "month"):
            return False
        return gap.fullmatch(between) is not None

    def follows(self, at: int, *kinds: str) -> bool:
        """Tell whether the token here is linked to the one before and of one of the kinds."""
        return self.kind(at) in kinds and self.linked(at)

    # Named times.

    def mention(self, at: int, sure: bool = False) -> Mention | None:
        """Gather the longest readable run of slots; ``sure`` where its neighbours make it a date."""
        slots: dict[str, Token] = {}
        best: Mention | None = None
        here = at
        while here == at or self.linked(here):
            slot = self._slot(here, slots, sure)
            if slot is None or slot[0] in slots:
                break
            name, token, here = slot
            slots[name] = token
            if frozenset(slots) in READABLE and self._is_sure(slots, sure):
                best = dict(slots), here
        return best

    def _slot(self, at: int, slots: Slots, sure: bool) -> tuple[str, Token, int] | None:
        kind = self.kind(at)
        if not kind:
            return None
        token = self.tokens[at]
        if kind == "year" and token.meaning.code == "bare" and not self._may_be_year(at):
            return None
        if kind == "shift" and token.meaning.unit == "year":
            return "year", _as(token, "year", token.meaning.number, code="shift"), at + 1
        if kind in _SLOTS:
            return kind, token, at + 1
        if kind == "part":
            return "part_unit" if token.meaning.unit else "part", token, at + 1
        if kind == "number":
            return self._number_as_day(at, slots)
        if kind == "duration":
            return self._duration_as_year(at)
        return self._pointed(at, slots)

    def _number_as_day(self, at: int, slots: Slots) -> tuple[str, Token, int] | None:
        """Read the 5 of "Oct 5" and "5 October"."""
        day = "day", _as(self.tokens[at], "day", self.meaning(at).number), at + 1
        if self.kind(at + 1) == "month" and self.linked(at + 1, _DAY_GAP):
            return day if self.meaning(at + 1).code != "digits" else None
        month = slots.get("month")
        if month is None or month.meaning.code == "digits" or self.kind(at - 1) != "month":
            return None
        # "the top 10 in September 10 ..." counts something; a day would be "on September 10".
        in_month = self.text.endswith("in ", 0, month.begin)
        return None if in_month and not self.follows(at + 1, "year") else day

    def _duration_as_year(self, at: int) -> tuple[str, Token, int] | None:
        """Read 25年 as 2025 where nothing before it asks for a length."""
        meaning = self.meaning(at)
        year = 2000 + meaning.number
        known = self.clock.as_of.year - 6 <= year <= self.clock.as_of.year + 1
        if meaning.code != "short_year" or not known:
            return None
        if self.linked(at) and self.kind(at - 1) in ("recent", "next", "front", "final", "within"):
            return None
        if self.follows(at + 1, "front", "within", "ago"):
            return None
        return "year", _as(self.tokens[at], "year", year, code="short"), at + 1

    def _pointed(self, at: int, slots: Slots) -> tuple[str, Token, int] | None:
        """Read last, this, next before a unit or a name, and the unit of "end of the month"."""
        kind, token = self.kind(at), self.tokens[at]
        if kind == "unit" and "part" in slots:
            return _unit_slot(token, token.meaning.unit, 0, at + 1)
        calendar = kind == "recent" and token.meaning.code == "calendar"
        if not (calendar or kind in ("this", "next") and token.meaning.code != "rolling"):
            return None
        if self.follows(at + 1, "unit"):
            steps = {"this": 0, "next": 1}.get(kind, -1)
            return _unit_slot(token, self.meaning(at + 1).unit, steps, at + 2)
        if self.kind(at + 1) in _PICKED and self.linked(at + 1, _CLOSE):
            return "pick", token, at + 1
        return None

    def _may_be_year(self, at: int) -> bool:
        token = self.tokens[at]
        if _COUNTED_BEFORE.search(self.text, 0, token.begin):
            return False
        return not _COUNTED_AFTER.match(self.text, token.end)

    def _is_sure(self, slots: Slots, sure: bool) -> bool:
        """Leave out what is a date only among dates: 10/5, 9.1, a day without its month."""
        if set(slots) == {"day"}:
            return sure or slots["day"].meaning.code == "号"
        if "date" not in slots:
            return "season" not in slots or len(slots) > 1 or _has_year(slots)
        meaning = slots["date"].meaning
        if meaning.code == "slash":
            return sure or 12 < meaning.number % 100 <= 31 and meaning.number // 100 <= 12
        return sure or meaning.code not in ("dot", "dash")

    def named(self, at: int) -> Found | None:
        """Read one named time: "October last year", 上周五."""
        found = self.mention(at)
        if found is None:
            return None
        slots, end = found
        reading = resolve(slots, self.clock, self._bounds(at, slots, end))
        if self.follows(end, "that_week") and reading.period:
            week = periods.unit_at("week", reading.period.start, self.clock)
            reading, end = replace(reading, period=week), end + 1
        return [self._range(at, end, reading)], end

    def _bounds(self, at: int, slots: Slots, end: int) -> Bounds:
        """Take over a year said nearby: 去年9月和10月, "September and October 2025"."""
        if _has_year(slots) or not slots.keys() & {"month", "quarter", "half"}:
            return NO_BOUNDS
        if self.kind(at - 1) == "and" and self.linked(at - 1) and self.linked(at):
            start = at - 2
            while start > 0 and self.linked(start):
                start -= 1
            before = self.mention(start)
            if before and before[1] == at - 1 and _has_year(before[0]):
                return self._same_year(before[0])
        if self.follows(end, "and") and self.linked(end + 1):
            after = self.mention(end + 1)
            if after and _has_year(after[0]) and self.kind(end + 1) in slots:
                return self._same_year(after[0], slots)
        return NO_BOUNDS

    def _same_year(self, other: Slots, own: Slots | None = None) -> Bounds:
        same = own and any(
            name in other and other[name].meaning.number == token.meaning.number
            for name, token in own.items()
        )
        period = resolve(other, self.clock).period
        return Bounds(year=period.start.year) if period and not same else NO_BOUNDS

    def listed(self, at: int) -> Found | None:
        """Read 7、8、9月: each number is a month."""
        last = at
        while (
            self.kind(last) == "number" and self.kind(last + 1) == "and" and self.linked(last + 1)
        ):
            if self.meaning(last + 1).code != "list":
                return None
            last += 2
        found = self.mention(last) if last > at and self.linked(last) else None
        if found is None or set(found[0]) != {"month"} or self.meaning(last).code != "digits":
            return None
        months = [
            {"month": _as(self.tokens[n], "month", self.meaning(n).number)}
            for n in range(at, last, 2)
        ]
        spans = [
            self._range(at + 2 * n, at + 2 * n + 1, resolve(month, self.clock))
            for n, month in enumerate(months)
        ]
        return [*spans, self._range(last, found[1], resolve(found[0], self.clock))], found[1]

    # Windows that end or begin now.

    def window(self, at: int) -> Found | None:
        """Read 近30天, "last 3 months", 前一个月, "next two weeks", L30D, 最近."""
        kind = self.kind(at)
        if kind == "window":
            return self._rolling(at, at + 1, self.tokens[at].meaning)
        if kind not in ("recent", "front", "next"):
            return None
        length = self._length(at + 1)
        if length is None:
            return self._vague(at)
        end = at + 2
        if kind == "next":
            stop = periods.add(self.tomorrow, length.unit or "day", length.number)
            period = Period(self.tomorrow, stop + DAY * length.extra)
            return [self._range(at, end, Reading(period))], end
        if kind == "front":
            return self._front(at, end, length)
        return self._rolling(at, end, length)

    def _length(self, at: int) -> Meaning | None:
        """Read a duration; after a window's first word 30日 and 三月 are lengths too."""
        if not self.linked(at, _CLOSE):
            return None
        meaning = self.meaning(at)
        if meaning.kind == "duration" and 0 < meaning.number < 4000:
            return meaning
        if meaning.kind == "day" and meaning.code == "日":
            return Meaning("duration", meaning.number, "day")
        rolling = self.meaning(at - 1).kind == "recent" and self.meaning(at - 1).code == "rolling"
        if meaning.kind == "month" and meaning.code == "digits" and rolling:
            return Meaning("duration", meaning.number, "month")
        return None

    def _rolling(self, at: int, end: int, length: Meaning) -> Found:
        unit = length.unit or "day"
        assumed = "few_is_three" if length.code == "few" else "last_days_end_at_as_of"
        if length.code == "whole":
            period = periods.whole_units_before_now(unit, length.number, self.clock)
            reading = Reading(period)
        else:
            period = periods.window_to_now(unit, length.number, length.extra, self.clock)
            reading = Reading(period, assumed)
        if self.kind(end) == "within" and self.linked(end, _CLOSE):
            end += 1
        return [self._range(at, end, reading)], end

    def _front(self, at: int, end: int, length: Meaning) -> Found:
        """Read 前一个月 as the month before, 前三个月 as the last three (or the year's first)."""
        unit = length.unit or "day"
        if length.number == 1 and not length.extra:
            period = periods.unit_from_now(unit, -1, self.clock)
            return [self._range(at, end, Reading(period))], end
        window = periods.window_to_now(unit, length.number, length.extra, self.clock)
        first = periods.beginning("year", self.clock.as_of, self.clock)
        other = (first, periods.add(first, unit, length.number)) if unit in periods.MONTHS else None
        return [self._range(at, end, Reading(window, "front_is_last", other))], end

    def _vague(self, at: int) -> Found | None:
        meaning = self.meaning(at)
        zh_rolling = meaning.code == "rolling" and self.text.startswith(
            "最近", self.tokens[at].begin
        )
        if meaning.code != "vague" and not zh_rolling:
            return None
        if re.match(r"[一1] ?(?:次|单|笔|个订单)", self.text[self.tokens[at].end :]):
            return None
        period = Period(self.tomorrow - DAY * 30, self.tomorrow)
        reading = Reading(period, "recent_is_30_days", weak=True)
        return [self._range(at, at + 1, reading)], at + 1

    def ago(self, at: int) -> Found | None:
        """Read "3 months ago", 30天前, 7天内."""
        if self.kind(at) == "within":
            length, end = self._length(at + 1), at + 2
        elif self.kind(at) in ("duration", "day"):
            length, end = self._length_here(at), at + 2
        else:
            return None
        if length is None or not 0 < length.number < 4000:
            return None
        if self.kind(at) == "within" or self.follows(at + 1, "within"):
            spans, end = self._rolling(at, end, length)
            return [replace(spans[0], weak=True)], end
        if not (self.follows(at + 1, "ago", "front") or self._is_before(at + 1)):
            return None
        unit = length.unit or "day"
        period = periods.unit_from_now(unit, -length.number, self.clock)
        before = periods.add(self.clock.as_of, unit, -length.number) + DAY
        return [self._range(at, end, Reading(period, "ago_is_calendar_unit", (None, before)))], end

    def _length_here(self, at: int) -> Meaning | None:
        meaning = self.meaning(at)
        if meaning.kind == "duration":
            return meaning
        return Meaning("duration", meaning.number, "day") if meaning.code == "日" else None

    def _is_before(self, at: int) -> bool:
        return self.follows(at, "up_to") and self.meaning(at).code == "excludes"

    def to_date(self, at: int) -> Found | None:
        """Read YTD, "this month so far"."""
        if self.kind(at) != "to_date":
            return None
        unit = self.meaning(at).unit or "year"
        whole = periods.unit_at(unit, self.clock.as_of, self.clock)
        return [self._range(at, at + 1, Reading(whole))], at + 1

    # Times measured from a named time.

    def around(self, at: int) -> Found | None:
        """Read 双11前一周, "2 weeks before Christmas", "week of Oct 12"."""
        if self.kind(at) == "week_of" and (found := self._reading(at + 1)):
            period, end = found
            week = periods.unit_at("week", period.start, self.clock)
            return [self._range(at, end, Reading(week))], end
        if self.kind(at) == "duration" and self.follows(at + 1, "before", "after"):
            if found := self._reading(at + 2):
                back = self.kind(at + 1) == "before"
                return self._beside(at, found[1], found[0], self.meaning(at), back)
            return None
        found = self._reading(at)
        if found is None:
            return None
        period, end = found
        if self.follows(end, "front", "back", "up_to", "onwards") and (
            length := self._length(end + 1)
        ):
            back = self.kind(end) in ("front", "up_to")
            if back and period.unit in periods.MONTHS:
                return None
            return self._beside(at, end + 2, period, length, back)
        return None

    def _reading(self, at: int) -> tuple[Period, int] | None:
        found = self.mention(at, sure=True) if self.kind(at) else None
        period = resolve(found[0], self.clock).period if found else None
        return (period, found[1]) if found and period else None

    def _beside(self, at: int, end: int, period: Period, length: Meaning, back: bool) -> Found:
        unit = length.unit or "day"
        if back:
            start = periods.add(period.start, unit, -length.number) - DAY * length.extra
            beside = Period(start, period.start)
        else:
            stop = periods.add(period.stop, unit, length.number) + DAY * length.extra
            beside = Period(period.stop, stop)
        return [self._range(at, end, Reading(beside))], end

    def within(self, at: int) -> Found | None:
        """Read the first or last days of a time: 10月前10天, "last week of July", 前三季度."""
        if self.kind(at) == "front" and self.follows(at + 1, "quarter", "month"):
            year = Period(date(self.clock.as_of.year, 1, 1), date(self.clock.as_of.year + 1, 1, 1))
            return self._first_units(at, at + 1, year)
        if self.kind(at) in ("front", "final", "recent") and (found := self._ends_of(at)):
            return found
        reading = self._reading(at)
        if reading is None or reading[0].unit is None:
            return None
        period, end = reading
        if self.follows(end, "front") and self.follows(end + 1, "quarter", "month"):
            return self._first_units(at, end + 1, period)
        if self.follows(end, "front", "final") and (length := self._length(end + 1)):
            if period.unit not in periods.MONTHS:
                return None
            return self._cut(at, end + 2, period, length, self.kind(end) == "front")
        return None

    def _first_units(self, at: int, last: int, year: Period) -> Found | None:
        meaning = self.meaning(last)
        months = meaning.number * (3 if meaning.kind == "quarter" else 1)
        if meaning.kind == "month" and meaning.code != "digits" or not 1 < months <= 12:
            return None
        period = Period(year.start, periods.add_months(year.start, months))
        return [self._range(at, last + 1, Reading(period, "front_is_first"))], last + 1

    def _ends_of(self, at: int) -> Found | None:
        """Read "first 10 days of October", "the last quarter of 2025"."""
        first = self.kind(at) == "front"
        length = self._length(at + 1)
        if length is None and self.follows(at + 1, "unit"):
            length = Meaning("duration", 1, self.meaning(at + 1).unit)
        if length is None or not self.linked(at + 2):
            return None
        if self.tokens[at + 1].end == self.tokens[at + 2].begin:
            return None
        reading = self._reading(at + 2)
        joined = self.text[self.tokens[at + 1].end : self.tokens[at + 2].begin].strip()
        if reading is None or not joined.startswith(("of", "in")):
            return None
        return self._cut(at, reading[1], reading[0], length, first)

    def _cut(self, at: int, end: int, period: Period, length: Meaning, first: bool) -> Found | None:
        unit, count = length.unit or "day", length.number
        if unit == "week":
            week = periods.week_of(period, 1 if first else -1, self.clock)
            if week is None:
                return None
            start = week.start if first else week.start - periods.WEEK * (count - 1)
            cut = Period(start, start + periods.WEEK * count, "week" if count == 1 else None)
            return [self._range(at, end, Reading(cut, "week_by_middle"))], end
        one = unit if count == 1 else None
        if first:
            cut = Period(
                period.start, min(periods.add(period.start, unit, count), period.stop), one
            )
        else:
            cut = Period(
                max(periods.add(period.stop, unit, -count), period.start), period.stop, one
            )
        return [self._range(at, end, Reading(cut))], end

    # Ranges between two times, and open ones.

    def between(self, at: int) -> Found | None:
        """Read 9月到10月, "from Aug 1 to Aug 31", "Oct 1-7", 9-10月, "Jul-Sep 2026"."""
        opened = self.kind(at) in ("from", "between", "since", "this", "recent") and at + 1
        begin = at + 1 if self.kind(at) in ("from", "between", "since") and opened else at
        left = self._end_of_range(begin)
        if left is None:
            return None
        slots, here = left
        by_and = self.kind(here) == "and"
        if not self.follows(here, "to", "until", "and") or not self.linked(here + 1, _GAP):
            return None
        right = self._end_of_range(here + 1)
        if right is None:
            return None
        end = right[1]
        closed = self.follows(end, "between_end", "up_to")
        if by_and and not closed and self.kind(at) != "between":
            return None
        reading = self._joined(slots, right[0])
        if reading is None:
            return None
        end += closed
        begin = (
            at if self.kind(at) != "between" or self.text[self.tokens[at].begin] != "在" else begin
        )
        return [self._range(begin, end, reading)], end

    def _end_of_range(self, at: int) -> Mention | None:
        """Read one end: a named time, a bare number, or now."""
        if self.kind(at) == "now":
            return {"now": self.tokens[at]}, at + 1
        found = self.mention(at, sure=True) if self.kind(at) else None
        if found is None:
            return ({"number": self.tokens[at]}, at + 1) if self.kind(at) == "number" else None
        slots, end = found
        if (
            self.kind(end) == "number"
            and self.linked(end, _CLOSE)
            and set(slots) in ({"month"}, {"year", "month"})
        ):
            if self.follows(end + 1, "to"):
                return {
                    **slots,
                    "day": _as(self.tokens[end], "day", self.meaning(end).number),
                }, end + 1
        return found

    def _joined(self, left: Slots, right: Slots) -> Reading | None:
        """Resolve both ends; what one leaves out, the other says."""
        if "number" in left and "number" in right or "now" in left:
            return None
        if "number" in left:
            left = _like(left["number"], right)
        if "number" in right:
            right = _like(right["number"], left)
        if not left or not right:
            return None
        if "now" in right:
            first = resolve(left, self.clock)
            period = first.period and Period(first.period.start, self.tomorrow)
            return replace(first, period=period, assumed=first.assumed)
        bounds = NO_BOUNDS
        if _has_year(right) and not _has_year(left):
            last = resolve(right, self.clock).period
            bounds = Bounds(not_after=last.start) if last else NO_BOUNDS
        first = resolve(left, self.clock, bounds)
        if first.period is None:
            return first
        second = resolve(
            right,
            self.clock,
            NO_BOUNDS if _has_year(right) else Bounds(not_before=first.period.start),
        )
        if second.period is None or second.period.stop <= first.period.start:
            return Reading(None, "impossible_date")
        assumed = first.assumed or second.assumed
        return Reading(
            Period(first.period.start, second.period.stop), assumed, weak=first.weak and second.weak
        )

    def open_range(self, at: int) -> Found | None:
        """Read "since August", 8月以来, "before March", 截至9月底, 10月1日之后."""
        word = (
            self.kind(at) if self.kind(at) in ("since", "from", "until", "before", "after") else ""
        )
        found = (
            self.mention(at + 1 if word else at, sure=bool(word))
            if self.kind(at + bool(word))
            else None
        )
        if found is None or word and not self.linked(at + 1):
            return None
        slots, end = found
        reading = resolve(slots, self.clock)
        side, code, end = self._suffix(word, end)
        if not side:
            return None
        if reading.period is None:
            return [self._range(at, end, reading)], end
        period = reading.period
        edge = period.start if (side == "since") == (code != "excludes") else period.stop
        assumed = (
            reading.assumed if period.unit == "day" else _EDGES.get((side, code), reading.assumed)
        )
        if side == "since":
            return [self._since(at, end, period, edge, assumed, reading.weak)], end
        return [self._span(at, end, start=None, stop=edge, assumed=assumed)], end

    def _suffix(self, word: str, end: int) -> tuple[str, str, int]:
        """Tell the side and whether the named time itself belongs to it."""
        if self.follows(end, "onwards"):
            code = self.meaning(end).code or "includes"
            return ("", "", end) if word in ("until", "before") else ("since", code, end + 1)
        if self.follows(end, "up_to"):
            return "until", self.meaning(end).code or "includes", end + 1
        if not word and self.kind(end) in ("front", "back") and self.linked(end, _CLOSE):
            if not re.match(
                r" ?(?:\d|[一二三四五六七八九十几]|top)", self.text[self.tokens[end].end :]
            ):
                side = "until" if self.kind(end) == "front" else "since"
                return side, "excludes", end + 1
        prefixes = {"since": ("since", "includes"), "until": ("until", "includes"),
                    "before": ("until", "excludes"), "after": ("since", "excludes")}  # fmt: skip
        return (*prefixes.get(word, ("", "")), end)

    def _since(
        self, at: int, end: int, period: Period, edge: date, assumed: str | None, weak: bool
    ) -> TimeSpan:
        if edge > self.clock.as_of:
            return self._span(at, end, start=edge, stop=None, assumed=assumed)
        span = self._span(at, end, start=edge, stop=self.tomorrow, assumed=assumed)
        other = (period.stop, self.tomorrow) if assumed == "after_includes" else None
        return replace(span, open_end=True, other=other, weak=weak)

    # Comparisons and grains.

    def comparison(self, at: int) -> Found | None:
        """Read 环比, YoY, 比上月, "vs last year", 和去年同期相比."""
        word = self.kind(at) if self.kind(at) in ("than", "and") else ""
        start = at + bool(word)
        if word and not self.linked(start, _CLOSE):
            return None
        if self.kind(start) == "comparison":
            return self._named_comparison(at, start, word)
        if not word:
            return None
        relative = self._relative(start)
        if relative is None:
            return None
        reading, unit, end = relative
        closed = self.follows(end, "than") and self.meaning(end).code == "either"
        if word == "and" and not (closed and self._is_apart(at)):
            return None
        kind: ComparisonKind = "previous_year" if unit == "year" else "previous_period"
        return [self._comparison(at, end + closed, kind, unit, reading)], end + closed

    def _named_comparison(self, at: int, start: int, word: str) -> Found | None:
        meaning, end = self.meaning(start), start + 1
        closed = self.follows(end, "than") and self.meaning(end).code == "either"
        if word == "and" and not (meaning.extra and (closed or not self.linked(at))):
            at = start
        kind, period, unit = cast(ComparisonKind, meaning.code), None, meaning.unit
        if not meaning.extra and self.linked(end, _CLOSE) and (relative := self._relative(end)):
            period, unit, end = relative
            closed = False
        return [self._comparison(at, end + closed, kind, unit, period)], end + closed

    def _relative(self, at: int) -> tuple[Period | None, Unit, int] | None:
        """Read the period just before: 上月, 去年, "last week", 前一天, "a year ago"."""
        if self.kind(at) in ("front", "recent") and (length := self._length(at + 1)):
            unit = length.unit or "day"
            period = periods.unit_from_now(unit, -1, self.clock) if length.number == 1 else None
            return period, unit, at + 2
        if self.kind(at) == "duration" and self.follows(at + 1, "ago", "front"):
            unit = self.meaning(at).unit or "day"
            if self.meaning(at).number == 1 or unit == "month" and self.meaning(at).number == 12:
                return None, "year" if self.meaning(at).number == 12 else unit, at + 2
            return None
        found = self.mention(at) if self.kind(at) else None
        if found is None or len(found[0]) != 1:
            return None
        (name, token), *_ = found[0].items()
        unit_of: Unit | None = "year" if name == "year" else token.meaning.unit
        shifted = name == "shift" or name == "year" and token.meaning.code == "shift"
        if not shifted or token.meaning.number != -1 or unit_of is None:
            return None
        return periods.unit_from_now(unit_of, -1, self.clock), unit_of, found[1]

    def _is_apart(self, at: int) -> bool:
        """Tell whether 和 follows something else than a time, as in 销售额和上月相比."""
        return not (self.linked(at) and self.kind(at - 1) in _SLOTS | {"unit", "duration"})

    def _comparison(
        self, at: int, end: int, kind: ComparisonKind, unit: Unit | None, period: Period | None
    ) -> TimeSpan:
        span = self._span(
            at, end, start=period.start if period else None, stop=period.stop if period else None
        )
        return replace(span, kind="comparison", comparison=kind, unit=unit)

    def grain(self, at: int) -> Found | None:
        """Read 按月, monthly, "trend by week"."""
        if self.kind(at) != "grain":
            return None
        unit, end = self.meaning(at).unit, at + 1
        while self.kind(end) == "grain" and self.linked(end, _CLOSE):
            if unit and self.meaning(end).unit and self.meaning(end).unit != unit:
                break
            unit, end = unit or self.meaning(end).unit, end + 1
        span = self._span(at, end, start=None, stop=None)
        return [replace(span, kind="grain", grain=cast(Grain | None, unit))], end

    # Spans.

    def _range(self, at: int, end: int, reading: Reading) -> TimeSpan:
        """Make a range; what is still running is cut after ``as_of``."""
        period = reading.period
        if period is None:
            return self._span(at, end, start=None, stop=None, assumed=reading.assumed)
        running = period.start <= self.clock.as_of and period.stop > self.tomorrow
        stop = self.tomorrow if running else period.stop
        span = self._span(at, end, start=period.start, stop=stop, assumed=reading.assumed)
        return replace(
            span, open_end=running, unit=period.unit, other=reading.other, weak=reading.weak
        )

    def _span(
        self, at: int, end: int, start: date | None, stop: date | None, assumed: str | None = None
    ) -> TimeSpan:
        begin, finish = self.tokens[at].begin, self.tokens[end - 1].end
        if self.text.startswith("'s", finish):
            finish += 2
        text = self.text[begin:finish]
        return TimeSpan(begin, finish, "range", start, stop, None, None, text, assumed)


PRODUCTIONS: tuple[Callable[[_Parser, int], Found | None], ...] = (
    _Parser.comparison,
    _Parser.between,
    _Parser.open_range,
    _Parser.around,
    _Parser.within,
    _Parser.window,
    _Parser.ago,
    _Parser.to_date,
    _Parser.named,
    _Parser.listed,
    _Parser.grain,
)
_EDGES = {
    ("since", "excludes"): "after_excludes",
    ("since", "includes"): None,
    ("since", "loosely"): "after_includes",
    ("until", "includes"): "until_includes",
}


def _as(token: Token, kind: str, number: int, unit: Unit | None = None, code: str = "") -> Token:
    return replace(token, meaning=Meaning(kind, number, unit, code))


def _unit_slot(token: Token, unit: Unit | None, steps: int, end: int) -> tuple[str, Token, int]:
    if unit == "year":
        return "year", _as(token, "year", steps, code="shift"), end
    return "shift", _as(token, "shift", steps, unit), end


def _has_year(slots: Slots) -> bool:
    if "year" in slots or "shift" in slots or "pick" in slots or "week_day" in slots:
        return True
    if "season" in slots and slots["season"].meaning.code == "shift":
        return True
    return "date" in slots and slots["date"].meaning.number > 10_000


def _like(number: Token, other: Slots) -> dict[str, Token]:
    """Give a bare number the smallest unit of the other end: the 9 of 9-10月, the 7 of Oct 1-7."""
    for kind in ("day", "month", "year"):
        if kind in other:
            rest = {name: token for name, token in other.items() if name != kind}
            if kind == "month" and other[kind].meaning.code != "digits":
                return {}
            return {**rest, kind: _as(number, kind, number.meaning.number, code="digits")}
    return {}
