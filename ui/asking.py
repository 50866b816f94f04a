"""How the command line asks: a running server of the same workspace if there is one, else here.

The way through a server imports nothing heavy, so that a question takes no longer than its answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import typer

from ui.local import LocalServer, ServerRefused, post, running_server

if TYPE_CHECKING:
    from agent.analyst import Analyst
    from tools import Actor
    from ui.terminal import AnswerJson


SESSION_ENDED = (
    "Your session has ended. Run 'sextant login' again, or 'sextant logout' to ask as the "
    "operator of this machine."
)


class CannotAsk(Exception):
    """The question reached nobody. ``exit_code`` 2 means that the command was used wrongly."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code

    def as_answer(self, question: str) -> str:
        """Say it as an Answer of kind failure, as one JSON object."""
        from agent.answer import Answer
        from knowledge.languages import detect

        return Answer(
            kind="failure",
            reason="fault",
            thread="",
            turn_id="",
            language=detect(question).language,
            text=str(self),
        ).model_dump_json()


class Asker(Protocol):
    """Whoever answers: ``raw`` is the last Answer as JSON, ``currency`` that of its amounts."""

    raw: str
    currency: str

    def ask(self, question: str, thread: str | None) -> AnswerJson:
        """Answer a question."""
        ...


@contextmanager
def open_asker(workspace: Path, actor: str | None, quiet: bool) -> Iterator[Asker]:
    """Find who answers for a workspace.

    Parameters
    ----------
    workspace : Path
        Folder of the workspace.
    actor : str or None
        User with whose rights to read; None asks as the person signed in, else as this machine's
        operator.
    quiet : bool
        Say nothing while the workspace is opened.
    """
    from ui.session_file import saved_token

    token = None if actor else saved_token(workspace)
    if server := running_server(workspace):
        yield _Remote(server, actor, token)
        return
    if not quiet:
        typer.echo(f"Opening {workspace} …", err=True)
    yield from _open_here(workspace, actor, token)


class _Remote:
    """Asks the running server."""

    def __init__(self, server: LocalServer, actor: str | None, token: str | None) -> None:
        self._server = server
        self._actor = actor
        self._token = token
        self.raw = ""
        self.currency = "CNY"

    def ask(self, question: str, thread: str | None) -> AnswerJson:
        body: dict[str, object] = {"text": question, "thread": thread, "actor": self._actor}
        try:
            reply = post(self._server, "/api/ask", body, self._token)
        except ServerRefused as error:
            message = SESSION_ENDED if error.status == 401 and self._token else str(error)
            raise CannotAsk(message, 2 if error.status == 422 else 1) from error
        except (OSError, HTTPException) as error:
            raise CannotAsk(
                f"The server at {self._server.address} hung up ({error}). Ask again, or stop it "
                "and ask without it."
            ) from error
        self.raw = reply.body.decode()
        self.currency = reply.currency or self.currency
        return cast("AnswerJson", json.loads(self.raw))


class _Here:
    """Asks an analyst in this process."""

    def __init__(self, analyst: Analyst, actor: Actor | None) -> None:
        self._ask: Callable[[str, str | None, Actor | None], object] = analyst.ask
        self._actor = actor
        self.raw = ""
        self.currency = "CNY"
        self._analyst = analyst

    def ask(self, question: str, thread: str | None) -> AnswerJson:
        from ui.currency import currency_of

        self.raw = self._analyst.ask(question, thread, self._actor).model_dump_json()
        self.currency = currency_of(self._analyst)
        return cast("AnswerJson", json.loads(self.raw))


def _open_here(workspace: Path, actor: str | None, token: str | None) -> Iterator[Asker]:
    from agent import open_analyst
    from agent.settings import SettingsError, read_settings
    from tools.errors import FAILURES
    from ui.actors import UnknownActor, actor_named

    try:
        read_settings()  # a wrong setting is said before anything about the workspace
        with open_analyst(workspace) as analyst:
            reads_as = None
            if actor:
                reads_as = actor_named(analyst, actor)
            elif token:
                session = analyst.session(token)
                if session is None:
                    raise CannotAsk(SESSION_ENDED)
                reads_as = analyst.actor_of(session)
            yield _Here(analyst, reads_as)
    except (SettingsError, UnknownActor) as error:
        raise CannotAsk(str(error), 2) from error
    except FAILURES as error:
        raise CannotAsk(str(error)) from error
