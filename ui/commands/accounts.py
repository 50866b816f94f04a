"""People: ``login``, ``logout`` and ``user``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.accounts import Role
from ui.commands.options import (
    JsonOption,
    WorkspaceOption,
    clear_errors,
    fail,
    print_json,
    wants_json,
    workspace_folder,
)

if TYPE_CHECKING:
    from agent.analyst import Analyst, Session

ROLES: tuple[Role, ...] = ("marketer", "analyst", "lead", "admin")

UserArgument = Annotated[str, typer.Argument(metavar="USER", help="Id of the user.")]
PasswordOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


def login(
    context: typer.Context,
    user: Annotated[str | None, typer.Argument(metavar="[USER]", help="Id of the user.")] = None,
    from_stdin: PasswordOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign in: later commands ask as this person."""
    from ui.session_file import save_token

    folder, is_json = workspace_folder(context, workspace), wants_json(context, as_json)
    name = user or typer.prompt("User")
    secret = _password("Password", from_stdin, is_new=False)
    with clear_errors(is_json), _analyst(folder) as analyst:
        session = analyst.sign_in(name, secret)
        if session is None:
            fail("The user or password is wrong, or there were too many attempts.", is_json)
        save_token(folder, session.token)
        found = {
            "user": session.user_id,
            "name": session.name,
            "roles": list(session.roles),
            "expires_at": session.expires_at.isoformat(),
        }
    if is_json:
        print_json(found)
    else:
        typer.echo(f"Signed in as {name} until {session.expires_at:%Y-%m-%d %H:%M}.")


def logout(
    context: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Sign out."""
    from ui.session_file import save_token, saved_token

    folder, is_json = workspace_folder(context, workspace), wants_json(context, as_json)
    token = saved_token(folder)
    if token:
        with clear_errors(is_json), _analyst(folder) as analyst:
            analyst.sign_out(token)
        save_token(folder, None)
    if is_json:
        print_json({"signed_out": bool(token)})
    else:
        typer.echo("Signed out." if token else "Nobody was signed in.")


def add(
    context: typer.Context,
    user: UserArgument,
    name: Annotated[str, typer.Option("--name", help="Name as people read it.")] = "",
    roles: Annotated[
        list[str] | None, typer.Option("--role", help=f"One or more of {', '.join(ROLES)}.")
    ] = None,
    from_stdin: PasswordOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a user."""
    chosen = tuple(role for role in ROLES if role in (roles or ["marketer"]))
    if unknown := set(roles or ()) - set(ROLES):
        known = ", ".join(ROLES)
        raise typer.BadParameter(f"Unknown role {min(unknown)!r}. Known: {known}.")
    folder, is_json = workspace_folder(context, workspace), wants_json(context, as_json)
    secret = _password("Password", from_stdin, is_new=True)
    with clear_errors(is_json), _analyst(folder) as analyst:
        analyst.add_user(_signed_in(analyst, folder), user, name or user, secret, chosen)
    _done(is_json, {"user": user, "roles": list(chosen)}, f"Added {user} ({', '.join(chosen)}).")


def list_users(
    context: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """List the users."""
    folder, is_json = workspace_folder(context, workspace), wants_json(context, as_json)
    with clear_errors(is_json), _analyst(folder) as analyst:
        users = analyst.users()
    if is_json:
        print_json([user.model_dump(mode="json") for user in users])
        return
    for user in users:
        state = "  (disabled)" if user.disabled else ""
        typer.echo(f"{user.id:16} {user.name:20} {', '.join(user.roles)}{state}")


def disable(
    context: typer.Context,
    user: UserArgument,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Disable a user and end their sessions."""
    folder, is_json = workspace_folder(context, workspace), wants_json(context, as_json)
    with clear_errors(is_json), _analyst(folder) as analyst:
        analyst.disable_user(_signed_in(analyst, folder), user)
    _done(is_json, {"user": user, "disabled": True}, f"Disabled {user}.")


def password(
    context: typer.Context,
    user: UserArgument,
    from_stdin: PasswordOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a user a new password and end their sessions."""
    folder, is_json = workspace_folder(context, workspace), wants_json(context, as_json)
    secret = _password("New password", from_stdin, is_new=True)
    with clear_errors(is_json), _analyst(folder) as analyst:
        analyst.set_password(_signed_in(analyst, folder), user, secret)
    _done(is_json, {"user": user}, f"{user} has a new password.")


@contextmanager
def _analyst(folder: Path) -> Iterator[Analyst]:
    from agent import open_analyst

    with open_analyst(folder) as analyst:
        yield analyst


def _signed_in(analyst: Analyst, folder: Path) -> Session | None:
    from ui.session_file import saved_token

    token = saved_token(folder)
    return analyst.session(token) if token else None


def _password(prompt: str, from_stdin: bool, is_new: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    found: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=is_new)
    return found


def _done(is_json: bool, found: dict[str, object], text: str) -> None:
    if is_json:
        print_json(found)
    else:
        typer.echo(text)
