"""English time words as token rules; tried in order, so longer forms stand first."""

from __future__ import annotations

import re

from knowledge.languages.en import numbers
from knowledge.languages.spans import Unit
from knowledge.languages.time_grammar.tokens import Meaning, Rule, constant

MONTH_NAMES = ("january", "february", "march", "april", "may", "june", "july", "august",
               "september", "october", "november", "december")  # fmt: skip
MONTHS = {name[:3]: number for number, name in enumerate(MONTH_NAMES, start=1)}
WEEKDAYS = {
    day: number for number, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
}
SEASONS = {"spring": 0, "summer": 1, "autumn": 2, "fall": 2, "winter": 3}
UNITS: dict[str, Unit] = {
    "day": "day", "daily": "day", "week": "week", "weekly": "week", "wk": "week", "month": "month",
    "monthly": "month", "mo": "month", "quarter": "quarter", "quarterly": "quarter",
    "qtr": "quarter", "half year": "half", "half-year": "half", "year": "year", "yearly": "year",
    "yr": "year", "annual": "year", "annually": "year", "d": "day", "w": "week", "m": "month",
    "q": "quarter", "y": "year", "fortnight": "week",
}  # fmt: skip
ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4,
            "4th": 4, "fifth": 5, "5th": 5}  # fmt: skip

FESTIVALS = {
    r"double[ -]?(?:11|eleven)|singles'? day": "double_11",
    r"double[ -]?(?:12|twelve)": "double_12",
    "mid-?year sale": "618",
    "black friday": "black_friday",
    "cyber monday": "cyber_monday",
    "new year'?s eve": "new_year_eve",
    "(?:chinese|lunar) new year'?s eve": "new_year_eve_cn",
    "(?:chinese|lunar) new year|spring festival|cny(?= (?:holiday|period|season|week))": (
        "spring_festival"
    ),
    "new year'?s day": "new_year",
    "lantern festival": "lantern",
    "valentine'?s(?: day)?": "valentine",
    "(?:international )?women'?s day": "women",
    "qingming(?: festival)?|tomb[- ]sweeping(?: day)?": "tombs",
    "easter(?: sunday)?": "easter",
    "labou?r day|may day|(?:international )?workers'? day": "may_day",
    "mother'?s day": "mother",
    "children'?s day": "children",
    "father'?s day": "father",
    "dragon boat(?: festival)?": "boats",
    "qixi(?: festival)?": "qixi",
    "teacher'?s'? day": "teacher",
    "mid-?autumn(?: festival)?|moon festival": "moon",
    "(?:china'?s )?national day|golden week": "national_day",
    "double ninth(?: festival)?": "ninth",
    "halloween": "halloween",
    "thanksgiving(?: day)?": "thanksgiving",
    "christmas eve": "christmas_eve",
    "christmas(?: day)?|xmas": "christmas",
}

_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_WEEKDAY = "mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun"
_FULL_WEEKDAY = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_SPAN = "day|week|month|quarter|year"
_UNIT = "day|week|wk|month|quarter|qtr|half[- ]year|year|yr|fortnight"
# "2018 or before 2020" names another time; "2018 or before" is one.
_NO_TIME = rf"(?! (?:\d|the|last|this|{_MONTH}))"
_OVER = "[- ]?(?:over|on|to)[- ]?"
# "May" and short weekdays are other words too, unless something around them speaks of time.
_BEFORE_MAY = "|".join(
    f"(?<={word} )"
    for word in (
        "in", "since", "from", "until", "till", "before", "after", "during", "last", "this", "next",
        "early", "mid", "late", "of", "to", "and", "vs", "between", "through", "by", "for", "st",
        "nd", "rd", "th",
    )
)  # fmt: skip
_BEFORE_WEEKDAY = "|".join(
    f"(?<={w})" for w in ("last ", "this ", "next ", "on ", "since ", "to ", "-")
)


def _full_year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _month(match: re.Match[str]) -> Meaning:
    return Meaning("month", MONTHS[match.group()[:3]])


def _date(year: str, month: str, day: str) -> Meaning:
    return Meaning("date", int(year) * 10_000 + MONTHS[month[:3]] * 100 + int(day))


def _weekday(match: re.Match[str]) -> Meaning:
    return Meaning("weekday", WEEKDAYS[match.group()[:3]])


def _same_over(match: re.Match[str]) -> Meaning:
    """Read month over month, MoM, YoY, week on week."""
    unit = UNITS[match[1] or match.group()[0]]
    code = "previous_year" if unit == "year" else "previous_period"
    return Meaning("comparison", unit=unit, code=code)


def _same_period(match: re.Match[str]) -> Meaning:
    code = "previous_year" if match[1] == "year" else "previous_period"
    return Meaning("comparison", code=code, extra=1)


