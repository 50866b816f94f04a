"""The gate: closed unless opened, for the right person, from the right place, in measure."""

import asyncio
import json
from typing import NamedTuple

import pytest
from starlette.responses import PlainTextResponse

from ui.gate import GRADIO, LARGEST_BODY, OPEN, OURS, Gate
from ui.local import COOKIE
from warehouse.errors import LedgerError

TOKEN = "local-token"
HOST = "127.0.0.1:7860"


class Person(NamedTuple):
    user_id: str


SESSIONS = {"t-lin": Person("lin"), "t-wang": Person("wang")}


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


async def behind(scope, receive, send):
    """Echo what passed: the body, and who came."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    visitor = scope["state"].get("visitor")
    text = json.dumps({"body": len(body), "user": visitor.user_id if visitor else "anonymous"})
    page = "<script>window.gradio_config = {};</script><script type=module></script>"
    is_page = scope["path"] == "/"
    response = PlainTextResponse(page if is_page else text, media_type="text/html")
    await response(scope, receive, send)


def sign_in(request):
    return PlainTextResponse("sign in", 401)


def call(method, path, headers=(), chunks=(b"",), client="127.0.0.1", hosts=(), gate=None):
    gate = gate or Gate(behind, SESSIONS.get, TOKEN, sign_in, hosts)
    path, _, query = path.partition("?")
    given = {"host": HOST, **dict(headers)}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(k.lower().encode(), v.encode()) for k, v in given.items()],
        "client": (client, 5000),
    }
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": i < len(chunks) - 1}
        for i, chunk in enumerate(chunks)
    ]
    sent = []

    async def receive():
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    asyncio.run(gate(scope, receive, send))
    start = sent[0]
    found = {k.decode(): v.decode() for k, v in start["headers"]}
    return Reply(start["status"], found, b"".join(m.get("body", b"") for m in sent[1:]))


def cookie(token):
    return {"cookie": f"{COOKIE}={token}"}


CONVERSATION = "/api/threads/abc-DEF_1"
TURN = f"{CONVERSATION}/turns/u1"
OWN = (CONVERSATION, *(f"{TURN}/{end}" for end in ("menu", "edit", "table", "table.csv",
                                                   "table.xlsx")))  # fmt: skip
EVERYWHERE = (
    *OURS,
    *OWN,
    *GRADIO,
    "/assets/x.js",
    "/gradio_api/heartbeat/abc",
    "/gradio_api/file=/etc",
)


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_anonymous_is_refused_everywhere(path, method):
    assert call(method, path).status == 401


@pytest.mark.parametrize("path", OPEN)
def test_what_signing_in_needs_is_open(path):
    assert call("GET", path).status == 200


def test_anonymous_reader_of_a_page_gets_the_sign_in_page():
    reply = call("GET", "/", {"accept": "text/html"})

    assert (reply.status, reply.body) == (401, b"sign in")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/logout"), ("GET", "/api/ask"), ("PUT", "/login"), ("DELETE", "/"),
     ("POST", "/api/threads"), ("GET", "/gradio_api/queue/join"), ("POST", "/assets/x.js")],
)  # fmt: skip
def test_a_route_takes_its_own_methods_alone(method, path):
    assert call(method, path, cookie("t-lin")).status == 405


@pytest.mark.parametrize("token", ["", "wrong", "t-lin ", "T-LIN"])
def test_wrong_cookie_is_refused(token):
    assert call("GET", "/", cookie(token)).status == (200 if token == "t-lin " else 401)


def test_signed_in_person_passes():
    reply = call("POST", "/api/ask", cookie("t-lin"), (b"{}",))

    assert json.loads(reply.body) == {"body": 2, "user": "lin"}


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload", "/gradio_api/file=/etc/passwd", "/file=/etc/passwd", "/docs",
        "/openapi.json", "/gradio_api/openapi.json", "/monitoring", "/gradio_api/run/predict",
        "/gradio_api/call/x", "/gradio_api/proxy=http://sink.invalid", "/gradio_api/runs",
        "/manifest.json", "/robots.txt", "/gradio_api/deep_link", "/gradio_api/vibe-code",
    ],
)  # fmt: skip
def test_routes_that_the_page_does_not_use_are_closed(path):
    assert call("GET", path, cookie("t-lin")).status == 404
    assert call("POST", path, cookie("t-lin")).status == 404


def test_local_token_opens_our_interface_from_this_machine_only():
    bearer = {"authorization": f"Bearer {TOKEN}"}

    assert json.loads(call("POST", "/api/ask", bearer).body)["user"] is None
    assert call("POST", "/api/ask", bearer, client="192.0.2.7").status == 401
    assert call("POST", "/api/ask", {"authorization": "Bearer wrong"}).status == 401
    assert call("GET", "/", bearer).status == 403
    assert call("GET", "/docs", bearer).status == 403
    assert call("POST", "/gradio_api/queue/join", bearer).status == 403


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"origin": f"http://{HOST}"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_a_post_from_another_site_is_refused(headers, expected):
    assert call("POST", "/login", headers).status == expected
    assert call("POST", "/api/ask", cookie("t-lin") | headers).status == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1:7860", 200), ("localhost:1", 200), ("[::1]:7860", 200), ("evil.example", 421),
     ("127.0.0.1.evil.example", 421), ("", 421)],
)  # fmt: skip
def test_on_loopback_only_names_of_this_machine_are_right(host, expected):
    names = ("127.0.0.1", "localhost", "::1")

    assert call("GET", "/healthz", {"host": host}, hosts=names).status == expected


def test_large_bodies_are_refused_whatever_length_they_claim():
    half = b"x" * (LARGEST_BODY // 2)

    def status(chunks, **headers):
        return call("POST", "/api/ask", cookie("t-lin") | headers, chunks).status

    assert status((half, half)) == 200
    assert status((half, half, b"x")) == 413
    assert status((half, half, b"x"), **{"content-length": "3"}) == 413
    assert status((b"",), **{"content-length": str(LARGEST_BODY + 1)}) == 413
    assert status((b"",), **{"content-length": "-1"}) == 413


def test_a_page_belongs_to_who_opened_it():
    gate = Gate(behind, SESSIONS.get, TOKEN, sign_in)

    def status(method, path, who, body=b""):
        return call(method, path, cookie(who), (body,), gate=gate).status

    join = json.dumps({"session_hash": "abc", "data": []}).encode()
    assert status("POST", "/gradio_api/queue/join", "t-lin", join) == 200
    assert status("POST", "/gradio_api/queue/join", "t-wang", join) == 403
    assert status("GET", "/gradio_api/queue/data?session_hash=abc", "t-wang") == 403
    assert status("GET", "/gradio_api/heartbeat/abc", "t-wang") == 403
    assert status("POST", "/gradio_api/cancel", "t-wang", b'{"session_hash": "abc"}') == 403
    assert status("GET", "/gradio_api/queue/data?session_hash=abc", "t-lin") == 200
    assert status("GET", "/gradio_api/queue/data?session_hash=own", "t-wang") == 200


@pytest.mark.parametrize(
    ("path", "headers"), [("/healthz", {}), ("/", {}), ("/", cookie("t-lin")), ("/x", {})]
)
def test_every_reply_carries_the_protecting_headers(path, headers):
    found = call("GET", path, headers).headers

    policy = found["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert "http" not in policy
    assert found["x-frame-options"] == "DENY"
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "same-origin"
    assert found["cache-control"] == "no-store"


def test_only_scripts_of_the_page_itself_have_its_nonce():
    first, second = (call("GET", "/", cookie("t-lin")) for _ in range(2))

    def nonce(reply):
        return reply.headers["content-security-policy"].split("'nonce-")[1].split("'")[0]

    assert nonce(first) != nonce(second)
    assert first.body.count(f'<script nonce="{nonce(first)}"'.encode()) == 2
    assert int(first.headers["content-length"]) == len(first.body)


def test_ledger_that_cannot_be_read_is_said():
    def session(token):
        raise LedgerError(detail="The ledger is locked.", next="Try again.")

    reply = call("GET", "/", cookie("t-lin"), gate=Gate(behind, session, TOKEN, sign_in))
    assert reply.status == 503
    assert json.loads(reply.body) == {"detail": "The ledger is locked. Try again."}
    assert "content-security-policy" in reply.headers


def test_other_protocols_are_not_answered():
    async def knock():
        sent = []
        gate = Gate(behind, SESSIONS.get, TOKEN, sign_in)
        await gate({"type": "websocket", "path": "/"}, None, sent.append)
        return sent

    assert asyncio.run(knock()) == []
