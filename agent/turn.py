"""What one turn runs with, and what it leaves for the Answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from langchain_core.messages import BaseMessage, ToolMessage

from agent.answer import Choice, Reason
from agent.embedded.plan import Plan, PreviousTurn
from knowledge.languages import Clock
from tools.errors import ToolError
from tools.evidence import ToolResult
from tools.workspace import Toolbox


@dataclass(frozen=True)
class Said:
    """What a chat model said instead of calling a tool: a question back, or that it cannot."""

    reason: Reason
    choices: tuple[Choice, ...] = ()


@dataclass
class TurnContext:
    """What one turn runs with, and what it leaves for the Answer.

    ``plan`` is the embedded planner's reading; a chat model leaves it None. ``rewritten`` is set
    when a chat model's text failed a check and the embedded writer's stands in its place;
    ``unfounded`` lists what the embedded planner's own text states without evidence. ``deadline``,
    in seconds of ``time.monotonic``, ends what a chat model may take. ``sees_rows`` allows values
    of results in requests. ``unanswered`` is what the chat model says it could not ask;
    ``stopped`` is set when it failed after a draft was made, which must not be made twice.
    """

    toolbox: Toolbox
    clock: Clock
    question: str
    previous: PreviousTurn | None = None
    plan: Plan | None = None
    deadline: float | None = None
    sees_rows: bool = False
    rewritten: bool = False
    unfounded: tuple[str, ...] = ()
    said: Said | None = None
    unanswered: str = ""
    stopped: bool = False
    model_name: str = ""
    model_calls: int = 0
    tool_calls: int = 0
    called: set[str] = field(default_factory=set)
    tool_milliseconds: dict[str, float] = field(default_factory=dict)
    tokens: list[tuple[int, int]] = field(default_factory=list)

    def anew(self) -> TurnContext:
        """Give the context of the same question, as if nothing had been tried yet."""
        return TurnContext(
            toolbox=self.toolbox,
            clock=self.clock,
            question=self.question,
            previous=self.previous,
        )

    @staticmethod
    def results(messages: Sequence[BaseMessage]) -> tuple[ToolResult, ...]:
        """Results of this turn's tool calls, in message order."""
        return tuple(
            m.artifact
            for m in messages
            if isinstance(m, ToolMessage) and isinstance(m.artifact, ToolResult)
        )

    @staticmethod
    def errors(messages: Sequence[BaseMessage]) -> tuple[ToolError, ...]:
        """Failures of this turn's tool calls, in message order."""
        return tuple(
            m.artifact
            for m in messages
            if isinstance(m, ToolMessage) and isinstance(m.artifact, ToolError)
        )
