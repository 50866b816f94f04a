"""A loopback OpenAI-compatible server as a real process: plays a script of replies, then repeats.

    python model_server.py SCRIPT.json REQUESTS.jsonl

Each reply is ``{"text": …}``, ``{"calls": [[name, arguments], …]}`` or ``{"status": 500}``.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

script = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
requests = Path(sys.argv[2])
played = [0]


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        with requests.open("a", encoding="utf-8") as kept:
            kept.write(body + "\n")
        reply = script[min(played[0], len(script) - 1)]
        played[0] += 1
        self._send(reply.get("status", 200), reply.get("raw") or _completion(reply, played[0]))

    def _send(self, status: int, content: object) -> None:
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def _completion(reply: dict[str, object], number: int) -> dict[str, object]:
    calls = reply.get("calls") or []
    message: dict[str, object] = {"role": "assistant", "content": reply.get("text")}
    if isinstance(calls, list) and calls:
        message["tool_calls"] = [
            {
                "id": None if reply.get("without_ids") else f"c{number}{i}",
                "type": "function",
                "function": {
                    "name": name,
                    "arguments": arguments if reply.get("as_object") else json.dumps(arguments),
                },
            }
            for i, (name, arguments) in enumerate(calls)
        ]
    return {
        "id": f"r{number}",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
sys.stdout.write(f"{server.server_address[1]}\n")
sys.stdout.flush()
server.serve_forever()
