"""The record of prompt versions: a changed text needs a raised version.

``python -m prompts.versions`` writes ``versions.lock``; a test checks it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from prompts.errors import PromptError
from prompts.loader import FOLDER, load_prompt, prompt_files

LOCK = "versions.lock"


class LockedPrompt(NamedTuple):
    """One line of the lock: a file's name, its version, and the hash of its content."""

    name: str
    version: int
    digest: str


def current_prompts(folder: Path = FOLDER) -> tuple[LockedPrompt, ...]:
    """Read what the prompt files say now."""
    return tuple(_current(path) for path in prompt_files(folder))


def locked_prompts(folder: Path = FOLDER) -> tuple[LockedPrompt, ...]:
    """Read what the lock recorded; nothing when there is no lock."""
    path = folder / LOCK
    return tuple(_parsed(path.read_text("utf-8"))) if path.is_file() else ()


def write_lock(folder: Path = FOLDER) -> tuple[LockedPrompt, ...]:
    """Record the versions of all prompts.

    Raises
    ------
    PromptError
        When a text changed but its version did not go up.
    """
    recorded = {prompt.name: prompt for prompt in locked_prompts(folder)}
    current = current_prompts(folder)
    for prompt in current:
        before = recorded.get(prompt.name, prompt)
        if prompt.digest != before.digest and prompt.version <= before.version:
            raise PromptError(
                f"The text of {prompt.name!r} changed. Raise its 'version' above "
                f"{before.version}, then run 'make prompts-lock'."
            )
    lines = [f"{prompt.name} {prompt.version} {prompt.digest}\n" for prompt in current]
    (folder / LOCK).write_text("".join(lines), "utf-8")
    return current


def _current(path: Path) -> LockedPrompt:
    name, _, language = path.stem.partition(".")
    version = load_prompt(name, language or None, path.parent).version
    return LockedPrompt(path.stem, version, hashlib.sha256(path.read_bytes()).hexdigest())


def _parsed(text: str) -> Iterator[LockedPrompt]:
    for line in text.splitlines():
        name, version, digest = line.split()
        yield LockedPrompt(name, int(version), digest)


if __name__ == "__main__":
    write_lock()
