"""Conditions on a customer's own metric look at the customer, and no rows are zero."""

import pytest

from warehouse.query import And, Condition, CustomerCondition, InSegment, Not, Or, TimeRange

from .conftest import Ask
from .marts import Frames

JUNE = TimeRange.model_validate({"start": "2026-06-01", "end": "2026-07-01"})


def orders_of(frames: Frames, start: str = "2000", end: str = "3000"):
    orders = frames["orders"]
    days = orders["ordered_at"].dt.strftime("%Y-%m-%d")
    valid = orders[orders["is_valid"] & (days >= start) & (days < end)]
    counts = valid.groupby("customer_id").size()
    return frames["customers"]["customer_id"].map(counts).fillna(0)


@pytest.mark.parametrize(("op", "value"), [(">=", 3), ("<", 2), ("=", 0), ("!=", 0), ("<=", 1)])
def test_customers_without_rows_count_as_zero(op, value, ask: Ask, frames: Frames) -> None:
    own = orders_of(frames)
    expected = own.map(lambda n: {">=": n >= value, "<": n < value, "=": n == value,
                                  "!=": n != value, "<=": n <= value}[op]).sum()  # fmt: skip

    (row,) = ask(
        metrics=["customers"],
        where=CustomerCondition(customer_metric="orders", op=op, values=(value,)),
    ).rows

    assert row == (expected,)


def test_a_condition_has_a_window_of_its_own(ask: Ask, frames: Frames) -> None:
    expected = (orders_of(frames, "2026-06-01", "2026-07-01") >= 1).sum()
    busy = CustomerCondition(customer_metric="orders", op=">=", values=(1,), time_range=JUNE)

    (row,) = ask(metrics=["customers"], where=busy).rows

    assert row == (expected,)


def test_a_condition_has_a_filter_of_its_own(ask: Ask, frames: Frames) -> None:
    orders = frames["orders"]
    tmall = orders[orders["is_valid"] & (orders["sales_channel"] == "tmall")]
    counts = tmall.groupby("customer_id").size()
    expected = (frames["customers"]["customer_id"].map(counts).fillna(0) == 0).sum()
    never = CustomerCondition(
        customer_metric="orders", op="=", values=(0,),
        where=Condition(field="sales_channel", values=("tmall",)),
    )  # fmt: skip

    (row,) = ask(metrics=["customers"], where=never).rows

    assert row == (expected,)


def test_a_condition_and_its_negation_are_everyone(ask: Ask) -> None:
    for leaf in (
        CustomerCondition(customer_metric="aov", op=">=", values=(300,)),
        CustomerCondition(customer_metric="sessions", op=">", values=(8,)),
        InSegment(segment="discount_lovers"),
        Condition(field="city", values=("上海",)),
        Or(any=(Condition(field="city", values=("上海",)), InSegment(segment="lapsed"))),
        And(all=(Condition(field="recency_days", op=">", values=(30,)),)),
    ):
        for metric in ("customers", "revenue", "sessions"):
            (yes,) = ask(metrics=[metric], where=leaf).column(metric)
            (no,) = ask(metrics=[metric], where=Not(negated=leaf)).column(metric)
            (everyone,) = ask(metrics=[metric]).column(metric)
            assert yes + no == pytest.approx(everyone)


def test_different_and_not_equal_are_the_same(ask: Ask) -> None:
    equal = Condition(field="city", values=("上海",))
    different = Condition(field="city", op="!=", values=("上海",))

    assert (
        ask(metrics=["revenue"], where=different).rows
        == ask(metrics=["revenue"], where=Not(negated=equal)).rows
    )


def test_amounts_are_compared_in_major_units(ask: Ask, frames: Frames) -> None:
    expected = (frames["customers"]["revenue_365d"] >= 300_000).sum()

    by_dimension = ask(
        metrics=["customers"], where=Condition(field="revenue_365d", op=">=", values=(3000,))
    )
    by_segment = ask(metrics=["customers"], where=InSegment(segment="high_value"))

    assert by_dimension.rows == by_segment.rows == ((expected,),)


def test_guests_are_nobody_a_condition_could_hold_for(ask: Ask) -> None:
    anyone = CustomerCondition(customer_metric="orders", op=">=", values=(0,))

    assert ask(metrics=["guest_orders"], where=anyone).rows == ((0,),)
