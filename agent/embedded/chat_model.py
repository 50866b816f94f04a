"""The embedded planner behind LangChain's own chat-model interface: same tools, same limits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableConfig
from langgraph.runtime import get_runtime

from agent.embedded import plan
from agent.grounding import ungrounded
from agent.writer import write

if TYPE_CHECKING:
    from agent.turn import TurnContext


class PlannerChatModel(BaseChatModel):
    """Answer a turn without a language model: plan, call tools, write.

    It is a function of the messages and the run's context: the first call plans and emits all tool
    calls, the second writes the text from their artifacts. Tool-call ids are hashes of their place
    and content, so that a turn asked again has the same ids.
    """

    @property
    def _llm_type(self) -> str:
        return "sextant-embedded"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> PlannerChatModel:
        """Accept the tools; the planner names them by itself."""
        return self

    def invoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Answer at once: callbacks, retries and caches are for models that are far away."""
        return self._replied(self._convert_input(input).to_messages())

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._replied(messages))])

    @staticmethod
    def _replied(messages: list[BaseMessage]) -> AIMessage:
        context: TurnContext = get_runtime().context  # type: ignore[assignment]
        if not isinstance(messages[-1], ToolMessage):
            return _planned(messages, context)
        results = context.results(messages)
        text = write(context.plan, results, context)
        own = context.plan.defaults + context.plan.read_as if context.plan else ()
        context.unfounded = tuple(ungrounded(text, results, own)) if results else ()
        return AIMessage(content=text)


def _planned(messages: list[BaseMessage], context: TurnContext) -> AIMessage:
    question = next(m for m in reversed(messages) if isinstance(m, HumanMessage))
    toolbox = context.toolbox
    if context.plan is None:  # a person's edit comes with its plan
        words = toolbox.vocabulary
        context.plan = plan(str(question.content), words, context.clock, context.previous)
    calls = [
        ToolCall(
            name=call.tool, args=dict(call.arguments), id=_call_id(i, call.tool, call.arguments)
        )
        for i, call in enumerate(context.plan.calls)
    ]
    return AIMessage(content="" if calls else context.plan.text, tool_calls=calls)


def _call_id(position: int, tool: str, arguments: object) -> str:
    return "call_" + hashlib.sha256(f"{position}{tool}{arguments!r}".encode()).hexdigest()[:16]
