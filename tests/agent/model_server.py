"""A loopback OpenAI-compatible server as a real process: plays a script of replies.

    python model_server.py            prints its port; POST /script sets the script, GET /requests
                                      lists the bodies asked since then

The last reply of a script repeats. A reply is ``{"text": …}`` or ``{"calls": [[name, arguments]]}``
with quirks beside it, or a fault: ``status``, ``body``, ``body_raw``, ``sse``, ``delay``, ``drip``,
``close``, ``generate``.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

state = {"script": [{"text": "DONE"}], "requests": []}
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self.path == "/requests":
            self._send(200, state["requests"])
        elif _next().get("status") in (401, 403):
            self._send(_next()["status"], {"error": {"message": self.headers["authorization"]}})
        elif self.path == "/v1/models" and not _next().get("no_models"):
            listed = _next().get("models", ["scripted"])
            self._send(200, {"object": "list", "data": [{"id": name} for name in listed]})
        else:
            self._send(404, {"error": {"message": "no such path"}})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/script":
            state["script"], state["requests"] = json.loads(body), []
            self._send(200, {})
            return
        with lock:
            reply = _next()
            asked = {"path": self.path, "bytes": len(body), "body": json.loads(body)}
            state["requests"].append(asked | {"key": self.headers.get("authorization", "")})
        if self.path != "/v1/chat/completions":
            self._send(404, {"error": {"message": "only chat completions"}})
        elif reply.get("demands_reasoning") and not _has_reasoning(asked["body"]):
            self._send(400, {"error": {"message": "reasoning_content is missing"}})
        elif reply.get("refuses") in asked["body"]:
            self._send(400, {"error": {"message": f"Unsupported parameter: {reply['refuses']}"}})
        else:
            self._play(reply)

    def _play(self, reply: dict) -> None:
        time.sleep(reply.get("delay", 0))
        if reply.get("close"):
            self.close_connection = True
            self.connection.close()
        elif "sse" in reply:
            self._stream(reply)
        elif "redirect" in reply:
            self.send_response(307)
            self.send_header("location", reply["redirect"])
            self.send_header("content-length", "0")
            self.end_headers()
        else:
            content = reply.get("body_raw") or reply.get("body") or _completion(reply)
            self._send(reply.get("status", 200), content, reply.get("drip", 0))

    def _send(self, status: int, content: object, seconds_a_byte: float = 0) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        if _next().get("close") == "before_accept":
            self.send_header("connection", "close")
            self.close_connection = True
            self.server.socket.close()
        self.end_headers()
        try:
            for i in range(0, len(data), 1 if seconds_a_byte else len(data)):
                self.wfile.write(data[i : i + (1 if seconds_a_byte else len(data))])
                time.sleep(seconds_a_byte)
        except OSError:
            self.close_connection = True

    def _stream(self, reply: dict) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for event in reply["sse"]:
                self.wfile.write(event.encode())
            while reply.get("repeat"):
                self.wfile.write(reply["sse"][-1].encode())
                time.sleep(0.05)
            time.sleep(600 if reply.get("end") == "hang" else 0)
        except OSError:
            pass


def _next() -> dict:
    script = state["script"]
    return script[min(len(state["requests"]), len(script) - 1)]


def _has_reasoning(body: dict) -> bool:
    said = [m for m in body["messages"] if m["role"] == "assistant"]
    return all(m.get("reasoning_content") for m in said)


def _completion(reply: dict) -> dict:
    number = len(state["requests"])
    reply = {**reply, **_generated(reply.get("generate", ""), number)}
    calls = reply.get("calls") or []
    message = {"role": "assistant", "content": reply.get("text")}
    if reply.get("reasoning"):
        message["reasoning_content"] = reply["reasoning"]
    if calls:
        message["tool_calls"] = [_call(reply, f"c{number}{i}", *c) for i, c in enumerate(calls)]
    whole = {
        "id": f"r{number}",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    if not reply.get("no_usage"):
        whole["usage"] = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return whole | ({"usage": reply["usage"]} if "usage" in reply else {})


def _call(reply: dict, call_id: str, name: str, arguments: object) -> dict:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    call = {
        "id": reply.get("same_id", call_id),
        "type": "function",
        "function": {"name": name, "arguments": arguments if reply.get("as_object") else text},
    }
    if reply.get("without_ids"):
        del call["id"]
    return call


def _generated(what: str, number: int) -> dict:
    """Replies too large to be written down."""
    september = {"start": "2026-09-01", "end": "2026-10-01"}
    metric = ["query_metrics", {"metrics": ["revenue"], "time_range": september}]
    if what.startswith("arguments"):
        return {"calls": [["query_metrics", {"metrics": ["a" * 5_000_000]}]]}
    if what.startswith("100 tool calls"):
        return {"calls": [["describe_data", {"about": [f"n{i}"]}] for i in range(100)]}
    if what.startswith("two tools"):
        return {"calls": [metric if number % 2 else ["describe_data", {"kind": "segments"}]]}
    if what.startswith("content"):
        return {"text": "a" * 10_000_000}
    return {}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32

    def handle_error(self, *_: object) -> None:
        """A client that went away is no news here."""


server = Server(("127.0.0.1", 0), Handler)
sys.stdout.write(f"{server.server_address[1]}\n")
sys.stdout.flush()
server.serve_forever()
