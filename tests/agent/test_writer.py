"""Texts hold only figures of the evidence, in the asker's language, for every shape of result."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.analyst import Analyst, open_analyst
from agent.grounding import ungrounded
from agent.settings import Settings
from evals.case import load_cases


@pytest.fixture(scope="module")
def analyst(demo_folder: Path) -> Iterator[Analyst]:
    with open_analyst(demo_folder, Settings(workspace=demo_folder)) as opened:
        yield opened


QUESTIONS = [
    (language, question)
    for case in load_cases()
    if case.family not in ("follow_up", "feedback") and case.expect.kind == "answer"
    for language, question, _ in case.asked()
][::3]


@pytest.mark.parametrize(("language", "question"), QUESTIONS)
def test_no_text_of_the_writer_is_rewritten(
    analyst: Analyst, language: str, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed: list[str] = []

    def watched(*arguments: object) -> list[str]:
        found = ungrounded(*arguments)  # type: ignore[arg-type]
        missed.extend(found)
        return found

    monkeypatch.setattr("agent.embedded.chat_model.ungrounded", watched)
    analyst.ask(question)

    assert missed == []


@pytest.mark.parametrize(
    "question",
    ["上个月各销售渠道的销售额", "10月转化率环比", "今年各品类销售额占比", "女性客户有多少"],
)
def test_a_chinese_answer_has_chinese_punctuation(analyst: Analyst, question: str) -> None:
    text = analyst.ask(question).text

    assert not re.search(r"[\u4e00-\u9fff][,:;()]", text)
    assert "query_metrics" not in text


def test_a_figure_without_evidence_is_told(
    analyst: Analyst, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.embedded.chat_model.write", lambda *_: "销售额:¥123.45")

    assert "123.45" in analyst.ask("上个月的销售额").caveats[-1]


def test_a_cumulative_count_says_as_of_when(analyst: Analyst) -> None:
    assert "截至 2026-10-31" in analyst.ask("女性客户有多少").text


def test_a_rank_is_numbered_and_a_split_is_not(analyst: Analyst) -> None:
    ranked = analyst.ask("top 3 cities by orders this year").text
    split = analyst.ask("orders by sales channel this year").text

    assert "\n1. " in ranked
    assert "\n1. " not in split


def test_a_change_of_a_rate_is_in_points(analyst: Analyst) -> None:
    text = analyst.ask("October conversion rate compared with the month before").text

    assert re.search(r"[+-]?\d+\.\d pp", text)


def test_the_newest_feedback_is_the_newest(analyst: Analyst, demo_folder: Path) -> None:
    import duckdb

    answer = analyst.ask("最新的评论")
    marts = demo_folder / "var" / "current" / "marts.duckdb"
    with duckdb.connect(str(marts), read_only=True) as connection:
        row = connection.execute("SELECT max(created_at)::DATE FROM feedback").fetchone()
    days = [quote.created_at for quote in answer.evidence[0].quotes]

    assert row is not None
    if not answer.steps[0].arguments.get("text"):
        assert days[0] == row[0]
    assert len(days) == 5
