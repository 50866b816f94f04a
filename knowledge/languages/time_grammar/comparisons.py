"""Comparisons with another period, and grains by which to split."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from knowledge.languages.spans import ComparisonKind, Grain, Unit
from knowledge.languages.time_grammar import periods
from knowledge.languages.time_grammar.line import CLOSE, Found, Line
from knowledge.languages.time_grammar.named import mention
from knowledge.languages.time_grammar.periods import Period

# A period named relative to now: its days where they are known, its unit, the token after it.
Relative = tuple[Period | None, Unit, int]


def comparison(line: Line, at: int) -> Found | None:
    """Read 环比, YoY, 比上月, "vs last year", 和去年同期相比."""
    word = line.kind(at) if line.kind(at) in ("than", "and") else ""
    start = at + bool(word)
    if word and not line.linked(start, CLOSE):
        return None
    if line.kind(start) == "comparison":
        return _by_name(line, at, start, word)
    relative = _relative(line, start) if word else None
    if relative is None:
        return None
    period, unit, end = relative
    if line.follows(end, "onwards") and line.text[: line.tokens[end].end].endswith("to date"):
        end += 1
    end += (closed := _is_closed(line, end))
    # 今年和去年相比 compares two named times; 销售额和上月相比 compares with the one before.
    if word == "and" and not (closed and _is_apart(line, at)):
        return None
    kind: ComparisonKind = "previous_year" if unit == "year" else "previous_period"
    return _made(line, at, end, kind, unit, period)


def _by_name(line: Line, at: int, start: int, word: str) -> Found:
    meaning, end = line.meaning(start), start + 1
    kind, unit, period = cast(ComparisonKind, meaning.code), meaning.unit, None
    is_noun = bool(meaning.extra)
    relative = _relative(line, end) if not is_noun and line.linked(end, CLOSE) else None
    if relative:
        period, unit, end = relative
    end += (closed := _is_closed(line, end))
    if word == "and" and not (is_noun and (closed or _is_apart(line, at))):
        at = start
    spans, end = _made(line, at, end, kind, unit, period)
    return [replace(span, weak=meaning.number < 0) for span in spans], end


def _is_closed(line: Line, at: int) -> bool:
    """Tell whether 比 or 相比 ends the comparison, as in 跟上月比."""
    return line.follows(at, "than") and line.meaning(at).code == "either"


def _is_apart(line: Line, at: int) -> bool:
    """Tell whether no time stands right before 和."""
    return not line.linked(at) or line.kind(at - 1) in ("and", "than", "grain", "to")


def _relative(line: Line, at: int) -> Relative | None:
    """Read the period just before: 上月, 去年, "last week", 前一天, "a year ago"."""
    kind = line.kind(at)
    before = kind == "up_to" and line.meaning(at).code == "excludes"
    if (before or kind in ("front", "recent")) and (length := line.length(at + 1)):
        unit = length.unit or "day"
        one = length.number == 1 and not length.extra
        return periods.unit_from_now(unit, -1, line.clock) if one else None, unit, at + 2
    if kind == "duration" and line.follows(at + 1, "before"):
        return None, line.meaning(at).unit or "day", at + 2
    if kind == "duration" and line.follows(at + 1, "ago", "front"):
        meaning = line.meaning(at)
        if meaning.number == 12 and meaning.unit == "month":
            return None, "year", at + 2
        return (None, meaning.unit or "day", at + 2) if meaning.number == 1 else None
    return _named_relative(line, at)


def _named_relative(line: Line, at: int) -> Relative | None:
    found = mention(line, at)
    if found is None or len(found[0]) != 1:
        return None
    ((name, token),) = found[0].items()
    shifted = name == "shift" or (name == "year" and token.meaning.code == "shift")
    if not shifted or token.meaning.number != -1:
        return None
    unit: Unit = "year" if name == "year" else token.meaning.unit or "day"
    return periods.unit_from_now(unit, -1, line.clock), unit, found[1]


def _made(
    line: Line, at: int, end: int, kind: ComparisonKind, unit: Unit | None, period: Period | None
) -> Found:
    span = line.span(at, end, period.start if period else None, period.stop if period else None)
    return [replace(span, kind="comparison", comparison=kind, unit=unit)], end


def grain(line: Line, at: int) -> Found | None:
    """Read 按月, monthly, "trend by week": neighbouring words make one grain."""
    if line.kind(at) != "grain":
        return None
    unit, end = line.meaning(at).unit, at + 1
    while line.kind(end) == "grain" and line.linked(end, CLOSE):
        other = line.meaning(end).unit
        if unit and other and other != unit:
            break
        unit, end = unit or other, end + 1
    return [replace(line.span(at, end), kind="grain", grain=cast(Grain | None, unit))], end
