"""The command line. Each command imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ui.commands import accounts, building, checks, loading, options, questions, serving
from ui.own_folders import ForeignFolder, check_own_folders

app = typer.Typer(
    name="sextant",
    help="六分仪 Sextant: ask about customers in Chinese or English; every figure can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"sextant {version('sextant')}")
        except PackageNotFoundError:
            typer.echo("sextant (not installed)")
        raise typer.Exit


@app.callback()
def sextant(
    context: typer.Context,
    workspace: options.WorkspaceOption = None,
    as_json: options.JsonOption = False,
    is_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep what stands before the command."""
    options.remember(context, workspace, as_json)


users = typer.Typer(help="Add, list, disable users; change a password.", no_args_is_help=True)
users.command("add")(accounts.add)
users.command("list")(accounts.list_users)
users.command("disable")(accounts.disable)
users.command("password")(accounts.password)

app.command()(building.demo)
app.command()(loading.new)
app.command()(loading.load)
app.command()(building.build)
app.command()(questions.ask)
app.command()(questions.chat)
app.command()(serving.serve)
app.command()(accounts.login)
app.command()(accounts.logout)
app.add_typer(users, name="user")
app.command("eval")(checks.evaluate)
app.command()(checks.bench)
app.command()(checks.doctor)


def main() -> None:
    """Run the command line, with our own folders or not at all."""
    try:
        check_own_folders()
    except ForeignFolder as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    app()


if __name__ == "__main__":
    main()
