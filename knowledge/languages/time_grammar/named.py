"""Named times: the words of 去年9月, "October last year", "end of the month" put together."""

from __future__ import annotations

import re
from dataclasses import replace

from knowledge.languages.spans import Unit
from knowledge.languages.time_grammar import periods
from knowledge.languages.time_grammar.line import CLOSE, Found, Line, as_kind
from knowledge.languages.time_grammar.periods import Period
from knowledge.languages.time_grammar.slots import (
    NO_BOUNDS,
    READABLE,
    Bounds,
    Slots,
    has_year,
    resolve,
)
from knowledge.languages.time_grammar.tokens import Token

# The slots that words filled, and the token after the last of them.
Mention = tuple[dict[str, Token], int]
_Slot = tuple[str, Token, int]

_PLAIN = frozenset(
    {
        "year", "half", "quarter", "month", "season", "festival", "shift", "week_day", "week",
        "day", "weekday", "weekend", "date", "main_day",
    }
)  # fmt: skip
_POINTED_AT = frozenset({"month", "weekday", "weekend", "festival", "season", "quarter", "half"})
_LIST_GAP = re.compile(r" ?, ?")
_LONGEST_LIST = 12
_DAY_GAP = re.compile(r" ?(?:of )?(?:the )?")
# A number that looks like a year is none after a comparator or before what it counts.
_COUNTED_BEFORE = re.compile(
    r"(?:超过?|[大小高低多少等]于|不到|不足|至少|最多|达到|满|over|than|above|below|under|least|most|top"
    r"|前|第|[><=≥≤#¥$]) ?$"
)
COUNTED_AFTER = re.compile(
    r" ?(?:[元块个人单次件位名万千百分]|yuan|rmb|usd|dollars?|points?|times)"
)


def named(line: Line, at: int) -> Found | None:
    """Read one named time."""
    found = mention(line, at)
    if found is None:
        return None
    slots, end = _with_shared_month(line, at, found[0]), found[1]
    reading = resolve(slots, line.clock, _shared_year(line, at, slots, end))
    if line.follows(end, "that_week") and reading.period:
        week = periods.unit_at("week", reading.period.start, line.clock)
        reading, end = replace(reading, period=week), end + 1
    return [line.range(at, end, reading)], end


def listed(line: Line, at: int) -> Found | None:
    """Read 7、8、9月: each number is a month of its own."""
    last = at
    while line.kind(last) == "number" and line.follows(last + 1, "and") and last < at + 24:
        if line.meaning(last + 1).code != "list":
            return None
        last += 2
    found = mention(line, last) if last > at and line.linked(last) else None
    if found is None or set(found[0]) != {"month"} or line.meaning(last).code != "digits":
        return None
    months = [as_kind(line.tokens[n], "month", line.meaning(n).number) for n in range(at, last, 2)]
    spans = [
        line.range(n, n + 1, resolve({"month": month}, line.clock))
        for n, month in zip(range(at, last, 2), months, strict=True)
    ]
    return [*spans, line.range(last, found[1], resolve(found[0], line.clock))], found[1]


def days_of(line: Line, at: int) -> tuple[Period, int] | None:
    """Read a named time and its days; None where there is none or it does not exist."""
    found = mention(line, at, sure=True)
    period = resolve(found[0], line.clock).period if found else None
    return (period, found[1]) if found and period else None


def mention(line: Line, at: int, sure: bool = False) -> Mention | None:
    """Gather the longest readable run of slots; ``sure`` where other words prove a date."""
    slots: dict[str, Token] = {}
    best: Mention | None = None
    here = at
    while here < len(line.tokens) and (here == at or line.linked(here)):
        slot = _slot(line, here, slots, sure)
        if slot is None or slot[0] in slots:
            break
        name, token, here = slot
        slots[name] = token
        if frozenset(slots) in READABLE and (sure or _is_plainly_a_time(slots)):
            best = dict(slots), here
    return best


def _slot(line: Line, at: int, slots: Slots, sure: bool) -> _Slot | None:
    token = line.tokens[at]
    kind, meaning = token.kind, token.meaning
    if kind == "year" and meaning.code == "bare" and not (sure or _may_be_year(line, token)):
        return None
    if kind == "shift" and meaning.unit == "year":
        return "year", as_kind(token, "year", meaning.number, code="shift"), at + 1
    if kind in _PLAIN:
        return kind, token, at + 1
    if kind == "part":
        return "part_unit" if meaning.unit else "part", token, at + 1
    if kind == "number":
        return _number_as_day(line, at, slots)
    if kind == "duration":
        return _duration_as_year(line, at)
    return _pointed(line, at, slots)


def _may_be_year(line: Line, token: Token) -> bool:
    if _COUNTED_BEFORE.search(line.text[max(0, token.begin - 8) : token.begin]):
        return False
    return not COUNTED_AFTER.match(line.text, token.end)


