"""Charts show the table's values, and nothing of a text in it is more than text."""

from datetime import date
from itertools import pairwise
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.evidence import Chart, Table, TableColumn
from ui.charts import figure_of, fitting, nice_ticks, tick_text

from .fake_analyst import HOSTILE, answer_to

CITY = TableColumn(name="city", label="City", unit="text")
LEVEL = TableColumn(name="level", label="Level", unit="text")
REVENUE = TableColumn(name="revenue", label="Revenue", unit="currency", role="metric")
BEFORE = TableColumn(
    name="before", label="Before", unit="currency", role="compared", metric="revenue"
)
RATE = TableColumn(name="rate", label="Rate", unit="percent", role="metric")


def draw(columns, rows, **chart):
    figure = figure_of(Chart(**chart), Table(columns=columns, rows=rows), "en", "CNY")
    return None if figure is None else figure.to_dict()


def test_months_are_categories_with_their_labels():
    answer = answer_to("每月销售额趋势")
    drawn = figure_of(answer.chart, answer.table, "zh", "CNY").to_dict()

    [line] = drawn["data"]
    assert line["type"] == "scatter"
    assert line["x"][0] == "2025-11"
    assert line["x"][-1] == "2026-10"
    assert list(line["y"]) == [row[1] for row in answer.table.rows]
    assert drawn["layout"]["xaxis"]["type"] == "category"


def test_bars_are_the_values():
    drawn = draw((CITY, REVENUE), (("a", 10.5), ("b", 4)), type="bar", x="city", y=("revenue",))

    [bar] = drawn["data"]
    assert (bar["type"], list(bar["x"]), list(bar["y"])) == ("bar", ["a", "b"], [10.5, 4.0])


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [(REVENUE, 389_283.5, "389K"), (REVENUE, 8_234.25, "8,234"), (RATE, 0.7421, "74.2%")],
)
def test_a_bar_says_its_value_shortly(column, value, expected):
    drawn = draw((CITY, column), (("a", value),), type="bar", x="city", y=(column.name,))

    assert list(drawn["data"][0]["text"]) == [expected]


def test_many_bars_lie_down_in_the_order_of_the_table():
    rows = tuple((f"city {i}", 20 - i) for i in range(12))
    drawn = draw((CITY, REVENUE), rows, type="bar", x="city", y=("revenue",))

    [bar] = drawn["data"]
    assert bar["orientation"] == "h"
    assert list(bar["y"]) == [row[0] for row in rows]
    assert drawn["layout"]["yaxis"]["autorange"] == "reversed"


def test_series_are_stacked_by_their_key():
    rows = (("a", "gold", 1), ("a", "silver", 2), ("b", "gold", 3))
    drawn = draw(
        (CITY, LEVEL, REVENUE), rows, type="stacked_bar", x="city", y=("revenue",), series="level"
    )

    found = {bar["name"]: (list(bar["x"]), list(bar["y"])) for bar in drawn["data"]}
    assert found == {"gold": (["a", "b"], [1.0, 3.0]), "silver": (["a"], [2.0])}
    assert drawn["layout"]["barmode"] == "stack"
    assert drawn["layout"]["yaxis"]["tickvals"][-1] >= 3


def test_flat_line_stands_on_zero():
    rows = tuple((date(2026, month, 1), 0.12) for month in range(1, 4))
    month = TableColumn(name="month", label="Month", unit="date", role="period")
    drawn = draw((month, RATE), rows, type="line", x="month", y=("rate",))

    assert drawn["layout"]["yaxis"]["tickvals"][0] == 0
    assert drawn["layout"]["yaxis"]["tickvals"][-1] < 0.2


def test_compared_period_stands_beside_in_grey():
    rows = ((date(2026, 1, 1), 5, 4),)
    month = TableColumn(name="month", label="Month", unit="date", role="period")
    drawn = draw((month, REVENUE, BEFORE), rows, type="line", x="month", y=("revenue", "before"))

    now, before = drawn["data"]
    assert (now["line"]["dash"], before["line"]["dash"]) == ("solid", "dot")


def test_second_unit_has_its_own_axis():
    rows = (("a", 1200, 0.06), ("b", 900, 0.08))
    drawn = draw((CITY, REVENUE, RATE), rows, type="bar", x="city", y=("revenue", "rate"))

    bar, line = drawn["data"]
    assert (bar["type"], line["type"], line["yaxis"]) == ("bar", "scatter", "y2")
    assert drawn["layout"]["yaxis2"]["ticktext"][-1].endswith("%")


def test_months_stand_in_order_whatever_the_rows_do():
    month = TableColumn(name="month", label="Month", unit="date", role="period")
    rows = tuple(
        (date(2026, m, 1), city, 1.0)
        for city, months in (("a", (5, 2)), ("b", (1,)))
        for m in months
    )
    drawn = draw(
        (month, CITY, REVENUE), rows, type="line", x="month", y=("revenue",), series="city"
    )

    order = list(drawn["layout"]["xaxis"]["categoryarray"])
    assert order == ["2026-01-01", "2026-02-01", "2026-05-01"]
    assert {line["name"]: list(line["x"]) for line in drawn["data"]} == {
        "a": ["2026-02-01", "2026-05-01"],
        "b": ["2026-01-01"],
    }


