"""The real analyst on the page, on the demo brand: what a newcomer does first."""

import csv
import re
from io import StringIO

import duckdb
import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from ui.accounts import DEMO_ACCOUNTS, add_demo_accounts

from ..ui.running import running_real
from .conftest import Visit

pytestmark = pytest.mark.browser
ZHAO = DEMO_ACCOUNTS[2]  # whose conversations no other test begins


@pytest.fixture(scope="module")
def real(demo_folder):
    add_demo_accounts(demo_folder)
    with running_real(demo_folder) as running:
        yield running


@pytest.fixture
def window(browser, real):
    window = Visit(browser, real.address, language="zh-CN")
    yield window.arrive(ZHAO.id, ZHAO.password)
    window.context.close()
    assert window.outside() == []
    assert window.problems == []


def count_in_marts(real, query):
    store = real.workspace / "var" / "current" / "marts.duckdb"
    with duckdb.connect(str(store), read_only=True) as marts:
        return marts.execute(query).fetchone()[0]


def test_question_in_either_language_shows_the_number_of_the_marts(window, real):
    orders = count_in_marts(
        real,
        "select count(*) from orders where is_valid and ordered_at >= '2026-09-01' "
        "and ordered_at < '2026-10-01'",
    )
    for question in ("2026年9月的订单数", "number of orders in September 2026"):
        answer = window.ask(question)
        expect(answer.locator(".text")).to_contain_text(f"{orders:,}")
        expect(window.page.locator("#number .value")).to_have_text(f"{orders:,}")


def test_evidence_on_the_page_returns_the_number(window, real):
    window.ask("2026年9月的订单数")
    window.tab("来源")
    window.page.locator("#sources details summary").click()
    query = window.page.locator("#sources pre").inner_text()
    shown = window.page.locator("#chat .turn .text .fig").last.inner_text()

    assert count_in_marts(real, query) == int(re.sub(r"\D", "", shown))


def test_chart_switch_and_follow_up(window):
    page = window.page
    window.ask("今年各品类的销售额")
    expect(page.locator("#plot .bars .point")).to_have_count(6)
    expect(page.locator("#plot")).to_contain_text("母婴")
    page.locator("#lang label", has_text="EN").click()
    expect(page.locator("#asks button")).to_have_text("What you can ask")
    answer = window.ask("only Shanghai")
    expect(answer.locator(".chips")).to_contain_text("Shanghai")
    expect(page.locator("#plot")).to_contain_text("Snacks")


def test_suggestion_is_answered(window):
    page = window.page
    page.locator("#chat .example").first.click()
    expect(page.locator("#chat .turn.answer .foot")).to_be_visible()


def test_customers_are_quoted_with_their_source(window):
    window.ask("大家对物流有什么抱怨")
    window.tab("来源")

    expect(window.page.locator("#sources blockquote").first).to_be_visible()


def menu_of(window, answer, title):
    answer.locator(f"button.chip[title^='{title}']").first.click()
    menu = window.page.locator(".popover")
    menu.wait_for()
    return menu


def edited(window, count):
    """Wait for the answer to an edit."""
    answer = window.page.locator("#chat .turn").nth(count)
    answer.locator(".foot, .reason").first.wait_for()
    window.page.locator("#box .submit-button").wait_for()
    return answer


@pytest.mark.parametrize(
    ("question", "title", "choice", "said", "same"),
    [
        ("2026年9月的订单数", "时间范围", "今年", "已修改：时间范围 → 今年", "今年的订单数"),
        ("orders in September 2026", "Metric", "Units sold", "Edited: Metric → Units sold",
         "units sold in September 2026"),
    ],
)  # fmt: skip
def test_chip_edit_answers_as_the_question_would(window, question, title, choice, said, same):
    answer = window.ask(question)
    menu_of(window, answer, title).get_by_role("button", name=choice).first.click()
    changed = edited(window, 1)

    expect(window.page.locator("#chat .user.message").last).to_have_text(said)
    number = changed.locator(".text .fig").first.inner_text()
    expect(window.page.locator("#number .value")).to_have_text(number)
    asked = window.ask(same)
    assert asked.locator(".text .fig").first.inner_text() == number


