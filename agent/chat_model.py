"""The one socket to a language model: any OpenAI-compatible endpoint.

Replies are read whole, never token by token: no text leaves before it is checked, and a cut stream
could pass for a complete answer. No word of a failing server goes further than this file.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import httpx2
import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr, ValidationError

from agent.chat_reply import mended
from agent.errors import ChatModelFailed, Fault
from agent.settings import Settings
from agent.tool_schemas import short_schema

MOST_BYTES = 1_000_000
"""The longest reply that is read; a long answer of a model takes a hundredth of it."""
NO_KEY = SecretStr("not-needed")
SECONDS = 30.0
"""Time for a reply where the turn sets none."""
PAUSE = 0.4
_TRIED_AGAIN: tuple[Fault, ...] = ("unreachable", "overloaded", "server_error")
_PARSING = (ValidationError, KeyError, TypeError, ValueError, AttributeError, IndexError)
_DEADLINE = "sextant_deadline"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class CompatibleChatModel(ChatOpenAI):
    """ChatOpenAI for servers that follow the interface loosely.

    Local servers leave out ids of tool calls, send arguments as objects, know ``max_tokens`` only,
    and demand their own reasoning back. The overridden methods are private to langchain-openai
    1.7; its ceiling in ``pyproject.toml`` and the fake-server tests hold them in place.
    """

    _schemas: dict[str, tuple[BaseTool, dict[str, object]]] = PrivateAttr(default_factory=dict)

    def bind_tools(
        self, tools: Sequence[Any], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Offer the tools by their short schemas."""
        return self.bind(tools=[self._schema(tool) for tool in tools], **_set(kwargs))

    def close(self) -> None:
        """Close the connections that are kept open."""
        self.root_client.close()

    def _schema(self, tool: BaseTool) -> dict[str, object]:
        known = self._schemas.get(tool.name)
        if known is None or known[0] is not tool:
            known = self._schemas[tool.name] = (tool, short_schema(tool))
        return known[1]

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        """Ask, and once more where a moment may help; ``timeout`` is the time for both."""
        end = time.monotonic() + float(kwargs.pop("timeout", None) or SECONDS)
        for is_last in (False, True):
            try:
                return self._asked(messages, stop, run_manager, end, **kwargs)
            except ChatModelFailed as failure:
                waits = failure.fault in _TRIED_AGAIN and time.monotonic() + PAUSE < end
                if is_last or not waits:
                    raise
                time.sleep(PAUSE)
        raise AssertionError("the last attempt returns or raises")

    def _asked(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        run_manager: CallbackManagerForLLMRun | None,
        end: float,
        **kwargs: Any,
    ) -> ChatResult:
        seconds = max(end - time.monotonic(), 0.001)
        try:
            return super()._generate(messages, stop, run_manager, timeout=seconds, **kwargs)
        except openai.BadRequestError as error:
            if self.temperature is None or "temperature" not in str(error):
                raise ChatModelFailed("request_refused") from None
            self.temperature = None  # reasoning models take no other than their own
            return self._asked(messages, stop, run_manager, end, **kwargs)
        except openai.OpenAIError as error:
            raise ChatModelFailed(_fault(error)) from None
        except (*_PARSING, RecursionError):
            raise ChatModelFailed("broken_reply") from None

    def _get_request_payload(
        self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        payload: dict[str, Any] = super()._get_request_payload(input_, stop=stop, **kwargs)
        if "max_completion_tokens" in payload:
            payload["max_tokens"] = payload.pop("max_completion_tokens")
        for sent, message in zip(
            payload.get("messages", ()), self._convert_input(input_).to_messages(), strict=False
        ):
            reasoning = message.additional_kwargs.get("reasoning_content")
            if reasoning and sent.get("role") == "assistant":
                sent["reasoning_content"] = reasoning
        return _as_it_is(payload)

    def _create_chat_result(
        self, response: Any, generation_info: dict[str, Any] | None = None
    ) -> ChatResult:
        is_model = isinstance(response, openai.BaseModel)
        reply, message = mended(response.model_dump(warnings="none") if is_model else response)
        result = super()._create_chat_result(reply, generation_info)
        reasoning = message.get("reasoning_content")
        if isinstance(reasoning, str) and reasoning:
            result.generations[0].message.additional_kwargs["reasoning_content"] = reasoning
        return result


def open_chat_model(settings: Settings) -> CompatibleChatModel:
    """Make the chat model that the settings name."""
    return CompatibleChatModel(
        model=settings.model or "",
        api_key=settings.openai_api_key or NO_KEY,
        base_url=settings.openai_base_url,
        use_responses_api=False,
        temperature=0,
        timeout=SECONDS,
        max_retries=0,
        disable_streaming=True,
        http_socket_options=(),
        http_client=bounded_client(settings.openai_base_url),
    )


def bounded_client(base_url: str | None = None) -> openai.DefaultHttpxClient:
    """Make an HTTP client that a server can neither hold up, flood nor send elsewhere.

    A timeout of the client counts from byte to byte, so that a server which drips one byte a second
    is never too slow for it; here it counts for the whole reply.
    """
    address = base_url or "https://api.openai.com/v1"
    return openai.DefaultHttpxClient(
        base_url=address,
        follow_redirects=False,
        trust_env=urlsplit(address).hostname not in _LOOPBACK,  # no proxy stands before these
        event_hooks={"request": [_start], "response": [_bound]},
    )


class _Bounded(httpx2.SyncByteStream):
    """The bytes of a reply, until time or space is used up."""

    def __init__(self, stream: Iterable[bytes], deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for piece in self._stream:
            size += len(piece)
            if size > MOST_BYTES:
                raise ChatModelFailed("broken_reply")
            if time.monotonic() > self._deadline:
                raise ChatModelFailed("timeout")
            yield piece

    def close(self) -> None:
        if isinstance(self._stream, httpx2.SyncByteStream):
            self._stream.close()


def _start(request: httpx2.Request) -> None:
    """Note when the reply must be whole."""
    seconds = request.extensions.get("timeout", {}).get("read") or 1.0
    request.extensions[_DEADLINE] = time.monotonic() + seconds


def _bound(response: httpx2.Response) -> None:
    deadline = response.request.extensions[_DEADLINE]
    response.stream = _Bounded(cast(Iterable[bytes], response.stream), deadline)


def _fault(error: openai.OpenAIError) -> Fault:
    """Name what went wrong, in a word of ours."""
    if isinstance(error, openai.APITimeoutError):
        return "timeout"
    if isinstance(error, openai.APIConnectionError):
        return "unreachable"
    status = error.status_code if isinstance(error, openai.APIStatusError) else 0
    known: dict[int, Fault] = {401: "key_refused", 403: "key_refused", 404: "not_found",
                               408: "timeout", 429: "overloaded"}  # fmt: skip
    if status >= 500:
        return "server_error"
    return known.get(status, "request_refused" if status else "broken_reply")


def _as_it_is(payload: dict[str, Any]) -> dict[str, Any]:
    """Send the large parts as they are: openai walks typed parameters for half of a call's time.

    What stands in ``extra_body`` takes the place of a parameter of the same name.
    """
    large = {name: payload.pop(name) for name in ("messages", "tools") if name in payload}
    return {**payload, "messages": (), "extra_body": {**payload.get("extra_body", {}), **large}}


def _set(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not set: loose servers stumble over null."""
    return {name: value for name, value in kwargs.items() if value is not None}
