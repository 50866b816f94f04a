"""Festivals and shopping festivals as ranges of days, by rule or by table.

Each language lists the words for these codes in its ``time.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from knowledge.languages.time_grammar.periods import DAY, Period

# Days of the Chinese lunar calendar: new year (1-1), 端午 (5-5), 七夕 (7-7), 中秋 (8-15),
# 重阳 (9-9); 清明 is the sun's. A year outside the table is unknown, never guessed.
CHINESE_DAYS: dict[int, dict[str, tuple[int, int]]] = {
    2023: {"new_year": (1, 22), "tombs": (4, 5), "boats": (6, 22), "qixi": (8, 22),
           "moon": (9, 29), "ninth": (10, 23)},
    2024: {"new_year": (2, 10), "tombs": (4, 4), "boats": (6, 10), "qixi": (8, 10),
           "moon": (9, 17), "ninth": (10, 11)},
    2025: {"new_year": (1, 29), "tombs": (4, 4), "boats": (5, 31), "qixi": (8, 29),
           "moon": (10, 6), "ninth": (10, 29)},
    2026: {"new_year": (2, 17), "tombs": (4, 5), "boats": (6, 19), "qixi": (8, 19),
           "moon": (9, 25), "ninth": (10, 18)},
    2027: {"new_year": (2, 6), "tombs": (4, 5), "boats": (6, 9), "qixi": (8, 8),
           "moon": (9, 15), "ninth": (10, 8)},
    2028: {"new_year": (1, 26), "tombs": (4, 4), "boats": (5, 28), "qixi": (8, 26),
           "moon": (10, 3), "ninth": (10, 26)},
}  # fmt: skip

Meaning = Literal["festival_day", "festival_holiday", "festival_sale"]


@dataclass(frozen=True, slots=True)
class Festival:
    """A festival: its main day in a year, and how many days before and after belong to it."""

    code: str
    day: Callable[[int], date | None]
    meaning: Meaning = "festival_day"
    before: int = 0
    after: int = 0

    def period(self, year: int) -> Period | None:
        """Return its days in a year; None where the table does not reach."""
        day = self.day(year)
        if day is None:
            return None
        return Period(day - DAY * self.before, day + DAY * (self.after + 1))

    def main_day(self, year: int) -> Period | None:
        """Return the one day it is named after."""
        day = self.day(year)
        return None if day is None else Period(day, day + DAY, "day")


def _on(month: int, day: int) -> Callable[[int], date | None]:
    return lambda year: date(year, month, day)


def _chinese(name: str, days_later: int = 0) -> Callable[[int], date | None]:
    def find(year: int) -> date | None:
        days = CHINESE_DAYS.get(year)
        return None if days is None else date(year, *days[name]) + DAY * days_later

    return find


def _weekday_of_month(
    month: int, weekday: int, nth: int, days_later: int = 0
) -> Callable[[int], date | None]:
    def find(year: int) -> date | None:
        first = date(year, month, 1)
        return first + DAY * ((weekday - first.weekday()) % 7 + 7 * (nth - 1) + days_later)

    return find


def _easter(year: int) -> date | None:
    """Return Easter Sunday (Meeus/Jones/Butcher)."""
    century, in_century = divmod(year, 100)
    golden = year % 19
    corrected = century - century // 4 - (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + corrected + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - moon - in_century % 4) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


FESTIVALS = (
    Festival("double_11", _on(11, 11), "festival_sale", before=10),
    Festival("double_12", _on(12, 12), "festival_sale", before=2),
    Festival("618", _on(6, 18), "festival_sale", before=17),
    Festival("99_sale", _on(9, 9), "festival_sale", before=2),
    Festival("38_sale", _on(3, 8), "festival_sale", before=7),
    Festival("black_friday", _weekday_of_month(11, 3, 4, 1), "festival_sale", after=3),
    Festival("cyber_monday", _weekday_of_month(11, 3, 4, 4)),
    Festival("new_year", _on(1, 1)),
    Festival("spring_festival", _chinese("new_year"), "festival_holiday", before=1, after=6),
    Festival("new_year_eve_cn", _chinese("new_year", -1)),
    Festival("lantern", _chinese("new_year", 14)),
    Festival("valentine", _on(2, 14)),
    Festival("women", _on(3, 8)),
    Festival("tombs", _chinese("tombs")),
    Festival("easter", _easter),
    Festival("may_day", _on(5, 1), "festival_holiday", after=4),
    Festival("520", _on(5, 20)),
    Festival("mother", _weekday_of_month(5, 6, 2)),
    Festival("children", _on(6, 1)),
    Festival("father", _weekday_of_month(6, 6, 3)),
    Festival("boats", _chinese("boats")),
    Festival("qixi", _chinese("qixi")),
    Festival("teacher", _on(9, 10)),
    Festival("moon", _chinese("moon")),
    Festival("national_day", _on(10, 1), "festival_holiday", after=6),
    Festival("ninth", _chinese("ninth")),
    Festival("halloween", _on(10, 31)),
    Festival("thanksgiving", _weekday_of_month(11, 3, 4)),
    Festival("christmas_eve", _on(12, 24)),
    Festival("christmas", _on(12, 25)),
    Festival("new_year_eve", _on(12, 31)),
)
BY_CODE = {festival.code: festival for festival in FESTIVALS}
