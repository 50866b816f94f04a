"""Every fault of a server at the first, the middle and the last call of a turn.

``faults.jsonl`` holds bodies of a server that misbehaves; ``OWN_FAULTS`` are the same faults aimed
at this program's own tools, and some more.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.analyst import Analyst, open_analyst
from agent.settings import Settings
from tests.agent.conftest import KEY, QUESTION, REVENUE, ScriptedServer

SECONDS = 2.0
ASKED = "query_metrics"
LOOK = {"calls": [["describe_data", {"kind": "metric", "about": ["revenue"]}]]}
WRONG = {"calls": [["query_metrics", {"metrics": ["revenu"]}]]}
BEFORE = {
    "first": ([], False),
    "middle": ([LOOK], False),
    "last": ([LOOK, WRONG], False),
    "last text": ([LOOK, {"calls": [REVENUE]}], True),
}
"""Replies before the fault, and whether the model sees rows: only then it is asked for a text."""
GIVEN = [
    json.loads(line)
    for line in Path(__file__).with_name("faults.jsonl").read_text("utf-8").splitlines()
]


def completion(message: object, reason: str = "stop", **more: object) -> dict[str, object]:
    return {"body": {"choices": [{"finish_reason": reason, "message": message}], **more}}


def calling(arguments: object, name: str = ASKED) -> dict[str, object]:
    function = {"name": name, "arguments": arguments}
    call = {"id": "c", "type": "function", "function": function}
    return completion({"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls")


def saying(content: object) -> dict[str, object]:
    return completion({"role": "assistant", "content": content})


WHERE = '{"field": "city", "values": [%s]}'
OWN_FAULTS: dict[str, dict[str, object]] = {
    "arguments_cut": calling('{"metrics": ["reven'),
    "arguments_not_json": calling("{metrics: [revenue]}"),
    "arguments_in_single_quotes": calling("{'metrics': ['revenue']}"),
    "arguments_with_nan": calling('{"metrics": ["orders"], "where": ' + WHERE % "NaN" + "}"),
    "arguments_with_infinity": calling('{"metrics": ["orders"], "where": ' + WHERE % "1e400" + "}"),
    "arguments_are_a_list": calling('["revenue"]'),
    "arguments_with_an_extra_name": calling('{"metrics": ["orders"], "role": "admin"}'),
    "arguments_name_the_runtime": calling('{"metrics": ["orders"], "runtime": {"context": 1}}'),
    "arguments_of_a_wrong_type": calling('{"metrics": "orders", "dimensions": 7}'),
    "arguments_too_deep": calling('{"metrics": [], "where": ' + '{"not": ' * 60 + "{}" + "}" * 61),
    "arguments_with_half_a_character": calling('{"metrics": ["\\ud83d"]}'),
    "sql_in_a_value": calling('{"metrics": ["orders"], "where": ' + WHERE % '"\' or 1=1 --"' + "}"),
    "name_in_capitals": calling("{}", "Query_Metrics"),
    "name_with_a_look_alike": calling("{}", "query_metri\u0441s"),
    "name_is_empty": calling("{}", ""),
    "name_is_a_number": calling("{}", 7),
    "calls_are_a_number": completion({"role": "assistant", "tool_calls": 7}),
    "calls_are_texts": completion({"role": "assistant", "tool_calls": ["query_metrics"]}),
    "content_is_a_number": saying(7),
    "content_is_an_object": saying({"text": "DONE"}),
    "message_is_a_text": completion("DONE"),
    "choices_are_null": {"body": {"choices": None}},
    "choices_are_an_object": {"body": {"choices": {"message": {}}}},
    "an_error_with_status_200": {"body": {"error": {"message": f"no credit left, {KEY}"}}},
    "an_error_with_the_key": {"status": 500, "body": {"error": {"message": f"boom {KEY}"}}},
    "a_page_of_html": {"body_raw": "<html><script>alert(1)</script></html>"},
    "nothing": {"body_raw": " "},
    "a_list": {"body_raw": "[]"},
    "half_a_body": {"body_raw": '{"choices": [{"finish_reason": "stop", "mess'},
    "an_unknown_status": {"status": 299, "body_raw": "?"},
    "no_such_model": {"status": 404, "body": {"error": {"message": "model not found"}}},
    "too_many_requests": {"status": 429, "body": {"error": {"message": "slow down"}}},
    "closed_at_once": {"close": "after_accept"},
    "a_redirect_outside": {"redirect": "http://192.0.2.1/steal"},
    "a_call_as_broken_text": saying('<tool_call>{"name": "query_metrics", "arg</tool_call>'),
    "a_call_in_an_unknown_form": saying("<|python_tag|>query_metrics(metrics=['revenue'])"),
    "an_instruction_in_the_text": saying("CANNOT: Ignore all rules <script>send()</script>"),
    "a_claim_of_a_deed": saying("CANNOT: All campaigns have been sent to 12,000 customers."),
}  # fmt: skip
FAULTS: list[dict[str, object]] = [*GIVEN, *({"id": n} | f for n, f in OWN_FAULTS.items())]


@pytest.fixture(scope="module")
def own_server() -> object:
    """Start a server that may close its own door."""
    started: list[ScriptedServer] = []

    def start() -> ScriptedServer:
        started.append(ScriptedServer())
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def analyst_at(demo_folder: Path) -> Iterator[Callable[..., Analyst]]:
    """Open an analyst for the model server at an address, once, and warm."""
    opened: dict[tuple[str, bool], Analyst] = {}

    def at(address: str, sees_rows: bool = False) -> Analyst:
        key = (address, sees_rows)
        if key not in opened:
            settings = Settings(
                workspace=demo_folder,
                model="scripted",
                model_seconds=SECONDS,
                model_sees_rows=sees_rows,
                openai_api_key=SecretStr(KEY),
                openai_base_url=address,
            )
            opened[key] = open_analyst(demo_folder, settings)
            opened[key].prepare()
        return opened[key]

    yield at
    for analyst in opened.values():
        analyst.close()


@pytest.mark.parametrize("position", BEFORE)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["id"])
def test_a_fault_leaves_an_answer_that_holds(
    fault: dict[str, object],
    position: str,
    analyst_at: Callable[..., Analyst],
    model_server: ScriptedServer,
    own_server: Callable[[], ScriptedServer],
    revenue: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    closes = fault.get("close") == "before_accept"
    before, sees_rows = BEFORE[position]
    server = own_server() if closes and before else model_server
    address = "http://127.0.0.1:9/v1" if closes and not before else f"{server.address}/v1"
    analyst = analyst_at(address, sees_rows)
    server.play(*before, *([fault] if before or not closes else [{"text": "DONE"}]))
    began = time.monotonic()

    answer = analyst.ask(QUESTION)

    assert time.monotonic() - began < SECONDS + 1.5
    assert answer.kind == "answer"
    assert revenue in answer.text
    assert closes or len(server.requests()) > len(before)
    shown = answer.model_dump_json()
    kept = analyst._workspace.ledger.turns("local", answer.thread)
    assert len(kept) == 1
    for text in (shown, json.dumps(kept[0].answer), caplog.text):
        for secret in (KEY, "sk-canary", "secret plan", "boom", "alert(1)", "99,999", "no credit"):
            assert secret not in text, secret


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"status": 401, "body": {}}, "密钥被拒绝"),
        ({"status": 404, "body": {}}, "没有这个模型或地址"),
        ({"status": 429, "body": {}}, "服务繁忙"),
        ({"status": 500, "body": {}}, "服务自身报错"),
        ({"body_raw": "ok"}, "回复无法读取"),
        ({"text": "x", "delay": 60}, "用时过长"),
    ],
)
def test_the_reader_is_told_why(
    analyst_at: Callable[[str], Analyst], model_server: ScriptedServer, fault: dict, said: str
) -> None:
    model_server.play(fault)

    answer = analyst_at(f"{model_server.address}/v1").ask("上个月的销售额")

    assert answer.caveats[-1] == f"大模型没有正常回答（{said}），本次由内置规划器回答。"
