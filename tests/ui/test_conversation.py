"""Messages: questions as typed, steps as they run, checked text."""

import re
from html import unescape

from agent.analyst import StepFinished, StepStarted, TextReleased
from ui.conversation import (
    Conversation,
    LiveAnswer,
    ShownTurn,
    question_message,
    turn_messages,
)

from .fake_analyst import answer_to


def text_of(message):
    return unescape(re.sub(r"<[^>]*>", " ", message["content"]))


def test_question_is_shown_as_typed():
    assert (
        text_of(question_message("  上个月 <b>& 多少?\n第二行 ")).strip()
        == "上个月 <b>& 多少? 第二行"
    )


def test_long_question_is_cut():
    assert len(text_of(question_message("长" * 100_000))) < 2100


def test_empty_question_is_still_a_message():
    assert question_message("\n")["content"]


def test_steps_run_and_end():
    live = LiveAnswer("en")
    live.add(StepStarted(tool="query_metrics", arguments={"metrics": ["revenue"], "where": None}))
    running = live.message()["content"]
    live.add(StepFinished(tool="query_metrics", milliseconds=12.4))
    done = live.message()["content"]

    assert "step running" in running
    assert "step done" in done
    assert "12 ms" in done
    assert "metrics = revenue" in text_of(live.message())
    assert "where" not in done


def test_same_tool_twice_ends_in_order():
    live = LiveAnswer("en")
    for _ in range(2):
        live.add(StepStarted(tool="query_metrics", arguments={}))
    live.add(StepFinished(tool="query_metrics", milliseconds=1))

    assert re.findall("step (running|done)", live.message()["content"]) == ["done", "running"]


def test_text_grows_sentence_by_sentence():
    live = LiveAnswer("en")
    for text in ("One.\n", "Two."):
        live.add(TextReleased(text=text))

    assert re.sub(r"\s+", " ", text_of(live.message())).strip() == "One. Two."


def test_edit_is_shown_as_an_edit():
    assert 'class="edited"' in question_message("Edited: metric → orders", is_edit=True)["content"]
    assert "edited" not in question_message("orders")["content"]


def test_turn_that_was_stopped_says_so():
    question, end = turn_messages(ShownTurn("slow", None), "en", ())

    assert text_of(question).strip() == "slow"
    assert "There is no result" in text_of(end)


def test_panel_shows_the_chosen_answer_else_the_last():
    first, last = answer_to("category"), answer_to("last")
    turns = (ShownTurn("a", first), ShownTurn("b", last), ShownTurn("stopped", None))

    assert Conversation(turns=turns).answer is last
    assert Conversation(turns=turns, in_panel=0).answer is first
    assert Conversation().answer is None
