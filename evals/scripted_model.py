"""A chat model without latency: a loopback OpenAI-compatible server that plays written replies."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Message = dict[str, object]
FINAL: Message = {"role": "assistant", "content": "DONE"}


@dataclass
class ScriptedModel:
    """Plays, for each question, its reply; after a tool's result it ends the turn.

    ``requests`` keeps the body of each request, ``seconds`` the time spent here in all.
    """

    replies: Mapping[str, Message]
    requests: list[str] = field(default_factory=list)
    seconds: float = 0.0
    base_url: str = ""

    def reply_to(self, body: str) -> Message:
        """Give the message for a request: the question's own, or the last word after a tool."""
        messages = json.loads(body)["messages"]
        if messages[-1]["role"] == "tool":
            return FINAL
        asked = json.dumps(messages, ensure_ascii=False)
        found = [q for q in self.replies if q in asked]
        if len(found) != 1:
            raise LookupError(f"The request holds {len(found)} known questions.")
        return self.replies[found[0]]


@contextmanager
def serving(model: ScriptedModel) -> Iterator[ScriptedModel]:
    """Serve the model on a free loopback port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            start = time.perf_counter()
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            model.requests.append(body)
            sent = json.dumps(_completion(model.reply_to(body))).encode()
            head = (
                f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(sent)}"
            )
            self.wfile.write(head.encode() + b"\r\n\r\n" + sent)
            model.seconds += time.perf_counter() - start

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        model.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()


def call(name: str, arguments: Mapping[str, object]) -> Message:
    """Write a reply that calls one tool."""
    function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
    calls = [{"id": "call_1", "type": "function", "function": function}]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def _completion(message: Message) -> dict[str, object]:
    reason = "tool_calls" if message.get("tool_calls") else "stop"
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
