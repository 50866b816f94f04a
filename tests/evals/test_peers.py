import json

import httpx
import pytest

from evals.peers import PEERS, QUESTIONS, Cost, report
from evals.scripted_model import FINAL, ScriptedModel, call, serving

REPLY = call("run_sql", {"sql": "SELECT 1"})


def ask(*messages):
    return json.dumps({"messages": [{"role": role, "content": text} for role, text in messages]})


def test_scripted_model_plays_the_reply_of_the_question_then_ends():
    model = ScriptedModel({"How many?": REPLY, "How much?": FINAL})

    assert model.reply_to(ask(("system", "x"), ("user", "How many?"))) == REPLY
    assert model.reply_to(ask(("user", "How many?"), ("tool", "1"))) == FINAL
    with pytest.raises(LookupError, match="holds 0 known questions"):
        model.reply_to(ask(("user", "Why?")))


def test_scripted_model_is_served_and_keeps_what_was_sent():
    body = ask(("user", "How many?"))
    with serving(ScriptedModel({"How many?": REPLY})) as model:
        url = f"{model.base_url}/chat/completions"
        reply = httpx.post(url, content=body, trust_env=False).json()

    assert reply["choices"][0]["message"] == REPLY
    assert model.requests == [body]


def test_no_question_stands_in_another():
    assert not [(a, b) for a in QUESTIONS for b in QUESTIONS if a != b and a in b]


def test_every_peer_is_given_the_same_sql():
    sql = "SELECT Country FROM sales WHERE Country <> 'UK'"

    assert all(json.dumps(sql)[1:-1] in json.dumps(peer.reply(sql)) for peer in PEERS)


def test_a_peer_that_cannot_be_installed_says_why():
    table = report([Cost("A", own_ms=1.5, calls=2), Cost("B", failure="not measured: no wheel")])

    assert table.splitlines()[1].split() == ["A", "1.5", "0.0", "0.0", "2.0", "0", "0", "0"]
    assert table.splitlines()[2].split(maxsplit=1) == ["B", "not measured: no wheel"]
