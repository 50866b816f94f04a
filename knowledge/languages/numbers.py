"""Numbers in a text that may mix both languages."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from knowledge.languages.en import numbers as en
from knowledge.languages.spans import NumberSpan
from knowledge.languages.zh import numbers as zh

Found = tuple[int, int, int | float, frozenset[str]]

_SCALES = {"百": 100, "千": 10**3, "万": 10**4, "w": 10**4, "亿": 10**8, **en.SCALES}
_SCALE = f"[百千]?[万亿]{{1,2}}|[百千]|{en.SCALE_WORDS}|mn|mm|bn|[kmbw]"
# A number directly followed by letters is a code (C10023, 3C) unless they are a unit.
_UNITS = (
    "d|h|x|days?|weeks?|months?|quarters?|years?|hours?|min(?:ute)?s?|orders?"
    "|yuan|rmb|cny|usd|hkd|sgd"
)
_DIGITS = (
    r"(?:(?<![a-z0-9_.])(?<![a-z]-)(?<!\d[/:])|(?<=(?<![a-z])top))"
    r"(?P<minus>(?<![\w)%] )(?<![a-z0-9)%月日号年天])-|负|minus |negative )?"
    rf"(?:(?P<above>[123])/(?P<below>[2-5]|10)(?![\d/.])|(?P<number>{zh.ARABIC}|\.\d{{1,12}})(?!\.?\d)"
    rf"(?:(?P<ordinal>st|nd|rd|th)|(?P<scale> ?(?:{_SCALE})(?![a-z0-9]))?"
    r"(?P<percent> ?(?:%|percent(?:age)?(?! point)|per cent|pct)| ?‰)?"
    r"(?P<points> ?个?百分点| ?(?:percentage points?|ppt?s?)| ?(?:bps?|basis points?|个?基点))?))"
    r"(?![a-z0-9_]|/\d)|"
    rf"(?<![a-z0-9_.])(?<![a-z]-)(?P<with_unit>{zh.ARABIC})(?=(?:{_UNITS})(?![a-z0-9_]))"
)
# 90后, 00后: people born in the nineties.
_COHORT = re.compile(r"[05-9][05] ?后")


def find_numbers(text: str) -> list[NumberSpan]:
    """Find the numbers of a normalised text, in order and not overlapping; the longest wins.

    Digits inside Latin words are codes, not numbers, and a Chinese numeral counts only where its
    neighbours make it one. Dates are numbers here too: the caller gives their characters to the
    time spans first. 折 (八折) is left unread.

    Examples
    --------
    >>> [span.value for span in find_numbers("前五的城市,超过1.2万单, top 10, 三成")]
    [5, 12000, 10, 0.3]
    """
    found = _find_digits(text)
    if not text.isascii():
        found += zh.find(text)
    found += en.find(text)
    found.sort(key=lambda item: (item[0], -item[1]))
    spans: list[NumberSpan] = []
    for begin, end, value, marks in found:
        if not spans or begin >= spans[-1].end:
            spans.append(_span(text, begin, end, value, marks))
        elif end > spans[-1].end and end - begin > spans[-1].end - spans[-1].begin:
            spans[-1] = _span(text, begin, end, value, marks)
    return spans


def _span(text: str, begin: int, end: int, value: int | float, marks: frozenset[str]) -> NumberSpan:
    return NumberSpan(
        begin,
        end,
        value,
        "percent" in marks,
        text[begin:end],
        ordinal="ordinal" in marks,
        unit="points" if "points" in marks else None,
        weak="weak" in marks,
    )


@cache
def _digits() -> re.Pattern[str]:
    return re.compile(_DIGITS)


def _find_digits(text: str) -> list[Found]:
    found: list[Found] = []
    for match in _digits().finditer(text):
        if not _COHORT.match(text, match.start()) and not _is_discount(text, match.end()):
            value, marks = _read(text, match)
            found.append((match.start(), match.end(), -value if match["minus"] else value, marks))
    return found


def _is_discount(text: str, end: int) -> bool:
    return text[end : end + 2].lstrip().startswith("折")


def _read(text: str, match: re.Match[str]) -> tuple[int | float, frozenset[str]]:
    if match["above"]:
        return int(match["above"]) / int(match["below"]), frozenset({"percent"})
    value = Decimal((match["number"] or match["with_unit"]).replace(",", ""))
    if match["ordinal"]:
        return int(value), frozenset({"ordinal"})
    for scale in _scales(match["scale"]):
        value *= scale
    if points := match["points"]:
        basis = "b" in points or "基" in points
        return _simple(value / (10_000 if basis else 100)), frozenset({"percent", "points"})
    if percent := match["percent"]:
        return _simple(value / (1000 if "‰" in percent else 100)), frozenset({"percent"})
    return _simple(value), frozenset()


def _scales(text: str | None) -> list[int]:
    word = (text or "").strip()
    if word in _SCALES:
        return [_SCALES[word]]
    return [_SCALES[word[:-1]]] if word.endswith("s") else [_SCALES[char] for char in word]


def _simple(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
