"""A join never changes a total: what is split adds up to what is not."""

import pytest

from warehouse.compiler import reach
from warehouse.query import Condition, TimeRange
from warehouse.semantic_model import load_semantic_model

from .conftest import Ask
from .marts import Frames

REACH = reach(load_semantic_model())
YEAR = {"start": "2025-03-07", "end": "2026-06-18"}


@pytest.mark.usefixtures("nothing_hidden")
@pytest.mark.parametrize("metric", ["revenue", "units", "amount_paid", "sessions", "tickets"])
def test_parts_of_every_dimension_add_up_to_the_whole(metric: str, ask: Ask) -> None:
    (whole,) = ask(metrics=[metric], time_range=YEAR).column(metric)

    for dimension in REACH[metric]:
        parts = ask(metrics=[metric], dimensions=[dimension], time_range=YEAR, limit=10_000)
        assert sum(parts.column(metric)) == pytest.approx(whole), dimension


def test_order_amounts_count_once_though_lines_are_filtered_by(ask: Ask, frames: Frames) -> None:
    orders = frames["orders"]
    stored = orders.loc[orders["is_valid"], "shipping_fee"].sum() / 100

    (fees,) = ask(metrics=["shipping_fees", "revenue", "units", "sessions"]).rows

    assert fees[0] == pytest.approx(stored)


def test_an_order_counts_once_in_each_category(ask: Ask, frames: Frames) -> None:
    lines = frames["order_lines"].merge(frames["products"], on="product_id")
    valid = lines[lines["is_valid"]]
    expected = valid.groupby("category", dropna=False)["order_id"].nunique().to_dict()

    found = ask(metrics=["orders"], dimensions=["category"]).by("category")

    assert {k: v["orders"] for k, v in found.items() if k} == {
        k: v for k, v in expected.items() if isinstance(k, str)
    }


def test_filters_over_two_joins_keep_each_row_once(ask: Ask, frames: Frames) -> None:
    lines = frames["order_lines"].merge(
        frames["orders"][["order_id", "sales_channel"]], on="order_id"
    )
    kept = lines[lines["is_valid"] & (lines["sales_channel"] == "tmall")]
    where = Condition(field="sales_channel", values=("tmall",))

    (row,) = ask(metrics=["units"], where=where).rows

    assert row == (kept["quantity"].sum(),)


def test_metrics_of_two_tables_do_not_multiply_each_other(ask: Ask) -> None:
    window = TimeRange.model_validate(YEAR)
    together = ask(metrics=["sessions", "tickets", "revenue"], dimensions=["region"],
                   time_range=window).by("region")  # fmt: skip

    for metric in ("sessions", "tickets", "revenue"):
        alone = ask(metrics=[metric], dimensions=["region"], time_range=window).by("region")
        assert {k: v[metric] for k, v in together.items()} == {
            k: alone[k][metric] if k in alone else 0 for k in together
        }
