"""A conversation as the chat shows it: questions, and answers while they are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypedDict

from agent.analyst import StepFinished, StepStarted, TextReleased
from agent.answer import Answer
from knowledge.languages import say
from ui.answers import answer_html, step_html, text_html
from ui.charts import ChartType
from ui.markup import inert

if TYPE_CHECKING:
    from agent.chips import Chip

Language = Literal["zh", "en"]

_LONGEST_QUESTION = 2000


class Message(TypedDict):
    """One message in the form the chat component takes."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True)
class ShownTurn:
    """A question on the page with its answer; None where it was stopped or failed."""

    question: str
    answer: Answer | None
    is_edit: bool = False


@dataclass(frozen=True)
class Conversation:
    """What an open page shows. It lives on the server, bound to that page.

    ``in_panel`` tells which turn the panel shows, ``form`` how its chart is drawn if a person
    chose another form than the declared one.
    """

    thread: str | None = None
    turns: tuple[ShownTurn, ...] = ()
    in_panel: int = -1
    form: ChartType | None = None

    @property
    def answer(self) -> Answer | None:
        """The answer that the panel shows: of the chosen turn, else the last there is."""
        if self.in_panel >= 0:
            return self.turns[self.in_panel].answer
        return next((turn.answer for turn in reversed(self.turns) if turn.answer), None)


@dataclass
class LiveAnswer:
    """An answer in the making: the steps so far and the sentences that passed the check."""

    language: Language
    steps: list[tuple[str, Mapping[str, object], float | None]] = field(default_factory=list)
    text: str = ""

    def add(self, event: StepStarted | StepFinished | TextReleased) -> None:
        """Take in what happened."""
        if isinstance(event, StepStarted):
            self.steps.append((event.tool, event.arguments, None))
        elif isinstance(event, TextReleased):
            self.text += event.text
        else:
            for i, (tool, arguments, milliseconds) in enumerate(self.steps):
                if tool == event.tool and milliseconds is None:
                    self.steps[i] = (tool, arguments, event.milliseconds)
                    break

    def message(self) -> Message:
        """Show it as it is now."""
        steps = "".join(step_html(*step) for step in self.steps)
        text = text_html(self.text, self.language)
        waiting = (
            "" if self.text else f'<p class="wait">{inert(say("ui_working", self.language))}</p>'
        )
        return {"role": "assistant", "content": f'<div class="turn">{steps}{text}{waiting}</div>'}


def question_message(question: str, is_edit: bool = False) -> Message:
    """Show a question as it was typed; a very long one is cut. An edit is shown as one."""
    shown = question.strip()
    if len(shown) > _LONGEST_QUESTION:
        shown = f"{shown[:_LONGEST_QUESTION]}…"
    look = ' class="edited"' if is_edit else ""
    return {"role": "user", "content": f"<p{look}>{inert(shown) or '&nbsp;'}</p>"}


def turn_messages(turn: ShownTurn, language: Language, chips: Sequence[Chip]) -> list[Message]:
    """Show a turn; one without an answer was stopped, or the program made a mistake."""
    if turn.answer is None:
        text = inert(say("ui_no_result", language))
        content = f'<div class="turn failure"><p>{text}</p></div>'
    else:
        content = answer_html(turn.answer, language, chips)
    return [
        question_message(turn.question, turn.is_edit),
        {"role": "assistant", "content": content},
    ]
