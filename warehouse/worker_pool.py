"""A few query processes that many callers share."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from warehouse.errors import QueryTimeout, StoreUnavailable
from warehouse.query_process import (
    Build,
    Limits,
    QueryProcess,
    Reply,
    Value,
    order_of,
    published,
)

PATIENCE = 6
"""A caller waits in line for at most this many times the limit of one query."""


class WorkerPool:
    """A few processes with one query each at a time; callers are served in the order they came.

    The first starts at once, the others when they are first needed. When ``store`` leads to a new
    build, those that run are started anew on it; a query that runs on the old one still ends there.
    """

    def __init__(self, store: Path, limits: Limits, size: int) -> None:
        self._store = store
        self._limits = limits
        self._build: Build | None = None
        self._workers = tuple(QueryProcess(limits) for _ in range(size))
        self._line = _Line(self._workers)

    def start(self) -> None:
        """Start a process without waiting for it; what fails here is told when asked."""
        with suppress(StoreUnavailable):
            self._build = published(self._store)
            self._workers[-1].renew(self._build)  # the line hands out the last one first

    def ask(self, sql: str, values: Sequence[Value], limit: int) -> Reply:
        """Run one query on the published build, in the next free process.

        Raises
        ------
        EngineError
            Or one of its kinds; a process that failed is replaced.
        """
        order = order_of(sql, values, limit)
        worker = self._line.take(self._limits.seconds * PATIENCE)
        try:
            build = published(self._store, self._build)
            if build != self._build:
                self._follow(build)
            return worker.ask(build, order)
        finally:
            self._line.give(worker)

    def close(self) -> None:
        """Kill every process; queries that run or wait end with an error."""
        for worker in self._workers:
            worker.close()
        self._line.for_each_free(QueryProcess.stop)

    def _follow(self, build: Build) -> None:
        self._build = build
        self._line.for_each_free(lambda worker: worker.follow(build))


class _Turn:
    """The place of a waiting caller, to whom a process is handed."""

    def __init__(self) -> None:
        self.come = threading.Event()
        self.worker: QueryProcess | None = None


class _Line:
    """Hands out processes, first come, first served."""

    def __init__(self, workers: Sequence[QueryProcess]) -> None:
        self._lock = threading.Lock()
        self._free = list(workers)
        self._waiting: deque[_Turn] = deque()

    def take(self, seconds: float) -> QueryProcess:
        with self._lock:
            if self._free:
                return self._free.pop()  # the one used last: its cache is warm
            turn = _Turn()
            self._waiting.append(turn)
        try:
            turn.come.wait(seconds)
            if turn.worker is None:
                raise QueryTimeout(seconds=seconds)
            return turn.worker
        except BaseException:  # an interrupted wait must not keep its place either
            self._withdraw(turn)
            raise

    def give(self, worker: QueryProcess) -> None:
        with self._lock:
            if not self._waiting:
                self._free.append(worker)
                return
            turn = self._waiting.popleft()
            turn.worker = worker
            turn.come.set()

    def for_each_free(self, action: Callable[[QueryProcess], None]) -> None:
        with self._lock:
            for worker in self._free:
                action(worker)

    def _withdraw(self, turn: _Turn) -> None:
        with self._lock:
            waits = turn in self._waiting
            if waits:
                self._waiting.remove(turn)
        if not waits and turn.worker is not None:  # it was handed over in the last moment
            self.give(turn.worker)
