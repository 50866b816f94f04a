"""The server: sign-in, the web page and the HTTP interface, behind one gate."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp

from tools.errors import FAILURES
from ui.api import api_routes
from ui.conversation_api import conversation_routes
from ui.gate import SCRIPTS, Gate, Visitor
from ui.languages import LANGUAGES
from ui.local import LocalServer, announced
from ui.sign_in import sign_in_page, sign_in_routes

if TYPE_CHECKING:
    from agent.analyst import Analyst

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
_STOPPING = (signal.SIGINT, signal.SIGTERM)
_FOLDER = Path(__file__).parent
_FILES = {
    "/favicon.ico": ("favicon.svg", "image/svg+xml"),
    "/favicon.svg": ("favicon.svg", "image/svg+xml"),
    "/login.css": ("login.css", "text/css"),
} | {f"/scripts/{name}.js": (f"static/{name}.js", "text/javascript") for name in SCRIPTS}


def create_app(analyst: Analyst, local: LocalServer, hosts: tuple[str, ...] = ()) -> ASGIApp:
    """Put the whole application together.

    Parameters
    ----------
    analyst : Analyst
        Who answers and who knows the users.
    local : LocalServer
        Where the server listens, and the token of the local operator.
    hosts : tuple of str
        Names by which the server may be called; empty allows every name.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(sign_in_routes(analyst))
    app.include_router(api_routes(analyst))
    app.include_router(conversation_routes(analyst))
    for path, (name, kind) in _FILES.items():
        app.add_api_route(path, _file(name, kind), methods=["GET"])
    _mount_page(app, analyst)
    return Gate(app, analyst.session, local.token, sign_in_page(analyst), hosts)


def serve(
    analyst: Analyst,
    workspace: Path,
    listener: socket.socket,
    ready: Callable[[LocalServer], None],
) -> None:
    """Serve until interrupted; ``ready`` is called once the server answers."""
    import uvicorn

    host, port = listener.getsockname()[:2]
    is_loopback = host in LOOPBACK_NAMES
    with announced(workspace, host if is_loopback else "127.0.0.1", port) as local:
        app = create_app(analyst, local, LOOPBACK_NAMES if is_loopback else ())
        _warm_up(analyst)

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                ready(local)

            @contextmanager
            def capture_signals(self) -> Iterator[None]:
                # uvicorn would raise the signal again after its end, before ours is tidied up.
                before = {s: signal.signal(s, self.handle_exit) for s in _STOPPING}
                try:
                    yield
                finally:
                    for number, handler in before.items():
                        signal.signal(number, handler)

        config = uvicorn.Config(
            app, log_level="warning", server_header=False, timeout_graceful_shutdown=2
        )
        Server(config).run(sockets=[listener])


def _warm_up(analyst: Analyst) -> None:
    """Open the stores and read the words, so that the first question is as fast as the others."""
    with suppress(*FAILURES):  # the page itself says what is wrong with a store
        for language in LANGUAGES:
            analyst.suggestions(language)


def _mount_page(app: FastAPI, analyst: Analyst) -> None:
    # Read by Gradio when it is imported: without it, it looks up hosts outside.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    import gradio as gr

    from ui.theme import CSS, HEAD, make_theme
    from ui.web import Page

    def user_of(request: Request) -> str | None:
        visitor: Visitor = request.scope["state"]["visitor"]
        return visitor.user_id

    gr.mount_gradio_app(
        app,
        Page(analyst).blocks,
        path="/",
        auth_dependency=user_of,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size="1kb",
        allowed_paths=[],
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        theme=make_theme(),
        css=CSS,
        head=HEAD,
    )


def _file(name: str, kind: str) -> Callable[[], Response]:
    def send() -> Response:
        return FileResponse(_FOLDER / name, media_type=kind)

    return send
