"""From a raw table to a typed one, with every doubt counted.

For each declared column the raw cell is read as its type; what does not read, lies out of range or
after the end of the data is emptied, unknown codes are kept, rows without key or time are excluded,
and of rows with one key the first stays. Nothing of this is silent: each is a ``Finding``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from duckdb import DuckDBPyConnection, DuckDBPyRelation

from warehouse.errors import SourceError, nearest
from warehouse.sources.declaration import ColumnDeclaration, SourceDeclaration
from warehouse.sources.findings import EXAMPLES, Action, Check, Finding
from warehouse.sources.raw import RawTable, identifier, literal
from warehouse.sources.repeated import drop_repeated, source_table, store_view
from warehouse.sources.types import raw_value, sql_type, typed_value


@dataclass(frozen=True)
class Span:
    """First and last day of the data, both included; ``None``: not known yet."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Doubt:
    """One condition on rows, and what is done where it holds."""

    check: Check
    column: str
    condition: str
    action: Action


@dataclass
class Plan:
    """How one source is read: what each column is read as, what is doubted, which rows stay.

    ``values`` are the expressions of the columns by name. ``changed`` are conditions under which
    reading changes a cell at all, for the columns of a view whose type needs no change: where none
    is true, the column is passed on as it is, so that nothing reads it anew in every query.
    """

    source: str
    declaration: SourceDeclaration
    raw: RawTable
    span: Span
    is_clock: bool = False
    cells: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


def _kept(doubts: Iterable[Doubt]) -> str:
    """Write the condition on the rows that stay."""
    excluding = [doubt.condition for doubt in doubts if doubt.action == "excluded"]
    return " AND ".join(f"({condition}) IS NOT TRUE" for condition in excluding) or "true"


@dataclass(frozen=True)
class Cleaned:
    """How many rows ``source.<name>`` has, and what was doubted on the way."""

    rows: int
    findings: tuple[Finding, ...]


def clean_source(
    connection: DuckDBPyConnection,
    raw: RawTable,
    declaration: SourceDeclaration,
    span: Span,
    *,
    is_clock: bool = False,
) -> Cleaned:
    """Make ``source.<name>`` from ``raw.<name>`` and report what was doubted.

    A table for what was copied (CSV, JSON lines), a view for what is read where it lies (Parquet).
    """
    plan = _plan(raw, declaration, span, is_clock)
    base = connection.table(raw.table).project(", ".join(plan.cells))
    base = base.project(", ".join(["*", *plan.typed]))
    counts = _count(plan, base)
    found = [doubt for doubt, count in zip(plan.doubts, counts.doubts, strict=True) if count]
    values = {**plan.values, **{name: _file(name) for name in counts.unchanged}}
    columns = ", ".join(f"{value} AS {identifier(name)}" for name, value in values.items())
    typed = base.filter(_kept(found)).project(columns)
    if raw.is_view:
        repeated = store_view(connection, raw.source, declaration.key, typed)
    else:
        typed.create(source_table(raw.source))
        is_unique = counts.rows == counts.keys
        repeated = () if is_unique else drop_repeated(connection, raw.source, declaration.key)
    doubted = _doubt_findings(plan, base, counts.doubts)
    return Cleaned(
        rows=counts.rows - sum(finding.count for finding in repeated),
        findings=(*_column_findings(plan), *doubted, *repeated),
    )


def empty_source(
    connection: DuckDBPyConnection, source: str, declaration: SourceDeclaration
) -> None:
    """Make an empty ``source.<name>`` for a source that a brand does not have."""
    columns = ", ".join(
        f"{identifier(name)} {sql_type(column.type)}"
        for name, column in declaration.columns.items()
    )
    connection.execute(f"CREATE TABLE {source_table(source)} ({columns})")


def count_days(
    connection: DuckDBPyConnection, raw: RawTable, declaration: SourceDeclaration, column: str
) -> list[tuple[date, int]]:
    """Count a raw table's rows by the day of its time column, sorted by day."""
    name = _found(raw, column, declaration.columns[column])
    if name is None:
        raise _missing(raw, column)
    raw_type = raw.columns[name]
    cell = raw_value(name, raw_type)
    day = f"CAST({typed_value(cell, raw_type, declaration.columns[column])} AS DATE)"
    days = connection.table(raw.table).project(f"{day} AS day").filter("day IS NOT NULL")
    return [(d, int(n)) for d, n in days.aggregate("day, count(*) AS n").order("day").fetchall()]


