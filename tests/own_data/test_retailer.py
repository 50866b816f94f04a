"""A retailer's own file, as it came, into an empty workspace: its questions answer as pandas does.

The file lies beside the project and is not shipped: half a year of real invoice lines of a UK
retailer (UCI Online Retail, CC BY 4.0).
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from agent.analyst import Analyst, open_analyst
from agent.answer import Answer
from agent.settings import Settings

from . import oracle
from .judging import Verdict, judge, stored_text

ROOT = Path(__file__).parents[2]
FILE = ROOT.parent / "shared" / "data" / "online_retail" / "online_retail_first_half.parquet"
LANGUAGES = ("zh", "en")
QUESTIONS = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text(encoding="utf-8"))
STEPS = (
    ("load", str(FILE), "--as", "sales", "--yes"),
    ("build",),
)

pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason="the folder of shared data does not lie beside the project"
)


@dataclass(frozen=True)
class Asked:
    """One question asked in one language, its answer and the verdict."""

    name: str
    language: str
    text: str
    answer: Answer
    verdict: Verdict


@dataclass(frozen=True)
class Loaded:
    """The workspace made of nothing but the file, and how long the machine took."""

    folder: Path
    seconds: float


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder = tmp_path_factory.mktemp("retailer") / "shop"
    start = time.perf_counter()
    _run("new", str(folder), "--currency", "GBP", "--time-zone", "Europe/London")
    for step in STEPS:
        _run("--workspace", str(folder), *step)
    return Loaded(folder, time.perf_counter() - start)


@pytest.fixture(scope="module")
def asked(loaded: Loaded) -> list[Asked]:
    lines = oracle.read_lines(FILE)
    with open_analyst(loaded.folder, Settings(workspace=loaded.folder)) as analyst:
        return [
            _ask(analyst, block, language, lines) for block in QUESTIONS for language in LANGUAGES
        ]


def test_thirty_six_questions_are_asked_in_two_languages():
    names = [block["name"] for block in QUESTIONS]
    assert len(names) == len(set(names)) == 36
    assert all(block["zh"] and block["en"] for block in QUESTIONS)


def test_every_question_is_answered_as_pandas_does(asked):
    missed = {(i.name, i.language) for i in asked if i.verdict.outcome != "right"}
    still_open = {(b["name"], language) for b in QUESTIONS for language in b.get("open", ())}
    assert missed == still_open, _ledger(asked)


def test_evidence_returns_the_rows_that_are_shown(loaded, asked):
    answered = [item.answer for item in asked if item.answer.kind == "answer"]
    assert answered
    marts = loaded.folder / "var" / "current" / "marts.duckdb"
    with duckdb.connect(str(marts), read_only=True) as connection:
        for answer in answered:
            statements = [evidence.sql for evidence in answer.evidence if evidence.sql]
            returned = [_plain(connection.execute(sql).fetchall()) for sql in statements]
            assert _plain(answer.table.rows) in returned, answer.text


def test_an_average_order_value_says_what_it_is(asked):
    said = [item for item in asked if item.name == "average_order_value"]
    assert all(definition.text for item in said for definition in _definitions(item.answer))
    assert all(_definitions(item.answer) for item in said)


def test_first_checked_answer_comes_within_a_minute(loaded):
    start = time.perf_counter()
    asking = ("--workspace", str(loaded.folder), "--json", "ask", "What is our total revenue?")
    printed = _run(*asking)
    seconds = loaded.seconds + time.perf_counter() - start
    answer = Answer.model_validate_json(printed)
    assert judge(answer, oracle.revenue_of_all_time(oracle.read_lines(FILE))) == Verdict("right")
    assert seconds < 60


def _run(*arguments: str) -> str:
    """Run a command as a person would, with nobody there to answer a question."""
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout}{done.stderr}"
    return done.stdout


def _ask(analyst: Analyst, block: dict, language: str, lines: pd.DataFrame) -> Asked:
    thread = None
    for earlier in block.get(f"before_{language}", ()):
        thread = analyst.ask(earlier, thread).thread
    answer = analyst.ask(block[language], thread)
    verdicts = [
        judge(answer, rows, block.get("ordered", False)) for rows in _expected(block, lines)
    ]
    verdict = next((v for v in verdicts if v.outcome == "right"), verdicts[0])
    return Asked(block["name"], language, block[language], answer, verdict)


def _expected(block: dict, lines: pd.DataFrame) -> list:
    """Give the row sets that are right; None stands for an honest no."""
    if block.get("kind") == "refused":
        return [None]
    names = [block[key] for key in ("name", "also") if key in block]
    return [getattr(oracle, name)(lines) for name in names]


def _definitions(answer: Answer) -> list:
    return [definition for evidence in answer.evidence for definition in evidence.definition]


def _plain(rows: object) -> list[tuple[str, ...]]:
    return [tuple(_cell(cell) for cell in row) for row in rows]


def _cell(cell: object) -> str:
    is_number = hasattr(cell, "__float__") and not isinstance(cell, bool)
    return f"{float(cell):.6f}" if is_number else stored_text(cell)


def _ledger(asked: list[Asked]) -> str:
    return "\n".join(_ledger_lines(asked))


def _ledger_lines(asked: list[Asked]) -> Iterator[str]:
    outcomes = [item.verdict.outcome for item in asked]
    yield ", ".join(f"{outcomes.count(name)} {name}" for name in ("right", "wrong", "refused"))
    for item in asked:
        yield f"{item.verdict.outcome:8} {item.name:40} [{item.language}] {item.text}"
        if item.verdict.outcome != "right":
            yield f"{'':8} {item.verdict.why}"
            yield from (f"{'':8} {e.sql}" for e in item.answer.evidence if e.sql)
