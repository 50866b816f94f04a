"""The page as people use it: sign in, ask, read, check, switch language, come back."""

import time

import pytest
from playwright.sync_api import expect

from ..ui.fake_analyst import HOSTILE
from ..ui.running import running_fake
from .conftest import Visit

pytestmark = pytest.mark.browser


def test_wrong_password_is_said_and_the_right_one_enters(visit):
    window = visit()
    window.sign_in(password="wrong")

    expect(window.page.locator("[role=alert]")).to_be_visible()
    window.page.fill("input[name=password]", "correct horse")
    window.page.click("button[type=submit]")
    expect(window.page.locator("#box textarea")).to_be_visible()


def test_chinese_question_shows_number_reading_steps_and_evidence(visit):
    window = visit().arrive()
    answer = window.ask("上个月的销售额是多少？")

    expect(answer.locator(".text")).to_contain_text("¥1,234,567.89")
    expect(answer.locator("button.chip")).to_have_text(["销售额", "2026-09-01 至 2026-09-30"])
    expect(answer.locator("details.step.done summary b")).to_have_text("query_metrics")
    expect(answer.locator(".foot")).to_contain_text("2026-10-31")
    expect(window.page.locator("#number .value")).to_have_text("¥1,234,567.89")
    window.tab("来源")
    source = window.page.locator("#sources .source")
    expect(source).to_contain_text("有效订单明细的实付金额之和")
    expect(source.locator("pre")).to_be_hidden()
    source.locator("summary").click()
    expect(source.locator("pre")).to_contain_text("select sum(paid_amount)")


def test_english_question_draws_a_chart_and_a_table(visit):
    window = visit(language="en-US").arrive()
    window.ask("Revenue by category")

    plot = window.page.locator("#plot .main-svg").first
    expect(plot).to_be_visible()
    expect(window.page.locator("#plot .bars .point")).to_have_count(6)
    expect(window.page.locator("#plot")).to_contain_text("Mother & baby")
    expect(window.page.locator("#plot .modebar")).to_be_hidden()
    window.tab("Data")
    rows = window.page.locator("#data tbody tr")
    expect(rows).to_have_count(6)
    expect(rows.first).to_contain_text("¥400,000.25")


def test_months_stand_under_their_points(visit):
    window = visit().arrive()
    window.ask("每月销售额趋势")

    expect(window.page.locator("#plot .scatterlayer .point")).to_have_count(12)
    expect(window.page.locator("#plot .xtick").first).to_contain_text("2025-11")


def test_example_asks_its_question(visit):
    window = visit().arrive()
    window.page.locator("#chat .example", has_text="各品类的销售额").click()

    expect(window.page.locator("#chat .turn .text li").first).to_contain_text("母婴")


def test_choice_asks_exactly_its_reading(visit):
    window = visit(language="en-US").arrive()
    window.ask("active customers")
    window.page.locator("#chat .choice", has_text="By purchase").click()

    expect(window.page.locator("#chat .user.message").last).to_have_text("Customers by purchase")
    expect(window.page.locator("#chat .turn .foot")).to_be_visible()


def test_language_switches_every_label_and_is_remembered(visit):
    window = visit(language="zh-CN").arrive()
    page = window.page
    window.ask("上个月的销售额是多少？")

    def labels():
        return [
            page.locator(s).first.inner_text() for s in ("#newchat", "#asks button", ".who button")
        ]

    assert labels() == ["＋ 新对话", "可以问什么", "退出"]
    page.locator("#lang label", has_text="EN").click()
    expect(page.locator("#asks button")).to_have_text("What you can ask")
    assert labels() == ["＋ New chat", "What you can ask", "Sign out"]
    expect(page.locator("#panel button[role=tab]:visible")).to_have_text(
        ["Chart", "Data", "Sources"]
    )
    expect(page.locator("#box textarea")).to_have_attribute(
        "placeholder", "Ask about customers, orders, feedback…"
    )
    expect(page.locator("#search textarea, #search input")).to_have_attribute(
        "placeholder", "Search conversations"
    )
    expect(page.locator("#topbar")).to_contain_text("Everglow")
    expect(page.locator(".pill")).to_contain_text("Built-in planner")
    expect(page.locator("#threads h2").first).to_have_text("Today")
    expect(page.locator("#chat .turn .foot")).to_contain_text("Data to 2026-10-31")
    expect(page.locator("#chat .turn .text")).to_contain_text("销售额")
    page.reload()
    expect(page.locator("#asks button")).to_have_text("What you can ask")
    expect(page.locator("#chat .example").first).to_contain_text("revenue")


def test_running_question_can_be_stopped(visit):
    window = visit().arrive()
    page = window.page
    page.fill("#box textarea", "慢慢算一个数")
    page.keyboard.press("Enter")
    expect(page.locator("#chat details.step.running")).to_be_visible()
    began = time.monotonic()
    page.locator("#box .stop-button").click()

    expect(page.locator("#box .submit-button")).to_be_visible()
    assert time.monotonic() - began < 7  # it would have taken eight
    expect(page.locator("#chat details.step.running")).to_have_count(0)
    page.fill("#box textarea", "上个月的销售额是多少？")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .turn.answer .foot")).to_be_visible()


