"""A server of the fake analyst in a process of its own, and a client that speaks to it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from ui.local import running_server

from .fake_analyst import PASSWORD

ROOT = Path(__file__).parents[2]


class Running(NamedTuple):
    """The server: where it is, its workspace, its local token, and its process."""

    address: str
    workspace: Path
    token: str
    process: subprocess.Popen[str]

    def client(self, **options: object) -> httpx.Client:
        return httpx.Client(base_url=self.address, trust_env=False, timeout=30, **options)

    @contextmanager
    def signed_in(self, user: str = "lin", password: str = PASSWORD) -> Iterator[httpx.Client]:
        with self.client() as client:
            reply = client.post("/login", data={"user": user, "password": password})
            assert reply.status_code == 303
            yield client


@contextmanager
def running_fake(workspace: Path, *arguments: str) -> Iterator[Running]:
    """Run the server of the fake analyst until the block ends."""
    command = ["tests.ui.serve_fake", str(workspace), *arguments]
    with _running(workspace, command) as running:
        yield running


@contextmanager
def running_real(workspace: Path) -> Iterator[Running]:
    """Run the server of a workspace as the command line does until the block ends."""
    command = ["ui.cli", "serve", "--port", "0", "--workspace", str(workspace)]
    with _running(workspace, command) as running:
        yield running


@contextmanager
def _running(workspace: Path, command: list[str]) -> Iterator[Running]:
    with subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            deadline = time.monotonic() + 120
            while (server := running_server(workspace)) is None:
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    raise RuntimeError(f"The server did not start:\n{process.communicate()[0]}")
                time.sleep(0.1)
            address = f"http://{server.host}:{server.port}"
            yield Running(address, workspace, server.token, process)
        finally:
            process.terminate()
            process.wait(30)
