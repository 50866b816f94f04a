"""Asking on the command line: ``ask`` and ``chat``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.options import (
    JsonOption,
    WorkspaceOption,
    fail,
    wants_json,
    workspace_folder,
)

if TYPE_CHECKING:
    from ui.asking import Asker
    from ui.terminal import AnswerJson

ActorOption = Annotated[
    str | None,
    typer.Option("--actor", metavar="NAME", help="Read with the rights of this user, never more."),
]


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="The question, in Chinese or English.")],
    thread: Annotated[
        str | None, typer.Option("--thread", metavar="ID", help="Go on with a conversation.")
    ] = None,
    with_sql: Annotated[
        bool, typer.Option("--sql", help="Also print the SQL that returns the rows.")
    ] = False,
    actor: ActorOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask one question; exit code 1 when it is refused or fails."""
    from ui.asking import CannotAsk, open_asker

    is_json = wants_json(context, as_json)
    try:
        with open_asker(workspace_folder(context, workspace), actor, quiet=is_json) as asker:
            answer = asker.ask(question, thread)
            if is_json:
                typer.echo(asker.raw)
            else:
                _show(answer, asker, with_sql)
    except CannotAsk as error:
        if is_json:
            typer.echo(error.as_answer(question))
        fail(str(error), code=error.exit_code)
    except KeyboardInterrupt:
        raise typer.Exit(1) from None
    raise typer.Exit(_exit_code(answer))


def chat(
    context: typer.Context,
    actor: ActorOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask question after question in one conversation; with --json, one answer a line."""
    from ui.asking import CannotAsk, open_asker

    is_json = wants_json(context, as_json)
    try:
        with open_asker(workspace_folder(context, workspace), actor, quiet=is_json) as asker:
            _converse(asker, is_json)
    except CannotAsk as error:
        fail(str(error), is_json, error.exit_code)


def _converse(asker: Asker, is_json: bool) -> None:
    from knowledge.languages import say

    thread: str | None = None
    offered: list[str] = []
    if not is_json:
        typer.echo(f"{say('ui_chat_hint', 'zh')}\n{say('ui_chat_hint', 'en')}")
    while (question := _read_line(is_json)) is not None:
        if question in ("/exit", "/quit"):
            return
        if question == "/new":
            thread, offered = None, []
            continue
        if not question:
            continue
        if question.isdigit() and 1 <= int(question) <= len(offered):
            question = offered[int(question) - 1]
        answer = asker.ask(question, thread)
        thread = answer["thread"] or thread
        offered = [choice["question"] for choice in answer["choices"]] or answer["suggestions"]
        if is_json:
            typer.echo(asker.raw)
        else:
            _show(answer, asker)


def _read_line(is_json: bool) -> str | None:
    try:
        prompt = "" if is_json or not sys.stdin.isatty() else "\n> "
        return input(prompt).strip()
    except (EOFError, KeyboardInterrupt):
        return None


def _show(answer: AnswerJson, asker: Asker, with_sql: bool = False) -> None:
    from ui.terminal import show_answer

    show_answer(answer, asker.currency, with_sql)


def _exit_code(answer: AnswerJson) -> int:
    return 0 if answer["kind"] in ("answer", "clarification") else 1
