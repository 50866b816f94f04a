"""What ``sextant doctor`` says about a chat model's server, for each thing it may get wrong."""

import json
import socket

import pytest

from agent.probe import probe
from agent.settings import Settings
from knowledge.languages import say
from tests.agent.conftest import KEY, ScriptedServer
from ui.checkup import _settings

CALL = ["describe_data", {"kind": "segments"}]
GOOD = {"calls": [CALL]}
TEXT_CALL = json.dumps({"name": CALL[0], "arguments": CALL[1]})


@pytest.mark.parametrize(
    ("reply", "codes"),
    [
        (GOOD, ["works"]),
        (GOOD | {"no_models": True}, ["no_models_list", "works"]),
        (GOOD | {"models": ["a", f"b-{KEY}", "<b>"]}, ["model_not_listed", "works"]),
        (GOOD | {"as_object": True}, ["arguments_as_objects", "works"]),
        (GOOD | {"without_ids": True}, ["calls_without_ids", "works"]),
        (GOOD | {"no_usage": True}, ["no_usage", "works"]),
        (GOOD | {"delay": 0.6}, ["slow", "works"]),
        ({"text": f"<think>Hm.</think><tool_call>{TEXT_CALL}</tool_call>"},
         ["thinking_in_text", "calls_as_text", "works"]),
        ({"text": "<|python_tag|>describe_data()"}, ["calls_in_unknown_text"]),
        ({"text": "There are two segments."}, ["no_tool_call", "works"]),
        ({"status": 401, "body": {}}, ["key_refused"]),
        ({"status": 404, "body": {}}, ["no_such_model"]),
        ({"status": 429, "body": {}}, ["overloaded"]),
        ({"status": 400, "body": {"error": {"message": KEY}}}, ["refuses_tools"]),
        ({"status": 500, "body": {"error": {"message": KEY}}}, ["wrong_status"]),
        ({"body_raw": "<html>Welcome</html>"}, ["not_compatible"]),
        ({"body": {"choices": []}}, ["not_compatible"]),
        ({"delay": 60, "text": "x"}, ["no_reply_in_time"]),
        ({"drip": 1, "text": "x"}, ["no_reply_in_time"]),
    ],
)  # fmt: skip
def test_each_fault_of_a_server_has_its_words(
    chat_settings: Settings, model_server: ScriptedServer, reply: dict, codes: list[str]
) -> None:
    model_server.play(reply)

    found = list(probe(chat_settings.model_copy(update={"model_seconds": 3.0})))

    assert [finding.code for finding in found] == codes
    for language in ("zh", "en"):
        for code, _, params in found:
            assert KEY not in say(f"doctor_{code}", language, **params)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("127.0.0.1/v1", "address"),
        ("http://127.0.0.1:9/v1", "unreachable"),
        ("https://{host}/v1", "tls"),
        ("http://{host}", "wrong_path"),
    ],
)
def test_a_wrong_address_has_its_words(
    chat_settings: Settings, model_server: ScriptedServer, address: str, code: str
) -> None:
    host = model_server.address.removeprefix("http://")
    settings = chat_settings.model_copy(update={"openai_base_url": address.format(host=host)})

    assert [finding.code for finding in probe(settings)][-1] == code


def test_an_unknown_host_has_its_words(
    chat_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("NO_PROXY", "*")
    settings = chat_settings.model_copy(update={"openai_base_url": "http://nowhere.invalid/v1"})

    assert [finding.code for finding in probe(settings)] == ["unknown_host"]


def test_a_password_in_the_address_is_not_shown(chat_settings: Settings) -> None:
    address = f"http://user:{KEY}@127.0.0.1:9/v1?key={KEY}"

    found = list(probe(chat_settings.model_copy(update={"openai_base_url": address})))

    assert found[0].params == {"address": "http://127.0.0.1:9/v1"}


def test_doctor_says_it_in_the_language_that_is_set_or_in_both(
    model_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_server.play({"status": 401, "body": {}})
    for name, value in (
        ("NO_PROXY", "127.0.0.1"),
        ("OPENAI_API_KEY", KEY),
        ("OPENAI_BASE_URL", f"{model_server.address}/v1"),
        ("SEXTANT_MODEL", "scripted"),
    ):
        monkeypatch.setenv(name, value)

    [both] = _settings()
    monkeypatch.setenv("SEXTANT_LANGUAGE", "zh")
    [chinese] = _settings()

    assert both.state == "wrong"
    assert "拒绝了密钥" in both.detail and "refuses the key" in both.detail
    assert "拒绝了密钥" in chinese.detail and "refuses" not in chinese.detail
    assert KEY not in both.detail
