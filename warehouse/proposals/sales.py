"""What the lines of a file of sales show: which were cancelled, which are no products."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from warehouse.mapping import CancelledLines, ColumnMapping
from warehouse.proposals.words import column_words
from warehouse.query import Record
from warehouse.sources.own import declare_column
from warehouse.sources.raw import RawTable, literal
from warehouse.sources.types import raw_value, typed_value

MOST_OTHERS = 0.02
"""Ids of postage, fees and corrections are few among those of products."""

LONG_CODE = 4
"""From so many digits on, an id is that of a product where nearly all ids have as many."""


class CancelledEvidence(Record):
    """A rule for cancelled lines, what shows it, and how many lines it takes."""

    rule: CancelledLines
    why: str
    lines: int


class OtherLines(Record):
    """Ids that are no products, with how many lines they have."""

    ids: tuple[str, ...]
    lines: int
    why: str


Roles = dict[str, tuple[str, ColumnMapping]]
"""Columns by role: the name in the file and how it is read."""


def find_cancelled(
    connection: DuckDBPyConnection, raw: RawTable, roles: Roles
) -> CancelledEvidence | None:
    """Find what tells cancelled lines: a status, a beginning of order ids, or a minus sign."""
    found = _by_status(connection, raw, roles)
    signs = [role for role in ("quantity", "amount") if role in roles]
    if found or not signs:
        return found
    sign = _cell(raw, roles, signs[0])
    lines = connection.table(raw.table).project(f"{sign} AS sign")
    negative, total = lines.aggregate("count_if(sign < 0), count(*)").fetchall()[0]
    if not negative or negative > total / 2:
        return None
    return _by_prefix(connection, raw, roles, sign, signs[0]) or CancelledEvidence(
        rule=CancelledLines(negative=True),
        why=f"lines with a negative {signs[0]}",
        lines=int(negative),
    )


def _by_status(
    connection: DuckDBPyConnection, raw: RawTable, roles: Roles
) -> CancelledEvidence | None:
    if "status" not in roles:
        return None
    rows = (
        connection.table(raw.table)
        .project(f"lower({_cell(raw, roles, 'status')}) AS status")
        .filter("status IS NOT NULL")
        .aggregate("status, count(*) AS n", "status")
        .order("n DESC, status")
        .fetchall()
    )
    known = column_words()["cancelled"]
    found = [(str(status), int(n)) for status, n in rows if str(status) in known]
    if not found:
        return None
    listed = ", ".join(repr(status) for status, _ in found)
    taken_off = _are_negative(connection, raw, roles, [status for status, _ in found])
    said = "with a minus sign" if taken_off else "without a minus sign, so they are not counted"
    return CancelledEvidence(
        rule=CancelledLines(status=tuple(status for status, _ in found), taken_off=taken_off),
        why=f"lines whose {roles['status'][0]!r} is {listed}, {said}",
        lines=sum(n for _, n in found),
    )


def _are_negative(
    connection: DuckDBPyConnection, raw: RawTable, roles: Roles, statuses: list[str]
) -> bool:
    """Tell whether the lines of some statuses are mostly written with a minus sign."""
    sign = next((role for role in ("amount", "quantity") if role in roles), None)
    if sign is None:
        return False
    listed = ", ".join(map(literal, statuses))
    lines = connection.table(raw.table).project(
        f"{_cell(raw, roles, sign)} AS sign, lower({_cell(raw, roles, 'status')}) AS status"
    )
    cancelled = lines.filter(f"status IN ({listed})")
    below, above = cancelled.aggregate("count_if(sign < 0), count_if(sign > 0)").fetchall()[0]
    return int(below) > int(above)


def _by_prefix(
    connection: DuckDBPyConnection, raw: RawTable, roles: Roles, sign: str, name: str
) -> CancelledEvidence | None:
    """Find letters that few order ids begin with, all of whose lines are negative."""
    if "order_id" not in roles:
        return None
    prefix = f"regexp_extract({_cell(raw, roles, 'order_id')}, '^([A-Za-z]+)[-_]?[0-9]', 1)"
    rows = (
        connection.table(raw.table)
        .project(f"{prefix} AS prefix, {sign} AS sign")
        .aggregate(
            "prefix, count(*) AS lines, count_if(sign < 0) AS below, count_if(sign > 0) AS above",
            "prefix",
        )
        .order("lines DESC, prefix")
        .fetchall()
    )
    total = sum(int(lines) for _, lines, _, _ in rows)
    for prefix, lines, below, above in rows:
        if prefix and below and not above and int(lines) < total / 2:
            return CancelledEvidence(
                rule=CancelledLines(order_prefix=str(prefix)),
                why=f"order ids that begin with {prefix!r}: no line has a positive {name}",
                lines=int(lines),
            )
    return None


def find_other_lines(
    connection: DuckDBPyConnection, raw: RawTable, roles: Roles
) -> OtherLines | None:
    """Find ids without a long number where nearly all have one: postage, fees, corrections."""
    if "product_id" not in roles:
        return None
    cell = _cell(raw, roles, "product_id")
    rows = (
        connection.table(raw.table)
        .project(f"{cell} AS id, length(regexp_replace({cell}, '[^0-9]', '', 'g')) AS digits")
        .filter("id IS NOT NULL")
        .aggregate("id, any_value(digits) AS digits, count(*) AS n", "id")
        .order("n DESC, id")
        .fetchall()
    )
    total = sum(int(n) for _, _, n in rows)
    others = [(str(id), int(n)) for id, digits, n in rows if int(digits) < 2]
    coded = sum(1 for _, digits, _ in rows if int(digits) >= LONG_CODE)
    lines = sum(n for _, n in others)
    if not others or coded < 0.9 * len(rows) or lines > MOST_OTHERS * total:
        return None
    return OtherLines(
        ids=tuple(id for id, _ in others),
        lines=lines,
        why=f"ids without a number, while {coded:,} of {len(rows):,} ids have {LONG_CODE} digits",
    )


def _cell(raw: RawTable, roles: Roles, role: str) -> str:
    """Write the SQL of a role's cell, read as the build will read it."""
    file, mapping = roles[role]
    raw_type = raw.columns[file]
    return typed_value(raw_value(file, raw_type), raw_type, declare_column(file, mapping))
