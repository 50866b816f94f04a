"""What each column of a file holds, by all of its cells: type, spelling, examples, oddities."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from warehouse.mapping import ColumnMapping, ColumnType, NumberStyle
from warehouse.proposals.contacts import contact_kind
from warehouse.proposals.dates import DateOrder, read_dates
from warehouse.query import Record
from warehouse.sources.raw import RawTable
from warehouse.sources.types import NO, YES, number_value, raw_value

CELLS = "cell_count"
STYLES: tuple[NumberStyle, ...] = ("point", "comma")
FEW = 200
"""Up to so many different values are looked at one by one."""

FREE_TEXT = 60
"""Signs from which the longest text of a column makes it one of sentences."""

ENOUGH = 0.95
"""Share of cells from which a column is of a type; the others are reported."""

MISSING = (
    "('na', 'n/a', '#n/a', 'null', 'none', 'nan', 'nil', '-', '--', '?', 'missing', '(null)',"
    " '#value!', '#ref!', '#div/0!', 'nat', '无', '空', '暂无')"
)
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
            "UINTEGER", "UBIGINT", "UHUGEINT")  # fmt: skip


class ColumnProfile(Record):
    """A column as it came: what it holds and how that shows.

    ``top`` are the values with their counts where there are few, most frequent first. More than one
    of ``date_orders`` leaves the order to a person. ``unread`` counts cells that are not of the
    type.
    """

    file: str
    raw_type: str
    rows: int
    filled: int
    distinct: int
    examples: tuple[str, ...]
    top: tuple[tuple[str, int], ...] = ()
    type: ColumnType = "text"
    formats: tuple[str, ...] = ()
    date_orders: tuple[DateOrder, ...] = ()
    numbers: NumberStyle | None = None
    is_whole: bool = False
    whole_id: bool = False
    leading_zeros: bool = False
    contact: str | None = None
    longest: int = 0
    unread: int = 0
    unread_examples: tuple[str, ...] = ()
    why: str = ""

    @property
    def is_unique(self) -> bool:
        """Whether each row has a value of its own."""
        return self.rows > 0 and self.distinct == self.rows

    @property
    def is_number(self) -> bool:
        """Whether it can be added up."""
        return self.type in ("integer", "number")

    @property
    def is_free_text(self) -> bool:
        """Whether people write sentences in it: long, and hardly ever the same twice."""
        return self.longest > FREE_TEXT and self.distinct > self.filled / 2

    @property
    def is_time(self) -> bool:
        """Whether it holds dates."""
        return self.type in ("date", "timestamp")

    def mapped(self, name: str, type: ColumnType | None = None) -> ColumnMapping:
        """Map the column onto a name, read as its own type or as another."""
        wanted = type or ("text" if self.contact else self.type)
        is_text = self.raw_type == "VARCHAR"
        return ColumnMapping(
            name=name,
            type=wanted,
            formats=self.formats if wanted in ("date", "timestamp") else (),
            numbers=(self.numbers or "point")
            if is_text and wanted in ("integer", "number", "money")
            else None,
            whole_id=self.whole_id and wanted == "id",
            contact=self.contact is not None,
            masked=wanted == "text" and self.contact is None and self.is_free_text,
        )


def profile_columns(
    connection: DuckDBPyConnection, raw: RawTable, order: DateOrder | None = None
) -> tuple[ColumnProfile, ...]:
    """Profile every column of a staged table, in the order of the file.

    Parameters
    ----------
    order : DateOrder, optional
        The order of day, month and year where the cells leave it open.
    """
    return tuple(_profile(connection, raw, column, order) for column in raw.columns)


def _profile(
    connection: DuckDBPyConnection, raw: RawTable, column: str, order: DateOrder | None
) -> ColumnProfile:
    raw_type = raw.columns[column]
    cell = f"CAST({raw_value(column, raw_type)} AS VARCHAR)"
    cells = connection.table(raw.table).project(f"{cell} AS cell").filter("cell IS NOT NULL")
    cells.aggregate("cell, count(*) AS n", "cell").create(CELLS)
    try:
        base = _basics(connection, raw, column)
        if raw_type == "VARCHAR":
            return _text_column(connection, base, order)
        return _typed_column(base)
    finally:
        connection.execute(f"DROP TABLE {CELLS}")


def _basics(connection: DuckDBPyConnection, raw: RawTable, column: str) -> ColumnProfile:
    filled, distinct, longest = _row(
        connection, "coalesce(sum(n), 0), count(*), coalesce(max(length(cell)), 0)"
    )
    top = connection.execute(
        f"SELECT cell, n FROM {CELLS} ORDER BY n DESC, cell LIMIT {FEW}"  # noqa: S608
    ).fetchall()
    return ColumnProfile(
        file=column,
        raw_type=raw.columns[column],
        rows=raw.rows,
        filled=filled,
        distinct=distinct,
        longest=longest,
        examples=tuple(str(value) for value, _ in top[:3]),
        top=tuple((str(value), int(count)) for value, count in top) if distinct <= FEW else (),
    )


def _row(connection: DuckDBPyConnection, expressions: str) -> tuple[int, ...]:
    rows = connection.execute(f"SELECT {expressions} FROM {CELLS}").fetchall()  # noqa: S608
    return tuple(int(value or 0) for value in rows[0])


def _count(condition: str) -> str:
    return f"sum(n) FILTER (WHERE {condition})"


def _text_column(
    connection: DuckDBPyConnection, base: ColumnProfile, order: DateOrder | None
) -> ColumnProfile:
    point, comma = (number_value("cell", style) for style in STYLES)
    known = f"lower(cell) NOT IN {MISSING}"
    counts = _row(
        connection,
        ", ".join(
            [
                _count(known),
                _count("regexp_full_match(cell, '[+-]?[0-9]+')"),
                _count("regexp_matches(cell, '^0[0-9]')"),
                _count("regexp_full_match(cell, '[0-9]+[.]0+')"),
                _count(f"{point} IS NOT NULL"),
                _count(f"{comma} IS NOT NULL AND {point} IS NULL"),
                _count(f"{point} IS NOT NULL AND {comma} IS NULL"),
                _count(f"lower(cell) IN {YES} OR lower(cell) IN {NO}"),
                f"count(*) FILTER (WHERE {known})",
            ]
        ),
    )
    said, whole, zeros, dot_zero, points, only_comma, only_point, flags, different = counts
    contact = contact_kind(connection, CELLS, base.file, base.filled)
    base = base.model_copy(update={"contact": contact, "leading_zeros": zeros > 0})
    if not said:
        return base.model_copy(update={"why": "empty"})
    is_number = max(points, points + only_comma - only_point) >= ENOUGH * said
    style: NumberStyle = "comma" if only_comma and not only_point else "point"
    if flags == said and different == 2 and not (whole and not _are_bits(base)):
        return _as(connection, base, "boolean", "yes and no")
    dates = read_dates(connection, CELLS, order) if whole < said or _is_dated(base) else None
    if dates is not None and not (is_number and not _is_dated(base)):
        kind: ColumnType = "timestamp" if dates.has_time else "date"
        update = {"formats": dates.formats, "date_orders": dates.orders}
        return _as(connection, base.model_copy(update=update), kind, dates.why)
    if is_number:
        is_whole = whole == said
        base = base.model_copy(
            update={
                "numbers": style,
                "is_whole": is_whole or dot_zero == said,
                "whole_id": dot_zero == said,
            }
        )
        if zeros or (is_whole and base.longest > 18):
            return base.model_copy(
                update={
                    "type": "id",
                    "why": "digits with leading zeros" if zeros else "too many digits for a number",
                }
            )
        why = "whole numbers" if is_whole else f"numbers, decimal {style}"
        return _as(connection, base, "integer" if is_whole else "number", why)
    return base.model_copy(update={"why": f"{base.distinct:,} different texts"})


def _are_bits(base: ColumnProfile) -> bool:
    return {value for value, _ in base.top} <= {"0", "1"}


def _is_dated(base: ColumnProfile) -> bool:
    name = base.file.casefold()
    return any(word in name for word in ("date", "day", "time", "日期", "时间", "日"))


def _as(
    connection: DuckDBPyConnection, base: ColumnProfile, type: ColumnType, why: str
) -> ColumnProfile:
    """Take a type, and count the cells that are not of it."""
    formats = ", ".join(f"'{text}'" for text in base.formats)
    reads = {
        "boolean": f"(lower(cell) IN {YES} OR lower(cell) IN {NO})",
        "date": f"TRY_STRPTIME(cell, [{formats}]) IS NOT NULL",
        "timestamp": f"TRY_STRPTIME(cell, [{formats}]) IS NOT NULL",
    }
    number = f"{number_value('cell', base.numbers or 'point')} IS NOT NULL"
    condition = f"NOT ({reads.get(type, number)})"
    (unread,) = _row(connection, _count(condition))
    examples = connection.execute(
        f"SELECT cell FROM {CELLS} WHERE {condition} ORDER BY n DESC, cell LIMIT 3"  # noqa: S608
    ).fetchall()
    return base.model_copy(
        update={
            "type": type,
            "why": why,
            "unread": unread,
            "unread_examples": tuple(str(cell) for (cell,) in examples),
        }
    )


def _typed_column(base: ColumnProfile) -> ColumnProfile:
    kind = base.raw_type.partition("(")[0]
    type: ColumnType = "text"
    is_whole = kind in _NUMBERS
    if kind == "BOOLEAN" or (is_whole and base.distinct == 2 and _are_bits(base)):
        type = "boolean"
    elif is_whole:
        type = "integer"
    elif kind in ("DOUBLE", "FLOAT", "DECIMAL"):
        type = "number"
        is_whole = bool(base.top) and all(value.endswith(".0") for value, _ in base.top)
    elif kind == "DATE":
        type = "date"
    elif kind.startswith("TIMESTAMP"):
        type = "timestamp"
    why = f"stored as {base.raw_type.lower()}"
    return base.model_copy(update={"type": type, "is_whole": is_whole, "why": why})
