"""What every driver does: read its task, ask each question a few times, print how long it took.

Only the standard library and DuckDB: this file runs in environments that do not know Sextant.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypedDict

import duckdb

ROUNDS = 4


class Task(TypedDict):
    """What a driver is given: the file, the model's address, a folder, questions with their SQL."""

    file: str
    base_url: str
    scratch: str
    workspace: str
    questions: dict[str, str]


class Asked(TypedDict):
    """One question: how long it took whole, and how long its SQL alone takes."""

    question: str
    milliseconds: float
    sql_milliseconds: float


def read_task() -> Task:
    """Read the task from the file that the command line names."""
    task: Task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    return task


def make_store(task: Task) -> Path:
    """Write the file into a DuckDB store as one table, with its dates as times."""
    store = Path(task["scratch"]) / "sales.duckdb"
    with duckdb.connect(str(store)) as connection:
        connection.execute(
            "CREATE TABLE sales AS SELECT * REPLACE "
            "(strptime(InvoiceDate, '%m/%d/%y %H:%M') AS InvoiceDate) FROM read_parquet(?)",
            [task["file"]],
        )
    return store


def ask_all(
    task: Task, store: Path, ask: Callable[[str], None], sql_of: Callable[[str], str]
) -> None:
    """Time every question and its SQL alone, and print the list as JSON."""
    found: list[Asked] = []
    for question in task["questions"]:
        asked = _milliseconds(partial(ask, question))
        with duckdb.connect(str(store), read_only=True, config={"threads": 2}) as connection:
            alone = _milliseconds(partial(_fetch, connection, sql_of(question)))
        found.append(Asked(question=question, milliseconds=asked, sql_milliseconds=alone))
    sys.stdout.write("\n" + json.dumps(found) + "\n")


def _fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    connection.execute(sql).fetchall()


def _milliseconds(work: Callable[[], None]) -> float:
    """Median of the rounds after the first."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken[1:])
