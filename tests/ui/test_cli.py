"""The command line: what it prints, what it imports, how it ends."""

import json
import os
import resource
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.answer import Answer
from ui.cli import app
from ui.local import LocalServer, announced, running_server
from ui.session_file import save_token, saved_token

from .fake_analyst import PASSWORD, FakeAnalyst

ROOT = Path(__file__).parents[2]
HEAVY = (
    "gradio", "chromadb", "sklearn", "pandas", "langgraph", "langchain_core", "plotly", "duckdb",
    "fastapi", "uvicorn", "openai", "numpy", "scipy", "sqlalchemy", "pydantic",
)  # fmt: skip
COMMANDS = (
    "demo", "build", "ask", "chat", "serve", "login", "logout", "user", "eval", "bench", "doctor",
)  # fmt: skip


@pytest.fixture
def analyst(monkeypatch, tmp_path):
    """The fake in place of the real one, and a home of its own."""
    fake = FakeAnalyst()
    monkeypatch.setattr("agent.open_analyst", lambda folder: fake)
    monkeypatch.setattr("ui.session_file._path", lambda: tmp_path / "home" / "sessions.json")
    monkeypatch.delenv("SEXTANT_WORKSPACE", raising=False)
    return fake


def run(workspace, *arguments, text=None):
    return CliRunner().invoke(app, [*arguments, "--workspace", str(workspace)], input=text)


