"""Numbers: every line of numbers.yml, spans that point at their characters, and the readers."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge.languages import NumberSpan, find_numbers, normalise
from knowledge.languages.zh import numbers as zh

CASES = yaml.safe_load(Path(__file__).with_name("numbers.yml").read_text(encoding="utf-8"))
DIGITS = "零一二三四五六七八九"


def written(span: NumberSpan) -> str:
    marks = ["points"] if span.unit == "points" else ["share"] if span.percent else []
    marks += ["nth"] * span.ordinal + ["weak"] * span.weak
    return " ".join([repr(span.value), *marks])


def canonical(expected: str | float) -> str:
    value, *marks = str(expected).split()
    return " ".join([repr(float(value) if "." in value else int(value)), *marks])


def plain(value: float) -> float:
    return round(value, 12)


@pytest.mark.parametrize(("text", "expected"), CASES.items(), ids=str)
def test_numbers_are_read(text: str, expected: object) -> None:
    spans = find_numbers(normalise(text).text)

    wanted = expected if isinstance(expected, list) else [expected]
    assert len(spans) == len(wanted), spans
    for span, one in zip(spans, wanted, strict=True):
        value, *marks = canonical(one).split()
        found, *found_marks = written(span).split()
        assert (plain(float(found)), found_marks) == (plain(float(value)), marks)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 120


@pytest.mark.parametrize("text", CASES, ids=str)
def test_number_spans_point_at_their_text(text: str) -> None:
    normal = normalise(text).text

    ends = 0
    for span in find_numbers(normal):
        assert normal[span.begin : span.end] == span.text
        assert span.begin >= ends
        ends = span.end


def in_chinese(value: int) -> str:
    """Write a number below 10,000 in full Chinese numerals, as a schoolbook does."""
    digits = str(value)
    text = ""
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit != "0":
            text += DIGITS[int(digit)] + ["", "十", "百", "千"][place]
        elif not text.endswith("零"):
            text += "零"
    return text.rstrip("零")


@given(st.integers(min_value=1, max_value=9999))
def test_every_chinese_numeral_below_ten_thousand_reads_back(value: int) -> None:
    assert zh.read(in_chinese(value)) == value


@given(st.integers(min_value=1, max_value=9999), st.integers(min_value=1000, max_value=9999))
def test_chinese_numerals_above_ten_thousand_read_back(high: int, low: int) -> None:
    assert zh.read(f"{in_chinese(high)}万{in_chinese(low)}") == high * 10_000 + low


@given(st.integers(min_value=0, max_value=10**12))
def test_thousands_separators_read_back(value: int) -> None:
    (span,) = find_numbers(f"{value:,}")

    assert span.value == value


@given(st.text(max_size=60))
def test_any_text_is_survived(text: str) -> None:
    for span in find_numbers(normalise(text).text):
        assert span.begin < span.end
