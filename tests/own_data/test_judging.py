"""The judge sees a cent, a missing row and a wrong order; and nothing else counts as wrong."""

from datetime import date

import pytest

from tools.evidence import Table, TableColumn

from .judging import same_rows

COLUMNS = (
    TableColumn(name="period", label="Month", unit="month", role="period"),
    TableColumn(name="product", label="Product", unit="text"),
    TableColumn(name="revenue", label="Revenue", unit="currency", role="metric"),
)
ROWS = ((date(2011, 5, 1), "P1", 12.34), (date(2011, 6, 1), "P2", 56.78))
TABLE = Table(columns=COLUMNS, rows=ROWS, labels={"product": {"P1": "Cake stand"}})


@pytest.mark.parametrize(
    "expected",
    [
        [(date(2011, 5, 1), "P1", 12.34), (date(2011, 6, 1), "P2", 56.78)],
        [(56.78, "2011-06-01"), (12.34, "2011-05-01")],
        [(frozenset({"cake stand "}), 12.342), ("P2", 56.78)],
        [("P1", 12.34), ("P2", 56.78), ("P3", 0)],
    ],
)
def test_right_figures_are_right_in_any_column_order(expected):
    assert same_rows(expected, TABLE)


@pytest.mark.parametrize(
    "expected",
    [
        [("P1", 12.35), ("P2", 56.78)],
        [("P2", 12.34), ("P1", 56.78)],
        [("P1", 12.34)],
        [("P1", 12.34), ("P2", 56.78), ("P3", 1.0)],
        [("P1", 12.34), ("P1", 12.34)],
        [],
    ],
)
def test_a_cent_a_key_and_a_row_count(expected):
    assert not same_rows(expected, TABLE)


def test_order_counts_where_it_is_asked_for():
    backwards = [("P2", 56.78), ("P1", 12.34)]
    assert same_rows(backwards, TABLE)
    assert not same_rows(backwards, TABLE, is_ordered=True)


def test_shares_are_compared_finer_than_cents():
    share = TableColumn(name="share", label="Share", unit="percent", role="share")
    table = Table(columns=(share,), rows=((0.823,),))
    assert same_rows([(0.823,)], table)
    assert not same_rows([(0.8231,)], table)
