"""Taking in all sources of a workspace, one after the other, so that few lie in memory at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    clocks = dict(_pair(clock) for clock in declarations.clocks)
    names = sorted(declarations.sources, key=lambda name: name not in clocks)
    dated = {
        name: stage_source(connection, name, found[name], scratch)
        for name in clocks
        if name in found
    }
    span = _span(connection, dated, clocks, declarations)
    raws: dict[str, RawTable] = {}
    rows: dict[str, int] = {}
    findings: list[Finding] = []
    for name in names:
        tell(name)
        declaration = declarations.sources[name]
        if name in found:
            raw = dated.pop(name, None) or stage_source(connection, name, found[name], scratch)
            raws[name] = raw
            findings += raw.findings
            cleaned = clean_source(connection, raw, declaration, span, is_clock=name in clocks)
            findings += cleaned.findings
            rows[name] = cleaned.rows
            if not raw.is_view:
                connection.execute(f"DROP TABLE {raw.table}")
        else:
            empty_source(connection, name, declaration)
            findings.append(Finding(source=name, check="missing_source", count=1))
    if span.first is None or span.last is None:
        raise _no_span(declarations.clocks)
    findings += unknown_references(connection, declarations)
    return Intake(span.first, span.last, raws, rows, tuple(findings))


def _pair(clock: str) -> tuple[str, str]:
    source, _, column = clock.partition(".")
    return source, column


def _span(
    connection: DuckDBPyConnection,
    dated: Mapping[str, RawTable],
    clocks: Mapping[str, str],
    declarations: SourceDeclarations,
) -> Span:
    """Find the days from the first of any clock to the last of any."""
    spans = []
    for name, raw in dated.items():
        span = data_span(count_days(connection, raw, declarations.sources[name], clocks[name]))
        if span is None:
            raise _no_span((f"{name}.{clocks[name]}",))
        spans.append(span)
    if not spans:
        return Span(declarations.undated, declarations.undated)
    return Span(min(first for first, _ in spans), max(last for _, last in spans))


def _no_span(clocks: Sequence[str]) -> BuildError:
    source, column = _pair(clocks[0]) if clocks else ("", "")
    return BuildError(
        stage="sources",
        detail=f"no row of {source!r} has a time in {column!r}.",
        next=f"The end of the data is read there: give {source!r} a file with rows.",
    )
