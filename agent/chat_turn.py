"""The checks around a chat model: its time, its calls, its words.

A reply is used whole or not at all. What cannot be used is told to the model once; then the
embedded writer's text takes its place, or the turn fails and the embedded planner answers.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ModelRequest, ModelResponse, ToolCallRequest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.types import Command

from agent.embedded.index import index_of
from agent.errors import ChatModelFailed, TurnTooLong
from agent.final_text import Final, answering, final_text, unanswered
from agent.instructions import told, told_of
from agent.stored_values import UnknownValue, as_stored
from agent.turn import TurnContext
from agent.wording import has_markup
from agent.writer import write
from knowledge.languages import say
from tools.errors import ToolError
from tools.evidence import ToolResult

MOST_MODEL_CALLS = 3
MOST_TOOL_CALLS = 8
LONGEST_ARGUMENTS = 4_000
DEEPEST_ARGUMENTS = 12
LARGEST_NUMBER = 1e15
LONGEST_REPEATED = 1_000
LEAST_SECONDS = 0.05

Call = Callable[[ModelRequest[TurnContext]], ModelResponse[Any]]


class ChatTurn(AgentMiddleware[Any, TurnContext]):
    """Let calls and texts of a chat model through only when they hold."""

    def __init__(self, tools: Sequence[BaseTool]) -> None:
        super().__init__()
        self._tools = frozenset(tool.name for tool in tools)
        self._drafting = frozenset(
            tool.name for tool in tools if (tool.metadata or {}).get("effect") == "draft"
        )

    def wrap_model_call(
        self, request: ModelRequest[TurnContext], handler: Call
    ) -> ModelResponse[Any]:
        """Ask the model within what the turn has left, and check what it replies."""
        context = request.runtime.context
        try:
            reply = self._reply(request, handler, context)
        except ChatModelFailed:
            if not self._has_drafted(request.messages):
                raise
            context.stopped = True  # asked anew, the turn would draft a second time
            reply = _written(context.results(request.messages), context)
        return ModelResponse(result=[reply])

    def wrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], ToolMessage | Command[Any]],
    ) -> ToolMessage | Command[Any]:
        """Call the tool, and tell the model of the result no more than it may know."""
        context: TurnContext = request.runtime.context  # type: ignore[assignment]
        _seconds_left(context)
        message = handler(request)
        assert isinstance(message, ToolMessage), "our tools return results"
        found = message.artifact
        if isinstance(found, ToolResult):
            message.content = told(found, context.sees_rows)
        elif isinstance(found, ToolError):
            message.content = told_of(found)
        return message

    def _reply(
        self, request: ModelRequest[TurnContext], handler: Call, context: TurnContext
    ) -> AIMessage:
        results = context.results(request.messages)
        if not context.sees_rows and _have_answered(request.messages):
            return _written(results, context)
        corrected = False
        while context.model_calls < MOST_MODEL_CALLS:
            reply = _asked(request, handler, context)
            reply, wrong = self._checked_calls(reply, context)
            final = None if wrong or reply.tool_calls else final_text(reply.text, results, context)
            if final is not None:
                wrong = list(final.wrong)
            if not wrong:
                return self._accepted(reply, final, results, context)
            if corrected or context.model_calls == MOST_MODEL_CALLS:
                return _replaced(results, context)
            corrected = True
            request = _with_correction(request, reply, wrong)
        if not answering(results):
            raise TurnTooLong
        return _written(results, context)

    def _accepted(
        self,
        reply: AIMessage,
        final: Final | None,
        results: Sequence[ToolResult],
        context: TurnContext,
    ) -> AIMessage:
        if final is None:
            if not context.sees_rows:  # who sees rows says it in the text
                context.unanswered = unanswered(reply.text, context) or context.unanswered
            calls = _not_called_before(reply.tool_calls, context)
            if calls:
                return AIMessage(
                    content="",
                    tool_calls=calls,
                    additional_kwargs=_reasoning(reply),
                )
            if not answering(results):
                raise TurnTooLong
            return _written(results, context)
        context.said, context.unanswered = final.said, final.unanswered or context.unanswered
        return _written(results, context) if final.text is None else AIMessage(final.text)

    def _checked_calls(self, reply: AIMessage, context: TurnContext) -> tuple[AIMessage, list[str]]:
        """Give a reply with stored values in its calls, and list what is wrong with them.

        Far too many calls are the end of the turn.
        """
        if len(reply.tool_calls) > MOST_TOOL_CALLS:
            raise TurnTooLong
        if any(call["name"] not in self._tools for call in reply.tool_calls):
            names = ", ".join(sorted(self._tools))
            return reply, [f"it calls a tool that does not exist; there are {names}"]
        if not all(is_readable(call["args"]) for call in reply.tool_calls):
            return reply, ["the arguments of a call are too long, too deep or no plain JSON"]
        foreign = (text for call in reply.tool_calls for text in _texts(call["args"]))
        if any(has_markup(text) and text not in context.question for text in foreign):
            return reply, ["the arguments of a call hold a link or HTML"]
        index = index_of(context.toolbox.vocabulary)
        try:
            calls = [
                ToolCall(name=call["name"], args=as_stored(call["args"], index), id=call["id"])
                for call in reply.tool_calls
            ]
        except UnknownValue as unknown:
            return reply, [str(unknown)]
        return reply.model_copy(update={"tool_calls": calls}), []

    def _has_drafted(self, messages: Sequence[BaseMessage]) -> bool:
        return any(
            isinstance(m, ToolMessage)
            and m.name in self._drafting
            and isinstance(m.artifact, ToolResult)
            for m in messages
        )


def is_readable(arguments: object) -> bool:
    """Tell whether arguments are plain JSON of a size and depth that a question may have."""
    if not _is_plain(arguments, 0):
        return False
    try:
        text = json.dumps(arguments, ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError):
        return False
    return len(text) <= LONGEST_ARGUMENTS


def _is_plain(value: object, depth: int) -> bool:
    if depth > DEEPEST_ARGUMENTS:
        return False
    if isinstance(value, dict):
        return all(isinstance(k, str) and _is_plain(v, depth + 1) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(_is_plain(part, depth + 1) for part in value)
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) <= LARGEST_NUMBER
    return value is None or (isinstance(value, str) and len(value) <= LONGEST_ARGUMENTS)


def _texts(value: object) -> Iterator[str]:
    """List every text in the arguments of a call, names of arguments too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _asked(request: ModelRequest[TurnContext], handler: Call, context: TurnContext) -> AIMessage:
    """Call the model with the time that is left, and count what it used."""
    seconds = _seconds_left(context)
    context.model_calls += 1
    response = handler(request.override(model_settings={"timeout": seconds}))
    reply = response.result[-1]
    if not isinstance(reply, AIMessage):
        raise ChatModelFailed("broken_reply")
    if used := reply.usage_metadata:
        context.tokens.append((used["input_tokens"], used["output_tokens"]))
    if reply.invalid_tool_calls:
        raise ChatModelFailed("broken_reply")
    return reply


