"""The real analyst behind the real server and command line, on the demo brand."""

import json
import os
import subprocess
import sys

import duckdb
import pytest

from agent.answer import Answer
from ui.accounts import DEMO_ACCOUNTS, add_demo_accounts

from .running import ROOT, running_real

PASSWORDS = {account.id: account.password for account in DEMO_ACCOUNTS}


@pytest.fixture(scope="module")
def demo(demo_folder):
    add_demo_accounts(demo_folder)
    return demo_folder


@pytest.fixture(scope="module")
def real(demo):
    with running_real(demo) as running:
        yield running


@pytest.fixture(scope="module")
def revenue(demo):
    """Revenue of September 2026, in the data's own terms."""
    with duckdb.connect(str(demo / "var" / "current" / "marts.duckdb"), read_only=True) as marts:
        query = (
            "select sum(paid_amount) from order_lines where is_valid "
            "and ordered_at >= '2026-09-01' and ordered_at < '2026-10-01'"
        )
        return marts.execute(query).fetchone()[0] / 100


def cli(demo, *arguments, text=None):
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", "--workspace", str(demo), *arguments],
        cwd=ROOT,
        env={**os.environ, "HOME": str(demo.parent)},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("question", ["2026年9月的销售额是多少？", "revenue in September 2026"])
def test_command_line_and_page_give_the_same_right_number(real, revenue, question):
    printed = cli(real.workspace, "ask", question)
    with real.signed_in("lin", PASSWORDS["lin"]) as client:
        answer = Answer.model_validate_json(
            client.post("/api/ask", json={"text": question}).content
        )

    assert printed.returncode == 0, printed.stderr
    assert f"¥{revenue:,.2f}" in printed.stdout
    assert answer.table.rows == ((pytest.approx(revenue),),)
    assert answer.text in printed.stdout


def test_evidence_returns_the_rows_of_the_table(real):
    asked = cli(real.workspace, "ask", "2026年9月各品类的销售额", "--json")
    answer = Answer.model_validate_json(asked.stdout)
    store = real.workspace / "var" / "builds" / answer.evidence[0].build_id / "marts.duckdb"
    with duckdb.connect(str(store), read_only=True) as marts:
        rows = marts.execute(answer.evidence[0].sql).fetchall()

    assert [tuple(row) for row in answer.table.rows] == rows


def test_answers_agree_with_and_without_a_server(real, demo_folder, tmp_path):
    question = "今年每月的订单数"
    with_server = Answer.model_validate_json(cli(demo_folder, "ask", question, "--json").stdout)
    (demo_folder / "var" / "server.json").rename(tmp_path / "server.json")
    try:
        alone = Answer.model_validate_json(cli(demo_folder, "ask", question, "--json").stdout)
    finally:
        (tmp_path / "server.json").rename(demo_folder / "var" / "server.json")

    assert (alone.text, alone.table) == (with_server.text, with_server.table)


def test_conversation_of_another_person_is_refused(real):
    with (
        real.signed_in("lin", PASSWORDS["lin"]) as lin,
        real.signed_in("chen", PASSWORDS["chen"]) as chen,
    ):
        thread = lin.post("/api/ask", json={"text": "上个月的订单数"}).json()["thread"]
        stolen = chen.post("/api/ask", json={"text": "只看上海", "thread": thread}).json()

        assert stolen["kind"] in ("refusal", "failure")
        assert thread not in [t["id"] for t in chen.get("/api/threads").json()]
        assert thread in [t["id"] for t in lin.get("/api/threads").json()]


def test_follow_up_edits_the_question_before(real):
    with real.signed_in("zhao", PASSWORDS["zhao"]) as client:
        first = client.post("/api/ask", json={"text": "2026年9月的销售额"}).json()
        again = {"text": "只看上海", "thread": first["thread"]}
        second = client.post("/api/ask", json=again).json()

    assert second["kind"] == "answer"
    assert second["table"]["rows"][0][0] < first["table"]["rows"][0][0]


def test_wrong_passwords_are_slowed(real):
    with real.client() as client:
        replies = [
            client.post("/login", data={"user": "nobody-here", "password": "wrong"}).status_code
            for _ in range(8)
        ]
        waiting = client.post("/login", data={"user": "nobody-here", "password": "wrong"})

    assert set(replies[:5]) == {401}
    assert waiting.status_code == 429
    assert "set-cookie" not in waiting.headers


def test_disabled_person_is_out_at_once(real):
    signed_in = cli(
        real.workspace, "login", "admin", "--password-stdin", text=f"{PASSWORDS['admin']}\n"
    )
    assert signed_in.returncode == 0, signed_in.stderr
    try:
        add = ("user", "add", "temp", "--password-stdin")
        added = cli(real.workspace, *add, text="a long password\n")
        assert added.returncode == 0, added.stderr
        with real.signed_in("temp", "a long password") as client:
            assert client.get("/api/threads").status_code == 200
            assert cli(real.workspace, "user", "disable", "temp").returncode == 0
            assert client.get("/api/threads").status_code == 401
    finally:
        cli(real.workspace, "logout")


def test_nobody_but_an_administrator_adds_people(real):
    done = cli(real.workspace, "user", "add", "x", "--password-stdin", text="a long password\n")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_doctor_finds_nothing_wrong(real):
    checks = json.loads(cli(real.workspace, "doctor", "--json").stdout)

    assert [check for check in checks if check["state"] == "wrong"] == []
    assert real.address in next(c["detail"] for c in checks if c["name"] == "server")


@pytest.mark.parametrize(
    "question",
    ["", "🎉🎉🎉", "\u0007\u001b[31m", "これは何ですか", "Сколько клиентов?", "x" * 100_000],
)
def test_odd_question_gets_one_clear_answer(real, question):
    with real.signed_in("lin", PASSWORDS["lin"]) as client:
        reply = client.post("/api/ask", json={"text": question})
    answer = Answer.model_validate_json(reply.content)

    assert answer.kind in ("refusal", "clarification")
    assert answer.text
    assert len(answer.text) < 2000
