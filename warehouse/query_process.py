"""A query process, seen from the program that uses it: start, ask, kill, replace."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.errors import EngineError, QueryTimeout, QueryTooLarge, StoreUnavailable
from warehouse.query import Cell, Scalar

if TYPE_CHECKING:
    from warehouse.query_worker import OpenOrder, QueryOrder

Value = Scalar | date | None
Row = tuple[Cell, ...]

MAX_SQL = 100_000
"""Characters of one query: 20,000 short branches of a UNION hang DuckDB's planner."""
MAX_ORDER = 8 * 2**20
GRACE_SECONDS = 1.0
START_SECONDS = 30.0

_SCRIPT = Path(__file__).with_name("query_worker.py")
_CLOSED = "The engine is closed. Open the workspace again."
_BUILD_AGAIN = "Run 'sextant doctor' to see what is wrong, or 'sextant build' to build again."
_OUT_OF_MEMORY = (-signal.SIGKILL, -signal.SIGABRT)
"""How a process ends for want of memory: killed by the system, or an allocation that failed."""
_STORE_SIGNS = (
    (
        "Could not set lock",
        "locked",
        "Another program has it open for writing.",
        "Close that and ask again.",
    ),
    (
        "Permission denied",
        "unreadable",
        "This user may not read it.",
        "Give the right to read it, then ask.",
    ),
)


@dataclass(frozen=True)
class Limits:
    """What one query may use."""

    seconds: float
    megabytes: int
    threads: int


class Build(NamedTuple):
    """A published file: where it really lies, and what tells it from any other."""

    path: str
    identity: tuple[int, int, int, int]


@dataclass(frozen=True)
class BuildInfo:
    """What a process found in the build that it opened."""

    build_id: str
    as_of: date
    first_day: date
    columns: dict[str, dict[str, str]]
    counts: dict[str, int]


class Reply(NamedTuple):
    """Rows of a query, whether there were more, and the build that they come from."""

    rows: list[Row]
    truncated: bool
    info: BuildInfo


def published(store: Path, last: Build | None = None) -> Build:
    """Find the file that ``store`` leads to at this moment; ``last`` spares looking where it lies.

    Raises
    ------
    StoreUnavailable
        When there is none.
    """
    try:
        found = os.stat(store)
        identity = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        if last is not None and last.identity == identity:
            return last
        path = os.path.realpath(store, strict=True)
    except FileNotFoundError as error:
        raise StoreUnavailable(
            problem="missing",
            store=str(store),
            detail="There is no published build.",
            next="Run 'sextant build', or 'sextant demo' for the demo brand.",
        ) from error
    except OSError as error:
        raise StoreUnavailable(
            problem="unreadable",
            store=str(store),
            detail=f"It cannot be reached ({error.strerror}).",
            next="Give this user the right to read the folder, then ask again.",
        ) from error
    return Build(path, identity)