def _number_as_day(line: Line, at: int, slots: Slots) -> _Slot | None:
    """Read the 5 of "Oct 5" and "5 October"."""
    day = "day", as_kind(line.tokens[at], "day", line.meaning(at).number), at + 1
    if line.kind(at + 1) == "month" and line.linked(at + 1, _DAY_GAP):
        return day if line.meaning(at + 1).code != "digits" else None
    month = slots.get("month")
    if month is None or month.meaning.code == "digits" or line.kind(at - 1) != "month":
        return None
    # "In September 10 cities": a day would be "on September 10".
    counts = line.text.endswith("in ", 0, month.begin) and not line.follows(at + 1, "year")
    return None if counts else day


def _duration_as_year(line: Line, at: int) -> _Slot | None:
    """Read 25年 as 2025 where nothing around it asks for a length."""
    meaning = line.meaning(at)
    year = 2000 + meaning.number
    known = line.clock.as_of.year - 6 <= year <= line.clock.as_of.year + 1
    if meaning.code != "short_year" or not known:
        return None
    if line.linked(at) and line.kind(at - 1) in ("recent", "next", "front", "final", "within"):
        return None
    if line.follows(at + 1, "front", "within", "ago"):
        return None
    return "year", as_kind(line.tokens[at], "year", year, code="short"), at + 1


def _pointed(line: Line, at: int, slots: Slots) -> _Slot | None:
    """Read last, this, next before a unit or a name, and the unit of "end of the month"."""
    token, kind = line.tokens[at], line.kind(at)
    if kind == "unit" and "part" in slots:
        return _unit_slot(token, token.meaning.unit, 0, at + 1)
    steps = {"this": 0, "next": 1, "recent": -1}.get(kind)
    if steps is None or token.meaning.code not in ("", "calendar"):
        return None
    if line.follows(at + 1, "unit"):
        return _unit_slot(token, line.meaning(at + 1).unit, steps, at + 2)
    if line.kind(at + 1) in _POINTED_AT and line.linked(at + 1, CLOSE):
        return "pick", token, at + 1
    return None


def _unit_slot(token: Token, unit: Unit | None, steps: int, end: int) -> _Slot:
    if unit == "year":
        return "year", as_kind(token, "year", steps, code="shift"), end
    return "shift", as_kind(token, "shift", steps, unit), end


def _is_plainly_a_time(slots: Slots) -> bool:
    """Leave out what is a date only among dates: 10/5, 9.1, 5日, a season without its year."""
    if set(slots) == {"day"}:
        return slots["day"].meaning.code == "号" or slots["day"].meaning.extra == 1
    if set(slots) == {"season"}:
        return has_year(slots)
    if "date" not in slots:
        return True
    month, day = divmod(slots["date"].meaning.number, 100)
    if slots["date"].meaning.code == "slash":
        return 12 < day <= 31 and month <= 12
    return slots["date"].meaning.code not in ("dot", "dash")


def _listed_before(line: Line, at: int) -> int | None:
    """Find where the time begins that a list joins to this one: 9月和, "Q1, "."""
    joined = line.kind(at - 1) == "and" and line.linked(at - 1) and line.linked(at)
    last = at - 2 if joined else at - 1
    if not joined and not _LIST_GAP.fullmatch(line.gap(at) if at else "x"):
        return None
    for start in range(max(last - 4, 0), last + 1):
        found = mention(line, start)
        if found and found[1] == last + 1:
            return start
    return None


def _with_shared_month(line: Line, at: int, slots: dict[str, Token]) -> dict[str, Token]:
    """Take over the month of 9月29日和30日."""
    start = _listed_before(line, at) if set(slots) == {"day"} else None
    before = mention(line, start) if start is not None else None
    if before is None or not before[0].keys() & {"month", "shift"}:
        return slots
    return {**before[0], **slots}


def _shared_year(line: Line, at: int, slots: Slots, end: int) -> Bounds:
    """Take over a year said in the same list: 去年9月和10月, "Q1, Q2 and Q3 2025"."""
    kinds = slots.keys() & {"month", "quarter", "half", "festival"}
    if has_year(slots) or not kinds:
        return NO_BOUNDS
    start: int | None = at
    for _ in range(_LONGEST_LIST):
        start = _listed_before(line, start) if start else None
        before = mention(line, start) if start is not None else None
        if before is None or not before[0].keys() & kinds:
            break
        if has_year(before[0]):
            return _year_of(line, before[0])
    return _year_after(line, slots, end)


def _year_after(line: Line, slots: Slots, end: int) -> Bounds:
    """Find the year at the end of an English list; 9月和去年9月 shares none."""
    for _ in range(_LONGEST_LIST):
        if line.follows(end, "and") and line.linked(end + 1):
            end += 1
        elif not (end < len(line.tokens) and _LIST_GAP.fullmatch(line.gap(end))):
            break
        after = mention(line, end)
        if after is None or line.kind(end) not in slots or _same_name(slots, after[0]):
            break
        if has_year(after[0]):
            return _year_of(line, after[0])
        end = after[1]
    return NO_BOUNDS


def _same_name(slots: Slots, other: Slots) -> bool:
    return any(
        name in other and other[name].meaning.number == token.meaning.number
        for name, token in slots.items()
    )


def _year_of(line: Line, slots: Slots) -> Bounds:
    period = resolve(slots, line.clock).period
    return Bounds(year=period.start.year) if period else NO_BOUNDS