def test_page_recovers_from_a_mistake_of_the_program(visit):
    window = visit().arrive()
    page = window.page
    page.fill("#box textarea", "让程序崩溃")
    page.keyboard.press("Enter")

    expect(page.locator("#chat .turn.failure")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("programming mistake")
    expect(page.locator("#box .submit-button")).to_be_visible()
    page.fill("#box textarea", "上个月的销售额是多少？")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .turn.answer .foot")).to_be_visible()


def test_conversation_is_there_after_a_reload(visit):
    window = visit().arrive("wang")
    window.ask("每月销售额趋势")
    window.ask("各品类的销售额")
    window.page.reload()
    window.page.locator("#threads .opener", has_text="每月销售额趋势").first.click()

    expect(window.page.locator("#chat .turn")).to_have_count(2)
    expect(window.page.locator("#plot .bars .point")).to_have_count(6)
    window.page.locator("#newchat").click()
    expect(window.page.locator("#chat .turn")).to_have_count(0)
    expect(window.page.locator("#chat .example").first).to_be_visible()


def test_earlier_answer_comes_back_to_the_panel(visit):
    window = visit().arrive()
    first = window.ask("各品类的销售额")
    window.ask("上个月的销售额是多少？")
    expect(window.page.locator("#number .value")).to_be_visible()
    first.locator(".foot").click()

    expect(window.page.locator("#plot .bars .point")).to_have_count(6)


def test_people_see_their_own_conversations_alone(visit):
    lin, wang = visit().arrive("lin"), visit().arrive("wang")
    lin.ask("抱怨最多的是什么")
    wang.page.reload()
    expect(wang.page.locator(".who button")).to_be_visible()

    expect(wang.page.locator("#threads .opener", has_text="抱怨最多的是什么")).to_have_count(0)


def test_hostile_texts_are_shown_and_do_nothing(visit):
    window = visit(language="en-US").arrive()
    answer = window.ask(HOSTILE)

    expect(answer.locator(".text")).to_contain_text("<script>alert(1)</script>")
    for name in ("Data", "Sources", "Chart"):
        window.tab(name)
    for tag in ("img", "a", "script", "iframe", "object"):
        found = window.page.locator(f"#chat {tag}, #panel {tag}:not(svg *, .modebar *)")
        assert found.count() == 0, tag
    styles = window.page.locator("style").evaluate_all("all => all.map(s => s.textContent)")
    assert [style for style in styles if "sink.invalid" in style] == []


def test_signing_out_ends_the_visit(visit):
    window = visit().arrive()
    window.page.locator(".who button").click()

    expect(window.page.locator("input[name=password]")).to_be_visible()
    window.page.goto(f"{window.address}/")
    expect(window.page.locator("input[name=password]")).to_be_visible()


def test_ended_session_leads_back_to_the_sign_in_page(visit):
    window = visit().arrive()
    window.context.clear_cookies()
    window.page.fill("#box textarea", "上个月")
    window.page.keyboard.press("Enter")

    expect(window.page.locator("input[name=password]")).to_be_visible()


def test_store_that_cannot_be_read_is_said_on_the_page(browser, tmp_path):
    with running_fake(tmp_path, "broken") as running:
        window = Visit(browser, running.address, language="en-US")
        window.sign_in()
        greeting = window.page.locator(".greeting")
        expect(greeting).to_contain_text("There is no build.")
        expect(window.page.locator("#topbar")).to_contain_text("Everglow")
        with running.signed_in() as client:
            assert client.post("/api/ask", json={"text": "上个月"}).status_code == 200
        window.context.close()

    assert window.problems == []


def test_wide_page_does_not_scroll_and_nothing_overlaps(visit):
    window = visit().arrive()
    for question in ("各品类的销售额", "每月销售额趋势", "各品类的销售额"):
        window.ask(question)
    page = window.page
    size = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    side, chat, panel, box, top = (
        page.locator(s).bounding_box() for s in ("#side", "#chatcol", "#panel", "#box", "#topbar")
    )

    assert size == [1440, 900]
    assert side["x"] + side["width"] <= chat["x"]
    assert chat["x"] + chat["width"] < panel["x"]
    assert panel["x"] + panel["width"] <= 1440
    assert top["y"] + top["height"] <= chat["y"]
    assert box["y"] + box["height"] <= chat["y"] + chat["height"] <= 900


def test_phone_shows_the_chat_and_the_evidence_over_it(visit):
    window = visit(language="en-US", width=390, height=844).arrive()
    page = window.page
    expect(page.locator("#box textarea")).to_be_in_viewport()
    answer = window.ask("Revenue by category")
    expect(page.locator("#panel")).to_be_hidden()
    answer.locator(".fig").first.tap()
    expect(page.locator("#sources .source")).to_be_in_viewport()
    window.tab("Chart")
    plot = page.locator("#plot .main-svg").first
    expect(plot).to_be_visible()
    end = time.monotonic() + 10
    while plot.bounding_box()["width"] > 390 and time.monotonic() < end:
        page.wait_for_timeout(50)

    assert plot.bounding_box()["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("#panelhead .close").tap()
    expect(page.locator("#panel")).to_be_hidden()
    expect(answer.locator(".fig").first).to_be_focused()


@pytest.mark.parametrize("question", ["🎉🎉", "長" * 100_000])
def test_odd_question_is_answered(visit, question):
    window = visit().arrive()

    expect(window.ask(question).locator(".text")).not_to_be_empty()
