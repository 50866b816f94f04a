"""Ranges between two times, and ranges with one open side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Literal

from knowledge.languages.spans import TimeSpan
from knowledge.languages.time_grammar.line import CLOSE, Found, Line, as_kind
from knowledge.languages.time_grammar.named import COUNTED_AFTER, Mention, mention
from knowledge.languages.time_grammar.periods import Period
from knowledge.languages.time_grammar.slots import (
    IMPOSSIBLE,
    NO_BOUNDS,
    Bounds,
    Reading,
    Slots,
    has_year,
    resolve,
)
from knowledge.languages.time_grammar.tokens import Token

Side = Literal["since", "until"]
Edge = Literal["includes", "excludes", "loosely"]

_OPENED_BY = ("from", "between", "since")
_PREFIXES: Mapping[str, tuple[Side, Edge]] = {
    "since": ("since", "includes"),
    "after": ("since", "excludes"),
    "until": ("until", "includes"),
    "before": ("until", "excludes"),
}
# 9月前三名 is a ranking within September, not the time before it.
_RANK = re.compile(r" ?(?:\d|[一二三四五六七八九十几]|top)")
_ASSUMED: Mapping[tuple[Side, Edge], str] = {
    ("since", "excludes"): "after_excludes",
    ("since", "loosely"): "after_includes",
    ("until", "includes"): "until_includes",
}


def between(line: Line, at: int) -> Found | None:
    """Read 9月到10月, "from Aug 1 to Aug 31", "Oct 1-7", 9-10月, "Jul-Sep 2026"."""
    opened = line.kind(at) if line.kind(at) in _OPENED_BY else ""
    left = _end(line, at + bool(opened))
    if left is None or not line.follows(left[1], "to", "until", "and"):
        return None
    joint = left[1]
    right = _end(line, joint + 1) if line.linked(joint + 1) else None
    if right is None:
        return None
    end = right[1]
    closed = line.follows(end, "between_end") or _is_inclusive(line, end)
    if line.kind(joint) == "and" and not closed and opened != "between":
        return None
    if not opened and _COMPARED.search(line.text[: line.tokens[at].begin]):
        return None
    reading = _joined(line, left[0], right[0])
    begin = at + 1 if opened == "between" and line.text[line.tokens[at].begin] == "在" else at
    return ([line.range(begin, end + closed, reading)], end + closed) if reading else None


# "Compare September to August" names two times, not the days between them.
_COMPARED = re.compile(r"\bcompar(?:e|es|ed|ing)\b[^.,;]{0,40}$")


def _is_inclusive(line: Line, at: int) -> bool:
    return line.follows(at, "up_to") and line.meaning(at).code != "excludes"


def _end(line: Line, at: int) -> Mention | None:
    """Read one end: a named time, a bare number, or now."""
    if line.kind(at) == "now":
        return {"now": line.tokens[at]}, at + 1
    found = mention(line, at, sure=True)
    if found is None:
        return ({"number": line.tokens[at]}, at + 1) if line.kind(at) == "number" else None
    slots, end = found
    if not _is_number_of(line, end):
        return found
    number = line.tokens[end]
    if set(slots) == {"year"}:
        return {**slots, "number": number}, end + 1
    if slots.keys() <= {"year", "month", "shift"}:
        return {**slots, "day": as_kind(number, "day", number.meaning.number)}, end + 1
    return found


def _is_number_of(line: Line, at: int) -> bool:
    """Tell whether a number belongs to the time before it: 今年3到10月, 10月1-7日, 到10月5."""
    if line.kind(at) != "number" or not line.linked(at, CLOSE):
        return False
    return line.follows(at + 1, "to") or not (line.gap(at) or COUNTED_AFTER.match(line.after(at)))


def _joined(line: Line, left: Slots, right: Slots) -> Reading | None:
    """Resolve both ends; what one leaves out, the other says."""
    if "now" in left or ("number" in left and "number" in right):
        return None
    if "number" in left:
        left = _like(left, right)
    if "number" in right:
        right = _like(right, left)
    if not left or not right or (_is_ordinal(left) and _is_ordinal(right)):
        return None
    first = resolve(left, line.clock, _before(line, left, right))
    if first.period is None:
        return first
    if "now" in right and first.period.start > line.clock.as_of:
        return IMPOSSIBLE
    if "now" in right:
        return replace(first, period=Period(first.period.start, line.tomorrow))
    after = NO_BOUNDS if has_year(right) else Bounds(not_before=first.period.start)
    second = resolve(right, line.clock, after)
    if second.period is None or second.period.stop <= first.period.start:
        return IMPOSSIBLE
    if second.period.start > line.clock.as_of and not (has_year(left) or has_year(right)):
        return _over_new_year(line, left, right, first.period, second.period)
    period = Period(first.period.start, second.period.stop)
    return Reading(period, first.assumed or second.assumed, weak=first.weak and second.weak)


def _over_new_year(line: Line, left: Slots, right: Slots, first: Period, second: Period) -> Reading:
    """Read 11月到3月 as the latest whose end has begun; October to December may still run."""
    ended = resolve(right, line.clock).period
    if second.start.year > first.start.year and ended:
        begun = resolve(left, line.clock, Bounds(not_after=ended.start)).period
        if begun is None:
            return IMPOSSIBLE
        first, second = begun, ended
    return Reading(Period(first.start, second.stop), "latest_begun")


def _is_ordinal(slots: Slots) -> bool:
    """Tell "from 1st to 2nd order" from a range of days."""
    return set(slots) == {"day"} and slots["day"].meaning.code not in ("日", "号")


def _before(line: Line, left: Slots, right: Slots) -> Bounds:
    """Place a left end without a year before a right end with one."""
    if "now" in right or has_year(left) or not has_year(right):
        return NO_BOUNDS
    last = resolve(right, line.clock).period
    return Bounds(not_after=last.start) if last else NO_BOUNDS


def _like(slots: Slots, other: Slots) -> dict[str, Token]:
    """Give a number the smallest unit of the other end: the 9 of 9-10月, the 7 of Oct 1-7."""
    number = slots["number"]
    own = {name: token for name, token in slots.items() if name != "number"}
    for kind in ("day", "month"):
        if kind in other:
            if kind == "month" and other[kind].meaning.code != "digits":
                return {}
            named = as_kind(number, kind, number.meaning.number, code="digits")
            return {**other, **own, kind: named}
    if "year" in other and other["year"].meaning.code == "short" and not own:
        return {**other, "year": as_kind(number, "year", 2000 + number.meaning.number)}
    return {}


def open_ended(line: Line, at: int) -> Found | None:
    """Read "since August", 8月以来, "before March", 截至9月底, 10月1日之后."""
    prefix = _prefix(line, at)
    if prefix and not line.linked(at + 1):
        return None
    found = mention(line, at + bool(prefix), sure=bool(prefix))
    if found is None:
        return None
    slots, end = found
    sided = _side(line, prefix, end)
    if sided is None:
        return None
    side, edge, end = sided
    reading = resolve(slots, line.clock)
    if reading.period is None:
        return [line.range(at, end, reading)], end
    limit = _limit(side, edge, slots, reading.period)
    whole_unit = reading.period.unit != "day"
    assumed = _ASSUMED.get((side, edge)) if whole_unit else None
    span = replace(line.span(at, end, assumed=assumed or reading.assumed), weak=reading.weak)
    if side == "until":
        return [replace(span, stop=limit)], end
    return [_since(line, span, limit, reading.period)], end


def _prefix(line: Line, at: int) -> str:
    kind = line.kind(at)
    if kind == "to" and line.meaning(at).code == "through":
        return "until"
    return kind if kind in ("from", *_PREFIXES) else ""


def _limit(side: Side, edge: Edge, slots: Slots, period: Period) -> date:
    """Choose the edge; "before the end of May" reaches to the end of May."""
    part = slots.get("part") or slots.get("part_unit")
    if (
        part
        and edge == "excludes"
        and part.meaning.code == ("late" if side == "until" else "early")
    ):
        return period.stop if side == "until" else period.start
    return period.start if (side == "since") == (edge != "excludes") else period.stop


def _side(line: Line, prefix: str, end: int) -> tuple[Side, Edge, int] | None:
    """Tell which side is open, and whether the named time itself belongs to the range."""
    if line.follows(end, "onwards"):
        edge: Edge = {"excludes": "excludes", "loosely": "loosely"}.get(  # type: ignore[assignment]
            line.meaning(end).code, "includes"
        )
        return None if prefix in ("until", "before") else ("since", edge, end + 1)
    if line.follows(end, "up_to"):
        return "until", "includes" if _is_inclusive(line, end) else "excludes", end + 1
    if line.kind(end) in ("front", "back") and not prefix and line.linked(end, CLOSE):
        if _RANK.match(line.after(end)):
            return None
        return "until" if line.kind(end) == "front" else "since", "excludes", end + 1
    return (*_PREFIXES[prefix], end) if prefix in _PREFIXES else None


def _since(line: Line, span: TimeSpan, start: date, period: Period) -> TimeSpan:
    if start > line.clock.as_of:
        return replace(span, start=start)
    other = (period.stop, line.tomorrow) if span.assumed == "after_includes" else None
    return replace(span, start=start, stop=line.tomorrow, open_end=True, other=other)


_BOTH = re.compile(r" ?(?:,|且|并且?|,? ?and|,? ?but)? ?")


def joined(text: str, since: TimeSpan, until: TimeSpan) -> TimeSpan | None:
    """Join "after 2016 and before 2018" into one range."""
    open_sides = since.kind == until.kind == "range" and since.open_end and until.start is None
    if not open_sides or since.start is None or until.stop is None or since.unit:
        return None
    if since.start >= until.stop or not _BOTH.fullmatch(text, since.end, until.begin):
        return None
    whole = replace(since, end=until.end, text=text[since.begin : until.end], other=None)
    return replace(whole, stop=min(until.stop, since.stop or until.stop), open_end=False)
