"""What one turn runs with, and what it leaves for the Answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from langchain_core.messages import BaseMessage, ToolMessage

from agent.embedded.plan import Plan, PreviousTurn
from knowledge.languages import Clock
from tools.errors import ToolError
from tools.evidence import ToolResult
from tools.workspace import Toolbox


@dataclass
class TurnContext:
    """What one turn runs with, and what it leaves for the Answer.

    ``plan`` is the embedded planner's reading; a chat model leaves it None. ``rewritten`` is set
    when a text failed the grounding check and the embedded writer's text stands in its place.
    """

    toolbox: Toolbox
    clock: Clock
    question: str
    previous: PreviousTurn | None = None
    plan: Plan | None = None
    rewritten: bool = False
    corrections: int = 0
    model_calls: int = 0
    tool_calls: int = 0
    tool_milliseconds: dict[str, float] = field(default_factory=dict)

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