def test_series_nobody_could_tell_apart_are_left_to_the_table():
    rows = tuple(("a", f"level {i:02}", float(i)) for i in range(20))
    drawn = draw(
        (CITY, LEVEL, REVENUE), rows, type="stacked_bar", x="city", y=("revenue",), series="level"
    )

    assert sorted(bar["name"] for bar in drawn["data"]) == [f"level {i}" for i in range(12, 20)]


def test_series_show_one_figure_alone():
    rows = ((("a", "gold", 1, 2)), (("a", "silver", 3, 4)))
    drawn = draw(
        (CITY, LEVEL, REVENUE, BEFORE),
        rows,
        type="bar",
        x="city",
        y=("revenue", "before"),
        series="level",
    )

    assert [list(bar["y"]) for bar in drawn["data"]] == [[1.0], [3.0]]


def test_missing_value_is_a_gap():
    drawn = draw((CITY, REVENUE), (("a", None), ("b", 4)), type="bar", x="city", y=("revenue",))

    assert list(drawn["data"][0]["y"]) == [None, 4.0]


@pytest.mark.parametrize(
    "chart",
    [
        {"type": "number", "y": ("revenue",)},
        {"type": "table"},
        {"type": "bar", "x": "nowhere", "y": ("revenue",)},
        {"type": "bar", "x": "city", "y": ("nowhere",)},
        {"type": "bar", "x": "city"},
    ],
)
def test_what_cannot_be_drawn_is_not(chart):
    assert draw((CITY, REVENUE), (("a", 1),), **chart) is None


def test_empty_table_is_not_drawn():
    assert draw((CITY, REVENUE), (), type="bar", x="city", y=("revenue",)) is None


def test_texts_hold_no_tags():
    answer = answer_to("<b>")
    drawn = figure_of(answer.chart, answer.table, "en", "CNY").to_json()

    assert HOSTILE.split(">")[0] not in drawn
    assert "<img" not in drawn
    assert "\\u003cimg" not in drawn


@given(st.floats(-1e12, 1e12), st.floats(0.001, 1000))
def test_ticks_cover_the_range(least, times):
    width = times * max(abs(least), 1.0)
    ticks = nice_ticks((least, least + width))

    slack = 1e-6 * width
    assert ticks[0] <= least + slack
    assert ticks[-1] >= least + width - slack
    assert 2 <= len(ticks) <= 9
    steps = [b - a for a, b in pairwise(ticks)]
    assert all(isclose(step, steps[0], rel_tol=1e-3, abs_tol=1e-9) for step in steps)


@pytest.mark.parametrize(
    ("value", "unit", "language", "expected"),
    [
        (120_000, "count", "zh", "12万"),
        (120_000, "count", "en", "120K"),
        (2.5e8, "currency", "zh", "2.5亿"),
        (2.5e6, "currency", "en", "2.5M"),
        (-50_000, "count", "zh", "-5万"),
        (0.125, "percent", "en", "12.5%"),
        (950, "count", "en", "950"),
        (0, "currency", "zh", "0"),
    ],
)
def test_axis_marks_are_short(value, unit, language, expected):
    assert tick_text(value, unit, language, "CNY") == expected


MONTH = TableColumn(name="month", label="Month", unit="date", role="period")
TWO = ((date(2026, 1, 1), 1.0), (date(2026, 2, 1), 2.0))


@pytest.mark.parametrize(
    ("columns", "rows", "chart", "expected"),
    [
        ((MONTH, REVENUE), TWO, {"type": "line", "x": "month", "y": ("revenue",)},
         ("line", "bar")),
        ((CITY, REVENUE), (("a", 1), ("b", 2)), {"type": "bar", "x": "city", "y": ("revenue",)},
         ("bar",)),
        ((MONTH, CITY, REVENUE), tuple((d, "a", v) for d, v in TWO),
         {"type": "line", "x": "month", "y": ("revenue",), "series": "city"},
         ("line", "bar", "stacked_bar")),
        ((MONTH, CITY, RATE), tuple((d, "a", v) for d, v in TWO),
         {"type": "line", "x": "month", "y": ("rate",), "series": "city"}, ("line", "bar")),
        ((CITY, REVENUE), (("a", 1),), {"type": "bar", "x": "city", "y": ("revenue",)}, ()),
        ((REVENUE,), ((1,), (2,)), {"type": "number", "y": ("revenue",)}, ()),
        ((CITY, REVENUE), (("a", 1), ("b", 2)), {"type": "bar", "x": "no", "y": ("revenue",)}, ()),
    ],
)  # fmt: skip
def test_only_forms_that_fit_are_offered(columns, rows, chart, expected):
    assert fitting(Chart(**chart), Table(columns=columns, rows=rows)) == expected


def test_every_form_that_is_offered_can_be_drawn():
    answer = answer_to("每月销售额趋势")
    for form in fitting(answer.chart, answer.table):
        chart = answer.chart.model_copy(update={"type": form})
        assert figure_of(chart, answer.table, "zh", "CNY") is not None
