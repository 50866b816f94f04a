"""Dates written in digits, the same in every language, as token rules."""

from __future__ import annotations

import re

from knowledge.languages.time_grammar.tokens import Meaning, Rule, constant


def _literal(match: re.Match[str]) -> Meaning:
    year, month, day = (int(part) for part in match.groups())
    return Meaning("date", year * 10_000 + month * 100 + day)


def _month_literal(match: re.Match[str]) -> Meaning:
    return Meaning("date", int(match[1]) * 10_000 + int(match[match.lastindex or 2]) * 100)


def _slashed(match: re.Match[str]) -> Meaning:
    """Read 10/31/2026, or 31/10/2026 where only that is a date."""
    first, second, year = (int(part) for part in match.groups())
    month, day = (second, first) if first > 12 >= second else (first, second)
    return Meaning("date", year * 10_000 + month * 100 + day, code="month_first")


def _day_literal(match: re.Match[str]) -> Meaning:
    code = {"/": "slash", ".": "dot"}.get(match[2], "dash")
    return Meaning("date", int(match[1]) * 100 + int(match[3]), code=code)


_YEAR = r"(?<![\d.])((?:19|20)\d\d)"
DATES = (
    Rule(_YEAR + r" ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2})(?![\d.]\d?) ?(?:日|号)?", _literal),
    Rule(_YEAR + r"(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)", _literal),
    Rule(_YEAR + r"(?:[-/](\d{1,2})|\.(0\d|1[0-2]))(?![\d.%万亿千百/-])", _month_literal),
    Rule(_YEAR + r"(0[1-9]|1[0-2])(?![\d万亿千百元个单人])", _month_literal),
    Rule(r"(?<![\d/.-])(\d{1,2})[/-](\d{1,2})[/-]((?:19|20)\d\d)(?!\d)", _slashed),
    Rule(r"(?<![\d/.-])(\d{1,2})(/)(\d{1,2})(?![\d/%.])", _day_literal),
    Rule(r"(?<![\d/.])(?<![a-z]-)(\d{1,2})(\.)(\d{1,2})(?![\d/%.万亿千百kmb])", _day_literal),
    Rule(r"(?<=[到至~])(\d\d)(-)(\d\d)(?![\d-])", _day_literal),
)
NUMBERS = (
    Rule(_YEAR + r"(?![\d.,]\d|[a-z%])", lambda m: Meaning("year", int(m[1]), code="bare")),
    Rule(
        r"(?<![\d.,/:a-z$¥])(?<![a-z]-)\d{1,2}(?![.,/:]?\d|[a-z%])",
        lambda m: Meaning("number", int(m[0])),
    ),
)
CONNECTORS = (constant("[-~]{1,2}", Meaning("to", code="dash")), constant("&", Meaning("and")))
