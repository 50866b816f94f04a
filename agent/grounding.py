"""Every number, date and quote in a text must stand in the evidence.

A number passes if it equals an evidence value at the precision shown. Differences and percentages
are values that the tools computed, so nothing is derived here but the unit people read it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from tools.evidence import Cell, TableColumn, ToolResult

_DATE = re.compile(r"\d{4}-(?:\d{2}(?:-\d{2})?|Q[1-4])")
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])([-+−]?\d[\d,]*(?:\.\d+)?)(\s*(?:%|percent|pp\b|个百分点|percentage))?"
)
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
    results, also = tuple(results), tuple(also)
    names = _names(results)
    rest = _iso(_ENUMERATION.sub(" ", text))
    for name in sorted(names, key=len, reverse=True):
        if any(c.isdigit() for c in name) and any(c.isalpha() for c in name):
            rest = rest.replace(name, " ")
    quoted = [q.text for r in results for e in r.evidence for q in e.quotes]
    quotes = "\n".join([*quoted, *also])
    missing = [q for q in _QUOTE.findall(rest) if q not in quotes and q not in names]
    rest = _without_quotes(rest, quotes)
    dates = _dates(results) | set(_DATE.findall(" ".join(also)))
    missing += [d for d in _DATE.findall(rest) if d not in dates]
    rest = _DATE.sub(" ", rest)
    plain = set(_numbers(results)) | {Decimal(d) for d in dates if d.isdigit()}
    plain |= {value for word in also for value in _read(word)}
    rates = set(_rates(results)) | {v for word in also for v in _read(word)}
    for token, percent in _NUMBER.findall(rest):
        value = _decimal(token)
        if value is not None and not _matches(value, token, rates if percent else plain):
            missing.append(token)
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
    """Values that may be written as they are."""
    for result in results:
        yield Decimal(len(result.table.rows) if result.table else 0)
        for column, cell in _cells(result):
            if not _is_rate(column):
                yield from _scaled(cell, 1)
        for cell in _loose(result):
            yield from _read(cell) if isinstance(cell, str) else _scaled(cell, 1)
        for evidence in result.evidence:
            yield Decimal(evidence.row_count)
            yield from (Decimal(q.stars) for q in evidence.quotes if q.stars is not None)


def _rates(results: Iterable[ToolResult]) -> Iterator[Decimal]:
    """Values that may be written as percentages, a hundred times what they are."""
    for result in results:
        for column, cell in _cells(result):
            if _is_rate(column):
                yield from _scaled(cell, 100)
        for cell in _loose(result):
            if isinstance(cell, str):
                yield from _read(cell)
            elif isinstance(cell, float):
                yield from _scaled(cell, 100)


def _cells(result: ToolResult) -> Iterator[tuple[TableColumn, Cell]]:
    table = result.table
    for row in table.rows if table else ():
        yield from zip(table.columns if table else (), row, strict=True)


def _is_rate(column: TableColumn) -> bool:
    return column.role in _RATES or column.unit in ("percent", "points")


def _loose(result: ToolResult) -> Iterator[Cell]:
    """Yield values outside the table: facts, filters, definitions, the numbers of the spec."""
    for fact in result.facts.values():
        yield from fact if isinstance(fact, tuple) else (fact,)
    for item in result.understood.filters:
        yield from item.values
    for evidence in result.evidence:
        yield from (definition.text for definition in evidence.definition)
    yield _DATE.sub(" ", str(result.spec or ""))


def _scaled(cell: Cell, factor: int) -> Iterator[Decimal]:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return
    yield Decimal(str(cell)) * factor


def _read(text: str) -> Iterator[Decimal]:
    for token, _ in _NUMBER.findall(text):
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
