"""Periods add up to the range that they divide, whatever the grain."""

import pytest

from .conftest import Ask

RANGE = {"start": "2024-02-10", "end": "2026-05-20"}
GRAINS = ("day", "week", "month", "quarter", "year")


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("metric", ["orders", "revenue", "new_customers", "tickets"])
def test_periods_add_up_to_the_range(metric: str, grain: str, ask: Ask) -> None:
    (whole,) = ask(metrics=[metric], time_range=RANGE).column(metric)

    periods = ask(metrics=[metric], time_range=RANGE, time_grain=grain, limit=10_000)

    assert sum(periods.column(metric)) == pytest.approx(whole)


@pytest.mark.parametrize("grain", GRAINS)
def test_customers_so_far_end_at_the_total(grain: str, ask: Ask) -> None:
    (whole,) = ask(metrics=["customers"], time_range=RANGE).column("customers")

    so_far = ask(metrics=["customers"], time_range=RANGE, time_grain=grain, limit=10_000)

    values = so_far.column("customers")
    assert values[-1] == whole
    assert values == sorted(values)


def test_customers_so_far_do_not_depend_on_the_start(ask: Ask) -> None:
    late = ask(metrics=["customers"], time_range={"start": "2026-05-01", "end": "2026-05-20"})
    early = ask(metrics=["customers"], time_range={"start": "2020-01-01", "end": "2026-05-20"})

    assert late.rows == early.rows


def test_customers_so_far_of_each_region_add_up(ask: Ask) -> None:
    (whole,) = ask(metrics=["customers"]).column("customers")

    parts = ask(metrics=["customers"], dimensions=["region"], time_grain="quarter")

    last = max(parts.column("period"))
    assert sum(r["customers"] for r in parts.records if r["period"] == last) == whole


def test_neighbouring_ranges_share_no_row_and_lose_none(ask: Ask) -> None:
    def orders(start: str, end: str) -> int:
        (row,) = ask(metrics=["placed_orders"], time_range={"start": start, "end": end}).rows
        return row[0]

    for day in ("2024-02-29", "2024-03-01", "2026-01-01", "2026-06-01"):
        assert orders("2024-01-01", day) + orders(day, "2026-07-01") == orders(
            "2024-01-01", "2026-07-01"
        )
