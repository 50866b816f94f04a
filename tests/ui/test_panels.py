"""The panel beside the chat: what an answer rests on, written inertly."""

import re
from html import unescape

import pytest

from ui.panels import chart_hint, chart_tools_html, data_html, number_html, sources_html
from ui.tables import MOST_ROWS

from .fake_analyst import AS_OF, BUILD, HOSTILE, REVENUE, answer_to


def text_of(html):
    return unescape(re.sub(r"<[^>]*>", " ", html))


def test_number_is_large_with_what_it_is_compared_with():
    text = text_of(number_html(answer_to("上个月"), "CNY"))

    assert "1,234,567.89" in text
    assert "1,187,000.5" in text
    assert "+4.0%" in text


def test_other_charts_have_no_number():
    assert number_html(answer_to("各品类"), "CNY") == ""


def test_data_shows_labels_and_peoples_units():
    text = text_of(data_html(answer_to("category"), "en", "CNY"))

    assert "Mother & baby" in text
    assert "mother_baby" not in text
    assert "400,000.25" in text
    assert "30.0%" in text


def test_long_table_is_cut_and_says_so():
    answer = answer_to("category")
    rows = tuple((f"c{i}", i, 0.1) for i in range(MOST_ROWS + 7))
    answer = answer.model_copy(update={"table": answer.table.model_copy(update={"rows": rows})})

    html = data_html(answer, "en", "CNY")
    assert html.count("<tr>") == MOST_ROWS + 1
    assert str(MOST_ROWS + 7) in text_of(html)


def test_sources_name_definition_window_time_build_rows_and_query():
    answer = answer_to("各品类")
    text = text_of(sources_html(answer, "zh"))

    assert "E1" in text
    assert REVENUE.text in text
    assert "2026-09-01" in text
    assert "2026-09-30" in text
    assert AS_OF.isoformat() in text
    assert BUILD in text
    assert answer.evidence[0].sql in text
    assert "上海" in text


def test_sources_quote_customers_literally():
    text = text_of(sources_html(answer_to("抱怨"), "zh"))

    assert "物流太慢了，等了九天。" in text
    assert "★☆☆☆☆" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_empty_panels_say_so(language):
    for html in (
        data_html(None, language, "CNY"),
        sources_html(None, language),
        chart_hint(None, language),
        chart_hint(answer_to("天气"), language),
    ):
        assert text_of(html).strip()


def test_nothing_hostile_becomes_markup():
    answer = answer_to("<b>")

    for html in (data_html(answer, "en", "CNY"), sources_html(answer, "en")):
        assert "\n" not in html
        assert not re.search(r"<(img|script|style|a)\b", html)
        assert HOSTILE in unescape(html)


def test_table_can_be_sorted_and_exported_once_its_turn_is_kept():
    answer = answer_to("category")
    kept = answer.model_copy(update={"thread": "T", "turn_id": "U"})

    assert 'name="sort"' not in data_html(answer, "en", "CNY")
    html = data_html(kept, "en", "CNY")
    assert html.count('name="sort"') == len(answer.table.columns)
    assert html.count('name="download"') == 2
    assert html.count('name="evidence"') == 1


def test_chart_tools_offer_other_forms_and_a_picture():
    html = chart_tools_html(answer_to("category"), ("line", "bar"), "bar", "en")

    assert re.findall(r'class="(\w*)" name="chart"', html) == ["", "on"]
    assert 'name="picture"' in html
    assert chart_tools_html(answer_to("category"), (), "bar", "en") == ""
    assert 'name="chart"' not in chart_tools_html(answer_to("category"), ("bar",), "bar", "en")
