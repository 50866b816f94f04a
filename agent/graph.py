"""The LangGraph agents: a loop around a chat model, and a straight line for the embedded planner.

The embedded planner knows all its calls at once, so its turn needs no loop: plan, tools, text. Both
call the same tools in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolCall, ToolMessage
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command
from pydantic import BaseModel

from agent.chat_turn import ChatTurn
from agent.errors import TurnTooLong
from agent.turn import TurnContext
from tools.errors import FAILURES, ToolError, tool_error

MOST_TOOL_CALLS = 12


class _Runtime(Protocol):
    @property
    def context(self) -> TurnContext: ...


class ToolCalls(AgentMiddleware[Any, TurnContext]):
    """Call the tools, and make every failure a message with a ToolError as its artifact.

    A tool's function is called as LangChain would, with its arguments validated once and without
    callbacks: that halves what a call costs beside its query.
    """

    def __init__(self, tools: Sequence[BaseTool]) -> None:
        super().__init__()
        self._functions = {tool.name: _function(tool) for tool in tools}
        self._arguments = {tool.name: _pydantic(tool.tool_call_schema) for tool in tools}

    def wrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], ToolMessage | Command[Any]],
    ) -> ToolMessage | Command[Any]:
        """Run the tool; hand its failure back as data."""
        if request.tool_call["name"] not in self._functions:  # its own words for what is no tool
            return handler(request)
        runtime: Any = request.runtime
        return self.call(request.tool_call, runtime)

    def call(self, call: ToolCall, runtime: _Runtime) -> ToolMessage:
        """Run a tool within the limits of the turn; hand its failure back as data."""
        runtime.context.tool_calls += 1
        if runtime.context.tool_calls > MOST_TOOL_CALLS:
            raise TurnTooLong
        try:
            given = self._arguments[call["name"]].model_validate(call["args"], extra="forbid")
            arguments = {field: getattr(given, field) for field in type(given).model_fields}
            content, artifact = self._functions[call["name"]](**arguments, runtime=runtime)
        except FAILURES as error:
            artifact = tool_error(error)
            content = artifact.text
        return ToolMessage(
            content=content,
            artifact=artifact,
            status="error" if isinstance(artifact, ToolError) else "success",
            name=call["name"],
            tool_call_id=call["id"],
        )


def build_graph(
    planner: BaseChatModel, tools: Sequence[BaseTool]
) -> CompiledStateGraph[Any, TurnContext, Any, Any]:
    """Assemble the agent of the embedded planner. It keeps no state: history is in the ledger."""
    calls = ToolCalls(tools)

    def said(state: MessagesState) -> MessagesState:
        return {"messages": [planner.invoke(state["messages"])]}

    def called(state: MessagesState, runtime: Runtime[TurnContext]) -> MessagesState:
        return {"messages": [calls.call(call, runtime) for call in _calls(state)]}

    graph = StateGraph(MessagesState, context_schema=TurnContext)
    graph.add_node("plan", said)
    graph.add_node("tools", called)
    graph.add_node("text", said)
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", lambda state: "tools" if _calls(state) else END)
    graph.add_edge("tools", "text")
    return graph.compile()


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


def _calls(state: MessagesState) -> list[ToolCall]:
    plan = state["messages"][-1]
    return plan.tool_calls if isinstance(plan, AIMessage) else []


def _function(tool: BaseTool) -> Callable[..., tuple[str, object]]:
    assert isinstance(tool, StructuredTool) and tool.func is not None, "our tools are functions"
    return tool.func


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
