"""Messages: questions as typed, steps as they run, checked text, choices."""

import re
from html import unescape

from agent.analyst import StepFinished, StepStarted, TextReleased
from ui.conversation import LiveAnswer, answer_message, question_message

from .fake_analyst import HOSTILE, answer_to


def text_of(message):
    return unescape(re.sub(r"<[^>]*>", " ", message["content"]))


def chips_of(message):
    found = re.search(r'<div class="chips">(.*?)</div>', message["content"])
    return [unescape(c) for c in re.findall("<span>(.*?)</span>", found[1])] if found else []


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


def test_reading_line_becomes_chips():
    message = answer_message(answer_to("上个月的销售额"), "zh")

    assert chips_of(message) == ["销售额", "2026-09-01 至 2026-09-30"]
    assert text_of(message).count("2026-09-01 至 2026-09-30") == 1


def test_reading_is_shown_for_a_text_that_does_not_say_it():
    chips = chips_of(answer_message(answer_to("各品类"), "zh"))

    assert chips[0] == "销售额"
    assert any("上海" in chip and "杭州" in chip for chip in chips)
    assert chips[-1] == "2026-09-01 至 2026-09-30"


def test_choices_are_quick_replies():
    message = answer_message(answer_to("活跃客户"), "zh")

    assert message["options"] == [
        {"value": "上个月登录活跃客户数", "label": "登录活跃"},
        {"value": "上个月购买客户数", "label": "购买活跃"},
    ]


def test_suggestions_are_quick_replies_and_nothing_else_is():
    assert [o["value"] for o in answer_message(answer_to("last"), "en")["options"]] == [
        "Split it by city",
        "Against last year",
    ]
    assert "options" not in answer_message(answer_to("weather"), "en")


def test_answer_says_that_it_was_checked_and_caveats():
    text = text_of(answer_message(answer_to("category"), "en"))

    assert "Checked" in text
    assert "2026-10-31" in text
    assert "No time was named" in text


def test_refusal_claims_no_check():
    assert "Checked" not in text_of(answer_message(answer_to("weather"), "en"))


def test_nothing_hostile_becomes_markup():
    message = answer_message(answer_to("<b>"), "en")

    assert "\n" not in message["content"]
    assert not re.search(r"<(img|script|style|a)\b", message["content"])
    assert HOSTILE in unescape(message["content"])
