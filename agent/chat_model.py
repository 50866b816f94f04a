"""The one socket to a language model: any OpenAI-compatible endpoint.

Replies are read whole, never token by token: no text leaves before it is checked, and a cut stream
could pass for a complete answer.
"""

from __future__ import annotations

import json
from typing import Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from openai import OpenAIError
from pydantic import SecretStr, ValidationError

from agent.settings import Settings

SECONDS = 30.0
NO_KEY = SecretStr("not-needed")


class BrokenReply(Exception):
    """A server's reply is not what the interface promises."""


CHAT_MODEL_FAILURES = (OpenAIError, BrokenReply, ValidationError, KeyError, TypeError, ValueError)
"""What a server may do to us; the turn is then answered by the embedded planner."""


class CompatibleChatModel(ChatOpenAI):
    """ChatOpenAI for servers that follow the interface loosely.

    Local servers leave out ids of tool calls, send arguments as objects, know ``max_tokens`` only,
    and demand their own reasoning back. The overridden methods are private to langchain-openai
    1.7; its ceiling in ``pyproject.toml`` and the fake-server tests hold them in place.
    """

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
        return payload

    def _create_chat_result(
        self, response: Any, generation_info: dict[str, Any] | None = None
    ) -> ChatResult:
        reply = response if isinstance(response, dict) else response.model_dump(warnings="none")
        choices = reply.get("choices") or []
        if not choices or not isinstance(choices[0].get("message"), dict):
            raise BrokenReply("The reply holds no message.")
        _complete_calls(choices[0]["message"].get("tool_calls") or (), str(reply.get("id") or ""))
        result = super()._create_chat_result(reply, generation_info)
        reasoning = choices[0]["message"].get("reasoning_content")
        if reasoning:
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
        max_retries=1,
        disable_streaming=True,
    )


def _complete_calls(calls: Any, reply_id: str) -> None:
    """Give every tool call an id and its arguments as text."""
    for position, call in enumerate(calls):
        if not call.get("id"):
            call["id"] = f"call_{reply_id}_{position}"
        function = call.get("function") or {}
        if isinstance(function.get("arguments"), dict):
            function["arguments"] = json.dumps(function["arguments"], ensure_ascii=False)
