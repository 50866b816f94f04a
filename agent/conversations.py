"""A person's conversations: found, read, renamed, deleted, and how each turn was understood."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from agent.answer import Answer, Record
from agent.chip_menus import Menus
from agent.chips import Chip, Chips, Menu
from knowledge.languages import Clock
from tools import Actor
from tools.workspace import Toolbox, Workspace

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EDIT = "edit"
"""How the ledger marks a turn that no planner read, because a person edited the one before."""


class ThreadSummary(Record):
    """A conversation in the list."""

    id: str
    title: str
    updated_at: datetime


class Turn(Record):
    """One question with its answer, as the ledger keeps it."""

    question: str
    answer: Answer
    asked_at: datetime
    is_edit: bool = False


class Kept(Protocol):
    """A turn as the ledger gives it back."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def question(self) -> str: ...  # noqa: D102
    @property
    def answer(self) -> dict[str, object]: ...  # noqa: D102
    @property
    def asked_at(self) -> datetime: ...  # noqa: D102
    @property
    def planner(self) -> str: ...  # noqa: D102


class Owner(Protocol):
    """Whose conversations: a signed-in person."""

    @property
    def user_id(self) -> str:
        """Id of the person."""
        ...


class Conversations:
    """The conversations of a workspace. Each call names a person and finds only that person's."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def _clock(self) -> Clock:
        file = self._workspace.file
        return Clock(
            as_of=self._workspace.engine.as_of,
            week_start=WEEKDAYS.index(file.week_start),
            fiscal_year_start=file.fiscal_year_start,
        )

    def threads(self, session: Owner, text: str = "") -> tuple[ThreadSummary, ...]:
        """List the person's conversations, newest first; with a text, those it stands in."""
        return tuple(
            ThreadSummary(id=t.id, title=t.title, updated_at=t.updated_at)
            for t in self._workspace.ledger.threads(session.user_id, text=text)
        )

    def turns(self, session: Owner, thread: str) -> tuple[Turn, ...]:
        """Read a conversation of the person, oldest turn first."""
        return tuple(map(_turn, self._workspace.ledger.turns(session.user_id, thread)))

    def turn(self, session: Owner, thread: str, turn: str) -> Turn:
        """Read one turn of a conversation of the person."""
        return _turn(self._workspace.ledger.turn(session.user_id, thread, turn))

    def rename_thread(self, session: Owner, thread: str, title: str) -> None:
        """Rename a conversation of the person."""
        self._workspace.ledger.rename_thread(session.user_id, thread, title)

    def delete_thread(self, session: Owner, thread: str) -> int:
        """Delete a conversation of the person with all its turns; return how many those were."""
        return self._workspace.ledger.delete_thread(session.user_id, thread)

    def chips(self, answer: Answer) -> tuple[Chip, ...]:
        """List how an answer's question was read, part by part."""
        return Chips(self._words_of(answer), self._clock()).of(answer)

    def chip_menu(self, answer: Answer, step: int, part: str, at: int | None) -> Menu:
        """List what one part of an answer's question can be changed to.

        Raises
        ------
        EditRefused
            When the turn has no such part.
        """
        return Menus(self._words_of(answer), self._clock()).menu(answer.steps, step, part, at)

    def _words_of(self, answer: Answer) -> Toolbox:
        # Labels only: nothing is read with this actor.
        return Toolbox(self._workspace, Actor(id="labels", roles=()), answer.language)


def _turn(kept: Kept) -> Turn:
    return Turn(
        question=kept.question,
        answer=Answer.model_validate(kept.answer).model_copy(update={"turn_id": kept.id}),
        asked_at=kept.asked_at,
        is_edit=kept.planner == EDIT,
    )
