"""Numbers, money, shares, days and durations as people read them, in both languages.

Every figure is written in full digits, rounded half up from its shortest decimal form, so that the
grounding check finds it again. A missing value is a dash.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from knowledge.languages.detect import Language
from knowledge.languages.messages import say

MISSING = "–"
SIGNS = {"CNY": "¥", "USD": "$", "HKD": "HK$", "SGD": "S$", "TWD": "NT$", "EUR": "€", "GBP": "£"}
# Currencies without a minor unit; all others have two decimals.
WHOLE_CURRENCIES = frozenset({"JPY", "KRW", "VND"})

Value = str | int | float | bool | date | None


def format_number(value: int | float | None, decimals: int | None = None) -> str:
    """Write a number with thousands separators; without ``decimals`` at most two, none trailing.

    Examples
    --------
    >>> format_number(1234567), format_number(3.10), format_number(2.005, 2)
    ('1,234,567', '3.1', '2.01')
    """
    rounded = _round(value, 2 if decimals is None else decimals)
    if rounded is None:
        return MISSING
    text = f"{rounded:,f}"
    return text.rstrip("0").rstrip(".") if decimals is None and "." in text else text


def format_currency(amount: int | float | None, currency: str = "CNY") -> str:
    """Write an amount of major units (元, dollars) in its currency.

    Examples
    --------
    >>> format_currency(1234.56), format_currency(-0.5, "USD")
    ('¥1,234.56', '-$0.50')
    """
    decimals = 0 if currency in WHOLE_CURRENCIES else 2
    rounded = _round(amount, decimals)
    if rounded is None:
        return MISSING
    sign = SIGNS.get(currency, f"{currency} ")
    return f"{'-' if rounded < 0 else ''}{sign}{abs(rounded):,.{decimals}f}"


def format_percent(share: float | None, decimals: int = 1) -> str:
    """Write a share (0-1) as a percentage.

    Examples
    --------
    >>> format_percent(0.1234)
    '12.3%'
    """
    rounded = _hundredfold(share, decimals)
    return MISSING if rounded is None else f"{rounded:,.{decimals}f}%"


def format_change(rate: float | None, decimals: int = 1) -> str:
    """Write a rate of change (0-1) with its sign.

    Examples
    --------
    >>> format_change(0.05), format_change(-0.2), format_change(0.0)
    ('+5.0%', '-20.0%', '0.0%')
    """
    rounded = _hundredfold(rate, decimals)
    return MISSING if rounded is None else f"{_plus(rounded)}{rounded:,.{decimals}f}%"


def format_points(difference: float | None, language: Language, decimals: int = 1) -> str:
    """Write a difference of two shares (0-1) in percentage points.

    Examples
    --------
    >>> format_points(0.012, "zh"), format_points(-0.2, "en")
    ('+1.2 个百分点', '-20.0 pp')
    """
    rounded = _hundredfold(difference, decimals)
    if rounded is None:
        return MISSING
    return say("points", language, value=f"{_plus(rounded)}{rounded:,.{decimals}f}")


def format_difference(value: int | float | None, decimals: int | None = None) -> str:
    """Write a difference of two numbers with its sign."""
    text = format_number(value, decimals)
    return f"+{text}" if value is not None and text[0] != "-" and text.strip("0.") else text


def format_day(day: date | None) -> str:
    """Write a day as 2026-10-31."""
    return MISSING if day is None else day.isoformat()


def format_range(start: date | None, stop: date | None, language: Language) -> str:
    """Write the half-open days ``[start, stop)`` as people read them, last day included.

    Examples
    --------
    >>> format_range(date(2026, 9, 1), date(2026, 10, 1), "zh")
    '2026-09-01 至 2026-09-30'
    >>> format_range(None, date(2026, 10, 1), "en")
    'until 2026-09-30'
    """
    last = stop - timedelta(days=1) if stop else None
    if start is None and last is None:
        return say("range_all", language)
    if start is None:
        return say("range_until", language, stop=format_day(last))
    if last is None:
        return say("range_since", language, start=format_day(start))
    if start == last:
        return format_day(start)
    return say("range", language, start=format_day(start), stop=format_day(last))


def format_duration(value: int | float | None, unit: str, language: Language) -> str:
    """Write a length in days, hours or minutes, with at most one decimal.

    Examples
    --------
    >>> format_duration(3.25, "days", "zh"), format_duration(1, "hours", "en")
    ('3.3 天', '1 hour')
    """
    rounded = _round(value, 1)
    if rounded is None:
        return MISSING
    text = f"{rounded:,f}".removesuffix(".0")
    one = "_one" if text in ("1", "-1") else ""
    return say(f"duration_{unit}{one}", language, count=text)


def format_value(
    value: Value, unit: str, language: Language, currency: str = "CNY", signed: bool = False
) -> str:
    """Write the value of a column by its unit: the units of the semantic model.

    Currency is in major units, percent 0-1, points a difference of shares (0-1). ``signed`` writes
    a plus before what is above zero, for changes.
    """
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return say("yes" if value else "no", language)
    if isinstance(value, (str, date)):
        return str(value)
    if signed and value > 0 and unit != "points":
        return f"+{format_value(value, unit, language, currency)}"
    if unit == "currency":
        return format_currency(value, currency)
    if unit == "percent":
        return format_percent(value)
    if unit == "points":
        return format_points(value, language)
    if unit in ("days", "hours", "minutes"):
        return format_duration(value, unit, language)
    return format_number(value)


def _round(value: int | float | Decimal | None, decimals: int) -> Decimal | None:
    if value is None or not math.isfinite(value):
        return None
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return rounded + 0  # no negative zero


def _hundredfold(share: float | None, decimals: int) -> Decimal | None:
    if share is None or not math.isfinite(share):
        return None
    return _round(Decimal(str(share)) * 100, decimals)


def _plus(value: Decimal) -> str:
    return "+" if value > 0 else ""
