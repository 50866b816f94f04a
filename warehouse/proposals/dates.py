"""How dates are written in a column: read from the shapes of all its cells, never from one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from duckdb import DuckDBPyConnection

DateOrder = Literal["ymd", "mdy", "dmy"]
ORDERS: tuple[DateOrder, ...] = ("ymd", "mdy", "dmy")

MOST_SHAPES = 300
_MONTH = (
    r"(?i)\b(january|february|march|april|june|july|august|september|october|november|december)\b"
)
_SHORT = r"(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\b"
_DAY = re.compile(
    r"(?P<a>9+|B|b)(?P<s>[-/. ]+|年)(?P<b>9+|B|b)(?P<t>[-/. ]+|, ?|月)(?P<c>9+)(?P<e>日?)"
)
_TIME = re.compile(
    r"(?P<gap>[ T]+)9{1,2}:9{2}(?P<sec>:9{2})?(?P<frac>[.]9+)?(?P<half> ?[AaPp][Mm])?(?P<z>Z)?"
)
_COMPACT = {"99999999": "%Y%m%d", "99999999999999": "%Y%m%d%H%M%S"}


@dataclass(frozen=True)
class DateReading:
    """How a column of dates is read.

    ``orders`` are the orders of day, month and year that are possible: more than one is for a
    person to decide. ``formats`` are those of the first. ``why`` says what showed it.
    """

    orders: tuple[DateOrder, ...]
    formats: tuple[str, ...]
    has_time: bool
    read: int
    why: str


@dataclass(frozen=True)
class _Shape:
    day: re.Match[str]
    time: re.Match[str] | None
    count: int


def read_dates(
    connection: DuckDBPyConnection, cells: str, order: DateOrder | None = None
) -> DateReading | None:
    """Find out how the cells of a table ``cells (cell, n)`` write dates; ``None`` if they do not.

    Parameters
    ----------
    order : DateOrder, optional
        What a person said about the order of numbers.
    """
    spelled = f"regexp_replace(regexp_replace(cell, '{_MONTH}', 'B'), '{_SHORT}', 'b')"
    found = connection.execute(
        f"SELECT regexp_replace({spelled}, '[0-9]', '9', 'g') AS shape, sum(n) FROM {cells}"  # noqa: S608
        f" GROUP BY shape ORDER BY 2 DESC LIMIT {MOST_SHAPES + 1}"
    ).fetchall()
    if not found or len(found) > MOST_SHAPES:
        return None
    total = sum(int(count) for _, count in found)
    compact = [(shape, int(n)) for shape, n in found if shape in _COMPACT]
    if sum(n for _, n in compact) >= 0.95 * total:
        return _compact(connection, cells, compact)
    shapes = [shape for text, n in found if (shape := _parsed(str(text), int(n)))]
    read = sum(shape.count for shape in shapes)
    if read < 0.9 * total:
        return None
    orders, why = _orders(connection, cells, shapes)
    if order is not None:
        orders, why = (order,), "as you said"
    formats = tuple(dict.fromkeys(text for s in shapes for text in _format(s, orders[0])))
    return DateReading(orders, formats, any(s.time for s in shapes), read, why)


def _compact(
    connection: DuckDBPyConnection, cells: str, compact: Iterable[tuple[str, int]]
) -> DateReading | None:
    formats = [(_COMPACT[shape], n) for shape, n in compact]
    listed = ", ".join(f"'{text}'" for text, _ in formats)
    rows = connection.execute(
        f"SELECT coalesce(sum(n) FILTER (WHERE year(TRY_STRPTIME(cell, [{listed}]))"  # noqa: S608
        f" BETWEEN 1900 AND 2100), 0), sum(n) FROM {cells}"
    ).fetchall()
    read, total = map(int, rows[0])
    if read < 0.95 * total:
        return None
    names = tuple(text for text, _ in formats)
    return DateReading(("ymd",), names, "%Y%m%d%H%M%S" in names, read, "eight digits, year first")


def _parsed(shape: str, count: int) -> _Shape | None:
    day = _DAY.match(shape)
    if day is None:
        return None
    rest = shape[day.end() :]
    time = _TIME.fullmatch(rest) if rest else None
    if rest and time is None:
        return None
    named = [day[k] in "Bb" for k in "ab"]
    lengths = [len(day[k]) for k in "abc"]
    if sum(named) > 1 or any(length not in (1, 2, 4) for length in lengths):
        return None
    return _Shape(day, time, count) if lengths.count(4) < 2 else None


def _orders(
    connection: DuckDBPyConnection, cells: str, shapes: list[_Shape]
) -> tuple[tuple[DateOrder, ...], str]:
    """Tell which orders the numbers allow, by the largest first, second and third number."""
    if all(len(s.day["a"]) == 4 for s in shapes):
        return ("ymd",), "the year comes first"
    if all(s.day["b"] in "Bb" for s in shapes):
        return ("dmy",), "the month is a word"
    if all(s.day["a"] in "Bb" for s in shapes):
        return ("mdy",), "the month is a word"
    digits = "'^([0-9]+)[^0-9]+([0-9]+)[^0-9]'"
    parts = [f"max(TRY_CAST(regexp_extract(cell, {digits}, {k}) AS INTEGER))" for k in (1, 2)]
    rows = connection.execute(f"SELECT {', '.join(parts)} FROM {cells}").fetchall()  # noqa: S608
    first, second = (int(value or 0) for value in rows[0])
    seen = f"the first number reaches {first}, the second {second}"
    if first > 31 and not any(len(s.day["c"]) == 4 for s in shapes):
        return ("ymd",), f"the first number reaches {first}"
    if first > 12 and second <= 12:
        return ("dmy",), f"day first: {seen}"
    if second > 12 and first <= 12:
        return ("mdy",), f"month first: {seen}"
    if first > 12:
        return ("dmy", "mdy"), f"days and months in both orders: {seen}"
    return ("dmy", "mdy"), f"no day above 12 tells day from month: {seen}"


def _format(shape: _Shape, order: DateOrder) -> tuple[str, ...]:
    """Write the formats of a shape, as DuckDB's strptime reads them."""
    day, time = shape.day, shape.time
    year = "%Y" if 4 in (len(day["a"]), len(day["c"])) else "%y"
    if len(day["a"]) == 4:
        parts = [year, "%m", "%d"]
    elif day["b"] in "Bb":
        parts = ["%d", "%" + day["b"], year]
    elif day["a"] in "Bb":
        parts = ["%" + day["a"], "%d", year]
    elif order == "ymd":
        parts = [year, "%m", "%d"]
    else:
        parts = ["%m", "%d", year] if order == "mdy" else ["%d", "%m", year]
    text = parts[0] + day["s"] + parts[1] + day["t"] + parts[2] + day["e"]
    if time is None:
        return (text,)
    clock = "%I:%M" if time["half"] else "%H:%M"
    clock += (":%S" if time["sec"] else "") + (".%f" if time["frac"] else "")
    half = time["half"] or ""
    clock += (" " if half.startswith(" ") else "") + ("%p" if half else "") + (time["z"] or "")
    return (text + time["gap"] + clock,)
