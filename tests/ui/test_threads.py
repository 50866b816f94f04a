"""The list of conversations and the page of what can be asked, written inertly."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest

from agent.conversations import ThreadSummary
from ui.catalogue_page import catalogue_html
from ui.threads import threads_html

from .fake_analyst import HOSTILE, FakeAnalyst

TODAY = date(2026, 10, 31)


def thread(name, day=31, title=""):
    noon = datetime(2026, 10, day, 12, tzinfo=UTC)
    return ThreadSummary(id=name, title=title or name, updated_at=noon)


def text_of(html):
    return unescape(re.sub(r"<[^>]*>", " ", html))


def test_conversations_are_grouped_by_day_and_the_open_one_is_marked():
    threads = [thread("new"), thread("open", 28), thread("old", 2)]
    html = threads_html(threads, "open", "", "en", TODAY)

    assert re.findall("<h2>(.*?)</h2>", html) == ["Today", "Last seven days", "Earlier"]
    assert html.count("thread on") == 1
    assert re.search(r'thread on"><button[^>]*>open<', html)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_empty_list_says_so_and_names_what_was_sought(language):
    assert text_of(threads_html([], None, "", language, TODAY)).strip()
    assert "金卡" in text_of(threads_html([], None, "金卡", language, TODAY))


def test_hostile_title_stays_text():
    html = threads_html([thread("t", title=HOSTILE)], None, HOSTILE, "en", TODAY)

    assert not re.search(r"<(img|script|style|a)\b", html)
    assert "\n" not in html
    assert " ".join(HOSTILE.split()) in text_of(html)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_catalogue_names_everything_inertly(language):
    html = catalogue_html(FakeAnalyst().catalogue(language), language)

    assert not re.search(r"<(img|script|style|a)\b", html)
    assert HOSTILE in unescape(html)
    assert html.count('class="entry"') == 2
    assert "2024-11-01" in text_of(html)
