"""When people buy: festivals, weekdays, growth, and the hours of the day.

A purchase process runs on its own clock, which ticks faster on busy days. ``Seasons`` turns that
clock into dates and back, so that one exponential gap gives a plausible calendar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CHINESE_NEW_YEAR = (
    date(2022, 2, 1),
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
)

FESTIVALS: tuple[tuple[int, int, int, float], ...] = (
    (3, 5, 8, 1.35),
    (5, 1, 3, 1.15),
    (6, 1, 15, 1.40),
    (6, 16, 18, 2.40),
    (8, 18, 18, 1.35),
    (9, 9, 10, 1.20),
    (10, 1, 5, 1.15),
    (10, 24, 31, 1.20),
    (11, 1, 3, 1.90),
    (11, 4, 10, 1.50),
    (11, 11, 11, 4.20),
    (12, 12, 12, 2.00),
)
"""Month, first day, last day, how many times the ordinary demand."""

WEEKDAYS = (0.95, 0.93, 0.95, 0.97, 1.02, 1.12, 1.10)
PROMOTION_FROM = 1.35
"""A day this much busier than ordinary is one on which the brand discounts widely."""

HOURS_ONLINE = (
    2.2, 1.2, 0.6, 0.4, 0.3, 0.5, 1.0, 1.9, 2.8, 3.7, 4.6, 4.7,
    5.2, 4.7, 4.2, 4.2, 4.4, 4.3, 4.6, 6.0, 8.6, 9.8, 8.2, 5.0,
)  # fmt: skip
HOURS_STORE = (
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 6, 7, 7, 8, 9, 9, 9, 9, 10, 9, 5, 0, 0,
)  # fmt: skip
HOURS_OFFICE = (
    0, 0, 0, 0, 0, 0, 0, 0.3, 2, 7, 9, 8, 4, 6, 8, 8, 7, 5, 3, 3, 3, 2, 1, 0,
)  # fmt: skip


def festival_factor(day: date) -> float:
    """How many times the ordinary demand a day has, Chinese New Year's dip included."""
    factor = 1.0
    for month, first, last, times in FESTIVALS:
        if day.month == month and first <= day.day <= last:
            factor = times
    for new_year in CHINESE_NEW_YEAR:
        distance = (day - new_year).days
        if -3 <= distance <= 6:
            factor *= 0.45
        elif -20 <= distance < -6:
            factor *= 1.25
    return factor


@dataclass(frozen=True)
class Seasons:
    """Daily demand from ``origin`` on, as a weight per day and as a clock.

    Attributes
    ----------
    origin : date
        Day 0 of all times in the generator, which are floats in days.
    weights : array of one weight per day; its mean over the years is near 1.
    clock : array, one longer: the demand passed before each day begins.
    """

    origin: date
    weights: Floats
    clock: Floats

    @classmethod
    def build(cls, origin: date, last: date, spike: float = 1.0, growth: float = 0.0) -> Seasons:
        """Build the seasons of one kind of buyer.

        Parameters
        ----------
        spike : float
            Power of the festivals; above 1 the buyer waits for them.
        growth : float
            Yearly growth of demand per person.
        """
        days = [origin + timedelta(days=i) for i in range((last - origin).days + 1)]
        factors = np.array([festival_factor(d) for d in days]) ** spike
        weekdays = np.array([WEEKDAYS[d.weekday()] for d in days])
        trend = np.exp(growth * (np.arange(len(days)) / 365.0))
        weights = factors * weekdays * trend
        return cls(origin, weights, np.concatenate([[0.0], np.cumsum(weights)]))

    def to_clock(self, times: Floats) -> Floats:
        """Turn days since the origin into demand passed."""
        return np.interp(times, np.arange(len(self.clock)), self.clock)

    def to_time(self, clock: Floats) -> Floats:
        """Turn demand passed into days since the origin; beyond the last day: infinity."""
        times = np.interp(clock, self.clock, np.arange(len(self.clock)))
        return np.where(clock >= self.clock[-1], np.inf, times)

    def is_promotion(self, days: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Tell which days are days of wide discounts."""
        factors = [
            festival_factor(self.origin + timedelta(days=i)) for i in range(len(self.weights))
        ]
        return np.asarray(np.array(factors) >= PROMOTION_FROM)[days]


def hours(rng: np.random.Generator, pattern: tuple[float, ...], size: int) -> Floats:
    """Draw times of day, as fractions of a day, from a pattern of 24 weights."""
    cdf = np.cumsum(np.asarray(pattern, dtype=float))
    hour = np.searchsorted(cdf / cdf[-1], rng.random(size), side="right")
    return np.asarray((hour + rng.random(size)) / 24.0)
