"""When the data begins and ends, without trusting a single odd row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

STRAY_SHARE = 0.001
STRAY_GAP = timedelta(days=7)


def data_span(days: Sequence[tuple[date, int]]) -> tuple[date, date] | None:
    """Find the first and the last day of the bulk of dated rows, both included.

    Few rows far from all others are strays: at most one row in a thousand, more than seven days
    away from the next one. An order dated 2099 must not move "the last 30 days".

    Parameters
    ----------
    days : sequence of (day, rows), sorted by day
        How many rows each day has.

    Returns
    -------
    (date, date) or None
        ``None`` if there are no rows.

    Examples
    --------
    >>> busy = [(date(2026, 10, d), 400) for d in range(1, 32)]
    >>> first, last = data_span([(date(1970, 1, 1), 3), *busy, (date(2099, 1, 1), 2)])
    >>> print(first, last)
    2026-10-01 2026-10-31
    """
    if not days:
        return None
    allowed = STRAY_SHARE * sum(rows for _, rows in days)
    return _edge(days, allowed), _edge(days[::-1], allowed)


def _edge(days: Sequence[tuple[date, int]], allowed: float) -> date:
    """Walk inwards from one end; the innermost wide gap with few rows outside is the edge."""
    edge, outside = days[0][0], 0
    for (day, rows), (inner, _) in pairwise(days):
        outside += rows
        if outside > allowed:
            break
        if abs(inner - day) > STRAY_GAP:
            edge = inner
    return edge
