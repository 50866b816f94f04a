"""What is compared is what the other window gives when it is asked for alone."""

from datetime import date

import pytest

from warehouse.errors import UnsupportedQuery

from .conftest import Ask

JUNE = {"start": "2026-06-01", "end": "2026-07-01"}
MAY = {"start": "2026-05-01", "end": "2026-06-01"}
PREVIOUS = {"kind": "previous_period"}


@pytest.mark.parametrize("metric", ["revenue", "aov", "repeat_rate", "rating", "customers"])
def test_compared_values_are_those_of_the_other_window(metric: str, ask: Ask) -> None:
    (row,) = ask(metrics=[metric], time_range=JUNE, comparison=PREVIOUS).records

    (now,) = ask(metrics=[metric], time_range=JUNE).column(metric)
    (then,) = ask(metrics=[metric], time_range=MAY).column(metric)
    assert row[metric] == pytest.approx(now)
    assert row[f"{metric}__compared"] == pytest.approx(then)
    assert row[f"{metric}__change"] == pytest.approx(now - then)
    assert row[f"{metric}__change_rate"] == pytest.approx(now / then - 1)


def test_groups_of_either_window_are_compared(ask: Ask) -> None:
    one_day = {"start": "2026-06-30", "end": "2026-07-01"}
    day_before = {"start": "2026-06-29", "end": "2026-06-30"}
    compared = ask(metrics=["orders"], dimensions=["product"], time_range=one_day,
                   comparison=PREVIOUS).by("product")  # fmt: skip

    now = ask(metrics=["orders"], dimensions=["product"], time_range=one_day).by("product")
    then = ask(metrics=["orders"], dimensions=["product"], time_range=day_before).by("product")
    assert compared.keys() == now.keys() | then.keys()
    assert now.keys() != then.keys()
    for product, row in compared.items():
        assert row["orders"] == now.get(product, {"orders": 0})["orders"]
        assert row["orders__compared"] == then.get(product, {"orders": 0})["orders"]


def test_periods_are_compared_by_their_place(ask: Ask) -> None:
    june = ask(metrics=["orders"], time_range=JUNE, time_grain="day", comparison=PREVIOUS)
    may = ask(metrics=["orders"], time_range=MAY, time_grain="day")

    assert june.column("orders__compared") == may.column("orders")[:30]
    assert june.column("period")[0] == date(2026, 6, 1)


def test_a_period_without_a_counterpart_has_nothing_compared(ask: Ask) -> None:
    march = ask(metrics=["orders"], time_range={"start": "2026-03-01", "end": "2026-04-01"},
                time_grain="day", comparison=PREVIOUS)  # fmt: skip

    assert [row["orders__compared"] is None for row in march.records] == [False] * 28 + [True] * 3
    assert march.records[30]["orders__change"] is None


def test_customers_so_far_are_compared_at_the_end_of_both(ask: Ask) -> None:
    months = {"start": "2026-04-01", "end": "2026-07-01"}
    found = ask(metrics=["customers"], time_range=months, time_grain="month", comparison=PREVIOUS)

    before = ask(metrics=["customers"], time_range={"start": "2026-01-01", "end": "2026-04-01"},
                 time_grain="month")  # fmt: skip
    assert found.column("customers__compared") == before.column("customers")


def test_change_from_zero_has_no_rate(ask: Ask) -> None:
    rows = ask(metrics=["orders"], dimensions=["product"], comparison=PREVIOUS,
               time_range={"start": "2026-06-30", "end": "2026-07-01"}).records  # fmt: skip

    new = [row for row in rows if row["orders__compared"] == 0]
    assert new
    assert all(row["orders__change_rate"] is None for row in new)


def test_an_explicit_range_is_compared_as_it_is(ask: Ask) -> None:
    other = {"kind": "explicit", "range": {"start": "2025-06-01", "end": "2025-07-01"}}
    (row,) = ask(metrics=["revenue"], time_range=JUNE, comparison=other).records
    (last_year,) = ask(
        metrics=["revenue"], time_range=JUNE, comparison={"kind": "previous_year"}
    ).records

    assert row == last_year


def test_a_window_before_the_data_is_no_zero(ask: Ask) -> None:
    with pytest.raises(UnsupportedQuery, match="2023-02-01 to 2023-02-28 is outside the data"):
        ask(metrics=["revenue"], time_range={"start": "2024-02-01", "end": "2024-03-01"},
            comparison={"kind": "previous_year"})  # fmt: skip


def test_a_window_that_begins_before_the_data_is_noted(ask: Ask) -> None:
    other = {"kind": "explicit", "range": {"start": "2023-01-01", "end": "2024-03-01"}}
    found = ask(metrics=["revenue"], time_range=JUNE, comparison=other)

    assert "compared_before_data" in found.compiled.notes


def test_unequal_windows_are_noted(ask: Ask) -> None:
    other = {"kind": "explicit", "range": {"start": "2026-01-01", "end": "2026-04-01"}}

    assert (
        "compared_length_differs"
        in ask(metrics=["revenue"], time_range=JUNE, comparison=other).compiled.notes
    )
    assert ask(metrics=["revenue"], time_range=JUNE, comparison=PREVIOUS).compiled.notes == ()


def test_groups_and_periods_are_compared_together(ask: Ask) -> None:
    quarter = {"start": "2026-04-01", "end": "2026-07-01"}
    before = {"start": "2026-01-01", "end": "2026-04-01"}
    split = {"metrics": ["orders"], "dimensions": ["sales_channel"], "time_grain": "month"}
    found = ask(**split, time_range=quarter, comparison=PREVIOUS)

    now = ask(**split, time_range=quarter).by("period", "sales_channel")
    then = ask(**split, time_range=before).by("period", "sales_channel")
    for row in found.records:
        earlier = row["period"].replace(month=row["period"].month - 3)
        key = row["sales_channel"]
        assert row["orders"] == now[row["period"], key]["orders"]
        assert row["orders__compared"] == then[earlier, key]["orders"]
    assert len(found.rows) == len(now) == len(then)