class QueryProcess:
    """A place for one process, which is started when needed and replaced when it failed.

    Only who holds the place talks to the process; ``close`` may come from anyone.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._build: Build | None = None
        self._info: BuildInfo | None = None
        self._closed = False

    def ask(self, build: Build, order: bytes) -> Reply:
        """Run one query on a build.

        Raises
        ------
        EngineError
            Or one of its kinds; the process is replaced unless DuckDB only refused the query.
        """
        info = self._ready(build)
        try:
            self._send(order)
            reply = self._receive(self._limits.seconds + GRACE_SECONDS)
        except BaseException:  # after Ctrl+C too: an answer on its way must not meet the next query
            self.renew(build)
            raise
        if "error" not in reply:
            return Reply(_rows(reply), reply["truncated"], info)
        if reply["error"] != "refused":
            self.renew(build)  # memory is not given back, a damaged database stays invalid
        raise self._failure(reply)

    def renew(self, build: Build) -> None:
        """Replace the process by a new one on a build, without waiting for it."""
        self.stop()
        with suppress(OSError, EngineError):  # the next query tries again and tells
            self._start(build)

    def follow(self, build: Build) -> None:
        """Replace the process by one on a new build, if it runs."""
        if self._process is not None:
            self.renew(build)

    def stop(self) -> None:
        """End the process; the next query starts another."""
        if self._process is not None:
            self._kill(self._process)
        if self._link is not None:
            self._link.close()
        self._process = self._link = self._info = None

    def close(self) -> None:
        """End the process for good, amid a query if need be."""
        self._closed = True
        process = self._process
        if process is not None:
            self._kill(process)

    def _ready(self, build: Build) -> BuildInfo:
        process = self._process
        if process is None or self._build != build or process.poll() is not None:
            self.stop()
            try:
                self._start(build)
            except OSError as error:
                raise EngineError(
                    detail=f"No query process can be started ({error.strerror}). "
                    "Close other programs and ask again."
                ) from error
        if self._info is None:
            try:
                self._info = _info(self._opened())
            except BaseException:
                self.stop()
                raise
        return self._info

    def _start(self, build: Build) -> None:
        if self._closed:
            raise EngineError(detail=_CLOSED)
        self._build = build
        self._link, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_SCRIPT)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},  # no key of ours is within reach of a query
            )
        order: OpenOrder = {
            "store": build.path,
            "threads": self._limits.threads,
            "megabytes": self._limits.megabytes,
            "seconds": self._limits.seconds,
        }
        self._link.settimeout(START_SECONDS)
        self._link.sendall(_frame(order))
        if self._closed:  # meanwhile, by another thread
            self.stop()

    def _opened(self) -> dict[str, Any]:
        try:
            reply = self._receive(START_SECONDS)
        except QueryTimeout as error:
            raise self._unavailable(f"It did not open within {START_SECONDS:g} s.") from error
        if "error" in reply:
            raise self._failure(reply)
        return reply

    def _send(self, order: bytes) -> None:
        if self._link is None:
            raise EngineError(detail=_CLOSED)
        self._link.settimeout(self._limits.seconds)
        with suppress(OSError):  # a process that died is found out when its answer is read
            self._link.sendall(order)

    def _receive(self, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        try:
            length = int.from_bytes(self._read(4, deadline), "big")
            reply: dict[str, Any] = json.loads(self._read(length, deadline))
        except TimeoutError as error:
            raise QueryTimeout(seconds=self._limits.seconds) from error
        except OSError as error:
            raise self._death() from error
        return reply

    def _read(self, length: int, deadline: float) -> bytes:
        if self._link is None:
            raise EngineError(detail=_CLOSED)
        parts = bytearray()
        while len(parts) < length:
            self._link.settimeout(max(deadline - time.monotonic(), 0.001))
            part = self._link.recv(min(length - len(parts), 2**20))
            if not part:
                raise ConnectionResetError
            parts += part
        return bytes(parts)

    def _failure(self, reply: dict[str, Any]) -> EngineError:
        kind, detail = reply["error"], reply["detail"]
        if kind == "timeout":
            return QueryTimeout(seconds=self._limits.seconds)
        if kind == "too_large":
            return QueryTooLarge(megabytes=self._limits.megabytes)
        if kind == "store":
            return self._unavailable(f"It is damaged, or no build of ours ({detail}).")
        return EngineError(detail=f"DuckDB refused the query. {detail}")

    def _death(self) -> EngineError:
        if self._closed or self._process is None:
            return EngineError(detail=_CLOSED)
        self._kill(self._process)
        code = self._process.returncode
        if code in _OUT_OF_MEMORY and self._info is not None:
            return QueryTooLarge(megabytes=self._limits.megabytes)
        return self._unavailable(f"The query process ended unexpectedly (exit code {code}).")

    def _unavailable(self, detail: str) -> StoreUnavailable:
        advice = _BUILD_AGAIN
        problem = "damaged"
        for sign, code, meaning, way_out in _STORE_SIGNS:
            if sign in detail:
                problem, detail, advice = code, meaning, way_out
        store = self._build.path if self._build else ""
        return StoreUnavailable(problem=problem, store=store, detail=detail, next=advice)

    @staticmethod
    def _kill(process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()


def order_of(sql: str, values: Sequence[Value], limit: int) -> bytes:
    """Write a query as a frame.

    Raises
    ------
    EngineError
        When it is too long: DuckDB must not see it.
    """
    if len(sql) > MAX_SQL:
        raise EngineError(
            detail=f"The SQL must have at most {MAX_SQL:,} characters. Got {len(sql):,}. "
            "Ask with fewer conditions and values."
        )
    order: QueryOrder = {
        "sql": sql,
        "values": [value.isoformat() if isinstance(value, date) else value for value in values],
        "dates": [i for i, value in enumerate(values) if type(value) is date],
        "times": [i for i, value in enumerate(values) if isinstance(value, datetime)],
        "limit": limit,
    }
    frame = _frame(order)
    if len(frame) > MAX_ORDER:
        raise EngineError(
            detail=f"The values of a query must fit into {MAX_ORDER:,} bytes. "
            f"Got {len(frame):,}. Ask with fewer or shorter values."
        )
    return frame


def _frame(order: OpenOrder | QueryOrder) -> bytes:
    body = json.dumps(order, separators=(",", ":")).encode()
    return len(body).to_bytes(4, "big") + body


def _info(reply: dict[str, Any]) -> BuildInfo:
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in reply["columns"]:
        columns.setdefault(table, {})[column] = kind
    return BuildInfo(
        build_id=reply["build_id"],
        as_of=date.fromisoformat(reply["as_of"]),
        first_day=date.fromisoformat(reply["first_day"]),
        columns=columns,
        counts=reply["counts"],
    )


def _rows(reply: dict[str, Any]) -> list[Row]:
    places = [(i, _REBUILD[kind]) for i, kind in enumerate(reply["types"]) if kind in _REBUILD]
    for row in reply["rows"]:
        for place, rebuild in places:
            if row[place] is not None:
                row[place] = rebuild(row[place])
    return [tuple(row) for row in reply["rows"]]


_REBUILD: dict[str, Callable[[str], date]] = {
    "DATE": date.fromisoformat,
    **dict.fromkeys(
        ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S"),
        datetime.fromisoformat,
    ),
}
