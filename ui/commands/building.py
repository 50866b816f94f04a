"""Making the demo brand and building a workspace: ``demo`` and ``build``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.options import (
    JsonOption,
    WorkspaceOption,
    clear_errors,
    print_json,
    wants_json,
    workspace_folder,
)

if TYPE_CHECKING:
    from tools.build import BuildReport, Step

Progress = Callable[["Step"], None]


def demo(
    context: typer.Context,
    customers: Annotated[
        int, typer.Option("--customers", min=100, max=5_000_000, help="How many customers.")
    ] = 20_000,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Same seed, same brand.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the demo brand, build it, and add its demo accounts."""
    from ui.accounts import add_demo_accounts

    folder, is_json = workspace_folder(context, workspace), wants_json(context, as_json)
    with clear_errors(is_json):
        from tools.build import build_workspace, create_demo

        with _progress(is_json) as tell:
            create_demo(folder, customers, seed, tell)
            report = build_workspace(folder, tell)
        accounts = add_demo_accounts(folder)
    if is_json:
        found = [{"user": a.id, "password": a.password, "roles": a.roles} for a in accounts]
        print_json({**report.model_dump(mode="json"), "accounts": found})
        return
    _say_report(report, folder)
    typer.echo("Demo accounts:")
    for account in accounts:
        typer.echo(f"  {account.id:10} {account.password:22} {', '.join(account.roles)}")
    typer.echo('Next: sextant serve, or sextant ask "上个月的销售额是多少?"')


def build(
    context: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Build the workspace from its sources; a build that fails changes nothing."""
    folder, is_json = workspace_folder(context, workspace), wants_json(context, as_json)
    with clear_errors(is_json):
        from tools.build import build_workspace

        with _progress(is_json) as tell:
            report = build_workspace(folder, tell)
    if is_json:
        print_json(report.model_dump(mode="json"))
    else:
        _say_report(report, folder)


@contextmanager
def _progress(is_quiet: bool) -> Iterator[Progress]:
    """Show a bar on standard error while long work runs."""
    if is_quiet:
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:28}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("starting", total=1)

        def tell(step: Step) -> None:
            text = f"{step.stage} {step.detail}".strip()
            bar.update(task, description=text[:28], completed=step.number - 1, total=step.of)

        yield tell
        bar.update(task, description="done", completed=bar.tasks[0].total)


def _say_report(report: BuildReport, folder: Path) -> None:
    total = sum(report.rows.values())
    seconds = sum(report.seconds.values())
    typer.echo(
        f"Built {folder}: {total:,} rows in {len(report.rows)} tables, {report.indexed:,} feedback "
        f"texts, data {report.first_day} to {report.as_of}, {seconds:.0f} s, "
        f"build {report.build_id}."
    )
    if report.findings:
        typer.echo("Odd in the sources:")
    for finding in report.findings:
        where = f"{finding.source}.{finding.column}" if finding.column else finding.source
        check = finding.check.replace("_", " ")
        typer.echo(f"  {where:36} {check:22} {finding.count:>9,} rows  {finding.action}")