def _found(raw: RawTable, name: str, column: ColumnDeclaration) -> str | None:
    """Name of a declared column in the file: case and outer blanks do not matter."""
    wanted = (column.file or name).strip().casefold()
    return next((c for c in raw.columns if c.strip().casefold() == wanted), None)


def _plan(raw: RawTable, declaration: SourceDeclaration, span: Span, is_clock: bool) -> Plan:
    plan = Plan(raw.source, declaration, raw, span, is_clock)
    for name, column in declaration.columns.items():
        found = None if column.absent else _found(raw, name, column)
        if found is None:
            if name in declaration.key or name == declaration.time or column.file:
                raise _missing(raw, column.file or name)
            plan.values[name] = f"CAST(NULL AS {sql_type(column.type)})"
            continue
        raw_type = raw.columns[found]
        plan.cells.append(f"{raw_value(found, raw_type)} AS {_raw(name)}")
        plan.typed.append(f"{typed_value(_raw(name), raw_type, column)} AS {identifier(name)}")
        _plan_column(plan, name, column)
        if raw.is_view and raw_type == sql_type(column.type):
            plan.cells.append(f"{identifier(found)} AS {_file(name)}")
            plan.changed[name] = f"{plan.values[name]} IS DISTINCT FROM {_file(name)}"
    return plan


def _plan_column(plan: Plan, name: str, column: ColumnDeclaration) -> None:
    raw, typed = _raw(name), identifier(name)
    is_time = name == plan.declaration.time
    excludes = is_time or name in plan.declaration.key
    lost: Action = "excluded" if excludes else "emptied"
    if excludes:
        plan.doubts.append(Doubt("missing_key", name, f"{raw} IS NULL", "excluded"))
    elif column.expected:
        plan.doubts.append(Doubt("missing_value", name, f"{raw} IS NULL", "reported"))
    if column.type not in ("id", "text", "code"):
        unread = f"{raw} IS NOT NULL AND {typed} IS NULL"
        plan.doubts.append(Doubt("unreadable_value", name, unread, lost))
    if column.codes:
        codes = ", ".join(map(literal, dict.fromkeys(column.codes.values())))
        recoded = f"{typed} IN ({codes}) AND {typed} <> CAST({raw} AS VARCHAR)"
        plan.doubts += [
            Doubt("unknown_code", name, f"{typed} NOT IN ({codes})", "reported"),
            Doubt("recoded", name, recoded, "changed"),
        ]
    doubted = [*_range_doubts(name, column, lost), *_time_doubts(plan, name, column, lost)]
    plan.doubts += doubted
    plan.values[name] = _kept_value(typed, [] if excludes else doubted)


def _kept_value(typed: str, doubted: list[Doubt]) -> str:
    if not doubted:
        return typed
    conditions = " OR ".join(doubt.condition for doubt in doubted)
    return f"CASE WHEN {conditions} THEN NULL ELSE {typed} END"


def _range_doubts(name: str, column: ColumnDeclaration, action: Action) -> list[Doubt]:
    scale = 100 if column.type == "amount" else 1
    bounds = [(column.minimum, "<"), (column.maximum, ">")]
    conditions = [
        f"{identifier(name)} {op} DATE '{bound}'"
        if isinstance(bound, date)
        else f"{identifier(name)} {op} {bound * scale}"
        for bound, op in bounds
        if bound is not None
    ]
    return [Doubt("out_of_range", name, " OR ".join(conditions), action)] if conditions else []


def _time_doubts(plan: Plan, name: str, column: ColumnDeclaration, action: Action) -> list[Doubt]:
    doubts = []
    if column.type in ("date", "timestamp") and not column.planned and plan.span.last:
        after = plan.span.last + timedelta(days=1)
        condition = f"{identifier(name)} >= DATE '{after}'"
        doubts.append(Doubt("future_time", name, condition, action))
    if plan.is_clock and name == plan.declaration.time and plan.span.first:
        condition = f"{identifier(name)} < DATE '{plan.span.first}'"
        doubts.append(Doubt("early_time", name, condition, action))
    return doubts


