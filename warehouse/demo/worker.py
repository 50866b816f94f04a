"""A process of its own that makes some of the chunks: one line of JSON in, one out per chunk.

Chunks do not depend on each other, so two processes make the same bytes as one in half the time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from warehouse.demo.brand import Brand
from warehouse.demo.chunk import make_chunk
from warehouse.demo.rows import chunk_rows
from warehouse.demo.scenario import scenario_at
from warehouse.demo.tally import Tally
from warehouse.demo.writing import Staging
from warehouse.errors import BuildError
from warehouse.query import Record


class Task(Record):
    """Chunks to make of one demo."""

    folder: str
    customers: int
    seed: int
    as_of: date
    chunk_size: int
    chunks: tuple[int, ...]


def run(task: Task) -> Iterator[Tally]:
    """Make the chunks of a task one after another, in this process."""
    brand = Brand.build(scenario_at(task.as_of), task.seed)
    with Staging(Path(task.folder), threads=1) as staging:
        for number in task.chunks:
            first = number * task.chunk_size
            size = min(task.chunk_size, task.customers - first)
            chunk = make_chunk(brand, number, first, size)
            for source, columns in chunk_rows(brand, chunk):
                staging.add(source, number, columns)
            yield Tally.of(brand, chunk)


def run_apart(tasks: Sequence[Task]) -> Iterator[Tally]:
    """Make the chunks of several tasks, each in a process of its own.

    Raises
    ------
    BuildError
        When a process fails; the others are stopped.
    """
    command = [sys.executable, "-c", "from warehouse.demo.worker import main; main()"]
    root = str(Path(__file__).parents[2])
    with ExitStack() as stack:
        processes = [stack.enter_context(_start(command, root)) for _ in tasks]
        for process, task in zip(processes, tasks, strict=True):
            stack.callback(process.kill)
            assert process.stdin
            process.stdin.write(task.model_dump_json())
            process.stdin.close()
        yield from _tallies(processes, [len(t.chunks) for t in tasks])


def _start(command: list[str], folder: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=folder)


def _tallies(processes: Sequence[subprocess.Popen[str]], counts: list[int]) -> Iterator[Tally]:
    # One line of each in turn: the processes run on meanwhile, their lines wait in the pipe.
    for number in range(max(counts)):
        for process, count in zip(processes, counts, strict=True):
            if number < count:
                assert process.stdout
                line = process.stdout.readline()
                yield Tally.load(_checked(line))


def _checked(line: str) -> str:
    if not line:
        raise BuildError(stage="demo", detail="A worker ended early.", next="Run it again.")
    if line.startswith('{"error"'):
        raise BuildError(**json.loads(line)["error"])
    return line


def main() -> None:
    """Read a task and report each chunk made, or the error that ended it."""
    try:
        for tally in run(Task.model_validate_json(sys.stdin.read())):
            sys.stdout.write(tally.dump() + "\n")
            sys.stdout.flush()
    except BuildError as error:
        sys.stdout.write(json.dumps({"error": error.params}) + "\n")
