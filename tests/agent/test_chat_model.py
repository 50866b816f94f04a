"""The route with a chat model: a scripted server on loopback, as a real process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.analyst import Analyst, open_analyst
from agent.chat_model import CompatibleChatModel, open_chat_model
from agent.chat_reply import arguments_of, without_thinking
from agent.errors import ChatModelFailed
from agent.settings import Settings
from tests.agent.conftest import KEY, QUESTION, REVENUE, Ask, ScriptedServer

PLAN = {"calls": [REVENUE]}
LOOK = {"calls": [["describe_data", {"kind": "metric", "about": ["revenue"]}]]}
DONE = {"text": "DONE"}


def said(requests: list[dict[str, object]], number: int = -1) -> str:
    return json.dumps(requests[number]["body"]["messages"], ensure_ascii=False)


# The two ways to write: the embedded writer by default, the chat model where it sees rows


def test_a_chat_model_plans_with_the_tools(ask: Ask, revenue: str) -> None:
    answer, requests = ask(QUESTION, PLAN)

    assert (answer.kind, answer.planner) == ("answer", "chat")
    assert revenue in answer.text
    assert answer.evidence[0].sql
    assert answer.caveats == ()
    assert len(requests) == 1


def test_no_value_of_a_result_is_in_a_request(ask: Ask, revenue: str) -> None:
    split = ["query_metrics", {"metrics": ["revenue"], "dimensions": ["city"]}]
    quotes = ["search_feedback", {"text": "物流慢"}]
    wrong = ["query_metrics", {"metrics": ["revenu"]}]  # so that it is asked again
    calls = {"calls": [split, quotes, wrong]}
    answer, requests = ask("各城市的销售额，客户怎么说物流", calls, DONE)

    assert len(requests) == 2
    sent = said(requests)
    cells = [cell for row in answer.table.rows for cell in row if cell is not None]
    words = [quote.text for e in answer.evidence for quote in e.quotes]
    assert words and cells
    assert not [value for value in (*cells, *words) if str(value) in sent]
    assert revenue not in sent


def test_a_model_that_sees_rows_writes_the_text(ask: Ask, revenue: str) -> None:
    text = f"Revenue from 2026-09-01 to 2026-09-30 was ¥{revenue}."
    answer, requests = ask(QUESTION, PLAN, {"text": text}, model_sees_rows=True)

    assert answer.text == text
    assert revenue.replace(",", "") in said(requests)


def test_a_wrong_figure_is_corrected_once(ask: Ask, revenue: str) -> None:
    answer, requests = ask(
        QUESTION,
        PLAN,
        {"text": "Revenue was ¥123,456,789.00."},
        {"text": f"Revenue was ¥{revenue}."},
        model_sees_rows=True,
    )

    assert answer.text == f"Revenue was ¥{revenue}."
    assert "123,456,789.00" in said(requests)
    assert len(requests) == 3


@pytest.mark.parametrize(
    "text",
    [
        "Revenue was ¥123,456,789.00, up 40%.",
        "It went up.",
        "All messages have been sent to 3 customers.",
        "It was <b>good</b>, see https://example.com/1",
        "Выручка выросла",
        "上个月的销售额上升了",
    ],
)
def test_a_text_wrong_twice_never_leaves(ask: Ask, revenue: str, text: str) -> None:
    answer, _ = ask(QUESTION, PLAN, {"text": text}, model_sees_rows=True)

    assert text not in answer.text
    assert revenue in answer.text
    assert any("embedded writer" in caveat for caveat in answer.caveats)


def test_figures_without_any_tool_call_never_leave(ask: Ask, revenue: str) -> None:
    answer, _ = ask(QUESTION, {"text": "CANNOT: Revenue was ¥123,456,789.00."})

    assert "123,456,789" not in answer.text
    assert revenue in answer.text


# What needs no data


def test_a_question_back_has_choices(ask: Ask) -> None:
    text = "ASK: 按下单还是按登录算活跃？\n- 上个月下过单的客户有多少\n- 上个月登录过的客户有多少"
    answer, _ = ask("上个月活跃客户有多少", {"text": text})

    assert (answer.kind, answer.reason, answer.planner) == ("clarification", "ambiguous", "chat")
    assert [choice.question for choice in answer.choices] == [
        "上个月下过单的客户有多少",
        "上个月登录过的客户有多少",
    ]
    assert "没有读取任何数据" in answer.caveats[0]


def test_a_refusal_says_that_no_data_was_read(ask: Ask) -> None:
    answer, _ = ask(
        "What is our NPS?", {"text": "CANNOT: There is no NPS here, but there are ratings."}
    )

    assert (answer.kind, answer.text) == ("refusal", "There is no NPS here, but there are ratings.")
    assert "no data was read" in answer.caveats[0]


@pytest.mark.parametrize(
    "text",
    [
        "CANNOT: 审批已通过",
        "CANNOT: 已经发送给全部客户",
        "CANNOT: 上海客户共 99,999 人",
        "CANNOT: <img src=x onerror=alert(1)>",
        "CANNOT: 请点击 https://example.com",
        "CANNOT: Безопасность прежде всего",
        "销售额很好",
        "DONE",
    ],
)
def test_words_without_data_claim_nothing(ask: Ask, text: str) -> None:
    answer, requests = ask("上个月的销售额是多少?", {"text": text})

    assert answer.planner == "embedded"
    assert text.removeprefix("CANNOT: ") not in answer.text
    assert len(requests) == 2


# Limits


@pytest.mark.parametrize("position", ["same", "other"])
def test_endless_calling_ends_after_three_calls(ask: Ask, revenue: str, position: str) -> None:
    other = {"calls": [["describe_data", {"kind": "segments"}]]}
    script = [PLAN] if position == "same" else [PLAN, other, {"calls": [["describe_data", {}]]}]
    answer, requests = ask(QUESTION, *script, model_sees_rows=True)

    assert 1 < len(requests) <= 3
    assert revenue in answer.text
    assert answer.text.count(revenue) == 1


def test_a_wrong_name_comes_back_with_the_nearest(ask: Ask, revenue: str) -> None:
    wrong = ["query_metrics", {"metrics": ["revenu"]}]
    answer, requests = ask(QUESTION, {"calls": [wrong]}, PLAN)

    assert "Unknown metric 'revenu'. Nearest: 'revenue'" in said(requests, 1)
    assert revenue in answer.text
    assert answer.caveats == ()


@pytest.mark.parametrize("written", ["Shanghai", "shanghai", "上海市", "上海"])
def test_a_value_is_filtered_by_as_it_is_stored(ask: Ask, written: str) -> None:
    call = [
        "query_metrics",
        {"metrics": ["orders"], "where": {"field": "city", "values": [written]}},
    ]
    answer, _ = ask("上海的订单数", {"calls": [call]})

    assert answer.understood.filters[0].values == ("上海",)
    assert answer.table.rows[0][0] > 0


def test_a_value_that_does_not_exist_is_never_a_calm_zero(ask: Ask) -> None:
    call = [
        "query_metrics",
        {"metrics": ["orders"], "where": {"field": "city", "values": ["Atlantis"]}},
    ]
    answer, requests = ask("orders in Atlantis", {"calls": [call]})

    assert "unknown value 'Atlantis' of 'city'" in said(requests, 1)
    assert answer.planner == "embedded"
    assert answer.kind != "answer"


def test_an_unknown_argument_is_refused_by_name(ask: Ask, revenue: str) -> None:
    wrong = ["query_metrics", {"metrics": ["revenue"], "role": "admin"}]
    answer, requests = ask(QUESTION, {"calls": [wrong]}, PLAN)

    assert "role" in said(requests, 1)
    assert revenue in answer.text


def test_an_unknown_tool_is_told_once(ask: Ask, revenue: str) -> None:
    answer, requests = ask(QUESTION, {"calls": [["run_sql", {"sql": "select 1"}]]}, PLAN)

    assert "a tool that does not exist" in said(requests, 1)
    assert [step.tool for step in answer.steps] == ["query_metrics"]
    assert revenue in answer.text


def test_one_time_budget_holds_the_whole_turn(
    open_chat: Callable[..., Analyst], model_server: ScriptedServer, revenue: str
) -> None:
    analyst = open_chat(model_seconds=2.0)
    for last in (PLAN, {"delay": 60, "text": "DONE"}):  # the first question of a process waits more
        model_server.play(LOOK, last)
        answer = analyst.ask(QUESTION)

    assert answer.ms < 2500
    assert answer.planner == "embedded"
    assert revenue in answer.text
    assert "took too long" in answer.caveats[-1]


def test_retries_are_within_the_budget(ask: Ask, revenue: str) -> None:
    answer, requests = ask(QUESTION, {"status": 503, "body": "busy"}, PLAN)

    assert len(requests) == 2
    assert answer.planner == "chat"
    assert revenue in answer.text


def test_a_request_is_small_and_names_what_the_question_holds(ask: Ask) -> None:
    question = "上个月上海和杭州的会员在小程序买咖啡的复购率，和前一个月比怎么样？高价值客户呢"
    _, requests = ask(question, LOOK, PLAN)

    assert len(requests) == 2
    assert max(request["bytes"] for request in requests) <= 8 * 1024
    sent = said(requests, 0)
    assert "repeat_rate" in sent and "high_value" in sent and 'value \\"上海\\" of city' in sent
    assert "campaign_lift" not in sent


# Usage


def test_usage_and_the_model_are_kept_with_the_turn(ask: Ask, demo_folder: Path) -> None:
    answer, _ = ask(QUESTION, LOOK, PLAN)

    assert answer.usage.model_dump() == {
        "model": "scripted",
        "prompt_tokens": 20,
        "completion_tokens": 10,
    }
    with open_analyst(demo_folder, Settings(workspace=demo_folder)) as analyst:
        kept = analyst._workspace.ledger.turns("local", answer.thread)[0]
    assert kept.answer["usage"]["model"] == "scripted"


@pytest.mark.parametrize("quirk", [{"no_usage": True}, {"usage": None}, {"usage": "many"}])
def test_a_server_without_usage_is_no_trouble(ask: Ask, revenue: str, quirk: dict) -> None:
    answer, _ = ask(QUESTION, PLAN | quirk)

    assert revenue in answer.text
    assert answer.usage.prompt_tokens is None
    assert answer.usage.model == "scripted"


def test_a_failed_chat_turn_still_counts_its_tokens(ask: Ask) -> None:
    answer, _ = ask(QUESTION, LOOK, {"status": 401, "body": {"error": {"message": KEY}}})

    assert answer.planner == "embedded"
    assert answer.usage.prompt_tokens == 10


# How servers deviate, one by one


def test_responses_api_is_never_used(ask: Ask, revenue: str) -> None:
    answer, requests = ask(QUESTION, PLAN, model="gpt-5-pro")

    assert {request["path"] for request in requests} == {"/v1/chat/completions"}
    assert revenue in answer.text


@pytest.mark.parametrize("quirk", [{"without_ids": True}, {"as_object": True}, {"same_id": "c1"}])
def test_loose_tool_calls_are_understood(ask: Ask, revenue: str, quirk: dict) -> None:
    two = {"calls": [REVENUE, ["describe_data", {"kind": "metric", "about": ["revenue"]}]]}
    answer, requests = ask(QUESTION, two | quirk, DONE, model_sees_rows=True)

    ids = [m["tool_call_id"] for m in requests[-1]["body"]["messages"] if m["role"] == "tool"]
    assert len(set(ids)) == 2
    assert answer.planner == "chat"
    assert revenue in answer.text


@pytest.mark.parametrize(
    "written",
    ["", "null", '"{}"', "{}", None, {}],
)
def test_no_arguments_are_an_empty_object(written: object) -> None:
    assert arguments_of(written) == {}


@pytest.mark.parametrize(
    "written",
    ['{"metrics": ["rev', "{city: 上海}", "{'a': 1}", '{"a": 1,}', '{"a": NaN}', "[1]", "7", 7, [],
     "[" * 100_000],
)  # fmt: skip
def test_cut_or_broken_arguments_are_never_repaired(written: object) -> None:
    with pytest.raises(ChatModelFailed, match="broken_reply"):
        arguments_of(written)


def test_replies_are_read_whole_and_never_streamed(ask: Ask) -> None:
    _, requests = ask(QUESTION, PLAN)

    assert not any(request["body"].get("stream") for request in requests)


def test_reasoning_is_handed_back_where_it_is_demanded(ask: Ask, revenue: str) -> None:
    answer, requests = ask(
        QUESTION, LOOK | {"reasoning": "Hm, revenue."}, PLAN | {"demands_reasoning": True}
    )

    assert len(requests) == 2
    assert answer.planner == "chat"
    assert revenue in answer.text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<think>secret plan</think>DONE", "DONE"),
        ("secret plan</think>\nDONE", "DONE"),
        ("<think>secret plan", ""),
        ("<THINKING>a</THINKING><think>b</think>DONE", "DONE"),
    ],
)
def test_thinking_is_never_part_of_a_text(text: str, kept: str) -> None:
    assert without_thinking(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "<tool_call>{}</tool_call>",
        "<think>hm</think><tool_call>\n{}\n</tool_call>",
        "```json\n{}\n```",
        "{}",
    ],
)
def test_a_tool_call_written_as_text_is_a_call(ask: Ask, revenue: str, text: str) -> None:
    call = json.dumps({"name": REVENUE[0], "arguments": REVENUE[1]})
    answer, _ = ask(QUESTION, {"text": text.replace("{}", call)})

    assert answer.planner == "chat"
    assert revenue in answer.text


def test_max_tokens_is_sent_by_the_name_all_servers_know(chat_settings: Settings) -> None:
    model = open_chat_model(chat_settings).bind(max_tokens=50)

    payload = model.bound._get_request_payload([("user", "hi")], **model.kwargs)
    assert payload["max_tokens"] == 50
    assert "max_completion_tokens" not in payload


def test_only_what_every_server_knows_is_sent(ask: Ask) -> None:
    _, requests = ask(QUESTION, PLAN)

    assert set(requests[0]["body"]) == {"messages", "model", "tools", "temperature", "stream"}
    assert all(set(t["function"]) == {"name", "description", "parameters"}
               for t in requests[0]["body"]["tools"])  # fmt: skip


def test_a_model_that_takes_no_temperature_is_asked_without(ask: Ask, revenue: str) -> None:
    answer, requests = ask(QUESTION, {"refuses": "temperature"}, PLAN | {"refuses": "temperature"})

    assert "temperature" not in requests[-1]["body"]
    assert answer.planner == "chat"


def test_a_local_server_is_asked_without_a_key(ask: Ask, revenue: str) -> None:
    answer, requests = ask(QUESTION, PLAN, openai_api_key=None)

    assert requests[0]["key"] == "Bearer not-needed"
    assert revenue in answer.text


def test_a_redirect_is_not_followed(ask: Ask, model_server: ScriptedServer) -> None:
    answer, requests = ask(QUESTION, {"redirect": f"{model_server.address}/elsewhere"})

    assert {request["path"] for request in requests} == {"/v1/chat/completions"}
    assert answer.planner == "embedded"


def test_what_is_overridden_is_still_there() -> None:
    for name in ("_get_request_payload", "_create_chat_result", "_generate", "bind_tools"):
        assert any(name in vars(base) for base in CompatibleChatModel.__mro__[1:]), name
