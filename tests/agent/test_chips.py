"""Chips of real answers, their menus, and what editing them asks."""

from datetime import date
from types import SimpleNamespace

import pytest

from agent.analyst import open_analyst
from agent.answer import Answer
from agent.editing import Edit, EditRefused
from agent.settings import Settings
from tools import Actor
from ui.accounts import DEMO_ACCOUNTS, add_demo_accounts
from warehouse.errors import UnknownName

LIN = DEMO_ACCOUNTS[0]
QUESTIONS = (
    "上个月华东和华南的销售额比前一个月怎么样?",
    "top 5 cities by revenue this year",
    "各品类销售额占比",
    "customers with at least 3 orders by city",
    "2026年每月订单数",
    "女性会员有多少",
    "what do people say about delivery",
)


@pytest.fixture(scope="module")
def analyst(demo_folder):
    add_demo_accounts(demo_folder)
    with open_analyst(demo_folder, Settings(workspace=demo_folder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def session(analyst):
    return analyst.sign_in(LIN.id, LIN.password)


@pytest.fixture
def ask(analyst, session):
    return lambda question: analyst.ask(question, actor=analyst.actor_of(session))


def edit(analyst, session, answer, edited):
    *_, last = analyst.edit(session, answer.thread, answer.turn_id, edited).events
    assert isinstance(last, Answer)
    return last


def labels(analyst, answer):
    return [(chip.part, chip.label) for chip in analyst.chips(answer) if chip.part != "add"]


def test_chips_say_how_a_question_was_read(analyst, ask):
    assert labels(analyst, ask(QUESTIONS[0])) == [
        ("metric", "销售额"),
        ("filter", "大区 属于 华东、华南"),
        ("window", "2026-09-01 至 2026-09-30"),
        ("comparison", "对比上一期"),
    ]
    assert labels(analyst, ask(QUESTIONS[1])) == [
        ("metric", "Revenue"),
        ("dimension", "by City"),
        ("window", "2026-01-01 to 2026-10-31"),
        ("ranking", "top 5 by Revenue"),
    ]
    assert ("share", "占总体的比例") in labels(analyst, ask(QUESTIONS[2]))


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_alternative_is_answered_or_refused_for_a_reason(analyst, session, ask, question):
    answer = ask(question)
    for chip in analyst.chips(answer):
        if not chip.is_editable:
            continue
        menu = analyst.chip_menu(answer, chip.step, chip.part, chip.at)
        edits = [option.edit for option in menu.options]
        edits = edits[:: max(1, len(edits) // 4)] + ([menu.remove] if menu.remove else [])
        for chosen in edits:
            found = edit(analyst, session, answer, chosen)
            assert found.kind == "answer" or found.reason in ("no_data", "not_permitted"), chosen


@pytest.mark.parametrize("language", ["zh", "en"])
def test_presets_of_the_window_are_the_days_people_mean(analyst, ask, language):
    answer = ask({"zh": "上个月的订单数", "en": "orders last month"}[language])
    menu = analyst.chip_menu(answer, 0, "window", None)
    windows = [option.edit.to for option in menu.options]

    assert windows == [
        {"start": "2026-10-01", "end": "2026-11-01"},
        {"start": "2026-09-01", "end": "2026-10-01"},
        {"start": "2026-10-01", "end": "2026-11-01"},
        {"start": "2026-07-01", "end": "2026-10-01"},
        {"start": "2026-01-01", "end": "2026-11-01"},
        {"start": "2025-01-01", "end": "2026-01-01"},
        {"start": "2026-10-25", "end": "2026-11-01"},
        {"start": "2026-10-02", "end": "2026-11-01"},
        {"start": "2026-08-03", "end": "2026-11-01"},
        None,
    ]
    assert [option.is_current for option in menu.options].index(True) == 1
    assert (menu.form.lowest, menu.form.highest) == ("2024-11-01", "2026-10-31")


def test_edited_turn_is_a_turn_of_the_conversation_and_can_be_followed_up(analyst, session, ask):
    answer = ask("上个月的销售额")
    edited = edit(
        analyst,
        session,
        answer,
        Edit(part="window", to={"start": "2026-01-01", "end": "2026-11-01"}),
    )
    assert edited.understood.time_range == (date(2026, 1, 1), date(2026, 11, 1))
    assert edited.table.rows == ask("今年的销售额").table.rows
    followed = analyst.ask("只看华东", answer.thread, analyst.actor_of(session))
    assert followed.understood.time_range == edited.understood.time_range
    turns = analyst.turns(session, answer.thread)
    assert [(turn.question, turn.is_edit) for turn in turns] == [
        ("上个月的销售额", False),
        ("已修改：时间范围 → 今年", True),
        ("只看华东", False),
    ]


def test_edit_is_said_by_what_was_chosen(analyst, session, ask):
    answer = ask("top 5 cities by revenue this year")
    said = {
        "Edited: Metric → Orders": Edit(part="metric", at=0, to="orders"),
        "Edited: Split by → by Region": Edit(part="dimension", at=0, to="region"),
        "Edited: Split by → without “by City”": Edit(part="dimension", at=0),
        "Edited: Time window → All the data": Edit(part="window"),
        "Edited: Filter → segment: VIP customers": Edit(part="filter", to={"segment": "vip"}),
        "Edited: Ranking → bottom 10 by Revenue": Edit(
            part="ranking", to={"direction": "asc", "limit": 10}
        ),
    }
    for edited in said.values():
        edit(analyst, session, answer, edited)

    assert [turn.question for turn in analyst.turns(session, answer.thread)][1:] == list(said)


def test_metrics_that_do_not_reach_the_split_are_not_offered(analyst, ask):
    answer = ask("今年各品类的销售额")
    menu = analyst.chip_menu(answer, 0, "metric", 0)
    offered = {option.edit.to for option in menu.options}

    assert "units" in offered
    assert "tickets" not in offered
    assert all("category" in analyst_reach(analyst)[name] for name in offered)


def analyst_reach(analyst):
    return analyst._workspace.vocabulary.reach


def test_words_and_definitions_have_nothing_to_edit(analyst, ask):
    assert analyst.chips(ask("复购率是怎么算的")) == ()
    answer = ask("what do people say about delivery")
    chip = next(chip for chip in analyst.chips(answer) if chip.part == "words")

    assert not chip.is_editable
    with pytest.raises(EditRefused, match="no part 'words' to edit"):
        analyst.chip_menu(answer, 0, "words", None)
    with pytest.raises(EditRefused, match="no step 7"):
        analyst.chip_menu(answer, 7, "window", None)


def test_turn_of_another_person_cannot_be_edited(analyst, ask):
    answer = ask("上个月的销售额")
    stranger = SimpleNamespace(user_id="chen")

    with pytest.raises(UnknownName):
        analyst.turn(stranger, answer.thread, answer.turn_id)
    with pytest.raises(UnknownName):
        analyst.edit(stranger, answer.thread, answer.turn_id, Edit(part="window"))


def test_unknown_name_in_an_edit_is_refused_by_the_tool(analyst, session, ask):
    found = edit(analyst, session, ask("上个月的销售额"), Edit(part="metric", at=0, to="x' or 1=1"))

    assert (found.kind, found.reason) == ("refusal", "unknown_name")


def test_labels_need_no_rights(analyst):
    assert analyst.chips(analyst.ask("上个月的销售额", actor=Actor(id="nobody", roles=())))
