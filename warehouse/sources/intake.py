"""Taking in all sources of a workspace, one after the other, so that few lie in memory at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from duckdb import DuckDBPyConnection

from warehouse.errors import BuildError
from warehouse.sources import SourceFiles, stage_source
from warehouse.sources.cleaning import Span, clean_source, count_days, empty_source
from warehouse.sources.clock import data_span
from warehouse.sources.declaration import SourceDeclarations
from warehouse.sources.findings import Finding
from warehouse.sources.raw import RawTable
from warehouse.sources.references import unknown_references


@dataclass(frozen=True)
class Intake:
    """What came in: the days the data covers, each source as staged, the rows left of it."""

    first_day: date
    as_of: date
    raw: dict[str, RawTable]
    rows: dict[str, int]
    findings: tuple[Finding, ...]


def take_in(
    connection: DuckDBPyConnection,
    found: Mapping[str, SourceFiles],
    declarations: SourceDeclarations,
    scratch: Path,
    tell: Callable[[str], None],
) -> Intake:
    """Make a typed table ``source.<name>`` for every declared source.

    The source of the clock comes first, because its bulk says which days the others may have.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Of the build.
    found : mapping of name to SourceFiles
        What the brand has; what it has not becomes an empty table.
    declarations : SourceDeclarations
        What the marts expect.
    scratch : Path
        Folder for temporary copies.
    tell : callable
        Told the name of each source as its turn comes.

    Raises
    ------
    SourceError
        A source cannot be read whole.
    BuildError
        The clock's source has no dated row.
    """
    clock, column = declarations.clock.split(".")
    names = sorted(declarations.sources, key=lambda name: name != clock)
    raws: dict[str, RawTable] = {}
    rows: dict[str, int] = {}
    findings: list[Finding] = []
    span = Span()
    for name in names:
        tell(name)
        declaration = declarations.sources[name]
        if name in found:
            raw = raws[name] = stage_source(connection, name, found[name], scratch)
            findings += raw.findings
            if name == clock:
                span = _span(connection, raw, column, declarations)
            cleaned = clean_source(connection, raw, declaration, span, is_clock=name == clock)
            findings += cleaned.findings
            rows[name] = cleaned.rows
            if not raw.is_view:
                connection.execute(f"DROP TABLE {raw.table}")
        else:
            empty_source(connection, name, declaration)
            findings.append(Finding(source=name, check="missing_source", count=1))
    if span.first is None or span.last is None:
        raise _no_span(clock, column)
    findings += unknown_references(connection, declarations)
    return Intake(span.first, span.last, raws, rows, tuple(findings))


def _span(
    connection: DuckDBPyConnection, raw: RawTable, column: str, declarations: SourceDeclarations
) -> Span:
    declaration = declarations.sources[raw.source]
    span = data_span(count_days(connection, raw, declaration, column))
    if span is None:
        raise _no_span(raw.source, column)
    return Span(*span)


def _no_span(clock: str, column: str) -> BuildError:
    return BuildError(
        stage="sources",
        detail=f"no row of {clock!r} has a time in {column!r}.",
        next=f"The end of the data is read there: give {clock!r} a file with rows.",
    )
