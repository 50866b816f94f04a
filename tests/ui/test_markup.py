"""Text from outside stays text."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.markup import inert, paragraphs, preformatted, with_figures

from .fake_analyst import HOSTILE

TAG = re.compile(r"</?(?:p|ul|ol|li|b|br)(?: value=\"\d+\")?>")


@given(st.text())
def test_inert_text_has_no_mark_that_could_mean_anything(text):
    encoded = re.sub(r"&#\d+;|<br>", "", inert(text))

    assert not re.search(r"[<>&\"'`*_\[\](){}#$~|\\!:/@.=+^-]", encoded)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf"))))
def test_inert_text_reads_the_same(text):
    assert unescape(inert(text)) == text


@given(st.text())
def test_paragraphs_hold_no_tag_but_their_own(text):
    assert "<" not in TAG.sub("", paragraphs(text, {}))


@pytest.mark.parametrize("encode", [inert, preformatted, with_figures, paragraphs])
def test_hostile_text_stays_on_one_line_without_tags(encode):
    encoded = encode(HOSTILE)

    assert "\n" not in encoded
    assert "<" not in TAG.sub("", encoded)
    assert "javascript:" not in encoded
    assert "http:" not in encoded


def test_marks_that_turn_the_reading_direction_are_shown():
    assert inert("a\u202eb") == "a⟨U&#43;202E⟩b"


def test_line_ends_are_kept():
    assert inert("a\r\nb") == "a<br>b"
    assert preformatted("a\nb") == "a&#10;b"


@pytest.mark.parametrize(
    ("text", "bold"),
    [
        ("销售额：¥1,234.50，占 12.5%。", ["¥1,234.50", "12.5%"]),
        ("As of 2026-10-31 there are 1,234.", ["2026-10-31", "1,234"]),
        ("down -4.0% from F12 and v2x", ["-4.0%"]),
        ("变化 +¥1,627.78(+0.6%)", ["+¥1,627.78", "+0.6%"]),
        ("(2026-10-30,5 星), 2026-10", ["2026-10-30", "5", "2026-10"]),
        ("no figure", []),
    ],
)
def test_figures_are_bold(text, bold):
    found = re.findall("<b>(.*?)</b>", with_figures(text))

    assert [unescape(figure) for figure in found] == bold


def test_lines_with_marks_become_lists():
    html = paragraphs("head\n1. one\n2. two\n- a\n- b\ntail")

    assert html == (
        '<p>head</p><ol><li value="1">one</li><li value="2">two</li></ol>'
        "<ul><li>a</li><li>b</li></ul><p>tail</p>"
    )
