"""Conducts a build: the numbers first, then what is made of the words, then one switch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from tools.evidence import Record
from warehouse.errors import BuildError
from warehouse.manifest import Manifest
from warehouse.pipeline import STAGES, Step, ignore_progress, open_build

DEMO_SEED = 20261031

__all__ = ["STAGES", "BuildReport", "OddData", "Step", "build_workspace", "create_demo"]


class OddData(Record):
    """Something odd in the data: where, what, how many rows, and what the build did about it."""

    source: str
    check: str
    column: str | None
    count: int
    action: str
    examples: tuple[str, ...]


class BuildReport(Record):
    """What a build made, and what was odd about its sources."""

    build_id: str
    folder: Path
    as_of: date
    first_day: date
    built_at: datetime
    rows: dict[str, int]
    indexed: int
    findings: tuple[OddData, ...]
    seconds: dict[str, float]


def build_workspace(
    folder: Path, progress: Callable[[Step], None] = ignore_progress
) -> BuildReport:
    """Build a workspace from its sources and publish it; a build that fails changes nothing.

    Parameters
    ----------
    folder : Path
        The workspace: workspace.yml and data/.
    progress : callable
        Told of every ``Step``.

    Raises
    ------
    WarehouseError
        The workspace file or a source is wrong, a check failed, another build runs, or the disk
        or the memory is full. The build that was published before stays.
    FeedbackIndexError
        The search over feedback could not be written; the build before stays as well.
    """
    from knowledge.feedback import FeedbackRow, build_feedback_index

    with open_build(folder, progress) as build:
        build.run()
        with build.staged("index"):
            rows = (FeedbackRow(feedback_id, text) for feedback_id, text in build.feedback())
            indexed = build_feedback_index(rows, build.folder).texts
        return _report(build.publish(), build.folder, indexed)


def create_demo(
    folder: Path,
    customers: int,
    seed: int | None = None,
    progress: Callable[[Step], None] = ignore_progress,
) -> None:
    """Write the demo brand's workspace, to be built; an earlier demo there is replaced.

    Raises
    ------
    BuildError
        When the folder holds a workspace that is not the demo's.
    """
    from warehouse.demo import generate_demo

    made_before = (folder / "truth" / "generator.json").exists()
    if (folder / "workspace.yml").exists() and not made_before:
        raise BuildError(
            stage="demo",
            detail=f"{folder} holds a workspace that is not the demo brand.",
            next="Choose another folder with --workspace.",
        )

    def tell(what: str, share: float) -> None:
        progress(Step("sources", 1, len(STAGES) + 1, f"{what} {share:.0%}"))

    generate_demo(folder, customers, DEMO_SEED if seed is None else seed, progress=tell)


def _report(manifest: Manifest, folder: Path, indexed: int) -> BuildReport:
    return BuildReport(
        build_id=manifest.build_id,
        folder=folder,
        as_of=manifest.as_of,
        first_day=manifest.first_day,
        built_at=manifest.built_at,
        rows=manifest.rows,
        indexed=indexed,
        findings=tuple(
            OddData.model_validate(finding.model_dump()) for finding in manifest.findings
        ),
        seconds=manifest.seconds,
    )
