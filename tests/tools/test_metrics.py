from datetime import date

import pytest

from tools.evidence import Table, TableColumn
from tools.metrics import series_facts, trend_facts

MONTHS = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1))


def trend(values: list[float | None]) -> Table:
    return Table(
        columns=(
            TableColumn(name="period", label="月份", unit="date", role="period"),
            TableColumn(name="revenue", label="销售额", unit="currency", role="metric"),
        ),
        rows=tuple(zip(MONTHS, values, strict=True)),
    )


def test_a_trend_knows_its_ends_and_extremes() -> None:
    facts = trend_facts(trend([100.0, 250.0, 150.0]))

    assert facts["first"] == (MONTHS[0], 100.0)
    assert facts["last"] == (MONTHS[2], 150.0)
    assert facts["highest"] == (MONTHS[1], 250.0)
    assert facts["lowest"] == (MONTHS[0], 100.0)
    assert facts["change"] == 50.0
    assert facts["change_rate"] == pytest.approx(0.5)


def test_a_trend_from_zero_has_no_rate() -> None:
    assert "change_rate" not in trend_facts(trend([0.0, 1.0, 2.0]))


def test_missing_months_are_not_the_lowest() -> None:
    assert trend_facts(trend([None, 5.0, 7.0]))["lowest"] == (MONTHS[1], 5.0)


def test_one_known_month_is_no_trend() -> None:
    assert trend_facts(trend([None, 5.0, None])) == {}


def test_a_falling_loss_changes_by_its_size() -> None:
    assert trend_facts(trend([-100.0, 0.0, -50.0]))["change_rate"] == pytest.approx(0.5)


def test_a_split_trend_knows_the_ends_of_every_group() -> None:
    split = Table(
        columns=(
            TableColumn(name="period", label="月份", unit="date", role="period"),
            TableColumn(name="channel", label="渠道", unit="text", role="dimension"),
            TableColumn(name="orders", label="订单数", unit="count", role="metric"),
        ),
        rows=(
            (MONTHS[0], "app", 10), (MONTHS[0], "web", 4),
            (MONTHS[1], "app", 20), (MONTHS[1], "web", 0),
            (MONTHS[2], "app", 15), (MONTHS[2], "web", 30),
        ),
    )  # fmt: skip

    facts = series_facts(split)

    assert list(facts) == ["series:web", "series:app"]
    assert facts["series:app"] == (10, 15, 5, 0.5)