def _duration(match: re.Match[str]) -> Meaning:
    count, whole, name = match.groups()
    unit = UNITS[re.sub("(?<=[a-z]{2})s$", "", name)]
    factor = 2 if name.startswith("fortnight") else 1
    if count in ("few", "a few", "several"):
        return Meaning("duration", 3 * factor, unit, "few")
    if "couple" in count:
        return Meaning("duration", 2 * factor, unit)
    value = (
        1 if count in ("a", "an") else float(count) if count[0].isdigit() else numbers.read(count)
    )
    if value != int(value):
        return _fraction(float(value), unit)
    return Meaning("duration", int(value) * factor, unit, "whole" if whole else "")


def _fraction(value: float, unit: Unit) -> Meaning:
    if unit == "year":
        return Meaning("duration", round(value * 12), "month")
    if unit == "month":
        return Meaning("duration", int(value), "month", extra=15)
    return Meaning("duration", round(value * {"week": 7, "quarter": 90}.get(unit, 1)), "day")


def _short_window(match: re.Match[str]) -> Meaning:
    """Read L30D, T12M, R7D."""
    return Meaning("window", int(match[1]), UNITS[match[2]])


def _word(pattern: str, meaning: Meaning) -> Rule:
    """Make a rule of whole Latin words."""
    return constant(f"(?<![a-z0-9'])(?:{pattern})(?![a-z])", meaning)


