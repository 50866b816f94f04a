"""The LangGraph agent: one model node, the tools, and the checks between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    ModelCallLimitMiddleware,
    ToolCallLimitMiddleware,
)
from langchain.agents.middleware.types import AgentState, ToolCallRequest, hook_config
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command

from agent.grounding import ungrounded
from agent.turn import TurnContext
from agent.writer import write
from knowledge.languages import say
from tools.errors import FAILURES, tool_error

MOST_MODEL_CALLS = 6
MOST_TOOL_CALLS = 12


class ToolFailures(AgentMiddleware[Any, TurnContext]):
    """Make every failure of a tool a message with a ToolError as its artifact, in one place."""

    def wrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], ToolMessage | Command[Any]],
    ) -> ToolMessage | Command[Any]:
        """Run the tool; hand its failure back as data."""
        try:
            return handler(request)
        except FAILURES as error:
            failure = tool_error(error)
            return ToolMessage(
                content=failure.text,
                artifact=failure,
                status="error",
                name=request.tool_call["name"],
                tool_call_id=request.tool_call["id"],
            )


class Grounding(AgentMiddleware[Any, TurnContext]):
    """Release a final text sentence by sentence, and only after every number in it was found.

    A chat model may correct itself once; then the embedded writer's text takes its place.
    """

    @hook_config(can_jump_to=["model"])
    def after_model(
        self, state: AgentState[Any], runtime: Runtime[TurnContext]
    ) -> dict[str, Any] | None:
        """Check the text of a message without tool calls."""
        message = state["messages"][-1]
        if not isinstance(message, AIMessage) or message.tool_calls:
            return None
        context = runtime.context
        results = context.results(state["messages"])
        text = str(message.text)
        also = _own_words(context)
        is_checked = bool(results) or context.plan is None
        missing = ungrounded(text, results, also) if is_checked else []
        if missing and context.plan is None and context.corrections == 0:
            context.corrections += 1
            told = say("correct_yourself", "en", missing=", ".join(missing))
            return {"messages": [HumanMessage(content=told)], "jump_to": "model"}
        update: dict[str, Any] | None = None
        if missing:
            context.rewritten = True
            # Without a result there is nothing to write from: the turn counts as failed.
            text = write(context.plan, results, context) if results else ""
            update = {"messages": [message.model_copy(update={"content": text})]}
        for sentence in sentences(text):
            runtime.stream_writer({"text": sentence})
        return update


def build_graph(
    model: BaseChatModel, tools: Sequence[BaseTool], system_prompt: str | None = None
) -> CompiledStateGraph[Any, TurnContext, Any, Any]:
    """Assemble the agent. It keeps no state: history comes from the ledger."""
    return create_agent(
        model,
        list(tools),
        system_prompt=system_prompt,
        middleware=(
            ToolFailures(),
            Grounding(),
            ModelCallLimitMiddleware(run_limit=MOST_MODEL_CALLS, exit_behavior="end"),
            ToolCallLimitMiddleware(run_limit=MOST_TOOL_CALLS, exit_behavior="continue"),
        ),
        context_schema=TurnContext,
    )


def sentences(text: str) -> list[str]:
    """Cut a text after sentence ends and line breaks; joined again it is the same text."""
    pieces, start = [], 0
    for i, character in enumerate(text):
        ends = character in "。!?\n" or (character in ".!?" and text[i + 1 : i + 2] in ("", " "))
        if ends:
            pieces.append(text[start : i + 1])
            start = i + 1
    if start < len(text):
        pieces.append(text[start:])
    return pieces


def _own_words(context: TurnContext) -> tuple[str, ...]:
    if context.plan is None:
        return ()
    return context.plan.defaults + context.plan.read_as
