"""A server of the fake analyst in a process of its own, and a client that speaks to it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

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
    def signed_in(self, user: str = "lin") -> Iterator[httpx.Client]:
        with self.client() as client:
            reply = client.post("/login", data={"user": user, "password": PASSWORD})
            assert reply.status_code == 303
            yield client


@contextmanager
def running_fake(workspace: Path, *arguments: str) -> Iterator[Running]:
    """Run the server until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ui.serve_fake", str(workspace), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            deadline = time.monotonic() + 90
            while not (workspace / "ready").exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    raise RuntimeError(f"The server did not start:\n{process.communicate()[0]}")
                time.sleep(0.1)
            found = json.loads((workspace / "var" / "server.json").read_text("utf-8"))
            address = f"http://{found['host']}:{found['port']}"
            yield Running(address, workspace, found["token"], process)
        finally:
            process.terminate()
            process.wait(30)
