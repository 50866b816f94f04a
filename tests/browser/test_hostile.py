"""Known XSS strings as questions, titles and names: shown as they stand, and nothing happens."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ui.threads import shown_title

pytestmark = pytest.mark.browser

PAYLOADS = Path(__file__).parents[3] / "shared" / "data" / "security" / "patt" / "xss.jsonl"
IN_ONE_CONVERSATION = 40


@pytest.fixture(scope="module")
def payloads():
    if not PAYLOADS.is_file():
        pytest.skip(f"no XSS strings on this machine: {PAYLOADS.name} of PayloadsAllTheThings")
    return [json.loads(line)["text"] for line in PAYLOADS.read_text("utf-8").splitlines()]


def assert_inert(page):
    for tag in ("script", "img", "iframe", "object", "embed", "a", "video", "math"):
        inside = page.locator(f"#threads {tag}, #chat {tag}, #sources {tag}, #data {tag}")
        assert inside.count() == 0, tag
    handlers = """[...document.querySelectorAll("#threads *, #chat *")]
      .flatMap((e) => e.getAttributeNames()).filter((name) => name.startsWith("on"))"""
    assert page.evaluate(handlers) == []


def test_titles_of_conversations_are_shown_as_text(visit, server, payloads):
    with server.signed_in("wang") as wang:
        for text in payloads[:150]:
            wang.post("/api/ask", json={"text": text})
        renamed = wang.post("/api/ask", json={"text": "renamed"}).json()["thread"]
        wang.patch(f"/api/threads/{renamed}", json={"title": payloads[3]})
    page = visit(language="en-US").arrive("wang").page
    openers = page.locator("#threads .opener")
    expect(openers.first).to_be_visible()

    shown = openers.all_text_contents()
    wanted = {" ".join(shown_title(text, "en").split()) for text in payloads[:150]}
    assert not wanted - {" ".join(text.split()) for text in shown}
    assert_inert(page)


def test_questions_and_answers_are_shown_as_text(visit, server, payloads):
    with server.signed_in("wang") as wang:
        thread = None
        for text in payloads[:: len(payloads) // IN_ONE_CONVERSATION]:
            answer = wang.post("/api/ask", json={"text": text, "thread": thread}).json()
            thread = answer["thread"]
        wang.patch(f"/api/threads/{thread}", json={"title": "AAA"})
    page = visit(language="en-US").arrive("wang").page
    page.locator("#threads .opener", has_text="AAA").click()
    expect(page.locator("#chat .turn").nth(IN_ONE_CONVERSATION - 1)).to_be_attached()
    assert_inert(page)


def test_menu_and_catalogue_show_hostile_names_as_text(visit):
    window = visit(language="en-US").arrive()
    page = window.page
    window.ask("Revenue last month").locator("button.chip").first.click()
    expect(page.locator(".popover [data-choice]").last).to_contain_text("<script>")
    page.keyboard.press("Escape")
    page.locator("#asks button").click()
    expect(page.locator("#catalogue .entry").first).to_contain_text("<script>")
    for place in (".popover", "#catalogue"):
        assert page.locator(f"{place} script, {place} img, {place} a, {place} style").count() == 0
