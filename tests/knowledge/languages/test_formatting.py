"""Formatting: full digits, half up, both languages, the same every time."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.languages import (
    find_numbers,
    format_change,
    format_currency,
    format_day,
    format_difference,
    format_duration,
    format_number,
    format_percent,
    format_points,
    format_range,
    format_value,
)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, None, "0"),
        (1234567, None, "1,234,567"),
        (-1234, None, "-1,234"),
        (3.10, None, "3.1"),
        (3.0, None, "3"),
        (1.005, 2, "1.01"),
        (2.675, 2, "2.68"),
        (0.125, 2, "0.13"),
        (-0.004, 2, "0.00"),
        (1e15, None, "1,000,000,000,000,000"),
        (1200, 0, "1,200"),
        (None, None, "–"),
        (float("nan"), None, "–"),
        (float("inf"), None, "–"),
    ],
)
def test_numbers_are_written_in_full(value: float | None, decimals: int | None, text: str) -> None:
    assert format_number(value, decimals) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1234.56, "CNY", "¥1,234.56"),
        (0, "CNY", "¥0.00"),
        (0.05, "CNY", "¥0.05"),
        (-0.5, "USD", "-$0.50"),
        (12345.675, "CNY", "¥12,345.68"),
        (100, "JPY", "JPY 100"),
        (1, "HKD", "HK$1.00"),
        (-0.01, "SGD", "-S$0.01"),
        (-0.001, "CNY", "¥0.00"),
        (1000, "XYZ", "XYZ 1,000.00"),
        (None, "CNY", "–"),
        (float("nan"), "CNY", "–"),
    ],
)
def test_amounts_are_written_in_their_currency(
    amount: float | None, currency: str, text: str
) -> None:
    assert format_currency(amount, currency) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.123, "12.3%"), (0.1235, "12.4%"), (1.0, "100.0%"), (0.0, "0.0%"), (-0.05, "-5.0%"),
     (12.5, "1,250.0%"), (None, "–")],
)  # fmt: skip
def test_percentages_have_one_decimal(share: float | None, text: str) -> None:
    assert format_percent(share) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [(0.05, "+5.0%"), (-0.2, "-20.0%"), (0.0, "0.0%"), (-0.00001, "0.0%"), (None, "–")],
)
def test_changes_carry_their_sign(rate: float | None, text: str) -> None:
    assert format_change(rate) == text


@pytest.mark.parametrize(
    ("difference", "language", "text"),
    [
        (0.012, "zh", "+1.2 个百分点"),
        (0.012, "en", "+1.2 pp"),
        (-0.2, "zh", "-20.0 个百分点"),
        (0.0, "en", "0.0 pp"),
        (None, "en", "–"),
    ],
)
def test_points_are_written_in_both_languages(difference: float, language, text: str) -> None:
    assert format_points(difference, language) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(5, "+5"), (-5, "-5"), (0, "0"), (1234.5, "+1,234.5"), (None, "–")],
)
def test_differences_carry_their_sign(value: float | None, text: str) -> None:
    assert format_difference(value) == text


@pytest.mark.parametrize(
    ("start", "stop", "zh", "en"),
    [
        ("2026-09-01", "2026-10-01", "2026-09-01 至 2026-09-30", "2026-09-01 to 2026-09-30"),
        ("2026-10-31", "2026-11-01", "2026-10-31", "2026-10-31"),
        (None, "2026-10-01", "截至 2026-09-30", "until 2026-09-30"),
        ("2026-09-01", None, "2026-09-01 起", "from 2026-09-01 on"),
        (None, None, "全部时间", "all time"),
    ],
)
def test_ranges_show_their_last_day(start: str | None, stop: str | None, zh: str, en: str) -> None:
    days = [date.fromisoformat(day) if day else None for day in (start, stop)]

    assert (format_range(*days, "zh"), format_range(*days, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (3.25, "days", "3.3 天", "3.3 days"),
        (1, "days", "1 天", "1 day"),
        (1.0, "hours", "1 小时", "1 hour"),
        (0, "hours", "0 小时", "0 hours"),
        (1234.5, "minutes", "1,234.5 分钟", "1,234.5 minutes"),
        (None, "days", "–", "–"),
    ],
)
def test_durations_speak_both_languages(value: float | None, unit: str, zh: str, en: str) -> None:
    assert (format_duration(value, unit, "zh"), format_duration(value, unit, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234.56, "currency", "¥1,234.56"),
        (0.1234, "percent", "12.3%"),
        (0.012, "points", "+1.2 pp"),
        (1200, "count", "1,200"),
        (4.567, "score", "4.57"),
        (2, "days", "2 days"),
        ("上海", "text", "上海"),
        (date(2026, 10, 1), "date", "2026-10-01"),
        (True, "text", "yes"),
        (None, "count", "–"),
    ],
)
def test_values_are_written_by_their_unit(value: object, unit: str, text: str) -> None:
    assert format_value(value, unit, "en") == text


def test_a_day_is_written_the_iso_way() -> None:
    assert (format_day(date(2026, 10, 1)), format_day(None)) == ("2026-10-01", "–")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234.5, "currency", "+¥1,234.50"),
        (-5, "count", "-5"),
        (0, "count", "0"),
        (0.05, "percent", "+5.0%"),
        (0.012, "points", "+1.2 pp"),
        (2, "days", "+2 days"),
        (True, "text", "yes"),
        (None, "count", "–"),
    ],
)
def test_changes_of_values_are_signed(value: object, unit: str, text: str) -> None:
    assert format_value(value, unit, "en", signed=True) == text


@given(st.integers(min_value=0, max_value=10**12))
def test_amounts_read_back_to_the_cent(cents: int) -> None:
    (span,) = find_numbers(format_currency(cents / 100))

    assert round(span.value * 100) == cents


@given(st.floats(min_value=0, max_value=50, allow_nan=False))
def test_percentages_read_back_at_their_precision(share: float) -> None:
    (span,) = find_numbers(format_percent(share))

    assert abs(span.value - share) <= 0.000501
