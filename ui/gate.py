"""The gate before every route: who may pass, how much they may send, what the browser may load.

Everything is closed unless it is named here: routes that are open to the anonymous, and the routes
of Gradio that our page uses. Whoever passes is noted in the request's state as a :class:`Visitor`.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tools.errors import FAILURES
from ui.local import COOKIE

LARGEST_BODY = 1_000_000
_READ = ("GET", "HEAD")
OPEN = {
    "/login": (*_READ, "POST"),
    "/login.css": _READ,
    "/healthz": _READ,
    "/favicon.ico": _READ,
    "/favicon.svg": _READ,
}
OURS = {
    "/logout": ("POST",),
    "/api/ask": ("POST",),
    "/api/threads": _READ,
    "/api/words": _READ,
    "/catalogue": _READ,
}
SCRIPTS = ("page", "bridge", "chips", "evidence", "table", "threads", "catalogue", "popover")
OURS |= {f"/scripts/{name}.js": _READ for name in SCRIPTS}
_ID = "[A-Za-z0-9_-]{1,64}"
_TURN = f"/api/threads/{_ID}/turns/{_ID}"
CONVERSATIONS = (
    (re.compile(f"/api/threads/{_ID}"), (*_READ, "PATCH", "DELETE")),
    (re.compile(rf"{_TURN}/(?:menu|table|table\.csv|table\.xlsx)"), _READ),
    (re.compile(f"{_TURN}/edit"), ("POST",)),
)
"""Routes that name a conversation; who owns it is checked where it is read."""
GRADIO = {
    "/": _READ,
    "/config": _READ,
    "/theme.css": _READ,
    "/gradio_api/info": _READ,
    "/gradio_api/queue/join": ("POST",),
    "/gradio_api/queue/data": _READ,
    "/gradio_api/startup-events": _READ,
    "/gradio_api/reset": ("POST",),
    "/gradio_api/cancel": ("POST",),
}
GRADIO_FOLDERS = ("/assets/", "/static/", "/svelte/", "/gradio_api/heartbeat/")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_MOST_PAGES = 10_000

_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' "
    "blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = (
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)


class Visitor(NamedTuple):
    """Who passed the gate: the user of a session, or the local operator (no user)."""

    user_id: str | None


class SignedIn(Protocol):
    """What the gate needs to know about a session."""

    @property
    def user_id(self) -> str:
        """Id of the signed-in user."""
        ...


class _TooLarge(Exception):
    """More was sent than a route takes."""


class Gate:
    """ASGI middleware that stands before the whole application.

    Parameters
    ----------
    app : ASGIApp
        What lies behind the gate.
    session : callable
        Gives the session of a cookie's token; None for a wrong or expired one.
    local_token : str
        The token that stands for the local operator, accepted from loopback only.
    sign_in : callable
        The page shown in place of a page that the anonymous asked for.
    hosts : tuple of str, optional
        Names by which the server may be called; empty allows every name. On loopback only the
        names of this machine are right, so that no outside name can be pointed at it.
    """

    def __init__(
        self,
        app: ASGIApp,
        session: Callable[[str], SignedIn | None],
        local_token: str,
        sign_in: Callable[[Request], Response],
        hosts: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._session = session
        self._local_token = local_token
        self._sign_in = sign_in
        self._hosts = hosts
        self._pages: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        nonce = secrets.token_urlsafe(16)
        guarded = _with_headers(send, scope["path"], nonce)
        refusal = await self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, guarded)
            return
        try:
            body = await _whole_body(scope, receive)
        except _TooLarge:
            response = _refuse(413, f"A request may have at most {LARGEST_BODY} bytes.")
            await response(scope, receive, guarded)
            return
        if not self._owns_page(scope, body):
            await _refuse(403, "This page belongs to another user.")(scope, receive, guarded)
            return
        if scope["path"] == "/":
            scope = _uncompressed(scope)
            guarded = _with_nonce(guarded, nonce)
        await self._app(scope, _replayed(body, receive), guarded)

    async def _refusal(self, scope: Scope) -> Response | None:
        """Decide about a request by its address and headers alone."""
        headers = Headers(scope=scope)
        path = scope["path"]
        if self._hosts and _name(headers.get("host", "")) not in self._hosts:
            return _refuse(421, "The server is not known by this name.")
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and _is_cross_site(headers):
            return _refuse(403, "The request came from another site.")
        if path in OPEN:
            return _unless(scope, OPEN[path])
        try:
            visitor = await self._visitor(scope, headers)
        except FAILURES as error:
            return _refuse(503, str(error))
        if visitor is None:
            if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
                return self._sign_in(Request(scope))
            return _refuse(401, "Sign in first.")
        scope["state"]["visitor"] = visitor
        if (methods := _our_methods(path)) is not None:
            return _unless(scope, methods)
        if visitor.user_id is None:
            return _refuse(403, "The page is for a signed-in person.")
        if path in GRADIO or path.startswith(GRADIO_FOLDERS):
            return _unless(scope, GRADIO.get(path, _READ))
        return _refuse(404, "There is nothing here.")

    async def _visitor(self, scope: Scope, headers: Headers) -> Visitor | None:
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        if bearer and hmac.compare_digest(bearer.encode(), self._local_token.encode()):
            client = scope.get("client")
            return Visitor(None) if client and client[0] in _LOOPBACK else None
        token = session_token(headers)
        # The ledger is a file that another process may hold: nobody else waits for it here.
        session = await run_in_threadpool(self._session, token) if token else None
        return Visitor(session.user_id) if session else None

    def _owns_page(self, scope: Scope, body: bytes) -> bool:
        """Bind each page (Gradio's session hash) to the user who opened it."""
        if not scope["path"].startswith("/gradio_api/"):
            return True
        page = _page_id(scope, body)
        if page is None:
            return True
        visitor: Visitor = scope["state"]["visitor"]
        user_id = visitor.user_id or ""
        owner = self._pages.setdefault(page, user_id)
        self._pages.move_to_end(page)
        if len(self._pages) > _MOST_PAGES:
            self._pages.popitem(last=False)
        return owner == user_id


def session_token(headers: Headers) -> str | None:
    """Token of the session cookie, if there is one."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _our_methods(path: str) -> tuple[str, ...] | None:
    """Tell by which methods one of our own routes is called; None for any other route."""
    if path in OURS:
        return OURS[path]
    return next((methods for route, methods in CONVERSATIONS if route.fullmatch(path)), None)


def _refuse(status: int, detail: str) -> Response:
    return JSONResponse({"detail": detail}, status)


def _unless(scope: Scope, methods: tuple[str, ...]) -> Response | None:
    return None if scope["method"] in methods else _refuse(405, f"Use {' or '.join(methods)}.")


def _is_cross_site(headers: Headers) -> bool:
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc != headers.get("host")
    return headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def _name(host: str) -> str:
    return urlsplit(f"//{host}").hostname or ""


def _page_id(scope: Scope, body: bytes) -> str | None:
    path = scope["path"]
    if path.startswith("/gradio_api/heartbeat/"):
        return str(path.rsplit("/", 1)[1])
    query: str = scope["query_string"].decode("latin-1")
    if values := parse_qs(query).get("session_hash"):
        return values[0]
    if scope["method"] != "POST":
        return None
    try:
        content = json.loads(body)
    except ValueError:
        return None
    found = content.get("session_hash") if isinstance(content, dict) else None
    return found if isinstance(found, str) else None


async def _whole_body(scope: Scope, receive: Receive) -> bytes:
    """Read a request's body up to the limit, whatever length it claims."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return b""
    claimed = Headers(scope=scope).get("content-length", "0")
    if not claimed.isdigit() or int(claimed) > LARGEST_BODY:
        raise _TooLarge
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise _TooLarge
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Hand out the body that was read, then whatever the connection says."""
    is_sent = False

    async def replay() -> Message:
        nonlocal is_sent
        if is_sent:
            return await receive()
        is_sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _uncompressed(scope: Scope) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    return {**scope, "headers": headers}


def _with_nonce(send: Send, nonce: str) -> Send:
    """Mark the scripts that Gradio writes into its page, so that the browser runs only those.

    The page's data stands inside a script with every ``<`` encoded, so what is marked here was
    written by Gradio's template.
    """
    start: Message = {}
    page = bytearray()

    async def marked(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        page.extend(message.get("body", b""))
        if message.get("more_body"):
            return
        body = bytes(page).replace(b"<script", f'<script nonce="{nonce}"'.encode())
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["content-length"] = str(len(body))
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": body})

    return marked


def _with_headers(send: Send, path: str, nonce: str) -> Send:
    """Add the protecting headers to whatever is sent."""
    policy = _POLICY.format(nonce=nonce)

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message.get("headers", ())))
            headers["content-security-policy"] = policy
            for name, value in _HEADERS:
                headers[name] = value
            if not path.startswith(("/assets/", "/static/")):
                headers["cache-control"] = "no-store"
            message = {**message, "headers": headers.raw}
        await send(message)

    return guarded
