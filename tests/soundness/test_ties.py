"""Every order is total: the same question has the same rows in the same order, page by page."""

import pytest

from .conftest import Ask

TIED = {"metrics": ["orders"], "dimensions": ["category", "brand", "payment_method"]}


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_of_a_ranking_join_without_gap_or_repeat(direction: str, ask: Ask) -> None:
    by = {"by": "orders", "direction": direction}
    whole = ask(**TIED, ranking={**by, "limit": 1000}).rows
    pages = [ask(**TIED, ranking={**by, "limit": 7, "offset": 7 * n}).rows for n in range(20)]

    assert tuple(row for page in pages for row in page) == whole[:140]
    assert len({row[3] for row in whole}) < len(whole), "no ties in the sample"


def test_ties_are_ordered_by_the_dimensions(ask: Ask) -> None:
    rows = ask(**TIED, ranking={"by": "orders", "limit": 1000}).rows

    def place(row: tuple) -> tuple:
        return (-row[3], *(((text is None), text or "") for text in row[:3]))

    assert list(rows) == sorted(rows, key=place)


def test_unknown_values_come_last_in_both_directions(ask: Ask) -> None:
    for direction in ("asc", "desc"):
        rates = ask(metrics=["refund_rate"], dimensions=["city", "payment_method"],
                    time_range={"start": "2026-05-01", "end": "2026-05-09"},
                    ranking={"by": "refund_rate", "direction": direction, "limit": 1000},
                    ).column("refund_rate")  # fmt: skip
        known = [rate for rate in rates if rate is not None]
        assert rates[: len(known)] == sorted(known, reverse=direction == "desc")


def test_ranking_within_groups_keeps_as_many_of_each(ask: Ask) -> None:
    best = ask(metrics=["revenue"], dimensions=["category", "product"],
               ranking={"by": "revenue", "limit": 2, "within": ["category"]})  # fmt: skip
    every = ask(metrics=["revenue"], dimensions=["category", "product"],
                ranking={"by": "revenue", "limit": 1000})  # fmt: skip

    assert best.column("category") == sorted(best.column("category"))
    for category in set(best.column("category")):
        own = [row for row in every.rows if row[0] == category]
        assert [row for row in best.rows if row[0] == category] == own[:2]


def test_ranking_of_groups_keeps_every_period_of_the_best(ask: Ask) -> None:
    window = {"start": "2026-01-01", "end": "2026-07-01"}
    best = ask(metrics=["revenue"], dimensions=["product"], time_range=window,
               ranking={"by": "revenue", "limit": 3}).column("product")  # fmt: skip
    trend = ask(metrics=["revenue"], dimensions=["product"], time_range=window, time_grain="month",
                ranking={"by": "revenue", "limit": 3, "keep": "groups"})  # fmt: skip

    assert set(trend.column("product")) == set(best)
    assert len(trend.rows) == 3 * 6


def test_ordered_values_stand_in_their_order(ask: Ask) -> None:
    levels = ask(metrics=["orders"], dimensions=["price_band"]).column("price_band")

    assert levels == ["low", "mid", "high"]


def test_growth_can_be_ranked_by(ask: Ask) -> None:
    grown = ask(metrics=["revenue"], dimensions=["city"], comparison={"kind": "previous_period"},
                time_range={"start": "2026-04-01", "end": "2026-07-01"},
                ranking={"by": "revenue__change_rate", "limit": 3})  # fmt: skip

    rates = grown.column("revenue__change_rate")
    assert rates == sorted(rates, reverse=True)
