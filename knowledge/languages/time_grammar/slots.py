"""A named time: the slots its words fill ("October", "last year", "the 5th"), and its days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from knowledge.languages.spans import Clock, Unit
from knowledge.languages.time_grammar import periods
from knowledge.languages.time_grammar.festivals import BY_CODE
from knowledge.languages.time_grammar.periods import DAY, Period
from knowledge.languages.time_grammar.tokens import Token

# What may go with what, in any order: "9月 去年" reads like "去年9月". An empty part: alone.
_COMBINATIONS = {
    "year": """| part | part_unit | half | half part | quarter | quarter part | quarter part_unit
        | quarter week | month | month part | month part_unit | month half | month week | month day
        | month day weekday | month day main_day | week | season | festival | festival main_day
        | date | shift""",
    "shift": "| part | part_unit | half | half part | quarter | week | day | weekday | weekend",
    "half": "| part | month",
    "quarter": "| part | part_unit | week",
    "month": "| part | part_unit | week | day | day weekday | day main_day",
    "pick": """month | month part | month day | quarter | half | season | festival | weekday
        | weekend | part_unit""",
    "festival": "| main_day",
    "date": "| weekday | main_day | part",
    "day": "| weekday",
    "season": "", "week": "", "week_day": "", "weekday": "", "weekend": "", "part_unit": "",
}  # fmt: skip
READABLE = frozenset(
    frozenset([head, *rest.split()])
    for head, rests in _COMBINATIONS.items()
    for rest in rests.split("|")
    if rest.split() or head != "pick"
)
_YEARS_BACK = 9


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the neighbourhood says about a time without a year."""

    year: int | None = None
    not_before: date | None = None
    not_after: date | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The days of a time, and the convention they rest on; no period: there is no such time."""

    period: Period | None
    assumed: str | None = None
    other: tuple[date | None, date | None] | None = None
    weak: bool = False


Slots = Mapping[str, Token]
IMPOSSIBLE = Reading(None, "impossible_date")
NO_BOUNDS = Bounds()


def has_year(slots: Slots) -> bool:
    """Tell whether the slots say their year, by number or relative to now."""
    if slots.keys() & {"year", "shift", "pick", "week_day"}:
        return True
    if "season" in slots and slots["season"].meaning.code == "shift":
        return True
    return "date" in slots and slots["date"].meaning.number > 10_000


def resolve(slots: Slots, clock: Clock, bounds: Bounds = NO_BOUNDS) -> Reading:
    """Turn slots into days; a time without a year is the latest that has begun by ``as_of``."""
    try:
        reading = _resolve(slots, clock, bounds)
        if "quarter" in slots and clock.fiscal_year_start != 1 and reading.period:
            return _with_fiscal_quarter(reading, slots, clock, bounds)
    except (ValueError, OverflowError):
        return IMPOSSIBLE
    return reading


def _with_fiscal_quarter(reading: Reading, slots: Slots, clock: Clock, bounds: Bounds) -> Reading:
    """Add the fiscal quarter as the second reading of a plain "Q3"."""
    quarter, year = slots["quarter"], slots.get("year")
    if quarter.meaning.code == "fiscal" or (year and year.meaning.code.startswith("fiscal")):
        return reading
    fiscal = replace(quarter, meaning=quarter.meaning._replace(code="fiscal"))
    period = _resolve({**slots, "quarter": fiscal}, clock, bounds).period
    other = (period.start, period.stop) if period else None
    return replace(reading, assumed="calendar_quarter", other=other)


def _resolve(slots: Slots, clock: Clock, bounds: Bounds) -> Reading:
    if "shift" in slots and "year" in slots:
        return _same_day(slots, clock)
    if "date" in slots:
        said = Bounds(_year(slots, clock)) if "year" in slots else bounds
        return _literal(slots["date"], clock, said)
    if "year" in slots or ("season" in slots and slots["season"].meaning.code == "shift"):
        return _of_year(slots, _year(slots, clock), clock)
    if "pick" in slots:
        return _picked(slots, clock)
    if "shift" in slots:
        return _shifted(slots, clock)
    if "week_day" in slots:
        return Reading(_week_day(slots["week_day"], clock))
    if slots.keys() & {"month", "quarter", "half", "season", "festival", "week"}:
        return _yearless(slots, clock, bounds)
    return _small(slots, clock, bounds)


def _year(slots: Slots, clock: Clock) -> int:
    meaning = (slots.get("year") or slots["season"]).meaning
    if meaning.kind == "season":
        return clock.as_of.year + meaning.extra
    if meaning.code == "shift":
        return clock.as_of.year + meaning.number
    if meaning.code == "fiscal_shift":
        return periods.fiscal_year_of(clock.as_of, clock) + meaning.number
    return meaning.number


def _of_year(slots: Slots, year: int, clock: Clock) -> Reading:
    code = slots["year"].meaning.code if "year" in slots else ""
    if code.startswith("fiscal") or (
        "quarter" in slots and slots["quarter"].meaning.code == "fiscal"
    ):
        return _of_fiscal_year(slots, year, clock)
    reading = _in_year(slots, year, clock)
    if reading.period and code == "short":
        return replace(reading, assumed=reading.assumed or "short_year")
    return replace(reading, weak=code == "bare" and len(slots) == 1)


def _in_year(slots: Slots, year: int, clock: Clock) -> Reading:
    """Read the slots within a known calendar year."""
    if "festival" in slots:
        return _festival(slots, year)
    if "season" in slots:
        start = date(year, 3 * slots["season"].meaning.number + 3, 1)
        return Reading(Period(start, periods.add_months(start, 3)), "season_months")
    whole = _unit_of_year(slots, year)
    if whole is None:
        return IMPOSSIBLE
    return _narrow(slots, whole, clock)


def _unit_of_year(slots: Slots, year: int) -> Period | None:
    for kind, months in (("month", 1), ("quarter", 3), ("half", 6)):
        if kind in slots:
            number = slots[kind].meaning.number
            if not 1 <= number <= 12 // months:
                return None
            start = date(year, months * (number - 1) + 1, 1)
            unit: Unit = "month" if months == 1 else "quarter" if months == 3 else "half"
            return Period(start, periods.add_months(start, months), unit)
    return Period(date(year, 1, 1), date(year + 1, 1, 1), "year")


def _of_fiscal_year(slots: Slots, year: int, clock: Clock) -> Reading:
    whole = periods.fiscal_year(year, clock)
    for kind, months in (("quarter", 3), ("half", 6)):
        if kind in slots:
            number = slots[kind].meaning.number
            if not 1 <= number <= 12 // months:
                return IMPOSSIBLE
            start = periods.add_months(whole.start, months * (number - 1))
            unit: Unit = "quarter" if months == 3 else "half"
            whole = Period(start, periods.add_months(start, months), unit)
    return Reading(whole, "fiscal_year_by_end")


def _festival(slots: Slots, year: int) -> Reading:
    token = slots["festival"].meaning
    festival = BY_CODE[token.code]
    main, period = festival.main_day(year), festival.period(year)
    if main is None or period is None:
        return Reading(None, "festival_year_unknown")
    if "main_day" in slots or period == Period(main.start, main.stop):
        return Reading(main, "festival_day", weak=token.extra == 1)
    return Reading(period, festival.meaning, (main.start, main.stop), weak=token.extra == 1)


def _narrow(slots: Slots, whole: Period, clock: Clock) -> Reading:
    """Cut a day, week or part out of a whole unit."""
    period: Period | None = whole
    assumed = None
    if "half" in slots and whole.unit != "half":
        number = slots["half"].meaning.number
        period = periods.part_of(whole, "first_half" if number == 1 else "second_half")
        assumed = "part_of_period"
    if "day" in slots:
        day = date(whole.start.year, whole.start.month, slots["day"].meaning.number)
        period = Period(day, day + DAY, "day")
    elif "weekday" in slots and whole.unit == "week":
        period = periods.weekday_in(whole, slots["weekday"].meaning.number)
    elif "weekend" in slots:
        period = periods.weekend_at(whole.start + DAY * 3)
    elif "week" in slots:
        period = periods.week_of(whole, slots["week"].meaning.number, clock)
        assumed = "week_by_middle"
    part = slots.get("part") or slots.get("part_unit")
    if part and period:
        period, assumed = periods.part_of(period, part.meaning.code), "part_of_period"
    return Reading(period, assumed) if period else IMPOSSIBLE


def _shifted(slots: Slots, clock: Clock) -> Reading:
    meaning = slots["shift"].meaning
    whole = periods.unit_from_now(meaning.unit or "day", meaning.number, clock)
    if "quarter" in slots:
        return _in_year(slots, whole.start.year, clock)
    return _narrow(slots, whole, clock)


def _same_day(slots: Slots, clock: Clock) -> Reading:
    """Read 去年今天, and nothing else that names a year and a step."""
    meaning = slots["shift"].meaning
    if meaning.unit != "day":
        return IMPOSSIBLE
    day = clock.as_of + DAY * meaning.number
    start = day.replace(year=_year(slots, clock))
    return Reading(Period(start, start + DAY, "day"))


def _week_day(token: Token, clock: Clock) -> Period:
    week = periods.unit_from_now("week", token.meaning.number, clock)
    if token.meaning.extra == 7:
        return periods.weekend_at(week.start + DAY * 3)
    return periods.weekday_in(week, token.meaning.extra)


def _yearless(slots: Slots, clock: Clock, bounds: Bounds) -> Reading:
    """Choose the year: the given one, or the nearest within the bounds."""
    if "quarter" in slots and slots["quarter"].meaning.code == "fiscal":
        return _choose(lambda year: _of_fiscal_year(slots, year, clock), clock, bounds)
    if bounds.year is not None:
        return _in_year(slots, bounds.year, clock)
    return _choose(lambda year: _in_year(slots, year, clock), clock, bounds)


def _choose(at: Callable[[int], Reading], clock: Clock, bounds: Bounds) -> Reading:
    latest = bounds.not_after or clock.as_of
    oldest = latest.year - (1 if bounds.not_after else _YEARS_BACK)
    years = range(latest.year + 1, oldest - 1, -1)
    if bounds.not_before:
        years = range(bounds.not_before.year, bounds.not_before.year + _YEARS_BACK)
    unknown = IMPOSSIBLE
    for year in years:
        try:
            reading = at(year)
        except ValueError:
            continue
        if reading.period is None:
            unknown = reading
        elif bounds.not_before:
            if reading.period.start >= bounds.not_before:
                return reading
        elif reading.period.start <= latest:
            return replace(reading, assumed=reading.assumed or "latest_begun")
    return unknown


def _picked(slots: Slots, clock: Clock) -> Reading:
    """Read "last October", "this Friday", "next March" by the word before the name."""
    pick = slots["pick"].kind
    rest = {name: token for name, token in slots.items() if name != "pick"}
    if "weekday" in slots or "weekend" in slots:
        return _picked_day(rest, pick, clock)
    if pick == "this":
        return _in_year(rest, clock.as_of.year, clock)
    now = _choose(lambda year: _in_year(rest, year, clock), clock, NO_BOUNDS)
    if now.period is None:
        return now
    if pick == "next":
        return _yearless(rest, clock, Bounds(not_before=clock.as_of + DAY))
    if now.period.stop > clock.as_of:
        return _in_year(rest, now.period.start.year - 1, clock)
    before = _in_year(rest, now.period.start.year - 1, clock).period
    other = (before.start, before.stop) if before else None
    return replace(now, assumed="last_named_is_latest", other=other)


def _picked_day(slots: Slots, pick: str, clock: Clock) -> Reading:
    shift = {"this": 0, "next": 1}.get(pick, -1)
    week = periods.unit_from_now("week", shift, clock)
    if "weekend" in slots:
        return Reading(periods.weekend_at(week.start + DAY * 3))
    named = periods.weekday_in(week, slots["weekday"].meaning.number)
    if shift != -1:
        return Reading(named)
    this_week = periods.weekday_in(
        periods.unit_from_now("week", 0, clock), slots["weekday"].meaning.number
    )
    if this_week.start < clock.as_of:
        return Reading(this_week, "last_named_is_latest", (named.start, named.stop))
    return Reading(named)


def _small(slots: Slots, clock: Clock, bounds: Bounds) -> Reading:
    """Read a bare day of month, weekday, weekend or part: the latest that has begun."""
    latest = bounds.not_after or clock.as_of
    if "part_unit" in slots:
        return _part_of_running_unit(slots["part_unit"], latest, clock)
    if "weekend" in slots:
        period = periods.weekend_at(latest)
        return Reading(period if period.start <= latest else _back_a_week(period), weak=True)
    if bounds.not_before:
        days = (bounds.not_before + DAY * n for n in range(62))
    else:
        days = (latest - DAY * n for n in range(400))
    for day in days:
        if _matches(day, slots):
            return Reading(Period(day, day + DAY, "day"), "latest_begun", weak=True)
    return IMPOSSIBLE


def _matches(day: date, slots: Slots) -> bool:
    if "day" in slots:
        return day.day == slots["day"].meaning.number
    return day.weekday() == slots["weekday"].meaning.number


def _back_a_week(period: Period) -> Period:
    return Period(period.start - periods.WEEK, period.stop - periods.WEEK)


def _part_of_running_unit(token: Token, latest: date, clock: Clock) -> Reading:
    unit = token.meaning.unit or "month"
    for day in (latest, periods.beginning(unit, latest, clock) - DAY):
        period = periods.part_of(periods.unit_at(unit, day, clock), token.meaning.code)
        if period and period.start <= latest:
            return Reading(period, "part_of_period")
    return IMPOSSIBLE


def _literal(token: Token, clock: Clock, bounds: Bounds) -> Reading:
    """Read 20261001; month 0 or day 0 are not said, year 0 is to be chosen."""
    year, rest = divmod(token.meaning.number, 10_000)
    month, day = divmod(rest, 100)
    if not day:
        start = date(year, month, 1)
        return Reading(Period(start, periods.add_months(start, 1), "month"))
    if not year and bounds.year is None:
        reading = _choose(lambda y: _one_day(y, month, day), clock, bounds)
        return replace(reading, weak=token.meaning.code == "dot")
    reading = _one_day(year or bounds.year or 0, month, day)
    if token.meaning.code == "month_first" and day <= 12 and day != month:
        other = date(year, day, month)
        return replace(reading, assumed="month_first", other=(other, other + DAY))
    return reading


def _one_day(year: int, month: int, day: int) -> Reading:
    start = date(year, month, day)
    return Reading(Period(start, start + DAY, "day"))
