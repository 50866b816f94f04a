"""What a chat model's server gets wrong, found out by asking it: for ``sextant doctor``.

Nothing a server says is repeated but names of models; the key is sent to it and shown to nobody.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import httpx2
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from agent.chat_model import bounded_client, open_chat_model
from agent.chat_reply import calls_in_text, without_thinking
from agent.errors import ChatModelFailed
from agent.settings import Settings
from agent.tool_schemas import short_schema
from tools import TOOLS

SLOW = 1 / 6
"""Share of a turn's time that one reply may take before three of them are too slow."""
_LISTED = 5
_MODEL_ID = re.compile(r"[\w./:@-]{1,60}")
_ASK = "Call the tool describe_data with kind 'segments'. Then reply with the word DONE."

Probe = dict[str, object]


class Finding(NamedTuple):
    """One thing found: the code of its message, and what fills it in."""

    code: str
    state: Literal["ok", "hint", "wrong"]
    params: dict[str, str]


def probe(settings: Settings) -> Iterator[Finding]:
    """Ask the configured server for its models, for a tool call, and for a whole short turn."""
    address = settings.openai_base_url or "https://api.openai.com/v1"
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield Finding("address", "wrong", {})
        return
    with bounded_client(address) as client:
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
        client.headers["authorization"] = f"Bearer {key or 'not-needed'}"
        client.timeout = httpx2.Timeout(min(settings.model_seconds, 60.0))
        findings = [*_models(client, settings, key)]
        yield from findings
        if any(finding.state == "wrong" for finding in findings):
            return
        findings = [*_tool_call(client, settings)]
    yield from findings
    if not any(finding.state == "wrong" for finding in findings):
        yield _whole_turn(settings)


def _models(client: httpx2.Client, settings: Settings, key: str) -> Iterator[Finding]:
    try:
        response = client.get("models")
    except (httpx2.HTTPError, ChatModelFailed, OSError) as error:
        yield Finding(_trouble(error), "wrong", _host(settings))
        return
    if response.status_code in (401, 403):
        yield Finding("key_refused", "wrong", _host(settings))
        return
    listed = _ids(response)
    if response.status_code != 200 or not listed:
        yield Finding("no_models_list", "hint", {})
    elif settings.model not in listed:
        names = [n for n in listed if _MODEL_ID.fullmatch(n) and not (key and key in n)]
        shown = ", ".join(names[:_LISTED])
        yield Finding("model_not_listed", "hint", {"model": settings.model or "", "listed": shown})


def _tool_call(client: httpx2.Client, settings: Settings) -> Iterator[Finding]:
    """Ask for one call of one tool, and look at how it comes."""
    body = {
        "model": settings.model,
        "messages": [{"role": "user", "content": _ASK}],
        "tools": [short_schema(TOOLS[0])],
    }
    began = time.monotonic()
    try:
        response = client.post("chat/completions", json=body)
    except (httpx2.HTTPError, ChatModelFailed, OSError) as error:
        yield Finding(_trouble(error), "wrong", _host(settings))
        return
    seconds = time.monotonic() - began
    if finding := _status(response, settings):
        yield finding
        return
    reply = _json(response)
    message = _message(reply)
    if message is None:
        yield Finding("not_compatible", "wrong", _host(settings))
        return
    yield from _quirks(message)
    if not isinstance(reply, dict) or not isinstance(reply.get("usage"), dict):
        yield Finding("no_usage", "hint", {})
    if seconds > settings.model_seconds * SLOW:
        shown = {"seconds": f"{seconds:.1f}", "budget": f"{settings.model_seconds:g}"}
        yield Finding("slow", "hint", shown)


def _quirks(message: Probe) -> Iterator[Finding]:
    content = str(message.get("content") or "")
    calls = message.get("tool_calls")
    if without_thinking(content) != content.strip():
        yield Finding("thinking_in_text", "hint", {})
    if isinstance(calls, list) and calls:
        functions = [call.get("function") for call in calls if isinstance(call, dict)]
        if any(isinstance(f, dict) and isinstance(f.get("arguments"), dict) for f in functions):
            yield Finding("arguments_as_objects", "hint", {})
        if any(not isinstance(call, dict) or not call.get("id") for call in calls):
            yield Finding("calls_without_ids", "hint", {})
        return
    try:
        in_text = calls_in_text(without_thinking(content))
    except ChatModelFailed:
        yield Finding("calls_in_unknown_text", "wrong", {})
        return
    yield Finding("calls_as_text", "hint", {}) if in_text else Finding("no_tool_call", "hint", {})


def _whole_turn(settings: Settings) -> Finding:
    """Send a call and its result back with the client that answers questions."""
    model = open_chat_model(settings)
    call = {"name": "describe_data", "args": {"kind": "segments"}, "id": "c1"}
    messages = [
        HumanMessage(_ASK),
        AIMessage("", tool_calls=[call]),
        ToolMessage("Found, and shown: high_value, all_members", tool_call_id="c1"),
    ]
    try:
        model.bind_tools(TOOLS, timeout=min(settings.model_seconds, 60.0)).invoke(messages)
    except ChatModelFailed as failure:
        return Finding("turn_failed", "wrong", {"fault": failure.fault})
    finally:
        model.close()
    return Finding("works", "ok", {"model": settings.model or "", **_host(settings)})


def _status(response: httpx2.Response, settings: Settings) -> Finding | None:
    status = response.status_code
    if status == 200:
        return None
    if status in (401, 403):
        return Finding("key_refused", "wrong", _host(settings))
    if status == 404:
        path = urlsplit(settings.openai_base_url or "/v1").path.rstrip("/")
        code = "no_such_model" if path.endswith("/v1") else "wrong_path"
        return Finding(code, "wrong", {"model": settings.model or "", **_host(settings)})
    if status == 429:
        return Finding("overloaded", "wrong", {})
    code = "refuses_tools" if status in (400, 422) else "wrong_status"
    return Finding(code, "wrong", {"status": str(status)})


def _trouble(error: BaseException) -> str:
    """Name why no reply came, by the first cause that tells."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) or "SSL" in str(cause) or "CERTIFICATE" in str(cause):
            return "tls"
        if isinstance(cause, socket.gaierror):
            return "unknown_host"
        if isinstance(cause, httpx2.TimeoutException) or getattr(cause, "fault", "") == "timeout":
            return "no_reply_in_time"
        cause = cause.__cause__ or cause.__context__
    return "unreachable"


def _ids(response: httpx2.Response) -> list[str]:
    found = _json(response)
    data = found.get("data") if isinstance(found, dict) else None
    entries = data if isinstance(data, list) else []
    return [str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry]


def _message(reply: object) -> Probe | None:
    choices = reply.get("choices") if isinstance(reply, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    return message if isinstance(message, dict) else None


def _json(response: httpx2.Response) -> object:
    try:
        return json.loads(response.text)
    except (ValueError, RecursionError):
        return None


def _host(settings: Settings) -> dict[str, str]:
    """Give the address without what may be secret in it."""
    parts = urlsplit(settings.openai_base_url or "https://api.openai.com/v1")
    port = f":{parts.port}" if parts.port else ""
    return {"address": f"{parts.scheme}://{parts.hostname}{port}{parts.path}"}
