"""A build: sources, typed staging, One ID, marts and vault, checks, one atomic switch.

    with open_build(workspace, progress) as build:
        build.run()
        ...                # others add their files to build.folder
        build.publish()

Whatever happens before ``publish`` returns, the published build stays as it was.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import duckdb

from warehouse.build_folder import MANIFEST, BuildFolders, build_name
from warehouse.build_store import BuildStore, checks_file, mart_files, read_feedback
from warehouse.errors import BuildError, WorkspaceFileError, nearest
from warehouse.identity import link_accounts
from warehouse.manifest import Manifest, SourcePart, SourceSummary
from warehouse.own_tables import drop_unused, make_tables, refuse_clashes
from warehouse.semantic_columns import validate_against
from warehouse.semantic_model import load_semantic_model, model_folders
from warehouse.sources import find_source
from warehouse.sources.findings import Finding
from warehouse.sources.intake import Intake, take_in
from warehouse.sources.own import OWN, declare_sources
from warehouse.sources.raw import RawTable
from warehouse.sources.references import unknown_accounts
from warehouse.workspace_file import FILE_NAME, WorkspaceFile, load_workspace_file

StageName = Literal["sources", "identity", "marts", "check", "index", "publish"]
STAGES: tuple[StageName, ...] = ("sources", "identity", "marts", "check", "index", "publish")

BEFORE_IDENTITY = "20"
"""Mart files with a lower number make the accounts that One ID links."""

SPACE_PER_BYTE = 3
SPARE_SPACE = 200 * 10**6


@dataclass(frozen=True)
class Step:
    """Where a build is: stage ``number`` of ``of``, and what it is at."""

    stage: StageName
    number: int
    of: int
    detail: str = ""


Progress = Callable[[Step], None]


def ignore_progress(step: Step) -> None:
    """Tell nobody."""


@contextmanager
def open_build(
    workspace: Path, progress: Progress = ignore_progress, now: datetime | None = None
) -> Iterator[Build]:
    """Begin a build of a workspace; leaving without ``publish`` throws its files away.

    Parameters
    ----------
    workspace : Path
        Folder with workspace.yml and data/.
    progress : callable
        Told of every step.
    now : datetime, optional
        Names and dates the build; it has no say in what the marts hold.

    Raises
    ------
    WorkspaceFileError
        workspace.yml is wrong.
    SemanticModelError
        The semantic model is wrong, or names columns that the marts lack.
    SourceError
        A source cannot be read whole.
    BuildError
        Another build runs, a check failed, or the disk or the memory is full.
    """
    declared = load_workspace_file(workspace)
    build: Build | None = None
    folders = BuildFolders(workspace)
    try:
        with folders.locked():
            folders.sweep()
            build = Build(workspace, declared, folders, progress, now or datetime.now(UTC))
            try:
                yield build
            finally:
                build.close()
    except (OSError, MemoryError, duckdb.Error) as error:
        raise _explained(build.stage if build else "sources", error, workspace) from error


class Build:
    """One build under way; get one from ``open_build``."""

    def __init__(
        self,
        workspace: Path,
        declared: WorkspaceFile,
        folders: BuildFolders,
        progress: Progress,
        now: datetime,
    ) -> None:
        self.workspace = workspace
        self.declared = declared
        self.declarations = declare_sources(declared)
        self.now = now
        self.stage: StageName = "sources"
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._folders = folders
        self._findings: list[Finding] = []
        self._intake: Intake | None = None
        self._rows: dict[str, int] = {}
        self._published = False
        self._refuse_unknown_sources()
        self._semantic = load_semantic_model(model_folders(workspace, declared.marts))
        self.folder = folders.new(build_name(now, _digest(workspace / "data", declared)))
        self._store = BuildStore(self.folder, declared.time_zone)

    @property
    def build_id(self) -> str:
        """Name of the build and of its folder."""
        return self.folder.name

    def run(self) -> None:
        """Make marts and vault from the sources, and check them."""
        with self.staged("sources"):
            intake = self._intake = self._take_in()
        with self.staged("identity"):
            self._link(intake)
        with self.staged("marts"):
            self._make_marts()
        with self.staged("check"):
            self._check()
            self._rows = self._store.mart_rows()
            self._store.finish()

    def feedback(self) -> Iterator[tuple[str, str]]:
        """Read id and masked text of every feedback that has one, after ``run``."""
        return read_feedback(self.folder)

    def publish(self) -> Manifest:
        """Write the manifest and make this the build that is read."""
        with self.staged("publish"):
            manifest = self._manifest(self._intake)
            file = self.folder / MANIFEST
            file.write_text(manifest.model_dump_json(indent=1), "utf-8")
            self._folders.publish(self.folder)
            self._published = True
            self._folders.sweep()
        return manifest

    def close(self) -> None:
        """Close the stores; remove the folder unless it was published."""
        self._store.close()
        if not self._published:
            shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def staged(self, stage: StageName) -> Iterator[None]:
        """Run a block as one stage: told to the progress callback and timed."""
        self.stage = stage
        self._tell()
        begin = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - begin, 3)

    def _tell(self, detail: str = "") -> None:
        self._progress(Step(self.stage, STAGES.index(self.stage) + 1, len(STAGES), detail))

    def _refuse_unknown_sources(self) -> None:
        file = str(self.workspace / FILE_NAME)
        if not self.declared.sources:
            raise WorkspaceFileError(
                file=file,
                detail="there are no sources yet.",
                next="Load a file: sextant load FILE --as NAME.",
            )
        if self.declared.marts == OWN:
            refuse_clashes(file, self.declared.sources)
        known = list(self.declarations.sources)
        for name in self.declared.sources:
            if name not in known:
                near = nearest(name, known) or known
                raise WorkspaceFileError(
                    file=file,
                    detail=f"unknown source {name!r}. Nearest: {', '.join(map(repr, near))}.",
                    next=f"The {self.declared.marts!r} marts read: {', '.join(known)}.",
                )

    def _take_in(self) -> Intake:
        data = self.workspace / "data"
        found = {name: find_source(file, data) for name, file in self.declared.sources.items()}
        self._refuse_full_disk(sum(source.bytes for source in found.values()))
        store = self._store
        intake = take_in(store.connection, found, self.declarations, store.scratch, self._tell)
        self._findings += intake.findings
        return intake

    def _refuse_full_disk(self, size: int) -> None:
        needed, free = SPACE_PER_BYTE * size + SPARE_SPACE, shutil.disk_usage(self.folder).free
        if free < needed:
            raise OSError(errno.ENOSPC, f"about {needed >> 20} MB needed, {free >> 20} MB free")

    def _link(self, intake: Intake) -> None:
        connection = self._store.connection
        connection.execute(
            "CREATE TABLE marts.build_info AS SELECT ?::DATE AS as_of, ?::DATE AS first_day,"
            " ?::VARCHAR AS build_id, ?::TIMESTAMP AS built_at, ?::VARCHAR AS currency,"
            " ?::VARCHAR AS time_zone",
            [
                intake.as_of,
                intake.first_day,
                self.build_id,
                self.now.replace(tzinfo=None),
                self.declared.currency,
                self.declared.time_zone,
            ],
        )
        if self.declared.marts == OWN:
            make_tables(connection, self.declared.sources, self.declarations.sources)
            return
        self._run_files(before_identity=True)
        self._findings += link_accounts(connection)
        self._findings += unknown_accounts(connection, self.declarations)

    def _make_marts(self) -> None:
        self._run_files(before_identity=False)
        rows = self._store.connection.execute("FROM finding").fetchall()
        names = ("source", "check", "column", "count", "action", "examples")
        self._findings += [
            Finding.model_validate(dict(zip(names, row, strict=True))) for row in rows
        ]

    def _run_files(self, *, before_identity: bool) -> None:
        for file in mart_files(self.declared.marts):
            if (file.name < BEFORE_IDENTITY) == before_identity:
                self._tell(file.name.removesuffix(".sql"))
                self._store.run_file(file)

    def _check(self) -> None:
        query = checks_file(self.declared.marts).read_text("utf-8")
        failed = self._store.connection.execute(query).fetchall()
        if failed:
            said = "; ".join(f"not true that {name} ({rows} rows)" for name, rows in failed)
            raise BuildError(stage="check", detail=f"{said}.", next="The previous build stays.")
        if self.declared.marts == OWN:
            drop_unused(self._store.connection, self.declared.sources)
        validate_against(self._semantic, self._store.mart_columns())

    def _manifest(self, intake: Intake | None) -> Manifest:
        if intake is None:
            raise BuildError(stage="publish", detail="nothing was built.", next="Run it first.")
        return Manifest(
            build_id=self.build_id,
            as_of=intake.as_of,
            first_day=intake.first_day,
            built_at=self.now,
            currency=self.declared.currency,
            time_zone=self.declared.time_zone,
            marts=self.declared.marts,
            semantic_hash=self._semantic.hash,
            sources=tuple(self._summary(intake, raw) for raw in intake.raw.values()),
            rows=self._rows,
            findings=tuple(self._findings),
            seconds=self.seconds,
        )

    def _summary(self, intake: Intake, raw: RawTable) -> SourceSummary:
        data = self.workspace / "data"
        parts = (
            SourcePart(file=str(f.path.relative_to(data)), sha256=f.sha256, bytes=f.bytes)
            for f in raw.files
        )
        return SourceSummary(
            source=raw.source,
            files=tuple(parts),
            rows_read=raw.rows_read,
            rows_staged=raw.rows,
            rows_used=intake.rows[raw.source],
        )


def _digest(data: Path, declared: WorkspaceFile) -> str:
    """Hash what is declared and which files lie there, without reading them."""
    digest = hashlib.sha256(declared.model_dump_json().encode())
    for file in sorted(f for f in data.rglob("*") if f.is_file()):
        size, modified = file.stat().st_size, file.stat().st_mtime_ns
        digest.update(f"{file.relative_to(data)} {size} {modified}\n".encode())
    return digest.hexdigest()


def _explained(stage: StageName, error: BaseException, workspace: Path) -> BuildError:
    """Word a failure of the machine so that a person knows what to do."""
    said = " ".join(str(error).split())
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "no space left" in said.lower() or "max_temp_directory_size" in said:
        free = shutil.disk_usage(workspace).free >> 20
        return BuildError(
            stage=stage,
            detail=f"the disk is full ({free} MB free): {said}.",
            next="Make room and build again; the previous build stays.",
        )
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException):
        return BuildError(
            stage=stage,
            detail=f"the memory is full: {said}.",
            next="Close other programs and build again; the previous build stays.",
        )
    return BuildError(
        stage=stage, detail=f"{said}.", next="The previous build stays; please report this."
    )
