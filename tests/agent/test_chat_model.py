"""The route with a chat model: a scripted server on loopback, as a real process."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.analyst import open_analyst
from agent.answer import Answer
from agent.settings import Settings

KEY = "sk-never-shown"
REVENUE = [
    "query_metrics",
    {"metrics": ["revenue"], "time_range": {"start": "2026-09-01", "end": "2026-10-01"}},
]
Ask = Callable[..., tuple[Answer, list[dict[str, object]]]]


@pytest.fixture
def ask(demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers: list[subprocess.Popen[str]] = []

    def play(question: str, *script: dict[str, object]) -> tuple[Answer, list[dict[str, object]]]:
        (tmp_path / "script.json").write_text(json.dumps(script), encoding="utf-8")
        kept = tmp_path / "requests.jsonl"
        kept.touch()
        command = [sys.executable, str(Path(__file__).with_name("model_server.py"))]
        server = subprocess.Popen(
            [*command, str(tmp_path / "script.json"), str(kept)],
            stdout=subprocess.PIPE,
            text=True,
        )
        servers.append(server)
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        settings = Settings(
            workspace=demo_folder,
            model="scripted",
            openai_api_key=SecretStr(KEY),
            openai_base_url=f"http://127.0.0.1:{port}/v1",
        )
        with open_analyst(demo_folder, settings) as analyst:
            answer = analyst.ask(question)
        lines = kept.read_text(encoding="utf-8").splitlines()
        return answer, [json.loads(line) for line in lines]

    yield play
    for server in servers:
        server.terminate()
        server.wait(10)
        assert server.stdout is not None
        server.stdout.close()


@pytest.fixture(scope="module")
def revenue(demo_folder: Path) -> str:
    with open_analyst(demo_folder, Settings(workspace=demo_folder)) as analyst:
        table = analyst.ask("revenue last month").table
    assert table is not None
    return f"{table.rows[0][0]:,.2f}"


def test_a_chat_model_plans_with_the_tools(ask: Ask, revenue: str) -> None:
    answer, requests = ask(
        "What was revenue last month?",
        {"calls": [REVENUE]},
        {"text": f"Revenue from 2026-09-01 to 2026-09-30 was ¥{revenue}."},
    )

    assert (answer.kind, answer.planner) == ("answer", "chat")
    assert answer.text == f"Revenue from 2026-09-01 to 2026-09-30 was ¥{revenue}."
    assert answer.evidence[0].sql
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == 20
    assert len(requests) == 2


def test_a_wrong_figure_is_corrected_once(ask: Ask, revenue: str) -> None:
    answer, requests = ask(
        "What was revenue last month?",
        {"calls": [REVENUE]},
        {"text": "Revenue was ¥123,456,789.00."},
        {"text": f"Revenue was ¥{revenue}."},
    )

    assert answer.text == f"Revenue was ¥{revenue}."
    assert "123,456,789.00" in str(requests[-1]["messages"])


def test_a_figure_wrong_twice_never_leaves(ask: Ask, revenue: str) -> None:
    answer, _ = ask(
        "What was revenue last month?",
        {"calls": [REVENUE]},
        {"text": "Revenue was ¥123,456,789.00, up 40%."},
    )

    assert "123,456,789" not in answer.text
    assert revenue in answer.text
    assert any("embedded writer" in caveat for caveat in answer.caveats)


def test_figures_without_any_tool_call_never_leave(ask: Ask) -> None:
    answer, _ = ask("What was revenue last month?", {"text": "Revenue was ¥123,456,789.00."})

    assert "123,456,789" not in answer.text


@pytest.mark.parametrize(
    "reply",
    [
        {"status": 500, "raw": {"error": {"message": f"boom {KEY}"}}},
        {"status": 401, "raw": {"error": {"message": "bad key"}}},
        {"raw": {"id": "x", "choices": []}},
        {"raw": {"nothing": "useful"}},
        {"text": ""},
        {"text": None},
    ],
)
def test_a_broken_server_is_answered_by_the_embedded_planner(
    ask: Ask, revenue: str, reply: dict[str, object]
) -> None:
    answer, _ = ask("What was revenue last month?", reply)

    assert answer.planner == "embedded"
    assert revenue in answer.text
    assert any("embedded planner" in caveat for caveat in answer.caveats)
    assert KEY not in answer.model_dump_json()
    assert "boom" not in answer.model_dump_json()


def test_a_server_that_fails_midway_leaves_nothing(ask: Ask, revenue: str) -> None:
    answer, _ = ask("What was revenue last month?", {"calls": [REVENUE]}, {"status": 500})

    assert answer.planner == "embedded"
    assert len(answer.steps) == 1
    assert revenue in answer.text


@pytest.mark.parametrize("quirk", ["without_ids", "as_object"])
def test_loose_servers_are_understood(ask: Ask, revenue: str, quirk: str) -> None:
    answer, _ = ask(
        "What was revenue last month?",
        {"calls": [REVENUE], quirk: True},
        {"text": f"It was ¥{revenue}."},
    )

    assert answer.planner == "chat"
    assert answer.text == f"It was ¥{revenue}."


def test_a_wrong_name_comes_back_with_the_nearest(ask: Ask, revenue: str) -> None:
    wrong = ["query_metrics", {"metrics": ["revenu"]}]
    answer, requests = ask(
        "What was revenue last month?",
        {"calls": [wrong]},
        {"calls": [REVENUE]},
        {"text": f"It was ¥{revenue}."},
    )

    assert "Unknown metric 'revenu'. Nearest: 'revenue'" in str(requests[1]["messages"])
    assert answer.text == f"It was ¥{revenue}."


def test_the_same_call_for_ever_stops(ask: Ask) -> None:
    answer, requests = ask("What was revenue last month?", {"calls": [REVENUE]})

    assert len(requests) <= 7
    assert answer.text
