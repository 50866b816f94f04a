"""What the planner promises for any text: a plan, in the asker's language, never an exception."""

from random import Random
from typing import Any

import pytest
import yaml

from agent.embedded import PreviousTurn, plan
from agent.embedded.planner import LONGEST

ODD = "()[]/|+-~!?,。、的不非或和比前后最各按 \n\t'\"%$¥0123456789é😀\u200b\u202e\x00"


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("", "例如"),
        (" \n\t ", "例如"),
        ("\x00\x01\x02", "例如"),
        ("\u200b\u202e", "例如"),
        ("🎉🎉", "中文或英文"),
        ("？！……", "中文或英文"),
        ("销售额" * 40_000, str(LONGEST)),
        ("revenue " * 20_000, str(LONGEST)),
    ],
)
def test_unreadable_question_gets_one_clear_message(question: str, says: str, ask: Any) -> None:
    answer = ask(question)

    assert answer.kind == "refusal"
    assert says in answer.text
    assert len(answer.text) < 400


@pytest.mark.parametrize(
    "question",
    ["今日の売上はいくらですか", "Какая выручка?", "지난달 매출은?", "quelles sont les ventes"],
)
def test_third_language_is_refused_in_both_languages(question: str, ask: Any) -> None:
    answer = ask(question)

    assert answer.reason == "unsupported"
    assert "中文和英文" in answer.text
    assert "Chinese and English" in answer.text


def test_control_characters_change_nothing(ask: Any) -> None:
    assert ask("上个\u200b月的\x00销售\u202e额").calls == ask("上个月的销售额").calls


@pytest.mark.parametrize(
    ("question", "language"),
    [("上个月的 revenue 是多少", "zh"), ("revenue by 渠道 last month", "en"), ("上海怎么样", "zh")],
)
def test_answer_is_in_the_language_of_the_question(question: str, language: str, ask: Any) -> None:
    assert ask(question).language == language


def test_misspelling_is_always_shown(ask: Any) -> None:
    answer = ask("上个月的消售额")

    assert answer.read_as == ("“消售额”按“销售额”理解。",)


def test_assumptions_are_said(ask: Any) -> None:
    answer = ask("上海的销售额")

    assert any("2024-11-01 至 2026-10-31" in sentence for sentence in answer.defaults)
    assert any("城市" in sentence for sentence in answer.defaults)


def test_aside_is_named_and_harms_nothing(ask: Any) -> None:
    answer = ask("I'm preparing for a board meeting, what was our revenue last quarter?")

    assert answer.kind == "calls"
    assert "board" in answer.not_understood


def test_unknown_word_is_named_with_its_nearest_names(ask: Any) -> None:
    answer = ask("转化怎么样")

    assert "转化" in answer.text
    assert "转化率" in answer.text


def test_choice_is_picked_by_its_number_or_its_name(ask: Any) -> None:
    asked = ask("活跃客户有多少")
    by_number, by_name = ask("活跃客户有多少", "第二个"), ask("活跃客户有多少", "按登录")

    assert by_number.calls == ask(asked.choices[1].question).calls
    assert by_name.calls[0].arguments["metrics"] == ["active_by_login"]


def test_new_question_inherits_no_filter(ask: Any) -> None:
    answer = ask("上海客户上个月的销售额", "10月有多少工单?")

    assert not answer.follow_up
    assert "where" not in answer.calls[0].arguments


def test_number_is_never_mistaken_for_another(ask: Any) -> None:
    assert ask("iphone 15 的订单数").kind == "refusal"


@pytest.mark.parametrize(
    "question",
    [
        "销售额不是上海",
        "revenue but not",
        "没有",
        "除了",
        "top",
        "前五",
        "超过100",
        "比",
        "占比",
        "对比",
        "no",
    ],
)
def test_fragment_is_asked_back_or_refused_never_guessed(question: str, ask: Any) -> None:
    answer = ask(question)

    if answer.kind == "calls":
        assert "not" in answer.calls[0].arguments["where"]
    else:
        assert answer.text


def test_previous_turn_of_any_shape_is_survived(retail: Any, clock: Any) -> None:
    shapes: list[dict[str, object]] = [
        {},
        {"metrics": ["gone"]},
        {"where": {"segment": "gone"}},
        {"metrics": ["revenue"], "dimensions": None, "ranking": None, "having": []},
        {"metrics": ["revenue"], "time_range": {"start": "2026-09-01", "end": "2026-10-01"}},
    ]
    for tool in ("query_metrics", "size_segment", "search_feedback", "describe_data", "gone"):
        for arguments in shapes:
            previous = PreviousTurn(question="?", tool=tool, arguments=arguments, language="zh")
            for question in ("那女性呢", "按月看", "前5就行", "同比呢", "去掉城市", "超过5的呢"):
                assert plan(question, retail, clock, previous).language == "zh"


def test_mutated_questions_never_raise(retail: Any, clock: Any, request: Any) -> None:
    folder = request.path.parent / "cases" / "retail"
    questions = [
        case["q"]
        for file in folder.glob("*.yml")
        for case in yaml.safe_load(file.read_text("utf-8"))
    ]
    random = Random(7)
    previous = None
    for _ in range(1_500):
        question = _mutated(random.choice(questions), questions, random)
        found = plan(question, retail, clock, random.choice([None, previous]))
        assert found.calls or found.text
        for call in found.calls:
            previous = PreviousTurn(
                question=question, tool=call.tool, arguments=call.arguments,
                language=found.language, choices=found.choices,
            )  # fmt: skip


def _mutated(question: str, questions: list[str], random: Random) -> str:
    letters = list(question)
    for _ in range(random.randrange(1, 5)):
        at = random.randrange(len(letters) + 1)
        kind = random.randrange(4)
        if kind == 0 and letters:
            del letters[min(at, len(letters) - 1)]
        elif kind == 1 and len(letters) > 1:
            other = random.randrange(len(letters))
            at = min(at, len(letters) - 1)
            letters[at], letters[other] = letters[other], letters[at]
        elif kind == 2:
            letters[at:at] = random.choice(ODD)
        else:
            other_question = random.choice(questions)
            cut = random.randrange(len(other_question))
            letters[at:at] = other_question[cut : cut + random.randrange(1, 20)]
    return "".join(letters)
