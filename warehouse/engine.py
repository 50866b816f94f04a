"""Running compiled queries: the Engine protocol, and DuckDB behind it in killable processes."""

from __future__ import annotations

import time
import weakref
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from warehouse.compiler import readable
from warehouse.errors import EngineError
from warehouse.query import Cell, CompiledQuery, QueryResult
from warehouse.query_process import Build, BuildInfo, Limits, Row, Value, published
from warehouse.rights import suppress
from warehouse.worker_pool import WorkerPool

MAX_ROWS = 20_000
MAX_FETCHED = 200_000


class Engine(Protocol):
    """What runs compiled queries on the published build. Safe to share between threads."""

    @property
    def build_id(self) -> str:
        """Identity of the published build."""
        ...

    @property
    def as_of(self) -> date:
        """Last day in the data of the published build."""
        ...

    @property
    def first_day(self) -> date:
        """First day in the data of the published build."""
        ...

    def run(self, compiled: CompiledQuery) -> QueryResult:
        """Run a compiled question."""
        ...

    def fetch_rows(
        self, sql: str, values: Sequence[Value] = (), limit: int = MAX_FETCHED
    ) -> list[Row]:
        """Read rows for the program's own use; more than ``limit`` is an error."""
        ...

    def catalogue(self) -> dict[str, dict[str, str]]:
        """Type of each column of each table."""
        ...

    def table_counts(self) -> dict[str, int]:
        """Rows of each table."""
        ...

    def close(self) -> None:
        """Give up what is held; queries that run end with an error."""
        ...


class DuckDBEngine:
    """DuckDB over a published build, in a few worker processes with one query each at a time.

    A query that outlives its time is interrupted, and its process killed a second later; the
    others are not disturbed. Callers who find every worker busy are served in the order they came.
    When ``store`` leads to a new build (its folder is a link that is replaced), workers are started
    anew on it.

    Parameters
    ----------
    store : Path
        The marts file, usually below the link ``var/current``.
    workers : int
        Queries that run at the same time.
    seconds : float
        Time limit of one query.
    megabytes : int
        Memory limit of one query; all its process takes stays below about three times as much.
    threads : int
        Threads of one query.
    """

    def __init__(
        self,
        store: Path,
        workers: int = 2,
        seconds: float = 10,
        megabytes: int = 512,
        threads: int = 2,
    ) -> None:
        self._store = store
        self._pool = WorkerPool(store, Limits(seconds, megabytes, threads), workers)
        self._known: tuple[Build, BuildInfo] | None = None
        self._close = weakref.finalize(self, self._pool.close)
        self._pool.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def build_id(self) -> str:
        """Identity of the published build."""
        return self._published().build_id

    @property
    def as_of(self) -> date:
        """Last day in the data of the published build."""
        return self._published().as_of

    @property
    def first_day(self) -> date:
        """First day in the data of the published build."""
        return self._published().first_day

    def catalogue(self) -> dict[str, dict[str, str]]:
        """Type of each column of each table."""
        return {table: dict(columns) for table, columns in self._published().columns.items()}

    def table_counts(self) -> dict[str, int]:
        """Rows of each table."""
        return dict(self._published().counts)

    def run(self, compiled: CompiledQuery) -> QueryResult:
        """Run a compiled question; groups too small to be shown are hidden.

        Raises
        ------
        QueryTimeout, QueryTooLarge
            When the query reached its limit of time or memory.
        StoreUnavailable
            When the marts are missing, damaged or locked.
        SmallGroup
            When the one number asked for is of too few people.
        EngineError
            When DuckDB refuses the SQL.
        """
        begin = time.perf_counter()
        reply = self._pool.ask(compiled.sql, compiled.values, MAX_ROWS)
        rows: Sequence[Row] = [tuple(_day(cell) for cell in row) for row in reply.rows]
        hidden = 0
        if compiled.people_column is not None:
            rows, hidden = suppress(compiled.columns, rows, compiled.people_fields)
        full = compiled.limit is not None and len(reply.rows) >= compiled.limit
        return QueryResult(
            columns=compiled.columns,
            rows=tuple(rows),
            row_count=len(rows),
            truncated=reply.truncated or full,
            suppressed=hidden,
            sql=readable(compiled),
            as_of=reply.info.as_of,
            build_id=reply.info.build_id,
            time_range=compiled.time_range,
            compared_range=compiled.compared_range,
            notes=compiled.notes,
            milliseconds=(time.perf_counter() - begin) * 1000,
        )

    def fetch_rows(
        self, sql: str, values: Sequence[Value] = (), limit: int = MAX_FETCHED
    ) -> list[Row]:
        """Read rows for the program's own use: values, texts.

        Raises
        ------
        EngineError
            When there are more than ``limit`` rows, and as ``run``.
        """
        reply = self._pool.ask(sql, values, limit)
        if reply.truncated:
            raise EngineError(detail=f"The query must return at most {limit:,} rows. Got more.")
        return reply.rows

    def close(self) -> None:
        """Kill the workers; queries that run end with an error."""
        self._close()

    def _published(self) -> BuildInfo:
        known = self._known
        build = published(self._store, known[0] if known else None)
        if known is None or known[0] != build:
            self._known = known = build, self._pool.ask("SELECT 1", (), 1).info
        return known[1]


def _day(cell: Cell) -> Cell:
    # date_trunc gives a time in DuckDB even for a day; a record holds days.
    if not isinstance(cell, datetime):
        return cell
    if cell.time() == datetime.min.time():
        return cell.date()
    return cell.isoformat(sep=" ", timespec="seconds")
