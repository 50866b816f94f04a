"""English numbers: twelve, two thousand five hundred, a dozen, two thirds of, third."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

_ONES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
VALUES = {word: value for value, word in enumerate(_ONES.split())}
VALUES |= {word: value for value, word in zip(range(20, 100, 10), _TENS.split(), strict=True)}
ORDINALS = {word: value for value, word in enumerate(_ORDINALS.split(), start=1)}
SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "k": 10**3,
          "m": 10**6, "mn": 10**6, "mm": 10**6, "b": 10**9, "bn": 10**9, "trillion": 10**12,
          "dozen": 12}  # fmt: skip
_PARTS = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}

_ONE = "|".join(sorted(_ONES.split(), key=len, reverse=True))
_TEN = "|".join(_TENS.split())
SMALL = rf"(?:(?:{_TEN})(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|(?:{_ONE}))"
SCALE_WORDS = "(?:hundred|thousand|million|billion|trillion|dozen)s?"
_SCALED = rf"(?:a|{SMALL}|\d{{1,9}}(?:\.\d{{1,9}})?) {SCALE_WORDS}"
CARDINAL = (
    rf"(?:{_SCALED}(?: (?:hundred|thousand|million|billion))?"
    rf"(?:,? (?:and )?(?:{SMALL}(?: (?:hundred|thousand|million))?))*"
    rf"|{SMALL}(?: point(?: (?:{_ONE}))+| and a half)?(?: (?:hundred|thousand|million|billion))?)"
)
_ORDINAL = rf"(?:(?:{_TEN})-)?(?:{'|'.join(ORDINALS)})"

_PATTERN = (
    rf"(?<![a-z0-9_.-])(?:(?P<minus>minus |negative )?(?:"
    r"(?P<above>a|one|two|three|four|\d) ?-?"
    r"(?P<below>thirds?|quarters?|fifths?|tenths?|half|halves)"
    r"(?= of )(?! of (?:\d|last|this|next|the year))"
    r"|(?P<half>half)(?= of |(?: the| our| all)? (?:customers|buyers|orders|members|users|people))"
    r"|(?P<two_thirds>two thirds)"
    rf"|(?P<scaled_half>half (?:an? )?(?:hundred|thousand|million|billion|dozen))"
    rf"|(?P<ordinal>{_ORDINAL})"
    rf"|(?P<cardinal>{CARDINAL})(?P<percent>[ -](?:percents?|per cent|pct|%))?"
    rf"(?P<points> (?:percentage points?|ppt?s?))?"
    r")"
    r")(?![a-z0-9_])"
)
# "The one you mentioned", "which one", "one of them", "no one": a pronoun.
_PRONOUN = re.compile(r"(?:the|this|that|which|last|each|any|no|every|first|other|only) $")
_WORD = re.compile(r"\d+(?:\.\d+)?|[a-z]+")


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(_PATTERN)


def find(text: str) -> list[tuple[int, int, int | float, frozenset[str]]]:
    """Find the numbers written in English words.

    Returns
    -------
    list of (begin, end, value, marks)
        Marks are among ``percent``, ``points``, ``ordinal``, ``weak``.
    """
    found = []
    for match in _pattern().finditer(text):
        if match["cardinal"] == "one" and _PRONOUN.search(text, 0, match.start()):
            continue
        value, marks = _read_match(match)
        found.append((match.start(), match.end(), -value if match["minus"] else value, marks))
    return found


def _read_match(match: re.Match[str]) -> tuple[int | float, frozenset[str]]:
    if match["above"]:
        above = VALUES.get(match["above"], 1) if match["above"].isalpha() else int(match["above"])
        return float(Fraction(above, _PARTS[match["below"].rstrip("s")])), frozenset({"percent"})
    if match["two_thirds"]:
        return 2 / 3, frozenset({"percent"})
    if match["half"]:
        return 0.5, frozenset({"percent"})
    if match["scaled_half"]:
        return SCALES[match["scaled_half"].split()[-1]] // 2, frozenset()
    if match["ordinal"]:
        return read_ordinal(match["ordinal"]), frozenset({"ordinal"})
    value = read(match["cardinal"])
    if match["percent"] or match["points"]:
        marks = {"percent", "points"} if match["points"] else {"percent"}
        return _simple(Fraction(str(value)) / 100), frozenset(marks)
    return value, frozenset({"weak"} if match["cardinal"] == "one" else ())


def read_ordinal(text: str) -> int:
    """Read an ordinal in words: "third" is 3, "twenty-first" 21."""
    *tens, last = text.split("-")
    return ORDINALS[last] + sum(VALUES[word] for word in tens)


def read(text: str) -> int | float:
    """Read a cardinal in words, or in digits with a scale word.

    Examples
    --------
    >>> read("two thousand five hundred"), read("a dozen"), read("one and a half")
    (2500, 12, 1.5)
    """
    text, _, decimals = text.partition(" point ")
    half = text.endswith("and a half") or " and a half " in text
    total, current = Fraction(0), Fraction(0)
    for word in _WORD.findall(text.replace("and a half", "")):
        scale = SCALES.get(word.rstrip("s"))
        if word[0].isdigit():
            current += Fraction(word)
        elif word in VALUES:
            current += VALUES[word]
        elif scale == 100:
            current = (current or Fraction(1)) * 100
        elif scale:
            current = current + Fraction(1, 2) if half else current
            half = False
            total, current = total + (current or Fraction(1)) * scale, Fraction(0)
    value = total + current + (Fraction(1, 2) if half else 0)
    if decimals:
        words = decimals.split()
        digits = "".join(str(VALUES[word]) for word in words if word in VALUES)
        value += Fraction(int(digits), 10 ** len(digits))
        value *= SCALES.get(words[-1], 1)
    return _simple(value)


def _simple(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)
