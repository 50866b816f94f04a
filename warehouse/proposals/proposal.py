"""A proposal for one file: what it is, what each column is, and what a person should decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import duckdb
from pydantic import Field

from warehouse.errors import SourceError
from warehouse.mapping import ColumnMapping, ColumnType, Kind
from warehouse.proposals.dates import DateOrder
from warehouse.proposals.extras import Extra
from warehouse.proposals.names import name_of, words_of
from warehouse.proposals.profile import ColumnProfile, profile_columns
from warehouse.proposals.roles import Reading, read_roles
from warehouse.proposals.sales import (
    CancelledEvidence,
    OtherLines,
    Roles,
    find_cancelled,
    find_other_lines,
)
from warehouse.proposals.words import has_trait, known_dimension
from warehouse.query import Record
from warehouse.sources import find_source, stage_source
from warehouse.sources.findings import Finding
from warehouse.sources.own import load_kinds
from warehouse.sources.raw import RawTable, literal
from warehouse.workspace_file import SourceFile

SOURCE = "file"
MOST_COLUMNS = 300
RESERVED = frozenset(
    {"row_id", "line_id", "has_no_order_id", "is_cancelled", "is_product", "amount", "known_at",
     "first_seen_at", "first_order_at", "last_order_at", "order_count", "lifetime_revenue",
     "recency_days", "first_sold_at", "period", "customer_id", "order_id", "product_id",
     "registered_at", "ordered_at"}
)  # fmt: skip
_ID_WORDS = ("id", "code", "no", "nr", "number", "zip", "zipcode", "postcode")
_ID_ENDS = ("编号", "编码", "号", "代码", "邮编")
_NUMBERS: tuple[ColumnType, ...] = ("integer", "number")


class Wishes(Record):
    """What a person said of a file before it was read."""

    kind: Kind | None = None
    roles: dict[str, str] = Field(default_factory=dict)
    date_order: DateOrder | None = None


class Question(Record):
    """What only a person can decide: the order of dates, or which of two columns plays a role."""

    about: Literal["date_order", "role"]
    subject: str
    choices: tuple[str, ...]
    why: str


class Line(Record):
    """One column of the proposal: as it came, what it becomes, and why."""

    file: str
    name: str | None
    type: str
    examples: tuple[str, ...]
    why: str
    is_role: bool = False


class Proposal(Record):
    """What a file seems to be. ``source`` is what workspace.yml would say."""

    source: SourceFile
    kind_why: str
    rows: int
    lines: tuple[Line, ...]
    extras: tuple[Extra, ...]
    questions: tuple[Question, ...]
    cancelled: CancelledEvidence | None
    others: OtherLines | None
    findings: tuple[Finding, ...]
    profiles: tuple[ColumnProfile, ...]


@contextmanager
def staged(
    source: SourceFile, data: Path, time_zone: str
) -> Iterator[tuple[duckdb.DuckDBPyConnection, RawTable]]:
    """Stage a file alone, to be looked at; refused if nothing can be found out about it."""
    with TemporaryDirectory() as scratch, duckdb.connect(":memory:") as connection:
        connection.execute(
            f"SET TimeZone = {literal(time_zone)}; SET temp_directory = {literal(scratch)}"
        )
        connection.execute("CREATE SCHEMA raw")
        raw = stage_source(connection, SOURCE, find_source(source, data), Path(scratch))
        _refuse_extremes(source, raw)
        yield connection, raw


def _refuse_extremes(source: SourceFile, raw: RawTable) -> None:
    if len(raw.columns) > MOST_COLUMNS:
        raise SourceError(
            file=source.file,
            detail=f"has {len(raw.columns):,} columns; at most {MOST_COLUMNS} are read.",
            next="Export only those that are asked about.",
        )
    if not raw.rows:
        raise SourceError(
            file=source.file,
            detail=f"has {len(raw.columns)} columns and no rows.",
            next="Export it again with rows.",
        )


def propose(
    source: SourceFile, data: Path, wishes: Wishes, time_zone: str, today: date
) -> Proposal:
    """Read a file below ``data`` whole and propose how it is to be taken.

    Raises
    ------
    SourceError
        The file cannot be read.
    WorkspaceFileError
        What was said does not fit the file.
    """
    with staged(source, data, time_zone) as (connection, raw):
        profiles = profile_columns(connection, raw, wishes.date_order)
        reading = read_roles(profiles, wishes.kind, wishes.roles)
        mapped, lines = _columns(profiles, reading, wishes)
        roles: Roles = {column.name: (file, column) for file, column in mapped.items()}
        is_sales = reading.kind == "transactions"
        cancelled = find_cancelled(connection, raw, roles) if is_sales else None
        others = find_other_lines(connection, raw, roles) if is_sales else None
        findings = (*raw.findings, *_odd_cells(profiles, mapped))
    time = _time(reading, profiles, mapped)
    update = {
        "kind": reading.kind,
        "time": time,
        "loaded": None if time else today,
        "cancelled": cancelled.rule if cancelled else None,
        "not_products": others.ids if others else (),
        "columns": mapped,
    }
    standard = {each.role for each in reading.roles}
    by_file = {profile.file: profile for profile in profiles}
    extras = tuple(
        Extra(name=column.name, type=column.type, profile=by_file[file])
        for file, column in mapped.items()
        if column.name not in standard and not column.contact
    )
    return Proposal(
        source=source.model_copy(update=update),
        kind_why=reading.why,
        rows=raw.rows,
        lines=lines,
        extras=extras,
        questions=tuple(_questions(profiles, reading, wishes)),
        cancelled=cancelled,
        others=others,
        findings=findings,
        profiles=profiles,
    )


def _columns(
    profiles: Sequence[ColumnProfile], reading: Reading, wishes: Wishes
) -> tuple[dict[str, ColumnMapping], tuple[Line, ...]]:
    """Map every column that holds anything, roles first in name, all others under their own."""
    roles = {each.file: each for each in reading.roles}
    kinds = load_kinds()[reading.kind].roles
    names = set(RESERVED) | set(kinds)
    mapped: dict[str, ColumnMapping] = {}
    lines: list[Line] = []
    for profile in profiles:
        if assigned := roles.get(profile.file):
            type = _role_type(kinds[assigned.role].type, profile)
            is_private = assigned.role == "customer_id" and profile.contact is not None
            update = {"contact": is_private, "masked": False}
            column = profile.mapped(assigned.role, type).model_copy(update=update)
            why = f"{assigned.why}; {profile.why}"
            if is_private:
                why = f"{assigned.why}; {profile.contact}: customers go by a number instead"
        elif not profile.filled:
            lines.append(_line(profile, None, "empty, left out"))
            continue
        else:
            column, why = _own_column(profile, wishes.roles.get(profile.file), names), profile.why
            if profile.contact:
                why = f"{profile.contact}: kept in the vault, never asked about"
        mapped[profile.file] = column
        lines.append(_line(profile, column, why, is_role=profile.file in roles))
    return mapped, tuple(lines)


def _role_type(type: ColumnType, profile: ColumnProfile) -> ColumnType:
    if type == "timestamp":
        return profile.type if profile.is_time else type
    return "integer" if type == "number" and profile.type == "integer" else type


def _own_column(profile: ColumnProfile, said: str | None, names: set[str]) -> ColumnMapping:
    known = known_dimension(profile.file)
    wanted = said or (known.name if known else name_of(profile.file))
    choices = [wanted, f"{wanted}_column", *(f"{wanted}_{n}" for n in range(2, 10_000))]
    name = next(each for each in choices if each not in names)
    names.add(name)
    type = profile.type
    if profile.contact:
        return profile.mapped(name)
    if type in _NUMBERS and _looks_like_id(profile):
        type = "id"
    elif type in _NUMBERS and has_trait(profile.file, "money"):
        type = "money"
    return profile.mapped(name, type)


def _looks_like_id(profile: ColumnProfile) -> bool:
    """Numbers that name things: never added up, whatever they look like."""
    words = words_of(profile.file)
    is_named = bool(words) and (words[-1] in _ID_WORDS or words[-1].endswith(_ID_ENDS))
    return profile.is_whole and is_named and profile.distinct > 1


def _line(
    profile: ColumnProfile, column: ColumnMapping | None, why: str, is_role: bool = False
) -> Line:
    is_private = column is not None and column.contact
    return Line(
        file=profile.file,
        name=column.name if column else None,
        type=column.type if column else profile.type,
        examples=() if is_private else profile.examples,
        why=why,
        is_role=is_role,
    )


def _time(
    reading: Reading, profiles: Sequence[ColumnProfile], mapped: Mapping[str, ColumnMapping]
) -> str | None:
    """Name the column that dates a row: the kind's own, else the first of dates."""
    wanted = load_kinds()[reading.kind].time
    if reading.kind != "records":
        return wanted if wanted and reading.column(wanted) else None
    days = [profile.file for profile in profiles if profile.is_time and profile.file in mapped]
    return mapped[days[0]].name if days else None


