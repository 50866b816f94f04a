"""What the embedded planner takes and hands back."""

from __future__ import annotations

from typing import Literal

from agent.answer import Choice, Reason, Record

Language = Literal["zh", "en"]


class PreviousTurn(Record):
    """The last answered turn of the thread, which a follow-up edits.

    ``arguments`` are those of its tool call (a QuerySpec as JSON for ``query_metrics``);
    ``choices`` are those it offered, so that "the second one" is understood.
    """

    question: str
    tool: str
    arguments: dict[str, object]
    language: Language
    choices: tuple[Choice, ...] = ()


class PlannedCall(Record):
    """One tool call, its arguments as plain JSON."""

    tool: str
    arguments: dict[str, object]


class Plan(Record):
    """How a question was read, and what is done about it.

    ``defaults`` are ready sentences for assumptions taken; ``read_as`` for spellings corrected;
    ``not_understood`` are words of the question that change nothing or were not known. ``text``
    and ``choices`` belong to a clarification or a refusal.
    """

    kind: Literal["calls", "clarification", "refusal"]
    language: Language
    calls: tuple[PlannedCall, ...] = ()
    defaults: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    read_as: tuple[str, ...] = ()
    reason: Reason | None = None
    text: str = ""
    choices: tuple[Choice, ...] = ()
    follow_up: bool = False
