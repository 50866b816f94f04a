"""The LangGraph agent: one model node, the tools, and the checks around them.

The checks wrap the calls and add no node of their own, so a turn is three steps: plan, tools, text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ModelRequest, ModelResponse, ToolCallRequest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from agent.grounding import ungrounded
from agent.turn import TurnContext
from agent.writer import write
from knowledge.languages import say
from tools.errors import FAILURES, tool_error

MOST_MODEL_CALLS = 6
MOST_TOOL_CALLS = 12

Call = Callable[[ModelRequest[TurnContext]], ModelResponse[Any]]


class TurnTooLong(Exception):
    """A chat model went on calling beyond the limit of a turn."""


class ToolFailures(AgentMiddleware[Any, TurnContext]):
    """Make every failure of a tool a message with a ToolError as its artifact, in one place."""

    def wrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], ToolMessage | Command[Any]],
    ) -> ToolMessage | Command[Any]:
        """Run the tool; hand its failure back as data."""
        context = _context(request)
        context.tool_calls += 1
        if context.tool_calls > MOST_TOOL_CALLS:
            raise TurnTooLong(f"More than {MOST_TOOL_CALLS} tool calls in one turn.")
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
    """Let a final text out of the model node only after every figure in it was found.

    A chat model may correct itself once; then the embedded writer's text takes its place.
    """

    def wrap_model_call(
        self, request: ModelRequest[TurnContext], handler: Call
    ) -> ModelResponse[Any]:
        """Check the text of a reply without tool calls."""
        context = request.runtime.context
        reply, missing = _replied(request, handler, context)
        if not missing:
            return ModelResponse(result=[reply])
        if context.plan is None and context.corrections == 0:
            context.corrections += 1
            told = HumanMessage(say("correct_yourself", "en", missing=", ".join(missing)))
            again = request.override(messages=[*request.messages, reply, told])
            reply, missing = _replied(again, handler, context)
            if not missing:
                return ModelResponse(result=[reply])
        context.rewritten = True
        results = context.results(request.messages)
        # Without a result there is nothing to write from: the turn counts as failed.
        text = write(context.plan, results, context) if results else ""
        return ModelResponse(result=[reply.model_copy(update={"content": text})])


def build_graph(
    model: BaseChatModel, tools: Sequence[BaseTool], system_prompt: str | None = None
) -> CompiledStateGraph[Any, TurnContext, Any, Any]:
    """Assemble the agent. It keeps no state: history comes from the ledger."""
    return create_agent(
        model,
        list(tools),
        system_prompt=system_prompt,
        middleware=(ToolFailures(), Grounding()),
        context_schema=TurnContext,
    )


def _context(request: ToolCallRequest) -> TurnContext:
    context: Any = request.runtime.context
    assert isinstance(context, TurnContext), "the graph runs with a TurnContext"
    return context


def _replied(
    request: ModelRequest[TurnContext], handler: Call, context: TurnContext
) -> tuple[AIMessage, list[str]]:
    """Call the model; list what its text states that no tool returned."""
    context.model_calls += 1
    if context.model_calls > MOST_MODEL_CALLS:
        raise TurnTooLong(f"More than {MOST_MODEL_CALLS} model calls in one turn.")
    reply = _message(handler(request).result)
    results = context.results(request.messages)
    if reply.tool_calls or (context.plan is not None and not results):
        return reply, []
    return reply, ungrounded(str(reply.text), results, _own_words(context))


def _message(result: Sequence[BaseMessage]) -> AIMessage:
    message = result[-1]
    if not isinstance(message, AIMessage):
        raise TypeError(f"A model replies with an AIMessage. Got {type(message).__name__}.")
    return message


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