def process(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_help_lists_every_command_and_loads_nothing_heavy():
    code = (
        "import sys, time; start = time.perf_counter(); from ui.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout, command


def spent(run):
    """Seconds of processor time that a child process takes: the load of the machine has no say."""

    def now():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = now()
    run()
    return now() - before


def test_help_takes_less_than_a_second():
    assert min(spent(lambda: process("--help")) for _ in range(3)) < 1.0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_the_common_options(command):
    names = [command, "add"] if command == "user" else [command]
    done = CliRunner().invoke(app, [*names, "--help"])

    assert done.exit_code == 0
    assert "--workspace" in done.output
    assert "--json" in done.output


@pytest.mark.parametrize(
    "arguments",
    [(), ("unknown",), ("ask",), ("ask", "x", "--nope"), ("serve", "--port", "99999"),
     ("demo", "--customers", "3"), ("user", "add", "x", "--role", "king")],
)  # fmt: skip
def test_wrong_usage_ends_with_two(arguments, analyst):
    assert CliRunner().invoke(app, list(arguments), input="\n").exit_code == 2


@pytest.mark.parametrize(
    ("question", "code", "kind"),
    [
        ("上个月的销售额", 0, "answer"),
        ("active customers", 0, "clarification"),
        ("天气怎么样", 1, "refusal"),
    ],
)
def test_ask_prints_exactly_one_answer_as_json(analyst, tmp_path, question, code, kind):
    done = run(tmp_path, "ask", question, "--json")

    assert done.exit_code == code
    assert Answer.model_validate_json(done.stdout).kind == kind
    assert done.stdout.count("\n") == 1


def test_options_may_stand_before_the_command(analyst, tmp_path):
    done = CliRunner().invoke(app, ["--workspace", str(tmp_path), "--json", "ask", "上个月"])

    assert Answer.model_validate_json(done.stdout)


def test_ask_shows_text_table_evidence_and_what_comes_next(analyst, tmp_path):
    done = run(tmp_path, "ask", "Revenue by category")

    assert "Opening" in done.stderr
    for part in ("Mother & baby", "400,000.25", "30.0%", "E1", "2026-10-31", "No time was named"):
        assert part in done.stdout, part
    assert "select sum" not in done.stdout


def test_ask_shows_the_query_when_asked_for(analyst, tmp_path):
    assert "select sum(paid_amount)" in run(tmp_path, "ask", "Revenue", "--sql").stdout


def test_terminal_gets_no_control_characters(analyst, tmp_path, monkeypatch):
    plain = analyst.ask("上个月")
    bad = "\x1b[31mred\x1b[0m \x07 \u202e"
    answer = plain.model_copy(update={"text": bad, "caveats": (bad,), "suggestions": (bad,)})
    monkeypatch.setattr(analyst, "ask", lambda *_: answer)

    printed = run(tmp_path, "ask", "x").stdout
    assert "red" in printed
    assert not any(c in printed for c in "\x1b\x07\u202e")


def test_ask_goes_on_with_a_thread(analyst, tmp_path):
    first = json.loads(run(tmp_path, "ask", "上个月", "--json").stdout)["thread"]
    again = run(tmp_path, "ask", "各品类", "--json", "--thread", first)

    assert json.loads(again.stdout)["thread"] == first


def test_actor_reads_as_that_user(analyst, tmp_path):
    run(tmp_path, "ask", "上个月", "--actor", "lin")

    assert analyst.asked_by[-1].id == "lin"
    assert analyst.asked_by[-1].roles == ("marketer",)


def test_unknown_actor_is_wrong_usage(analyst, tmp_path):
    done = run(tmp_path, "ask", "上个月", "--actor", "linn")

    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1] == "Unknown actor 'linn'. Known: 'lin'."
    assert analyst.asked_by == []


def test_chat_keeps_the_thread_and_takes_a_choice_by_number(analyst, tmp_path):
    done = run(tmp_path, "chat", "--json", text="active customers\n2\n/new\n上个月\n/exit\n")

    answers = [Answer.model_validate_json(line) for line in done.stdout.splitlines()]
    assert [a.kind for a in answers] == ["clarification", "answer", "answer"]
    assert answers[0].thread == answers[1].thread != answers[2].thread
    assert analyst.titles[answers[0].thread] == "active customers"
    kept = [turn.question for _, turn in analyst.kept[answers[0].thread]]
    assert kept == ["active customers", "Customers by purchase"]


def test_signing_in_is_remembered_for_this_person_alone(analyst, tmp_path):
    done = run(tmp_path, "login", "lin", "--password-stdin", "--json", text=f"{PASSWORD}\n")

    assert json.loads(done.stdout)["user"] == "lin"
    path = tmp_path / "home" / "sessions.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    run(tmp_path, "ask", "上个月")
    assert analyst.asked_by[-1].id == "lin"
    assert json.loads(run(tmp_path, "logout", "--json").stdout) == {"signed_out": True}
    assert saved_token(tmp_path) is None
    run(tmp_path, "ask", "上个月")
    assert analyst.asked_by[-1] is None


def test_wrong_password_signs_nobody_in(analyst, tmp_path):
    done = run(tmp_path, "login", "lin", "--password-stdin", text="wrong\n")

    assert done.exit_code == 1
    assert "wrong" in done.stderr
    assert saved_token(tmp_path) is None


def test_ended_session_is_said_and_asks_as_nobody_else(analyst, tmp_path):
    save_token(tmp_path, "over")
    done = run(tmp_path, "ask", "上个月", "--json")

    assert done.exit_code == 1
    assert Answer.model_validate_json(done.stdout).kind == "failure"
    assert "sextant login" in done.stderr
    assert analyst.asked_by == []


def test_users_are_added_listed_and_disabled(analyst, tmp_path):
    add = ("user", "add", "mei", "--name", "梅", "--role", "lead", "--password-stdin")
    assert run(tmp_path, *add, text="a long password\n").exit_code == 0
    assert run(tmp_path, "user", "disable", "mei").exit_code == 0

    found = json.loads(run(tmp_path, "user", "list", "--json").stdout)
    [mei] = [user for user in found if user["id"] == "mei"]
    assert (mei["name"], mei["roles"], mei["disabled"]) == ("梅", ["lead"], True)


def test_workspace_that_is_missing_is_one_clear_message(tmp_path):
    nowhere = tmp_path / "nowhere"
    done = process("ask", "上个月的销售额", "--workspace", str(nowhere))

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert str(nowhere) in done.stderr


def test_workspace_that_is_missing_is_an_answer_as_json(tmp_path):
    done = process("ask", "上个月的销售额", "--json", "--workspace", str(tmp_path / "nowhere"))

    answer = Answer.model_validate_json(done.stdout)
    assert (done.returncode, answer.kind, answer.language) == (1, "failure", "zh")


def test_unknown_setting_is_wrong_usage(tmp_path):
    environment = {**os.environ, "SEXTANT_MODLE": "x"}
    done = process("ask", "x", "--workspace", str(tmp_path), env=environment)

    assert done.returncode == 2
    assert "SEXTANT_MODLE" in done.stderr
    assert "Traceback" not in done.stderr


def test_busy_port_is_said_with_a_free_one(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = process("serve", "--port", str(port), "--workspace", str(tmp_path))

    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port " in done.stderr
    assert "Traceback" not in done.stderr


def test_stale_server_file_is_no_server(tmp_path):
    with announced(tmp_path, "127.0.0.1", 9) as server:
        assert stat.S_IMODE((tmp_path / "var" / "server.json").stat().st_mode) == 0o600
        assert running_server(tmp_path) is None  # nothing answers on that port
    assert not (tmp_path / "var" / "server.json").exists()
    assert len(server.token) >= 32


@pytest.mark.parametrize("text", ["", "{", "[]", '{"host": 1}', '{"host": "x", "port": "y"}'])
def test_damaged_server_file_is_no_server(tmp_path, text):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "server.json").write_text(text)

    assert running_server(tmp_path) is None


def test_running_server_is_found(server):
    assert isinstance(running_server(server.workspace), LocalServer)


def test_ask_through_a_running_server_loads_no_records(server):
    code = (
        "import sys; from ui.cli import app\n"
        "try:\n    app(sys.argv[1:])\nexcept SystemExit as end:\n    code = end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], code)"
    )
    command = [sys.executable, "-c", code, "ask", "上个月", "--workspace", str(server.workspace)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    # Typer itself loads pydantic for its options; no record of ours is made.
    assert done.stdout.splitlines()[-1] == "['pydantic'] 0"
    assert "1,234,567.89" in done.stdout
    assert "Opening" not in done.stderr


def test_ask_through_a_running_server_takes_less_than_half_a_second(server):
    def ask():
        assert process("ask", "上个月", "--workspace", str(server.workspace)).returncode == 0

    assert min(spent(ask) for _ in range(3)) < 0.5


def test_ask_through_a_running_server_prints_its_answer(server):
    done = process("ask", "天气", "--json", "--workspace", str(server.workspace))

    assert done.returncode == 1
    assert Answer.model_validate_json(done.stdout).kind == "refusal"


def test_second_server_of_a_workspace_is_refused(server):
    done = process("serve", "--port", "0", "--workspace", str(server.workspace))

    assert done.returncode == 1
    assert server.address in done.stderr
