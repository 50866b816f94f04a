"""Every number, date and quote in a text must stand in the evidence.

A number passes if it equals an evidence value at the precision shown. Differences and percentages
are values that the tools computed, so nothing is derived here but the unit people read it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from tools.evidence import Cell, ToolResult

_DATE = re.compile(r"\d{4}-(?:\d{2}(?:-\d{2})?|Q[1-4])")
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])[-+−]?\d[\d,]*(?:\.\d+)?")
_WRITTEN_ZH = re.compile(r"(\d{4})\s*年(?:\s*(\d{1,2})\s*月)?(?:\s*(\d{1,2})\s*[日号])?")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_WRITTEN_EN = re.compile(rf"(?i)\b{_MONTH}\s+(?:(\d{{1,2}}),?\s+)?(\d{{4}})\b")
_QUOTE = re.compile(r"[“「\"]([^”」\"\n]{4,})[”」\"]")
_ENUMERATION = re.compile(r"(?m)^\s*\d{1,3}[.)、]\s")
_RATES = ("percent", "share", "change_rate")


def ungrounded(text: str, results: Iterable[ToolResult], also: Iterable[str] = ()) -> list[str]:
    """List what a text states but the evidence does not hold; empty when it is grounded.

    Parameters
    ----------
    text : str
        The text for the person.
    results : iterable of ToolResult
        What the tools of this turn returned.
    also : iterable of str
        Texts whose own numbers may be repeated: the question, labels.

    Notes
    -----
    Numbers that stand in a name of the evidence (a product called "3-in-1") pass as part of it.
    """
    results = tuple(results)
    names = _names(results)
    rest = _iso(_ENUMERATION.sub(" ", text))
    for name in sorted(names, key=len, reverse=True):
        if any(c.isdigit() for c in name):
            rest = rest.replace(name, " ")
    quotes = "\n".join(q.text for r in results for e in r.evidence for q in e.quotes)
    missing = [q for q in _QUOTE.findall(rest) if q not in quotes and q not in names]
    rest = _without_quotes(rest, quotes)
    dates = _dates(results) | set(_DATE.findall(" ".join(also)))
    missing += [d for d in _DATE.findall(rest) if d not in dates]
    rest = _DATE.sub(" ", rest)
    allowed = set(_numbers(results)) | {Decimal(d) for d in dates if d.isdigit()}
    allowed |= {value for word in also for value in _read(word)}
    missing += [
        token
        for token in _NUMBER.findall(rest)
        if (value := _decimal(token)) is not None and not _matches(value, token, allowed)
    ]
    return missing


def _iso(text: str) -> str:
    """Rewrite dates in words as ISO dates: ``2026年9月`` and ``Sep 2026`` as ``2026-09``."""

    def zh(found: re.Match[str]) -> str:
        year, month, day = found.groups()
        return " " + "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)]) + " "

    def en(found: re.Match[str]) -> str:
        month, day, year = found.groups()
        number = _MONTHS.index(month.lower()) + 1
        return f" {year}-{number:02}" + (f"-{int(day):02} " if day else " ")

    return _WRITTEN_EN.sub(en, _WRITTEN_ZH.sub(zh, text))


def _matches(value: Decimal, token: str, allowed: set[Decimal]) -> bool:
    places = len(token.partition(".")[2])
    step = Decimal(1).scaleb(-places)
    half = step / 2
    return any(abs(abs(value) - abs(known)) <= half for known in allowed)


def _numbers(results: Iterable[ToolResult]) -> Iterator[Decimal]:
    for result in results:
        yield from _table_numbers(result)
        for fact in result.facts.values():
            for cell in fact if isinstance(fact, tuple) else (fact,):
                yield from _both_ways(cell)
        for item in result.understood.filters:
            for cell in item.values:
                yield from _both_ways(cell)
        for evidence in result.evidence:
            yield Decimal(evidence.row_count)
            yield from (Decimal(q.stars) for q in evidence.quotes if q.stars is not None)
            for definition in evidence.definition:
                yield from _read(definition.text)
                yield from _read(definition.label)
        yield from _read(_DATE.sub(" ", str(result.spec or "")))


def _table_numbers(result: ToolResult) -> Iterator[Decimal]:
    if result.table is None:
        return
    yield Decimal(len(result.table.rows))
    for row in result.table.rows:
        for column, cell in zip(result.table.columns, row, strict=True):
            if isinstance(cell, str):
                yield from _read(cell)
            elif column.role in _RATES or column.unit == "percent":
                yield from _scaled(cell, 100)
            else:
                yield from _scaled(cell, 1)


def _both_ways(cell: Cell) -> Iterator[Decimal]:
    """Read a fact as it is; a fraction may also be written as a percentage."""
    if isinstance(cell, str):
        yield from _read(cell)
    else:
        yield from _scaled(cell, 1)
        if isinstance(cell, float):
            yield from _scaled(cell, 100)


def _scaled(cell: Cell, factor: int) -> Iterator[Decimal]:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return
    yield Decimal(str(cell)) * factor


def _read(text: str) -> Iterator[Decimal]:
    for token in _NUMBER.findall(text):
        value = _decimal(token)
        if value is not None:
            yield value


def _decimal(token: str) -> Decimal | None:
    try:
        return Decimal(token.replace(",", "").replace("−", "-").rstrip("."))
    except InvalidOperation:
        return None


def _dates(results: Iterable[ToolResult]) -> set[str]:
    days: set[date] = set()
    written: set[str] = set()
    for result in results:
        read = result.understood
        for pair in (read.time_range, read.compare_to):
            if pair is not None:
                days |= {pair[0], pair[1], pair[1] - timedelta(days=1)}
        for evidence in result.evidence:
            days.add(evidence.as_of)
            days |= {quote.created_at for quote in evidence.quotes}
        facts = [x for f in result.facts.values() for x in (f if isinstance(f, tuple) else (f,))]
        cells = [c for row in (result.table.rows if result.table else ()) for c in row]
        days |= {cell for cell in (*facts, *cells) if isinstance(cell, date)}
        written |= set(_DATE.findall(f"{result.spec} {cells} {facts}"))
        if result.table is not None:
            labels = [t for shown in result.table.labels.values() for t in shown.values()]
            written |= set(_DATE.findall(" ".join(labels)))
    for day in days:
        quarter = f"{day:%Y}-Q{(day.month + 2) // 3}"
        written |= {f"{day:%Y-%m-%d}", f"{day:%Y-%m}", f"{day:%Y}", quarter}
    return written


def _names(results: Iterable[ToolResult]) -> set[str]:
    names: set[str] = set()
    for result in results:
        for item in result.understood.filters:
            names |= {item.label, *item.value_labels}
        for evidence in result.evidence:
            names |= {d.label for d in evidence.definition}
        if result.table is not None:
            names |= {column.label for column in result.table.columns}
            names |= {text for shown in result.table.labels.values() for text in shown.values()}
            names |= {cell for row in result.table.rows for cell in row if isinstance(cell, str)}
        names |= {fact for fact in result.facts.values() if isinstance(fact, str)}
    return {name for name in names if len(name) > 1}


def _without_quotes(text: str, quotes: str) -> str:
    return _QUOTE.sub(lambda found: " " if found.group(1) in quotes else found.group(0), text)
