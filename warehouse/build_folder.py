"""Folders of builds: one is made at a time, published whole by one atomic switch, two are kept."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from warehouse.errors import BuildError

MANIFEST = "manifest.json"
KEPT = 2


class BuildFolders:
    """``var/builds`` of a workspace, and ``var/current`` that points into it."""

    def __init__(self, workspace: Path) -> None:
        self.var = workspace / "var"
        self.builds = self.var / "builds"
        self.current = self.var / "current"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the workspace's build lock; it falls with the process, however that ends.

        Raises
        ------
        BuildError
            Another build of this workspace is running.
        """
        self.builds.mkdir(parents=True, exist_ok=True)
        with (self.var / "build.lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise BuildError(
                    stage="lock",
                    detail=f"another build of this workspace is running ({file.read().strip()}).",
                    next="Wait until it has ended.",
                ) from None
            file.truncate(0)
            file.write(f"process {os.getpid()}")
            file.flush()
            try:
                yield
            finally:
                file.truncate(0)

    def new(self, name: str) -> Path:
        """Make the folder of a new build; a name that is taken gets a number."""
        number = 1
        while True:
            folder = self.builds / (name if number == 1 else f"{name}-{number}")
            try:
                folder.mkdir(parents=True)
                return folder
            except FileExistsError:
                number += 1

    def published(self) -> Path | None:
        """Give the folder of the published build, if there is one."""
        return self.current.resolve() if self.current.exists() else None

    def publish(self, folder: Path) -> None:
        """Point ``var/current`` at a finished build, in one step; readers see old or new."""
        if not (folder / MANIFEST).is_file():
            raise BuildError(
                stage="publish", detail=f"{folder.name!r} has no manifest.", next="Build again."
            )
        spare = self.var / f".current-{os.getpid()}"
        spare.unlink(missing_ok=True)
        spare.symlink_to(Path("builds") / folder.name, target_is_directory=True)
        os.replace(spare, self.current)
        _sync(self.var)

    def sweep(self) -> None:
        """Remove what builds that were killed left behind, and all but the newest two builds."""
        for link in self.var.glob(".current-*"):
            link.unlink(missing_ok=True)
        whole = [f for f in self.builds.iterdir() if (f / MANIFEST).is_file()]
        published = self.published()
        newest = sorted((f for f in whole if f != published), key=_made, reverse=True)
        kept = {published, *newest[: KEPT - 1 if published else KEPT]}
        for folder in self.builds.iterdir():
            if folder not in kept:
                shutil.rmtree(folder, ignore_errors=True)


def build_name(now: datetime, digest: str) -> str:
    """Name a build after its time and its sources."""
    return f"{now:%Y%m%dT%H%M%S}-{digest[:8]}"


def _made(folder: Path) -> float:
    return (folder / MANIFEST).stat().st_mtime


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
