"""Asking how good and how fast it is, and whether all is well: ``eval``, ``bench``, ``doctor``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.commands.options import (
    JsonOption,
    WorkspaceOption,
    print_json,
    wants_json,
    workspace_folder,
)

_ROOT = Path(__file__).parents[2]


def evaluate(
    context: typer.Context,
    suite: Annotated[str | None, typer.Argument(help="Family of cases; all without it.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the cases of the evals and judge the answers."""
    arguments = [suite] if suite else []
    _run("evals.run", arguments, context, workspace, as_json)


def bench(
    context: typer.Context,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out demo and build.")] = False,
    million: Annotated[bool, typer.Option("--million", help="Also a million customers.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how long questions, starts and builds take."""
    chosen = {"--quick": quick, "--million": million}
    arguments = [name for name, is_set in chosen.items() if is_set]
    _run("evals.bench", arguments, context, workspace, as_json)


def doctor(
    context: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Check this installation and the workspace; exit code 1 when something needed is wrong."""
    from ui.checkup import check_up

    checks = list(check_up(workspace_folder(context, workspace)))
    if wants_json(context, as_json):
        print_json([check._asdict() for check in checks])
    else:
        for check in checks:
            mark = {"ok": "ok  ", "hint": "note", "wrong": "FAIL"}[check.state]
            typer.echo(f"{mark}  {check.name:18} {check.detail}")
    if any(check.state == "wrong" for check in checks):
        raise typer.Exit(1)


def _run(
    module: str,
    arguments: list[str],
    context: typer.Context,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Run a module of the evals as a process of its own: the front end does not import them."""
    folder = workspace_folder(context, workspace).resolve()
    arguments = [*arguments, "--workspace", str(folder)]
    if wants_json(context, as_json):
        arguments.append("--json")
    done = subprocess.run([sys.executable, "-m", module, *arguments], cwd=_ROOT, check=False)
    raise typer.Exit(done.returncode)
