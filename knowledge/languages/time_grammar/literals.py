"""Dates written in digits, the same in every language, as token rules."""

from __future__ import annotations

import re

from knowledge.languages.time_grammar.tokens import Meaning, Rule, constant


def _year_month_day(match: re.Match[str]) -> Meaning:
    year, month, day = (int(part) for part in match.groups())
    return Meaning("date", year * 10_000 + month * 100 + day)


def _year_month(match: re.Match[str]) -> Meaning:
    return Meaning("date", int(match[1]) * 10_000 + int(match[match.lastindex or 2]) * 100)


def _month_year(match: re.Match[str]) -> Meaning:
    return Meaning("date", int(match[2]) * 10_000 + int(match[1]) * 100)


def _slashed(match: re.Match[str]) -> Meaning:
    """Read 10/31/2026, or 31/10/2026 where only that is a date."""
    first, second, year = (int(part) for part in match.groups())
    month, day = _month_and_day(first, second)
    return Meaning("date", year * 10_000 + month * 100 + day, code="month_first")


def _month_day(match: re.Match[str]) -> Meaning:
    month, day = _month_and_day(int(match[1]), int(match[3]))
    code = {"/": "slash", ".": "dot"}.get(match[2], "dash")
    return Meaning("date", month * 100 + day, code=code)


def _month_and_day(first: int, second: int) -> tuple[int, int]:
    return (second, first) if first > 12 >= second else (first, second)


_YEAR = r"(?<![\d.])((?:19|20)\d\d)"
# A hyphen may join two dates, but no word and its number.
_START = r"(?<![\d/.])(?<![a-z]-)"
_NO_FESTIVAL = r"(?!(?:11\.11|12\.12|6\.18)(?! ?[-~到至\d]))"
DATES = (
    Rule(_YEAR + r"[-/.](\d{1,2})[-/.](\d{1,2})(?!\d|\.\d) ?[日号]?", _year_month_day),
    Rule(_YEAR + r" ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]?(?!\d)", _year_month_day),
    Rule(_YEAR + r"(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)", _year_month_day),
    Rule(_YEAR + r"(?:[-/](\d{1,2})|\.(0\d|1[0-2]))(?![\d.%万亿千百/-])", _year_month),
    Rule(_YEAR + r"(0[1-9]|1[0-2])(?![\d万亿千百元个单人])", _year_month),
    Rule(_START + r"(\d{1,2})[-/](\d{1,2})[-/]((?:19|20)\d\d)(?!\d)", _slashed),
    Rule(_START + r"(\d{1,2})[-/]((?:19|20)\d\d)(?![\d/])", _month_year),
    Rule(_START + r"(\d{1,2})(/)(\d{1,2})(?![\d/%.])", _month_day),
    Rule(_START + _NO_FESTIVAL + r"(\d{1,2})(\.)(\d{1,2})(?![\d/%.万亿千百kmb])", _month_day),
    Rule(r"(?<=[到至~])(\d\d)(-)(\d\d)(?![\d-])", _month_day),
)
NUMBERS = (
    Rule(
        _YEAR + r"(?![\d.,]\d|[a-z%]| ?'?s(?![a-z])| ?年代)",
        lambda match: Meaning("year", int(match[1]), code="bare"),
    ),
    Rule(
        r"(?<![\d.,/:a-z$¥])(?<![a-z]-)\d{1,2}(?![.,/:]?\d|[a-z%])",
        lambda match: Meaning("number", int(match[0])),
    ),
)
CONNECTORS = (constant("[-~]{1,2}", Meaning("to", code="dash")), constant("&", Meaning("and")))
