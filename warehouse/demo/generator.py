"""Generates the demo brand: people first, then all they do, then the files a brand would export."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warehouse.demo import layout
from warehouse.demo.brand import Brand
from warehouse.demo.scenario import Scenario, scenario_at
from warehouse.demo.shared_rows import shared_rows
from warehouse.demo.tally import Tally
from warehouse.demo.truth import write_truth, write_workspace
from warehouse.demo.worker import Task, run, run_apart
from warehouse.demo.writing import Staging
from warehouse.errors import BuildError

Progress = Callable[[str, float], None]

CHUNK = 10_000
"""People made at a time, so that memory stays flat however many there are."""

SMALL = 4
"""Up to this many chunks one process is quicker than starting two."""

MAKING = 0.6
"""Share of the time that making people takes; the rest is writing files."""


@dataclass(frozen=True)
class DemoReport:
    """What was written: rows by file, as paths inside the workspace."""

    folder: Path
    customers: int
    seed: int
    as_of: date
    rows: dict[str, int]


def generate_demo(
    folder: Path,
    customers: int = 20_000,
    seed: int = 20261031,
    as_of: date = date(2026, 10, 31),
    progress: Progress | None = None,
) -> DemoReport:
    """Write the demo brand's workspace: source files, workspace.yml and the truth beside them.

    Parameters
    ----------
    folder : Path
        Workspace folder; made if missing. Files of an earlier demo are replaced.
    customers : int
        Number of people; everything else grows in proportion.
    seed : int
        Equal seeds and other arguments give equal bytes.
    as_of : date
        Last day of the data, which spans two years.
    progress : callable, optional
        Told what is being done (``people`` or a file's name) and the share that is finished.

    Returns
    -------
    DemoReport
        Rows written by file.

    Raises
    ------
    ValueError
        When there is nobody to make.
    BuildError
        When the folder holds a workspace that is no demo, or cannot be written.
    """
    if customers < 1:
        raise ValueError(f"The number of customers must be at least 1. Got {customers}.")
    _check(folder)
    tell = progress or (lambda text, share: None)
    brand = Brand.build(scenario_at(as_of), seed)
    tally = Tally()
    with Staging(folder, threads=_cores()) as staging:
        staging.clear()
        chunks = range((customers + CHUNK - 1) // CHUNK)
        for done, part in enumerate(_make(folder, customers, seed, as_of, chunks)):
            tally.merge(part)
            tell("people", MAKING * (done + 1) / len(chunks))
        for source, columns in shared_rows(brand):
            staging.add(source, 0, columns)
        tally.dirt["exchange_rates", "missing_month"] = 1
        shutil.rmtree(folder / "data", ignore_errors=True)
        rows = _write_files(brand.scenario, staging, tell)
        staging.clear()
    write_truth(folder, brand.scenario, seed, customers, CHUNK, tally)
    write_workspace(folder)
    tell("done", 1.0)
    return DemoReport(folder, customers, seed, as_of, rows)


def _check(folder: Path) -> None:
    foreign = (folder / "workspace.yml").exists() and not (folder / "truth/generator.json").exists()
    if foreign:
        raise BuildError(
            stage="demo",
            detail=f"The folder '{folder}' holds a workspace that is no demo.",
            next="Choose another folder.",
        )


def _cores() -> int:
    return max(1, min(2, os.cpu_count() or 1))


def _make(folder: Path, customers: int, seed: int, as_of: date, chunks: range) -> Iterator[Tally]:
    def task(numbers: range) -> Task:
        return Task(
            folder=str(folder.resolve()),
            customers=customers,
            seed=seed,
            as_of=as_of,
            chunk_size=CHUNK,
            chunks=tuple(numbers),
        )

    if len(chunks) <= SMALL or _cores() == 1:
        return run(task(chunks))
    return run_apart([task(chunks[i :: _cores()]) for i in range(_cores())])


def _write_files(scenario: Scenario, staging: Staging, tell: Progress) -> dict[str, int]:
    months = [scenario.month_start(m).strftime("%Y-%m") for m in range(scenario.years * 12)]
    events = [layout.events_file(month) for month in months]
    sources = [*layout.FILES, *layout.TRUTH_FILES, *filter(staging.has, events)]
    rows = {}
    for done, source in enumerate(sources):
        tell(source.name, MAKING + (1 - MAKING) * done / len(sources))
        rows[source.path] = staging.write(source)
    return rows
