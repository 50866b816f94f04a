"""The whole route of a question on the demo brand, with no key and no network."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from agent.analyst import Analyst, StepFinished, StepStarted, TextReleased, open_analyst
from agent.answer import Answer
from agent.settings import Settings
from tools import Actor

LIN = Actor(id="lin")


@pytest.fixture(scope="module")
def analyst(demo_folder: Path) -> Iterator[Analyst]:
    with open_analyst(demo_folder, Settings(workspace=demo_folder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def marts(demo_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = demo_folder / "var" / "current" / "marts.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("question", ["上个月的销售额是多少?", "What was revenue last month?"])
def test_a_number_equals_the_marts(
    analyst: Analyst, marts: duckdb.DuckDBPyConnection, question: str
) -> None:
    answer = analyst.ask(question)
    row = marts.execute(
        "SELECT sum(paid_amount) / 100.0 FROM order_lines WHERE is_valid "
        "AND ordered_at >= '2026-09-01' AND ordered_at < '2026-10-01'"
    ).fetchone()

    assert row is not None
    assert answer.table is not None
    assert answer.table.rows[0][0] == pytest.approx(row[0])
    assert f"¥{row[0]:,.2f}" in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "上个月各销售渠道的销售额",
        "top 5 cities by revenue last month",
        "10月订单数环比",
        "今年各品类销售额占比",
        "monthly orders this year",
        "女性客户有多少",
    ],
)
def test_evidence_sql_returns_the_rows(
    analyst: Analyst, marts: duckdb.DuckDBPyConnection, question: str
) -> None:
    answer = analyst.ask(question)

    assert answer.table is not None
    assert answer.evidence[0].sql is not None
    rows = marts.execute(answer.evidence[0].sql).fetchall()
    assert [tuple(row) for row in rows] == [pytest.approx(row) for row in answer.table.rows]


def test_every_answer_says_how_it_was_read(analyst: Analyst) -> None:
    answer = analyst.ask("上海客户9月的订单数")

    assert answer.understood.metrics == ("orders",)
    assert [(f.field, f.values) for f in answer.understood.filters] == [("city", ("上海",))]
    assert str(answer.understood.time_range[0]) == "2026-09-01"  # type: ignore[index]
    assert answer.text.startswith("按此理解")
    assert answer.evidence[0].definition[0].text


def test_no_time_named_is_said_to_be_all_data(analyst: Analyst) -> None:
    answer = analyst.ask("How many orders are there?")

    assert str(answer.understood.time_range[0]) == "2024-11-01"  # type: ignore[index]
    assert answer.understood.defaults


def test_an_ambiguous_word_asks_and_its_choices_answer(analyst: Analyst) -> None:
    asked = analyst.ask("上个月活跃客户有多少")

    assert (asked.kind, asked.reason) == ("clarification", "ambiguous")
    assert 2 <= len(asked.choices) <= 3
    for choice in asked.choices:
        assert analyst.ask(choice.question).kind == "answer"


def test_a_follow_up_edits_the_turn_before(analyst: Analyst) -> None:
    first = analyst.ask("上个月的销售额")
    second = analyst.ask("那女性呢", first.thread)

    assert second.thread == first.thread
    assert [f.field for f in second.understood.filters] == ["gender"]
    assert second.understood.time_range == first.understood.time_range


@pytest.mark.parametrize("aside", ["hello", "NPS是多少", "写一首诗", "谢谢"])
def test_a_thread_goes_on_after_a_refusal(analyst: Analyst, aside: str) -> None:
    thread = analyst.ask("上个月的销售额").thread
    assert analyst.ask(aside, thread).kind != "answer"

    after = analyst.ask("上个月女性客户的销售额", thread)

    assert after.kind == "answer"
    assert [f.field for f in after.understood.filters] == ["gender"]


def test_a_thread_may_begin_with_a_greeting(analyst: Analyst) -> None:
    thread = analyst.ask("你好").thread

    assert analyst.ask("上个月的销售额", thread).kind == "answer"


def test_threads_do_not_mix(analyst: Analyst) -> None:
    analyst.ask("上海客户上个月的销售额")

    assert analyst.ask("按月看").kind != "answer"


def test_a_thread_belongs_to_its_user(analyst: Analyst) -> None:
    mine = analyst.ask("上个月的销售额", actor=LIN)
    theirs = analyst.ask("按月看", mine.thread, Actor(id="chen"))

    assert theirs.kind in ("failure", "refusal")
    assert theirs.table is None


def test_text_streams_only_after_the_steps(analyst: Analyst) -> None:
    events = list(analyst.stream("revenue by category last month"))
    kinds: list[type] = [type(event) for event in events]

    assert kinds[:2] == [StepStarted, StepFinished]
    assert kinds[-1] is Answer
    released = "".join(e.text for e in events if isinstance(e, TextReleased))
    assert isinstance(events[-1], Answer)
    assert released == events[-1].text


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "?", "😀🎉", "\x00\x07", "a" * 100_000, "销售额" * 30_000, "' OR 1=1; --", "{{x}}"],
)
def test_nothing_that_is_typed_raises(analyst: Analyst, typed: str) -> None:
    answer = analyst.ask(typed)

    assert answer.kind in ("clarification", "refusal")
    assert answer.text
    assert "Traceback" not in answer.text


def test_a_third_language_is_told_which_two_are_spoken(analyst: Analyst) -> None:
    answer = analyst.ask("Quel était le chiffre d'affaires du mois dernier ?")

    assert answer.kind == "refusal"


def test_the_turn_is_kept_in_the_ledger(analyst: Analyst, demo_folder: Path) -> None:
    answer = analyst.ask("上个月的订单数", actor=LIN)
    turns = analyst._workspace.ledger.turns("lin", answer.thread)

    assert [turn.id for turn in turns] == [answer.turn_id]
    assert turns[0].answer["text"] == answer.text


def test_small_groups_are_hidden_and_said_to_be(analyst: Analyst) -> None:
    answer = analyst.ask("各年龄今年的购买客户数")

    if answer.table is not None:
        people = [row[1] for row in answer.table.rows]
        assert all(not isinstance(n, int) or n == 0 or n >= 20 for n in people)


def test_suggestions_can_be_asked(analyst: Analyst) -> None:
    for language in ("zh", "en"):
        for question in analyst.suggestions(language):
            assert analyst.ask(question).kind == "answer", question


def test_next_questions_can_be_asked(analyst: Analyst) -> None:
    answer = analyst.ask("上个月的销售额")

    assert answer.suggestions
    for question in answer.suggestions:
        assert analyst.ask(question).kind == "answer", question
