"""Shares are of the whole, not of what is listed; where nothing overlaps they add up to one."""

import duckdb
import pytest

from warehouse.compiler import compile_query
from warehouse.errors import UnsupportedQuery
from warehouse.query import Condition, InSegment, QuerySpec, Share
from warehouse.semantic_model import SemanticModel

from .conftest import EVERYONE, Ask
from .marts import AS_OF, FIRST_DAY, Frames


def test_shares_add_up_to_one(ask: Ask) -> None:
    for metric in ("revenue", "orders", "units"):
        found = ask(metrics=[metric], dimensions=["sales_channel"], share={})
        assert sum(found.column(f"{metric}__share")) == pytest.approx(1)


def test_shares_of_a_top_list_are_of_all_groups(ask: Ask) -> None:
    every = ask(metrics=["revenue"], dimensions=["product"], share={}).by("product")
    top = ask(metrics=["revenue"], dimensions=["product"], share={},
              ranking={"by": "revenue", "limit": 3})  # fmt: skip

    assert len(top.rows) == 3
    for row in top.records:
        assert row["revenue__share"] == pytest.approx(every[row["product"]]["revenue__share"])
    assert sum(top.column("revenue__share")) < 0.9


def test_shares_within_add_up_to_one_in_each_group(ask: Ask) -> None:
    found = ask(metrics=["orders"], dimensions=["payment_method", "sales_channel"],
                share={"within": ["payment_method"]})  # fmt: skip

    for method in set(found.column("payment_method")):
        own = [r["orders__share"] for r in found.records if r["payment_method"] == method]
        assert sum(own) == pytest.approx(1)


def test_shares_of_a_trend_add_up_in_each_period(ask: Ask) -> None:
    found = ask(metrics=["revenue"], dimensions=["sales_channel"], time_grain="quarter", share={})

    for period in set(found.column("period")):
        own = [r["revenue__share"] for r in found.records if r["period"] == period]
        assert sum(own) == pytest.approx(1)


def test_shares_of_periods_add_up_to_one(ask: Ask) -> None:
    found = ask(metrics=["revenue"], time_grain="month", share={})

    assert sum(found.column("revenue__share")) == pytest.approx(1)


def test_share_of_a_part_is_part_over_whole(ask: Ask) -> None:
    app = Condition(field="sales_channel", values=("app",))

    (row,) = ask(metrics=["revenue"], share={"part": app}).records

    (part,) = ask(metrics=["revenue"], where=app).column("revenue")
    (whole,) = ask(metrics=["revenue"]).column("revenue")
    assert row["revenue"] == pytest.approx(part)
    assert row["revenue__share"] == pytest.approx(part / whole)


def test_share_of_a_segment_in_all_customers(ask: Ask, frames: Frames) -> None:
    people = frames["customers"]
    expected = (people["recency_days"] > 90).sum()

    (row,) = ask(metrics=["customers"], share={"part": InSegment(segment="lapsed")}).rows

    assert row == (expected, pytest.approx(expected / len(people)))


def test_share_of_a_part_of_repeat_buyers(ask: Ask) -> None:
    app = Condition(field="sales_channel", values=("app",))

    (row,) = ask(metrics=["repeat_buyers"], share={"part": app}).records

    (part,) = ask(metrics=["repeat_buyers"], where=app).column("repeat_buyers")
    (whole,) = ask(metrics=["repeat_buyers"]).column("repeat_buyers")
    assert row["repeat_buyers"] == part
    assert row["repeat_buyers__share"] == pytest.approx(part / whole)


def test_overlapping_shares_are_of_the_distinct_whole(ask: Ask) -> None:
    found = ask(metrics=["buyers"], dimensions=["category"], share={})

    (whole,) = ask(metrics=["buyers"]).column("buyers")
    assert "shares_overlap" in found.compiled.notes
    assert sum(found.column("buyers__share")) > 1
    for row in found.records:
        assert row["buyers__share"] == pytest.approx(row["buyers"] / whole)


def test_customers_by_what_they_are_do_not_overlap(ask: Ask) -> None:
    found = ask(metrics=["buyers"], dimensions=["acquisition_channel"], share={})

    assert "shares_overlap" not in found.compiled.notes
    assert sum(found.column("buyers__share")) == pytest.approx(1)


def test_a_rate_has_no_share(ask: Ask) -> None:
    with pytest.raises(UnsupportedQuery, match="'aov' is a rate or average: it has no share"):
        ask(metrics=["aov"], dimensions=["region"], share={})


def test_a_part_counts_only_keys_that_have_rows_in_it(
    model: SemanticModel, connection: duckdb.DuckDBPyConnection, frames: Frames
) -> None:
    once = model.metric("repeat_buyers").measures[0]
    per = once.per.model_copy(update={"op": "<=", "value": 1})
    metric = model.metric("repeat_buyers").model_copy(
        update={"name": "one_order_buyers", "measures": (once.model_copy(update={"per": per}),)}
    )
    extended = model.model_copy(update={"metrics": (*model.metrics, metric)})
    app = Condition(field="sales_channel", values=("app",))
    spec = QuerySpec(metrics=("one_order_buyers",), share=Share(part=app))
    compiled = compile_query(spec, extended, EVERYONE, AS_OF, FIRST_DAY)

    ((part, share),) = connection.execute(compiled.sql, compiled.values).fetchall()

    orders = frames["orders"][frames["orders"]["is_valid"]]
    own = orders[orders["sales_channel"] == "app"].groupby("customer_id").size()
    every = orders.groupby("customer_id").size()
    assert part == (own == 1).sum()
    assert share == pytest.approx((own == 1).sum() / (every == 1).sum())