COMPARISONS = (
    Rule(
        f"(?<![a-z])(?:({_SPAN}){_OVER}(?:{_SPAN})|yoy|qoq)(?![a-z])",
        _same_over,
    ),
    # "Mom" and "wow" are other words too.
    Rule(
        "(?<![a-z])(?:mom|wow|dod)(?![a-z']| (?:and|&) (?:bab|kid|child|dad))",
        lambda match: Meaning("comparison", -1, UNITS[match.group()[0]], "previous_period"),
    ),
    Rule(
        "(?<![a-z])(?:the )?same (?:period|time|months?|weeks?|quarter|days?|dates?|stretch|window)"
        "(?: (?:of|in|from))?(?: the)? (?:last|previous|prior) (year|quarter|month|week)(?![a-z])",
        _same_period,
    ),
    Rule("(?<![a-z])this time last (year|quarter|month|week)(?![a-z])", _same_period),
    _word(
        "(?:the )?(?:year-ago|year-earlier|prior-year|last year'?s) (?:same )?period",
        Meaning("comparison", code="previous_year", extra=1),
    ),
    _word(
        "(?:the )?(?:previous|prior|preceding|last) (?:equivalent |comparable )?(?:time )?period"
        "|the (?:period|time) before",
        Meaning("comparison", code="previous_period", extra=1),
    ),
    Rule(
        "(?<![a-z])the (day|week|month|quarter|year) before(?= *(?:[?.,;!)]|$))",
        lambda match: Meaning(
            "comparison",
            unit=UNITS[match[1]],
            code="previous_year" if match[1] == "year" else "previous_period",
            extra=1,
        ),
    ),
)
GRAINS = (
    Rule(
        f"(?<![a-z])({_SPAN})[- ]by[- ](?:{_SPAN})(?![a-z])",
        lambda match: Meaning("grain", unit=UNITS[match[1]]),
    ),
    Rule(
        "(?<![a-z])(?:by(?: the)?|per|each|every)(?: calendar)? (day|week|month|quarter|year)"
        "(?![a-z]| of (?:the )?week|-)",
        lambda match: Meaning("grain", unit=UNITS[match[1]]),
    ),
    Rule(
        "(?<![a-z])(?:on an? )?(daily|weekly|monthly|quarterly|yearly|annually|annual)(?: basis)?"
        "(?![a-z])",
        lambda match: Meaning("grain", unit=UNITS[match[1]]),
    ),
    _word("trend(?:s|line|ing)?|over time|time series", Meaning("grain")),
)
YEARS = (
    Rule(
        r"(?<![a-z])(?:fy ?'?|fiscal (?:year )?|financial year )((?:19|20)\d\d|\d\d)(?!\d)",
        lambda match: Meaning("year", _full_year(match[1]), code="fiscal"),
    ),
    Rule(
        "(?<![a-z])(?:the )?(last|previous|prior|this|current|next) (?:fiscal|financial) year"
        "(?![a-z])",
        lambda match: Meaning(
            "year", {"this": 0, "current": 0, "next": 1}.get(match[1], -1), code="fiscal_shift"
        ),
    ),
    Rule(
        r"(?<!\d)((?:19|20)\d\d|\d\d)(?=-?[qh][1-4](?![a-z0-9]))|(?<=[1-4]q)(20\d\d|\d\d)(?!\d)",
        lambda match: Meaning("year", _full_year(match[1] or match[2])),
    ),
    Rule(
        r"(?:(?<=[qh][1-4])|(?<=[qh][1-4]['/-]))(20\d\d|\d\d)(?!\d)",
        lambda match: Meaning("year", _full_year(match[1])),
    ),
    Rule(
        r"(?<![a-z])(?:the )?year ((?:19|20)\d\d)(?!\d)",
        lambda match: Meaning("year", int(match[1])),
    ),
    Rule(
        "(?<![a-z])the (week|month|quarter|year) (before last|after (?:the )?next)(?![a-z])",
        lambda match: Meaning("shift", -2 if match[2] == "before last" else 2, UNITS[match[1]]),
    ),
    Rule(
        "(?<![a-z])(?<!last )(?<!prior )(?<!previous )(?:the |this )?"
        "(?:(year|quarter|month|week)[- ]to[- ]date|([yqmw])td)(?![a-z])",
        lambda match: Meaning("to_date", unit=UNITS[match[1] or match[2]]),
    ),
    Rule(
        "(?<![a-z])(?:(?:so far|earlier) (?:this|in the) (year|quarter|month|week)"
        "|this (year|quarter|month|week) so far)(?![a-z])",
        lambda match: Meaning("to_date", unit=UNITS[match[1] or match[2]]),
    ),
)
UNITS_OF_A_YEAR = (
    Rule(
        r"(?<![a-z])(?:(fiscal) )?(?:q([1-4])(?:['/-](?=(?:20)?\d\d(?!\d)))?"
        "|(?:the )?(first|1st|second|2nd|third|3rd|fourth|4th)(?: fiscal)? quarter"
        r"|quarter ([1-4])|([1-4])q(?=\d\d))(?: ?季度)?(?![a-z]|\d(?!\d))",
        lambda match: Meaning(
            "quarter",
            int(match[2] or match[4] or match[5] or ORDINALS[match[3]]),
            code="fiscal" if "fiscal" in match.group() else "",
        ),
    ),
    Rule(
        r"(?<![a-z])(?:h([12])(?:['/-](?=(?:20)?\d\d(?!\d)))?"
        r"|(?:the )?(first|1st|second|2nd)[- ]half)(?: year| of(?= ))?(?![a-z]|\d(?!\d))",
        lambda match: Meaning("half", int(match[1] or ORDINALS[match[2]])),
    ),
    Rule(
        r"(?<![a-z])(?:the )?(first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th)"
        "(?: full| calendar)? week(?![a-z])",
        lambda match: Meaning("week", ORDINALS[match[1]]),
    ),
    Rule(
        r"(?<![a-z])(?:the )?(?:week |w)(\d{1,2})(?![\da-z])",
        lambda match: Meaning("week", int(match[1])),
    ),
    _word(
        "(?<!last )(?<!final )(?:the )?"
        "(?:week (?:of|commencing|starting|beginning|ending)(?: on)?|w/c)",
        Meaning("week_of"),
    ),
)
FESTIVAL_NAMES = tuple(
    _word(f"(?:{pattern})(?: (?:holidays?|shopping festival))?", Meaning("festival", code=code))
    for pattern, code in FESTIVALS.items()
)
SEASON_NAMES = (
    Rule(
        f"(?<![a-z])({'|'.join(SEASONS)})(?![a-z])",
        lambda match: Meaning("season", SEASONS[match[1]]),
    ),
)
_NUMBER = numbers.SMALL
DURATIONS = (
    Rule(r"(?<![a-z0-9])[ltr](\d{1,3})([dwmqy])(?![a-z0-9])", _short_window),
    _word("ttm|ltm", Meaning("window", 12, "month")),
    Rule(
        r"(?<![a-z0-9.])(\d{1,5}(?:\.\d)?|a couple(?: of)?|couple(?: of)?|a few|few|several|an?"
        rf"|{_NUMBER})[- ]?((?:full|complete|whole|calendar) )?((?:{_UNIT})s?|(?<=\d)[dwy])"
        "(?![a-z])",
        _duration,
    ),
    _word("half(?: an?|-a)?[- ]year", Meaning("duration", 6, "month")),
    _word("(?:an? )?year and a half", Meaning("duration", 18, "month")),
    _word("fortnight", Meaning("duration", 2, "week")),
)
_YEAR = r"((?:19|20)\d\d)"
DATES = (
    Rule(
        rf"(?<!\d)(\d{{1,2}})[-/]({_MONTH}|may)[-/]{_YEAR}(?!\d)",
        lambda match: _date(match[3], match[2], match[1]),
    ),
    Rule(
        rf"(?<!\d){_YEAR}[-/]({_MONTH}|may)[-/](\d{{1,2}})(?!\d)",
        lambda match: _date(match[1], match[2], match[3]),
    ),
    Rule(
        rf"(?<![a-z])({_MONTH}|may)[-/]{_YEAR}(?!\d)",
        lambda match: _date(match[2], match[1], "0"),
    ),
)
DAYS = (
    Rule(f"(?<![a-z])(?:{_MONTH})(?![a-z])\\.?", _month),
    Rule(
        rf"(?:{_BEFORE_MAY}|(?<=\d )|(?<=[-(]))may(?![a-z])|(?<![a-z])may(?=,? ?\d|-| to | vs )",
        _month,
    ),
    Rule(
        r"(?<![\d.])(\d{1,2})(?:st|nd|rd|th)(?: day)?(?![a-z])",
        lambda match: Meaning("day", int(match[1])),
    ),
    _word("today", Meaning("shift", 0, "day")),
    _word("the day before yesterday", Meaning("shift", -2, "day")),
    _word("yesterday", Meaning("shift", -1, "day")),
    _word("the day after tomorrow", Meaning("shift", 2, "day")),
    _word("tomorrow", Meaning("shift", 1, "day")),
    Rule(f"(?<![a-z])(?:{_FULL_WEEKDAY})(?![a-z])", _weekday),
    Rule(
        f"(?:{_BEFORE_WEEKDAY})(?:{_WEEKDAY})(?![a-z])|(?<![a-z])(?:{_WEEKDAY})(?=-(?:{_WEEKDAY})(?![a-z]))",
        _weekday,
    ),
    _word("weekend", Meaning("weekend")),
)
PARTS_OF_UNITS = (
    _word("early(?: in)?|(?:the )?(?:beginning|start) of", Meaning("part", code="early")),
    constant("(?<![a-z])(?:mid[- ]|(?:the )?middle of(?= ))", Meaning("part", code="mid")),
    _word("late(?: in)?|(?:the )?end of", Meaning("part", code="late")),
    _word("month[- ]end", Meaning("part", unit="month", code="late")),
    _word("year[- ]end", Meaning("part", unit="year", code="late")),
)
WINDOWS = (
    _word(
        "(?:the |this )?(?:most recent|past|trailing|latest|rolling)|these",
        Meaning("recent", code="rolling"),
    ),
    _word("recent", Meaning("recent", code="adjective")),
    _word("(?:the )?(?:last|previous|prior|preceding)", Meaning("recent", code="calendar")),
    _word("recently|lately|these days", Meaning("recent", code="vague")),
    _word("(?:the )?(?:next|coming|upcoming|following)", Meaning("next")),
    _word("this|(?:the )?current", Meaning("this")),
    _word("the first|first", Meaning("front")),
    _word("within", Meaning("within")),
    _word("ago|earlier", Meaning("ago")),
    _word(
        f"onwards?|(?:and|or) later|and onwards?|and after{_NO_TIME}|to date|so far"
        "|(?:up )?to (?:now|present)",
        Meaning("onwards"),
    ),
    _word(f"(?:and|or) (?:before|earlier){_NO_TIME}", Meaning("up_to")),
    _word("since|starting(?: (?:from|on|in))?|beginning(?: in)?", Meaning("since")),
    _word("until|till?|up (?:to|until)|as of|not? later than", Meaning("until")),
    _word("before|prior to|earlier than", Meaning("before")),
    _word("after|later than", Meaning("after")),
    _word("from", Meaning("from")),
    _word("(?:in )?between", Meaning("between")),
    _word("to", Meaning("to")),
    _word("through|thru", Meaning("to", code="through")),
    _word("now|date|present", Meaning("now")),
    Rule(
        "(?<![a-z])(?:the )?(?:calendar )?(day|week|month|quarter|year)(?:'s)?(?![a-z])",
        lambda match: Meaning("unit", unit=UNITS[match[1]]),
    ),
)
CONNECTORS = (
    _word(
        "(?:as )?compared? (?:to|with|against)|(?:in )?comparison (?:to|with)|comparing (?:to|with)"
        "|versus|vs\\.?|against|relative to|than|over(?= the (?:previous|prior|preceding))"
        "|(?:(?<=up )|(?<=down )|(?<=grew )|(?<=fell )|(?<=rose )|(?<=changed )|(?<=change ))from",
        Meaning("than"),
    ),
    _word("and", Meaning("and")),
)
RULES: tuple[Rule, ...] = (
    *DATES,
    *COMPARISONS,
    *GRAINS,
    *YEARS,
    *UNITS_OF_A_YEAR,
    *FESTIVAL_NAMES,
    *SEASON_NAMES,
    *DURATIONS,
    *DAYS,
    *PARTS_OF_UNITS,
    *CONNECTORS,
    *WINDOWS,
)
