"""The running server of a workspace: how the command line finds it and proves that it is local.

``var/server.json`` (mode 0600) holds host, port, process id and a random token. Whoever can read
the file owns the workspace anyway, so the token stands for the local operator.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

COOKIE = "sextant_session"
CURRENCY_HEADER = "X-Sextant-Currency"
SECONDS = 600.0


class LocalServer(NamedTuple):
    """Where the server of a workspace listens, and the token that it accepts on loopback."""

    host: str
    port: int
    pid: int
    token: str

    @property
    def address(self) -> str:
        """The address as a person opens it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"


class Reply(NamedTuple):
    """What the server replied, and the currency of the amounts in it."""

    status: int
    body: bytes
    currency: str | None = None


class ServerRefused(Exception):
    """The running server replied, but not with an answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def server_file(workspace: Path) -> Path:
    """Where the record of the running server lies."""
    return workspace / "var" / "server.json"


@contextmanager
def announced(workspace: Path, host: str, port: int) -> Iterator[LocalServer]:
    """Write the record while the server runs, and remove it afterwards."""
    server = LocalServer(host, port, os.getpid(), secrets.token_urlsafe(32))
    path = server_file(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{server.pid}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(server._asdict(), file)
    fresh.replace(path)
    try:
        yield server
    finally:
        if (running := _read(path)) and running.pid == server.pid:
            path.unlink(missing_ok=True)


def running_server(workspace: Path) -> LocalServer | None:
    """Find the running server of a workspace; None when there is none that answers."""
    server = _read(server_file(workspace))
    if server is None or not _alive(server.pid):
        return None
    with suppress(OSError, HTTPException):
        reply = _request(server, "GET", "/healthz", None, seconds=2.0)
        return server if reply.status == 200 else None
    return None


def post(
    server: LocalServer, path: str, body: dict[str, object], session: str | None = None
) -> Reply:
    """Send JSON to the running server: as the person signed in, else as the local operator.

    Raises
    ------
    OSError, HTTPException
        When the server cannot be reached or hangs up.
    ServerRefused
        When it replies with anything but success.
    """
    reply = _request(server, "POST", path, json.dumps(body), SECONDS, session)
    if reply.status != 200:
        detail = _detail(reply.body) or f"The server replied with status {reply.status}."
        raise ServerRefused(detail, reply.status)
    return reply


def _request(
    server: LocalServer,
    method: str,
    path: str,
    body: str | None,
    seconds: float,
    session: str | None = None,
) -> Reply:
    connection = HTTPConnection(server.host, server.port, timeout=seconds)
    headers = {"Content-Type": "application/json"}
    if session:
        headers["Cookie"] = f"{COOKIE}={session}"
    else:
        headers["Authorization"] = f"Bearer {server.token}"
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Reply(response.status, response.read(), response.getheader(CURRENCY_HEADER))
    finally:
        connection.close()


def _read(path: Path) -> LocalServer | None:
    try:
        found = json.loads(path.read_text("utf-8"))
        return LocalServer(
            str(found["host"]), int(found["port"]), int(found["pid"]), str(found["token"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _detail(reply: bytes) -> str:
    with suppress(ValueError):
        found = json.loads(reply)
        if isinstance(found, dict):
            return str(found.get("detail", ""))
    return ""
