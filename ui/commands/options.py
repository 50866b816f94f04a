"""Options that every command takes, and how a command ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

DEFAULT_WORKSPACE = Path("workspaces") / "demo"

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        envvar="SEXTANT_WORKSPACE",
        help="Folder of the workspace; a bare name stands for a folder under workspaces/.",
        show_default="workspaces/demo",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def remember(context: typer.Context, workspace: Path | None, as_json: bool) -> None:
    """Keep the options that stand before the command."""
    context.obj = (workspace, as_json)


def workspace_folder(context: typer.Context, own: Path | None) -> Path:
    """Choose the workspace: the command's option, then the one before it, then the default."""
    before, _ = context.find_root().obj or (None, False)
    chosen: Path = own or before or DEFAULT_WORKSPACE
    is_bare = len(chosen.parts) == 1 and chosen.name not in ("", ".", "..")
    if is_bare and not chosen.exists():
        chosen = Path("workspaces") / chosen
    return chosen


def wants_json(context: typer.Context, own: bool) -> bool:
    """Whether ``--json`` stands before or after the command."""
    _, before = context.find_root().obj or (None, False)
    return bool(own or before)


def print_json(value: object) -> None:
    """Print one JSON object."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def fail(message: str, as_json: bool = False, code: int = 1) -> NoReturn:
    """End the command with one clear message."""
    if as_json:
        print_json({"error": message})
    typer.echo(message, err=True)
    raise typer.Exit(code)


@contextmanager
def clear_errors(as_json: bool = False) -> Iterator[None]:
    """Turn what can go wrong with a workspace into one message; programming mistakes crash."""
    from agent.settings import SettingsError
    from tools.errors import FAILURES

    try:
        yield
    except SettingsError as error:
        fail(str(error), as_json, code=2)
    except FAILURES as error:
        fail(str(error), as_json)
    except OSError as error:
        fail(f"{error.strerror or error}: {error.filename or 'no file named'}", as_json)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise typer.Exit(1) from None
