"""The LangGraph agent: one model node, the tools, and the checks around them.

The checks wrap the calls and add no node of their own, so a turn is three steps: plan, tools, text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command
from pydantic import BaseModel

from agent.chat_turn import ChatTurn
from agent.errors import TurnTooLong
from agent.turn import TurnContext
from tools.errors import FAILURES, ToolError, tool_error

MOST_TOOL_CALLS = 12


class ToolCalls(AgentMiddleware[Any, TurnContext]):
    """Call the tools, and make every failure a message with a ToolError as its artifact.

    A tool's function is called as LangChain would, with its arguments validated once and without
    callbacks: that halves what a call costs beside its query.
    """

    def __init__(self, tools: Sequence[BaseTool]) -> None:
        super().__init__()
        self._arguments = {tool.name: _pydantic(tool.tool_call_schema) for tool in tools}

    def wrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], ToolMessage | Command[Any]],
    ) -> ToolMessage | Command[Any]:
        """Run the tool; hand its failure back as data."""
        context = _context(request)
        context.tool_calls += 1
        if context.tool_calls > MOST_TOOL_CALLS:
            raise TurnTooLong
        name = request.tool_call["name"]
        if name not in self._arguments:  # its own words for a tool that is not
            return handler(request)
        try:
            content, artifact = self._called(request)
        except FAILURES as error:
            failure = tool_error(error)
            content, artifact = failure.text, failure
        return ToolMessage(
            content=content,
            artifact=artifact,
            status="error" if isinstance(artifact, ToolError) else "success",
            name=name,
            tool_call_id=request.tool_call["id"],
        )

    def _called(self, request: ToolCallRequest) -> tuple[str, object]:
        tool, schema = request.tool, self._arguments[request.tool_call["name"]]
        assert isinstance(tool, StructuredTool) and tool.func is not None, "tools are functions"
        given = schema.model_validate(request.tool_call["args"], extra="forbid")
        arguments = {field: getattr(given, field) for field in schema.model_fields}
        called: tuple[str, object] = tool.func(**arguments, runtime=request.runtime)
        return called


def build_graph(
    model: BaseChatModel, tools: Sequence[BaseTool]
) -> CompiledStateGraph[Any, TurnContext, Any, Any]:
    """Assemble the agent. It keeps no state: history comes from the ledger."""
    return create_agent(
        model,
        list(tools),
        middleware=(ToolCalls(tools),),
        context_schema=TurnContext,
    )


def build_chat_graph(
    model: BaseChatModel, tools: Sequence[BaseTool]
) -> CompiledStateGraph[Any, TurnContext, Any, Any]:
    """Assemble the agent around a chat model, whose calls and texts are checked."""
    return create_agent(
        model,
        list(tools),
        middleware=(ChatTurn(tools), ToolCalls(tools)),
        context_schema=TurnContext,
    )


def _pydantic(schema: object) -> type[BaseModel]:
    assert isinstance(schema, type) and issubclass(schema, BaseModel), "our tools are typed"
    return schema


def _context(request: ToolCallRequest) -> TurnContext:
    context: Any = request.runtime.context
    assert isinstance(context, TurnContext), "the graph runs with a TurnContext"
    return context


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
