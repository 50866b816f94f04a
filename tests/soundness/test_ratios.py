"""A ratio is a ratio of sums, in every group and in the whole."""

import math

import pytest

from warehouse.query import Condition
from warehouse.semantic_model import SemanticModel

from .conftest import Ask

PAIRS = (("aov", "revenue", "orders"), ("repeat_rate", "repeat_buyers", "buyers"),
         ("conversion_rate", "converting_sessions", "sessions"),
         ("negative_share", "negative_feedback", "rated_feedback"))  # fmt: skip


@pytest.mark.parametrize(("ratio", "top", "bottom"), PAIRS)
def test_ratio_metric_is_ratio_of_sums(ratio: str, top: str, bottom: str, ask: Ask) -> None:
    for dimensions in ([], ["region"], ["city_tier"]):
        for row in ask(metrics=[ratio, top, bottom], dimensions=dimensions).records:
            expected = row[top] / row[bottom] if row[bottom] else None
            assert row[ratio] == (pytest.approx(expected) if expected is not None else None)


def test_ratio_of_the_whole_is_no_mean_of_the_parts(ask: Ask) -> None:
    (whole,) = ask(metrics=["aov"]).column("aov")
    parts = ask(metrics=["aov", "revenue", "orders"], dimensions=["sales_channel"])

    assert whole == pytest.approx(sum(parts.column("revenue")) / sum(parts.column("orders")))
    assert not math.isclose(whole, sum(parts.column("aov")) / len(parts.rows), rel_tol=1e-6)


def test_every_ratio_equals_its_parts(ask: Ask, model: SemanticModel) -> None:
    for metric in model.metrics:
        if metric.kind == "ratio":
            parts = [str(metric.numerator), str(metric.denominator)]
            (row,) = ask(metrics=[metric.name, *parts]).records
            assert row[metric.name] == pytest.approx(row[parts[0]] / row[parts[1]]), metric.name


def test_nothing_divided_by_nothing_is_unknown(ask: Ask) -> None:
    nobody = Condition(field="city", values=("火星",))

    (row,) = ask(metrics=["aov", "conversion_rate", "gross_margin"], where=nobody).rows

    assert row == (None, None, None)


def test_no_value_is_ever_infinite(ask: Ask, model: SemanticModel) -> None:
    names = [metric.name for metric in model.metrics if metric.kind != "simple"]
    for name in names:
        found = ask(metrics=[name], time_grain="month", limit=10_000).column(name)
        assert all(value is None or math.isfinite(value) for value in found), name
