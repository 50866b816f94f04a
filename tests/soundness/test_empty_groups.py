"""What has no rows is zero where things are counted and unknown where they are averaged."""

from warehouse.query import Condition

from .conftest import Ask

NOBODY = Condition(field="city", values=("火星",))
WINDOW = {"start": "2026-01-01", "end": "2026-07-01"}


def test_counts_and_sums_of_nothing_are_zero(ask: Ask) -> None:
    (row,) = ask(metrics=["orders", "revenue", "buyers", "repeat_buyers"], where=NOBODY).rows

    assert row == (0, 0, 0, 0)


def test_averages_of_nothing_are_unknown(ask: Ask) -> None:
    (row,) = ask(metrics=["rating", "delivery_days", "satisfaction"], where=NOBODY).rows

    assert row == (None, None, None)


def test_a_split_of_nothing_has_no_rows(ask: Ask) -> None:
    assert ask(metrics=["orders"], dimensions=["category"], where=NOBODY).rows == ()


def test_a_trend_has_every_period(ask: Ask) -> None:
    store = Condition(field="store", values=("天河店",))

    days = ask(metrics=["orders", "aov"], time_range=WINDOW, time_grain="day", where=store)

    assert len(days.rows) == 181
    empty = [row for row in days.records if row["orders"] == 0]
    assert empty
    assert all(row["aov"] is None for row in empty)


def test_a_split_trend_has_every_period_of_every_group(ask: Ask) -> None:
    trend = ask(metrics=["orders"], dimensions=["payment_method"], time_range=WINDOW,
                time_grain="week", limit=10_000)  # fmt: skip

    groups = set(trend.column("payment_method"))
    weeks = set(trend.column("period"))
    assert len(trend.rows) == len(groups) * len(weeks)
    assert len({(row["period"], row["payment_method"]) for row in trend.records}) == len(trend.rows)


def test_a_metric_without_rows_for_a_group_of_another_is_zero(ask: Ask) -> None:
    lhasa = Condition(field="city", op="in", values=("拉萨", "上海"))
    both = ask(metrics=["customers", "tickets", "rating"], dimensions=["city"], where=lhasa,
               time_range={"start": "2026-06-29", "end": "2026-07-01"})  # fmt: skip

    for row in both.records:
        assert row["tickets"] is not None
        assert row["customers"] > 0


def test_a_group_without_a_name_is_kept_if_there_is_something_in_it(ask: Ask) -> None:
    regions = ask(metrics=["revenue"], dimensions=["region"]).column("region")
    buyers = ask(metrics=["buyers"], dimensions=["store"]).column("store")

    assert None in regions  # guests and customers without an address
    assert None in buyers  # orders that were not placed in a shop


def test_a_ranking_leaves_out_what_has_no_name(ask: Ask) -> None:
    ranked = ask(metrics=["revenue"], dimensions=["region"], ranking={"by": "revenue"})

    assert None not in ranked.column("region")
