"""Everyone can read and reach everything: contrast, names, and the order of the keyboard."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3, level AA, for text of this size."""

CONTRAST = """least => {
  const channel = (value) => value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parsed = (text) => { const found = text.match(/[\\d.]+/g).map(Number); return found.length < 4 ? [...found, 1] : found };
  const over = (top, part, under) => under.map((value, i) => value * (1 - part) + top[i] * part);
  const parents = (element) => element ? [...parents(element.parentElement), element] : [];
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent.trim()).join("");
    if (!text || !element.offsetParent || element.closest("svg, script, style")) continue;
    const line = parents(element);
    const opacity = line.reduce((all, e) => all * getComputedStyle(e).opacity, 1);
    if (opacity < 0.05) continue;
    const ground = line.reduce((under, e) => { const c = parsed(getComputedStyle(e).backgroundColor); return over(c, c[3], under) }, [255, 255, 255]);
    const color = parsed(getComputedStyle(element).color);
    const [a, b] = [light(over(color, color[3] * opacity, ground)), light(ground)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < least) poor.push(`${element.tagName}.${element.className} ${text.slice(0, 30)} ${contrast.toFixed(2)}`);
  }
  return poor;
}"""  # noqa: E501
NAMELESS = """() => [...document.querySelectorAll("button, input, textarea, a")]
  .filter((e) => e.offsetParent && !(e.getAttribute("aria-label") || e.textContent.trim() || e.title
    || e.labels?.length || e.placeholder)).map((e) => e.outerHTML.slice(0, 200))"""


def assert_readable(page):
    assert page.evaluate(CONTRAST, LEAST_CONTRAST) == []
    assert page.evaluate(NAMELESS) == []


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_every_state_has_contrast_and_names(visit, language, width, height):
    window = visit(language=language, width=width, height=height).arrive()
    page = window.page
    assert_readable(page)
    answer = window.ask("Revenue by category" if language == "en-US" else "各品类的销售额")
    for question in ("active customers", "weather", "complaints"):
        window.ask(question)
    assert_readable(page)
    answer.locator("button.chip").first.click()
    page.locator(".popover").wait_for()
    assert_readable(page)
    page.keyboard.press("Escape")
    answer.locator(".fig").first.click()
    expect(page.locator("#sources .source.lit")).to_be_visible()
    assert_readable(page)
    for tab in page.locator("#panel button[role=tab]:visible").all():
        tab.click()
        assert_readable(page)


def test_keyboard_goes_through_the_page_in_its_order(visit):
    window = visit(language="en-US").arrive()
    window.ask("Revenue by category")
    page = window.page
    page.locator("#newchat").focus()
    names = []
    for _ in range(60):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.name || document.activeElement.id"))
    places = [names.index(name) for name in ("open", "catalogue", "chip", "evidence")]

    assert places == sorted(places)
    assert "tab-chart-button" in names[places[-1] :]
