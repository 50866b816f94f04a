"""Where the command line keeps who is signed in: one file of this person, mode 0600."""

from __future__ import annotations

import json
import os
from pathlib import Path

import typer


def saved_token(workspace: Path) -> str | None:
    """Token of the session signed in for a workspace, if there is one."""
    return _read().get(str(workspace.resolve()))


def save_token(workspace: Path, token: str | None) -> None:
    """Keep the token of a workspace's session; None forgets it."""
    tokens = _read()
    tokens.pop(str(workspace.resolve()), None)
    if token is not None:
        tokens[str(workspace.resolve())] = token
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(tokens, file)
    fresh.replace(path)


def _read() -> dict[str, str]:
    try:
        found = json.loads(_path().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _path() -> Path:
    return Path(typer.get_app_dir("sextant")) / "sessions.json"