def test_chip_is_edited_by_keyboard_alone(window):
    page = window.page
    answer = window.ask("今年各品类的销售额")
    answer.locator("button.chip[title^='时间范围']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".popover [aria-current=true]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".popover")).to_have_count(0)
    expect(answer.locator("button.chip[title^='时间范围']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".popover [aria-current=true]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    edited(window, 1)
    expect(page.locator("#chat .user.message").last).to_have_text("已修改：时间范围 → 去年")


def test_filter_is_chosen_from_its_values_and_taken_away(window):
    answer = window.ask("上海今年的订单数")
    menu = menu_of(window, answer, "筛选")
    menu.locator("input[type=search]").fill("北京")
    menu.get_by_text("北京", exact=True).click()
    menu.get_by_role("button", name="应用").click()
    both = edited(window, 1)
    expect(both.locator(".chips")).to_contain_text("上海、北京")
    menu_of(window, both, "筛选").get_by_role("button", name="去掉").click()
    expect(edited(window, 2).locator(".chips")).not_to_contain_text("上海")


def test_window_is_set_to_days_of_ones_own(window):
    answer = window.ask("今年的订单数")
    menu = menu_of(window, answer, "时间范围")
    start, last = menu.locator("input[type=date]").all()
    start.fill("2026-03-01")
    last.fill("2026-03-15")
    menu.get_by_role("button", name="应用").click()

    expect(edited(window, 1).locator(".chips")).to_contain_text("2026-03-01 至 2026-03-15")


def test_split_is_added_and_chart_takes_another_form(window):
    answer = window.ask("今年每月的销售额")
    menu_of(window, answer, "添加").get_by_role("button", name="大区", exact=True).click()
    edited(window, 1)
    page = window.page
    expect(page.locator("#plot .scatterlayer .trace").first).to_be_visible()
    page.locator("#charttools").get_by_role("button", name="堆叠").click()
    expect(page.locator("#plot .bars .point").first).to_be_visible()
    expect(page.locator("#plot .scatterlayer .trace")).to_have_count(0)


def test_number_opens_its_definition_window_and_query(window):
    page = window.page
    first = window.ask("2026年9月的订单数")
    window.ask("今年各品类的销售额")
    figure = first.locator(".text .fig").first
    figure.focus()
    page.keyboard.press("Enter")
    source = page.locator("#sources .source.lit")
    expect(source).to_contain_text("2026-09-01 至 2026-09-30")
    expect(source).to_contain_text("有效订单")
    expect(source).to_be_focused()
    source.locator("summary").click()
    expect(source.locator("pre")).to_contain_text('SELECT count(*) AS "orders"')


def test_table_is_sorted_and_exported(window, real, tmp_path):
    page = window.page
    window.ask("今年各品类的销售额")
    window.tab("数据")
    page.locator("#data").get_by_role("button", name="销售额").click()
    expect(page.locator("#data th[aria-sort=descending]")).to_be_visible()
    page.locator("#data").get_by_role("button", name="销售额").click()
    expect(page.locator("#data th[aria-sort=ascending]")).to_be_visible()
    smallest = page.locator("#data tbody tr").first.inner_text()
    for label, kind in (("导出 CSV", "csv"), ("导出 Excel", "xlsx")):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        download.value.save_as(tmp_path / f"table.{kind}")
    text = (tmp_path / "table.csv").read_text("utf-8-sig")
    rows = list(csv.reader(StringIO(text)))
    sheet = load_workbook(tmp_path / "table.xlsx").worksheets[0]
    total = count_in_marts(
        real,
        "select sum(paid_amount) / 100.0 from order_lines where is_valid "
        "and ordered_at >= '2026-01-01'",
    )

    assert sum(float(row[1]) for row in rows[1:7]) == pytest.approx(total)
    assert sum(row[1] for row in sheet.iter_rows(2, values_only=True)) == pytest.approx(total)
    assert smallest.split()[0] == min(rows[1:7], key=lambda row: float(row[1]))[0]
    assert ["时间范围", "2026-01-01 至 2026-10-31"] in rows


def test_chart_is_saved_as_a_picture(window, tmp_path):
    window.ask("今年各品类的销售额")
    expect(window.page.locator("#plot .bars .point")).to_have_count(6)
    with window.page.expect_download() as download:
        window.page.get_by_role("button", name="存为图片").click()
    download.value.save_as(tmp_path / "chart.png")

    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_conversation_is_found_renamed_and_deleted(window):
    page = window.page
    window.ask("2026年9月的订单数")
    page.locator("#newchat").click()
    expect(page.locator("#chat .turn")).to_have_count(0)
    window.ask("今年各品类的退款率")
    page.fill("#search textarea, #search input", "退款")
    openers = page.locator("#threads .opener")
    expect(openers).to_have_count(1)
    page.locator("#threads .more").click()
    page.get_by_role("button", name="改名").click()
    page.locator(".popover input").fill("退款 <b>复盘</b>")
    page.keyboard.press("Enter")
    expect(openers).to_have_text(["退款 <b>复盘</b>"])
    expect(page.locator("#threads b")).to_have_count(0)
    page.locator("#threads .more").click()
    page.get_by_role("button", name="删除").click()
    expect(page.locator(".popover")).to_contain_text("1 轮问答会被删除")
    page.locator(".popover .danger").click()
    expect(page.locator("#threads")).to_contain_text("没有包含“退款”的对话")
    expect(page.locator("#chat .turn")).to_have_count(0)
    page.fill("#search textarea, #search input", "")
    page.locator("#threads .opener", has_text="2026年9月的订单数").first.click()
    expect(page.locator("#chat .turn")).to_have_count(1)


def test_what_can_be_asked_is_searched_and_asks(window):
    page = window.page
    page.locator("#asks button").click()
    dialog = page.locator("#catalogue")
    expect(dialog.locator("h2")).to_have_text("可以问什么")
    dialog.locator("input[type=search]").fill("客单价")
    expect(dialog.locator(".entry", has_text="有效订单")).not_to_have_count(0)
    expect(dialog.locator(".entry b", has_text="退款率")).to_be_hidden()
    dialog.locator("button.entry:visible").first.click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#chat .turn.answer .foot")).to_be_visible()
    page.locator("#lang label", has_text="EN").click()
    expect(page.locator("#asks button")).to_have_text("What you can ask")
    page.locator("#asks button").click()
    expect(dialog.locator("h2")).to_have_text("What you can ask")


def test_clarification_is_answered_by_a_choice(window):
    window.ask("上个月活跃客户有多少")
    window.page.locator("#chat .choice").first.click()

    expect(edited(window, 1).locator(".text .fig").first).to_be_visible()