def _questions(
    profiles: Sequence[ColumnProfile], reading: Reading, wishes: Wishes
) -> Iterator[Question]:
    open_dates = [p for p in profiles if len(p.date_orders) > 1]
    if open_dates and wishes.date_order is None:
        first = open_dates[0]
        yield Question(
            about="date_order", subject=first.file, choices=first.date_orders, why=first.why
        )
    for each in reading.roles:
        if each.rivals:
            yield Question(
                about="role",
                subject=each.role,
                choices=(each.file, *each.rivals),
                why=f"{len(each.rivals) + 1} columns are named like it",
            )


def _odd_cells(
    profiles: Sequence[ColumnProfile], mapped: Mapping[str, ColumnMapping]
) -> Iterator[Finding]:
    """Report cells that are not of their column's type, and ids that had become numbers."""
    for profile in profiles:
        type = mapped[profile.file].type if profile.file in mapped else None
        if profile.unread and type not in (None, "id", "text"):
            yield Finding(
                source=SOURCE,
                check="unreadable_value",
                column=profile.file,
                count=profile.unread,
                action="emptied",
                examples=() if profile.contact else profile.unread_examples,
            )
        is_float = profile.raw_type in ("DOUBLE", "FLOAT") and profile.is_whole
        if type == "id" and (profile.whole_id or is_float):
            yield Finding(
                source=SOURCE,
                check="id_as_number",
                column=profile.file,
                count=profile.filled,
                action="changed",
                examples=profile.examples,
            )
