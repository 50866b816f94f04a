"""When a chat model is asked again, and what it may say beside its calls."""

import json

import pytest

from tests.agent.conftest import QUESTION, REVENUE, Ask

PLAN = {"calls": [REVENUE]}
LOOK = ["describe_data", {"kind": "metric", "about": ["revenue"]}]
WRONG = ["query_metrics", {"metrics": ["revenu"]}]
NPS = "Revenue and NPS last month"
NOT_ANSWERED = ("Not answered, according to the chat model: the NPS",)


@pytest.mark.parametrize("calls", [[REVENUE], [LOOK, REVENUE], [REVENUE, REVENUE]])
def test_calls_that_answer_end_the_turn(ask: Ask, revenue: str, calls: list) -> None:
    answer, requests = ask(QUESTION, {"calls": calls}, {"status": 500})

    assert len(requests) == 1
    assert answer.planner == "chat"
    assert answer.text.count(revenue) == 1


@pytest.mark.parametrize("calls", [[LOOK], [WRONG], [REVENUE, WRONG], [LOOK, WRONG]])
def test_after_a_failure_or_a_look_up_it_is_asked_again(
    ask: Ask, revenue: str, calls: list
) -> None:
    next_month = ["query_metrics", {"metrics": ["orders"]}]
    answer, requests = ask(QUESTION, {"calls": calls}, {"calls": [REVENUE, next_month]})

    assert len(requests) == 2
    assert answer.planner == "chat"
    assert answer.text.count(revenue) == 1
    assert answer.caveats == ()


def test_a_failure_that_is_not_put_right_is_said(ask: Ask, revenue: str) -> None:
    answer, requests = ask(QUESTION, {"calls": [REVENUE, WRONG]}, {"text": "DONE"})

    assert len(requests) == 2
    assert revenue in answer.text
    assert "revenu" in answer.caveats[0]


def test_only_looked_up_names_end_with_a_word(ask: Ask) -> None:
    answer, requests = ask("what does revenue mean?", {"calls": [LOOK]}, {"text": "DONE"})

    assert len(requests) == 2
    assert (answer.kind, answer.planner) == ("answer", "chat")


def test_a_model_that_sees_rows_is_asked_for_its_text(ask: Ask, revenue: str) -> None:
    said = PLAN | {"text": "MISSING: the NPS"}
    text = f"Revenue was \u00a5{revenue}."
    answer, requests = ask(NPS, said, {"text": text}, model_sees_rows=True)

    assert len(requests) == 2
    assert (answer.text, answer.caveats) == (text, ())


# What is said beside calls


@pytest.mark.parametrize(
    "text",
    ["MISSING: the NPS", "Revenue first.\nMISSING: the\nNPS", "<think>a</think>MISSING:the NPS"],
)
def test_what_could_not_be_asked_is_said(ask: Ask, revenue: str, text: str) -> None:
    answer, requests = ask(NPS, PLAN | {"text": text})

    assert len(requests) == 1
    assert revenue in answer.text
    assert answer.caveats == NOT_ANSWERED


def test_it_is_said_beside_a_call_written_as_text(ask: Ask, revenue: str) -> None:
    call = json.dumps({"name": REVENUE[0], "arguments": REVENUE[1]})
    answer, _ = ask(NPS, {"text": f"MISSING: the NPS <tool_call>{call}</tool_call>"})

    assert revenue in answer.text
    assert answer.caveats == NOT_ANSWERED


@pytest.mark.parametrize("last", [PLAN, {"text": "DONE"}, {"text": "DONE MISSING: the NPS"}])
def test_what_was_said_beside_a_call_is_not_lost(ask: Ask, last: dict) -> None:
    said = {"calls": [REVENUE, WRONG], "text": "MISSING: the NPS"}
    answer, _ = ask(NPS, said, last)

    assert answer.caveats[-1:] == NOT_ANSWERED


def test_done_may_still_say_it(ask: Ask, revenue: str) -> None:
    answer, _ = ask(NPS, {"calls": [REVENUE, WRONG]}, {"text": "DONE MISSING: the NPS"})

    assert revenue in answer.text
    assert answer.caveats[-1:] == NOT_ANSWERED


@pytest.mark.parametrize(
    "text",
    [
        "DONE",
        "I will look at the revenue.",
        "Revenue was 123,456,789.",
        "MISSING: none",
        "MISSING: 无。",
        "MISSING:",
        "MISSING: 99,999 customers",
        "MISSING: see https://example.com/1",
        "MISSING: All messages have been sent.",
        "ASK: which?\n- a\n- b",
    ],
)
def test_other_text_beside_calls_is_dropped(ask: Ask, revenue: str, text: str) -> None:
    answer, requests = ask(QUESTION, PLAN | {"text": text})

    assert len(requests) == 1
    assert (answer.kind, answer.caveats) == ("answer", ())
    assert revenue in answer.text
    assert "99,999" not in answer.model_dump_json() and "123,456" not in answer.text