def _raw(name: str) -> str:
    return identifier(f"{name} as it came")


def _file(name: str) -> str:
    return identifier(f"{name} in the file")


def _missing(raw: RawTable, name: str) -> SourceError:
    near = ", ".join(map(repr, nearest(name, list(raw.columns)))) or "none"
    return SourceError(
        file=str(raw.files[0].path),
        detail=f"column {name!r} is missing.",
        next=f"Nearest: {near}. Rename the column in the export, or map it in workspace.yml.",
    )


def _column_findings(plan: Plan) -> list[Finding]:
    """Report columns that the file lacks, and columns that nobody asked for."""
    columns = plan.declaration.columns
    declared = {(column.file or name).strip().casefold() for name, column in columns.items()}
    missing = [
        name
        for name, column in columns.items()
        if not column.absent and _found(plan.raw, name, column) is None
    ]
    surplus = [n for n in plan.raw.columns if n.strip().casefold() not in declared]
    pairs: tuple[tuple[Check, list[str]], ...] = (
        ("missing_column", missing),
        ("unexpected_column", surplus),
    )
    return [
        Finding(source=plan.source, check=check, count=len(names), examples=tuple(names[:EXAMPLES]))
        for check, names in pairs
        if names
    ]


@dataclass(frozen=True)
class Counts:
    """Rows in doubt, one count a doubt; rows that stay, and how many different keys they have.

    ``unchanged`` are the columns that reading does not change. Keys of a view are counted later.
    """

    doubts: list[int]
    rows: int
    keys: int
    unchanged: list[str]


def _count(plan: Plan, base: DuckDBPyRelation) -> Counts:
    """Count everything in one pass. Equal keys have equal hashes, and hashes are cheap."""
    key = ", ".join(map(identifier, plan.declaration.key))
    kept = f"FILTER (WHERE {_kept(plan.doubts)})"
    rows = f"count(*) {kept}"
    keys = f"count(DISTINCT hash({key})) {kept}" if key and not plan.raw.is_view else rows
    conditions = [*(doubt.condition for doubt in plan.doubts), *plan.changed.values()]
    sums = [f"count_if({condition})" for condition in conditions]
    kept_rows, kept_keys, *counts = base.aggregate(", ".join([rows, keys, *sums])).fetchall()[0]
    doubts = [int(count or 0) for count in counts[: len(plan.doubts)]]
    changed = dict(zip(plan.changed, counts[len(plan.doubts) :], strict=True))
    unchanged = [name for name, count in changed.items() if not count]
    return Counts(doubts, int(kept_rows), int(kept_keys), unchanged)


def _doubt_findings(plan: Plan, base: DuckDBPyRelation, counts: list[int]) -> list[Finding]:
    return [
        Finding(
            source=plan.source,
            check=doubt.check,
            column=doubt.column,
            count=count,
            action=doubt.action,
            examples=_examples(plan, base, doubt),
        )
        for doubt, count in zip(plan.doubts, counts, strict=True)
        if count
    ]


def _examples(plan: Plan, base: DuckDBPyRelation, doubt: Doubt) -> tuple[str, ...]:
    """Keys of the first doubted rows, with the value as it came unless it is contact data."""
    keys = [_raw(key) for key in plan.declaration.key]
    shown = [] if plan.declaration.columns[doubt.column].contact else [_raw(doubt.column)]
    if doubt.check == "recoded":
        cells = base.filter(doubt.condition).project(", ".join(shown)).distinct().order("1")
        rows = cells.limit(EXAMPLES).fetchall() if shown else []
        return tuple(str(value) for (value,) in rows)
    columns = list(dict.fromkeys([*keys, *shown]))
    if not columns:
        return ()
    rows = base.filter(doubt.condition).limit(EXAMPLES).project(", ".join(columns)).fetchall()
    return tuple(": ".join("" if c is None else str(c) for c in row) for row in rows)
