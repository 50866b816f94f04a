"""The real analyst on the page, on the demo brand: what a newcomer does first."""

import re

import duckdb
import pytest
from playwright.sync_api import expect

from ui.accounts import DEMO_ACCOUNTS, add_demo_accounts

from ..ui.running import running_real
from .conftest import Visit

pytestmark = pytest.mark.browser
LIN = DEMO_ACCOUNTS[0]


@pytest.fixture(scope="module")
def real(demo_folder):
    add_demo_accounts(demo_folder)
    with running_real(demo_folder) as running:
        yield running


@pytest.fixture
def window(browser, real):
    window = Visit(browser, real.address, language="zh-CN")
    yield window.arrive(LIN.id, LIN.password)
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