def _seconds_left(context: TurnContext) -> float:
    seconds = (context.deadline or math.inf) - time.monotonic()
    if seconds < LEAST_SECONDS:
        raise TurnTooLong("timeout")
    return min(seconds, 3600.0)


def _not_called_before(calls: Sequence[ToolCall], context: TurnContext) -> list[ToolCall]:
    """Keep the calls that this turn has not made; ids are made distinct."""
    fresh: list[ToolCall] = []
    for call in calls:
        key = call["name"] + json.dumps(call["args"], sort_keys=True)
        if key not in context.called:
            context.called.add(key)
            call_id = f"c{len(context.called)}"
            fresh.append(ToolCall(name=call["name"], args=call["args"], id=call_id))
    return fresh


def _with_correction(
    request: ModelRequest[TurnContext], reply: AIMessage, wrong: Sequence[str]
) -> ModelRequest[TurnContext]:
    told_wrong = HumanMessage(say("correct_yourself", "en", problems="; ".join(wrong)))
    said = [AIMessage(str(reply.text)[:LONGEST_REPEATED])] if not reply.tool_calls else []
    return request.override(messages=[*request.messages, *said, told_wrong])


def _replaced(results: Sequence[ToolResult], context: TurnContext) -> AIMessage:
    """Put the embedded writer's text in place of one that does not hold."""
    if not answering(results):
        raise ChatModelFailed("useless")
    context.rewritten = True
    return _written(results, context)


def _have_answered(messages: Sequence[BaseMessage]) -> bool:
    """Tell whether the last calls all succeeded, and did more than look names up."""
    ended = list(takewhile(lambda m: isinstance(m, ToolMessage), reversed(messages)))
    results = TurnContext.results(ended)
    return len(results) == len(ended) and bool(answering(results))


def _written(results: Sequence[ToolResult], context: TurnContext) -> AIMessage:
    """Write from what answers the question; what was only looked up on the way is left out."""
    return AIMessage(write(None, answering(results) or results, context))


def _reasoning(reply: AIMessage) -> dict[str, Any]:
    """Keep what some servers demand back beside their calls."""
    reasoning = reply.additional_kwargs.get("reasoning_content")
    return {"reasoning_content": reasoning} if reasoning else {}
