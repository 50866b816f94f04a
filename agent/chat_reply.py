"""A server's reply, made what the interface promises, or refused.

Servers that follow the interface loosely leave out ids of tool calls, send arguments as objects,
mix thinking into the text, or hand a tool call over as text. What is unmistakable is mended;
arguments that are not one JSON object, and replies that were cut, are never guessed at.
"""

from __future__ import annotations

import json
import re
from typing import TypeGuard

from agent.errors import ChatModelFailed

Reply = dict[str, object]

_THINKING = re.compile(r"<(think|thinking|reasoning)>.*?(</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THINKING_END = re.compile(r"</(think|thinking|reasoning)>", re.IGNORECASE)
_TEXT_CALL = re.compile(r"<(tool_call|function_call)>\s*(.*?)\s*(?:</\1>|\Z)", re.DOTALL)
_FENCED = re.compile(r"\A```(?:json)?\s*(\{.*\})\s*```\Z", re.DOTALL)
_CALL_MARK = re.compile(
    r"</?tool_call|<function[=_]|\[TOOL_CALLS?\]|<\|(?:python_tag|tool_call|channel)", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


def mended(reply: object) -> tuple[Reply, dict[str, object]]:
    """Give a reply with one whole message, and the message in it.

    Raises
    ------
    ChatModelFailed
        When it holds no message, was cut or withheld, or has calls that cannot be read.
    """
    if not _is_object(reply):
        raise ChatModelFailed("broken_reply")
    choices = reply.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if _is_object(choice) else None
    if not _is_object(choice) or not _is_object(message):
        raise ChatModelFailed("broken_reply")
    if choice.get("finish_reason") == "length":
        raise ChatModelFailed("cut_reply")
    if choice.get("finish_reason") == "content_filter":
        raise ChatModelFailed("withheld")
    message["role"] = "assistant"
    message["content"] = without_thinking(_text(message.get("content")))
    message["tool_calls"] = _calls(message, str(reply.get("id") or "reply"))
    if not message["tool_calls"]:
        del message["tool_calls"]
    _encodable(message)
    reply["choices"] = [choice]
    reply["usage"] = _usage(reply.get("usage"))
    return reply, message


def without_thinking(text: str) -> str:
    """Take out what a model thinks aloud, also where only the end of it is marked.

    Examples
    --------
    >>> without_thinking("<think>Hm.</think>Done.")
    'Done.'
    >>> without_thinking("Hm.</think>Done.")
    'Done.'
    """
    text = _THINKING.sub("", text)
    ends = list(_THINKING_END.finditer(text))
    return text[ends[-1].end() :].strip() if ends else text.strip()


def calls_in_text(text: str) -> list[tuple[str, object]] | None:
    """Read tool calls that a server handed over as text: name and arguments.

    None when the text has no mark of a call.
    """
    written = [found.group(2) for found in _TEXT_CALL.finditer(text)]
    if not written and (fenced := _FENCED.match(text)):
        written = [fenced.group(1)]
    if not written and text.startswith("{") and text.endswith("}"):
        written = [text]
    calls = [_named_call(part) for part in written]
    if any(call is None for call in calls) or (not calls and _CALL_MARK.search(text)):
        raise ChatModelFailed("broken_reply")
    return [call for call in calls if call is not None] or None


def arguments_of(written: object) -> dict[str, object]:
    """Read the arguments of a call: one JSON object, as text or as it is; nothing is repaired.

    Raises
    ------
    ChatModelFailed
        When they are anything else.
    """
    for _ in range(2):  # some servers write the text of the text
        if not isinstance(written, str):
            break
        written = _json(written) if written.strip() else {}
    if written is None:
        written = {}
    if not _is_object(written):
        raise ChatModelFailed("broken_reply")
    return written


def _calls(message: dict[str, object], reply_id: str) -> list[dict[str, object]]:
    given = message.get("tool_calls") or []
    if not isinstance(given, list):
        raise ChatModelFailed("broken_reply")
    found = [_call(part) for part in given]
    if not found and (in_text := calls_in_text(content := str(message["content"]))):
        found = [("", name, arguments_of(arguments)) for name, arguments in in_text]
        beside = _TEXT_CALL.sub("", content)
        message["content"] = "" if beside == content else beside.strip()
    calls: list[dict[str, object]] = []
    used: set[str] = set()
    for position, (call_id, name, arguments) in enumerate(found):
        if not call_id or call_id in used:
            call_id = f"call_{reply_id[:40]}_{position}"
        used.add(call_id)
        function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
        calls.append({"id": call_id, "type": "function", "function": function})
    return calls


def _call(part: object) -> tuple[str, str, dict[str, object]]:
    function = part.get("function") if _is_object(part) else None
    if not _is_object(part) or not _is_object(function):
        raise ChatModelFailed("broken_reply")
    call_id, name = part.get("id"), function.get("name")
    if not isinstance(name, str):
        raise ChatModelFailed("broken_reply")
    return (
        call_id if isinstance(call_id, str) else "",
        name,
        arguments_of(function.get("arguments")),
    )


def _named_call(text: str) -> tuple[str, object] | None:
    """Read ``{"name": …, "arguments": {…}}`` and nothing else."""
    call = _json(text)
    if not _is_object(call) or not isinstance(name := call.get("name"), str):
        return None
    return name, call.get("arguments", call.get("parameters"))


def _json(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ChatModelFailed("broken_reply") from None


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _text(content: object) -> str:
    """Give the text of a message: a string, or the text parts of a list."""
    if content is None:
        return ""
    if isinstance(content, str):
        return _CONTROL.sub("", content)
    if isinstance(content, list) and all(_is_object(part) for part in content):
        return _CONTROL.sub("", "".join(str(part.get("text") or "") for part in content))
    raise ChatModelFailed("broken_reply")


def _encodable(message: dict[str, object]) -> None:
    """Refuse half a character: no store and no page could keep it."""
    try:
        json.dumps(message, ensure_ascii=False).encode()
    except (UnicodeEncodeError, ValueError, RecursionError):
        raise ChatModelFailed("broken_reply") from None


def _usage(given: object) -> dict[str, int] | None:
    """Keep the counts of tokens where they are counts; many servers send none."""
    if not _is_object(given):
        return None
    counts = {name: given.get(name) for name in _COUNTS}
    return {
        name: count if isinstance(count, int) and 0 <= count < 1 << 40 else 0
        for name, count in counts.items()
    }


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)
