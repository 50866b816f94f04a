"""Answers: how they were read, figures that open their evidence, choices, what to ask next."""

import json
import re
from html import unescape

import pytest

from agent.chips import Chip
from ui.answers import ALL_EVIDENCE, answer_html, text_html

from .fake_analyst import HOSTILE, answer_to

REASONS = (
    "not_permitted", "no_data", "unknown_name", "outside_time", "ambiguous",
    "not_a_data_question", "unsupported", "fault",
)  # fmt: skip


def text_of(html):
    return unescape(re.sub(r"<[^>]*>", " ", html))


def buttons_of(html, name):
    found = re.findall(rf'<button [^>]*name="{name}" value="(.*?)"[^>]*>(.*?)</button>', html)
    return [(json.loads(unescape(value)), unescape(label)) for value, label in found]


def kept(question):
    return answer_to(question).model_copy(update={"thread": "T", "turn_id": "U"})


def test_chips_can_be_changed_once_the_turn_is_kept():
    chips = (
        Chip(step=0, part="metric", at=0, title="指标", label="销售额"),
        Chip(step=0, part="words", title="关键词", label="“慢”", is_editable=False),
        Chip(step=0, part="add", title="添加", label=""),
    )
    html = answer_html(kept("上个月的销售额"), "zh", chips)
    place = {"thread": "T", "turn": "U", "step": 0}

    assert buttons_of(html, "chip") == [
        ({**place, "part": "metric", "at": 0}, "销售额"),
        ({**place, "part": "add", "at": None}, "＋"),
    ]
    assert "“慢”" in text_of(html)
    assert buttons_of(answer_html(answer_to("上个月的销售额"), "zh", chips), "chip") == []


def test_reading_line_gives_way_to_chips():
    chips = (Chip(step=0, part="metric", at=0, title="指标", label="销售额"),)

    assert "2026-09-01 至 2026" not in text_of(answer_html(kept("上个月的销售额"), "zh", chips))
    assert "2026-09-01 至 2026" in text_of(answer_html(kept("上个月的销售额"), "zh"))


def test_each_number_opens_its_evidence_and_dates_do_not():
    html = answer_html(kept("category"), "en")
    figures = buttons_of(html, "evidence")

    assert ({"turn": "U", "evidence": "E1"}, "¥400,000.25") in figures
    assert not [label for _, label in figures if label.startswith("2026-")]


def test_figures_of_several_results_open_the_evidence_of_their_part():
    opens = [{"turn": "U", "evidence": "E1"}, {"turn": "U", "evidence": "E2"}]
    two = "按此理解：A\n\nA：1\n\n按此理解：B\n\nB：2"
    unsure = "A：1，B：2"

    assert [g["evidence"] for g, _ in buttons_of(text_html(two, "zh", opens), "evidence")] == [
        "E1", "E2",
    ]  # fmt: skip
    assert {g["evidence"] for g, _ in buttons_of(text_html(unsure, "zh", opens), "evidence")} == {
        ALL_EVIDENCE
    }


def test_figure_keeps_its_brackets_on_its_line():
    html = text_html("up (+4.0%), now", "en", [{"turn": "U", "evidence": "E1"}])

    assert re.search(r'<span class="keep">&#40;<button.*?</button>&#41;</span>', html)
    assert text_of(html).replace(" ", "") == "up(+4.0%),now"


def test_choices_ask_exactly_their_reading():
    html = answer_html(answer_to("活跃客户"), "zh")

    assert buttons_of(html, "ask") == [
        ({"question": "上个月登录活跃客户数"}, "登录活跃"),
        ({"question": "上个月购买客户数"}, "购买活跃"),
    ]


def test_suggestions_stand_under_an_answer():
    asked = [
        given["question"] for given, _ in buttons_of(answer_html(answer_to("last"), "en"), "ask")
    ]

    assert asked == ["Split it by city", "Against last year"]


def test_foot_tells_check_data_time_planner_and_seconds():
    text = text_of(answer_html(kept("category"), "en"))

    assert "Checked" in text
    assert "2026-10-31" in text
    assert "built-in planner" in text
    assert re.search(r"\d\.\d\d s", text)
    assert "No time was named" in text


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_refusal_says_why_and_claims_no_check(reason, language):
    refused = answer_to("weather").model_copy(update={"reason": reason})
    text = text_of(answer_html(refused, language))

    assert "Checked" not in text
    assert "ui_reason" not in text


def test_nothing_hostile_becomes_markup():
    answer = answer_to("<b>").model_copy(update={"thread": HOSTILE, "turn_id": HOSTILE})
    chip = Chip(step=0, part="metric", at=0, title=HOSTILE, label=HOSTILE)
    html = answer_html(answer, "en", (chip,))

    assert "\n" not in html
    assert not re.search(r"<(img|script|style|a)\b", html)
    assert HOSTILE in unescape(html)
