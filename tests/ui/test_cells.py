"""Cells as people read them."""

from datetime import date

import pytest

from tools.evidence import Table, TableColumn
from ui.cells import cell_text, unit_of

MONTH = TableColumn(name="month", label="Month", unit="date", role="period")
CITY = TableColumn(name="city", label="City", unit="text")
RATE = TableColumn(name="rate", label="Rate", unit="percent", role="metric")
CHANGE = TableColumn(name="c", label="Change", unit="percent", role="change", metric="rate")
SHARE = TableColumn(name="s", label="Share", unit="currency", role="share", metric="revenue")
LABELS = {"month": {"2026-10-01": "2026-10"}, "city": {"上海": "Shanghai", "None": "unknown"}}
TABLE = Table(columns=(MONTH, CITY, RATE, CHANGE, SHARE), rows=(), labels=LABELS)


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        (MONTH, date(2026, 10, 1), "2026-10"),
        (CITY, "上海", "Shanghai"),
        (CITY, "杭州", "杭州"),
        (CITY, None, "unknown"),
        (RATE, 0.1234, "12.3%"),
        (SHARE, 0.5, "50.0%"),
    ],
)
def test_cell_is_written_as_people_read_it(column, cell, expected):
    assert cell_text(TABLE, column, cell, "en", "CNY") == expected


def test_missing_figure_is_said():
    assert cell_text(TABLE, RATE, None, "zh", "CNY") not in ("", "None")


def test_difference_of_percentages_is_in_points():
    assert unit_of(CHANGE) == "points"
    assert cell_text(TABLE, CHANGE, 0.031, "en", "CNY").startswith("+")
