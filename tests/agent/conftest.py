"""A chat model for tests of the agent: a scripted server on loopback, as a real process."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.analyst import Analyst, open_analyst
from agent.answer import Answer
from agent.settings import Settings

KEY = "sk-never-shown"
REVENUE = [
    "query_metrics",
    {"metrics": ["revenue"], "time_range": {"start": "2026-09-01", "end": "2026-10-01"}},
]
QUESTION = "What was revenue last month?"


class ScriptedServer:
    """The process, and what a test does with it."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__).with_name("model_server.py"))]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.address = f"http://127.0.0.1:{self._process.stdout.readline().strip()}"

    def play(self, *script: dict[str, object]) -> None:
        data = json.dumps(script).encode()
        self._open(urllib.request.Request(f"{self.address}/script", data, method="POST"))

    def requests(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self._open(f"{self.address}/requests"))
        return found

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    @staticmethod
    def _open(what: object) -> bytes:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(what, timeout=10) as answer:
            return bytes(answer.read())


Ask = Callable[..., tuple[Answer, list[dict[str, object]]]]


@pytest.fixture(scope="session")
def model_server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.stop()


@pytest.fixture
def chat_settings(
    demo_folder: Path, model_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:9")  # never in the way of loopback
    return Settings(
        workspace=demo_folder,
        model="scripted",
        openai_api_key=SecretStr(KEY),
        openai_base_url=f"{model_server.address}/v1",
    )


@pytest.fixture
def open_chat(chat_settings: Settings) -> Iterator[Callable[..., Analyst]]:
    """Open an analyst whose chat model is the scripted server; settings may be changed."""
    opened: list[Analyst] = []

    def open_with(**changes: object) -> Analyst:
        settings = chat_settings.model_copy(update=changes)
        opened.append(open_analyst(settings.workspace, settings))
        return opened[-1]

    yield open_with
    for analyst in opened:
        analyst.close()


@pytest.fixture
def ask(open_chat: Callable[..., Analyst], model_server: ScriptedServer) -> Ask:
    """Ask a question while the server plays a script: the answer, and the requests it got."""

    def play(
        question: str, *script: dict[str, object], **changes: object
    ) -> tuple[Answer, list[dict[str, object]]]:
        model_server.play(*script)
        answer = open_chat(**changes).ask(question)
        return answer, model_server.requests()

    return play


@pytest.fixture(scope="session")
def revenue(demo_folder: Path) -> str:
    with open_analyst(demo_folder, Settings(workspace=demo_folder)) as analyst:
        table = analyst.ask("revenue last month").table
    assert table is not None
    return f"{table.rows[0][0]:,.2f}"
