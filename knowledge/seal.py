"""Seals: proof that the files of a build are still those that it wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

Seal = dict[str, str]


def seal(root: Path, folders: Iterable[str]) -> Seal:
    """Hash every file below some folders of a root, by its path from the root."""
    files = sorted(p for name in folders for p in (root / name).rglob("*") if p.is_file())
    return {path.relative_to(root).as_posix(): _hash(path) for path in files}


def broken(root: Path, expected: Seal) -> str | None:
    """Name the first file that is missing or changed; ``None`` when all are as sealed."""
    for name, digest in expected.items():
        path = root / name
        if not path.is_file() or _hash(path) != digest:
            return name
    return None


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
