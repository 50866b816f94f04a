"""Recorded turns in which a strong reader stood in for the chat model, replayed.

``exchanges.json`` holds dialogues on the demo brand: each question, what the model replied, and how
the turn was read. The prompt or the checks may change; these turns must still come out the same.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.analyst import Analyst
from knowledge.languages import detect
from tests.agent.conftest import ScriptedServer

DIALOGUES = json.loads(Path(__file__).with_name("exchanges.json").read_text("utf-8"))


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda turns: turns[0]["question"][:40])
def test_a_recorded_dialogue_comes_out_the_same(
    dialogue: list[dict], open_chat: Callable[..., Analyst], model_server: ScriptedServer
) -> None:
    analyst, thread = open_chat(), None
    for turn in dialogue:
        model_server.play(*turn["replies"])

        answer = analyst.ask(turn["question"], thread)

        thread = answer.thread
        assert answer.planner == "chat"
        assert (answer.kind, answer.reason) == (turn["kind"], turn["reason"])
        assert list(answer.understood.metrics) == turn["metrics"]
        assert list(answer.understood.dimensions) == turn["dimensions"]
        read = answer.understood.time_range
        assert ([str(day) for day in read] if read else None) == turn["time_range"]
        assert answer.language == detect(turn["question"]).language
        requests = model_server.requests()
        assert len(requests) == len(turn["replies"])
        assert all(request["bytes"] <= 8 * 1024 for request in requests)


def test_both_languages_are_recorded() -> None:
    asked = [turn["question"] for turns in DIALOGUES for turn in turns]
    languages = [detect(question).language for question in asked]

    assert min(languages.count("zh"), languages.count("en")) >= 8
