"""Edits of a call's arguments: one part changes, the rest stays, nothing is left that hangs."""

import pytest

from agent.editing import Edit, EditRefused, edited_arguments, filter_parts

CALL = {
    "metrics": ["revenue", "orders"],
    "dimensions": ["city"],
    "where": {"all": [{"field": "region", "op": "in", "values": ["east"]}, {"segment": "vip"}]},
    "time_range": {"start": "2026-09-01", "end": "2026-10-01"},
    "comparison": {"kind": "previous_period"},
    "ranking": {"by": "revenue", "direction": "desc", "limit": 5},
}


def changed(part, to=None, at=None, call=CALL):
    return edited_arguments(call, Edit(part=part, at=at, to=to))


def test_edit_leaves_everything_else_and_the_original_alone():
    before = repr(CALL)
    found = changed("window", {"start": "2026-01-01", "end": "2026-11-01"})

    assert found == {**CALL, "time_range": {"start": "2026-01-01", "end": "2026-11-01"}}
    assert repr(CALL) == before


@pytest.mark.parametrize(
    ("part", "at", "to", "key", "expected"),
    [
        ("metric", 1, "units", "metrics", ["revenue", "units"]),
        ("metric", 1, None, "metrics", ["revenue"]),
        ("metric", None, "units", "metrics", ["revenue", "orders", "units"]),
        ("metric", None, "orders", "metrics", ["revenue", "orders"]),
        ("dimension", 0, "region", "dimensions", ["region"]),
        ("dimension", None, "category", "dimensions", ["city", "category"]),
        ("grain", None, "month", "time_grain", "month"),
        ("comparison", None, {"kind": "previous_year"}, "comparison", {"kind": "previous_year"}),
        ("ranking", None, {"direction": "asc", "limit": 3}, "ranking",
         {"by": "revenue", "direction": "asc", "limit": 3}),
        ("filter", 1, None, "where", {"field": "region", "op": "in", "values": ["east"]}),
        ("filter", 0, {"op": "not_in", "values": ["west", "south"]}, "where",
         {"all": [{"field": "region", "op": "not_in", "values": ["west", "south"]},
                  {"segment": "vip"}]}),
        ("filter", 0, {"op": "in", "values": ["west"]}, "where",
         {"all": [{"field": "region", "op": "=", "values": ["west"]}, {"segment": "vip"}]}),
        ("filter", 1, {"segment": "lapsed"}, "where",
         {"all": [{"field": "region", "op": "in", "values": ["east"]}, {"segment": "lapsed"}]}),
        ("window", None, {"start": "2026-01-01", "last": "2026-01-31"}, "time_range",
         {"start": "2026-01-01", "end": "2026-02-01"}),
    ],
)  # fmt: skip
def test_part_takes_its_new_value(part, at, to, key, expected):
    assert changed(part, to, at)[key] == expected


def test_ranking_follows_the_metric_it_was_by():
    assert changed("metric", "units", 0)["ranking"]["by"] == "units"
    assert changed("metric", None, 0)["ranking"]["by"] == "orders"
    assert changed("metric", "units", 1)["ranking"]["by"] == "revenue"


def test_what_hung_on_a_removed_part_goes_with_it():
    assert "ranking" not in changed("dimension", None, 0)
    assert "comparison" not in changed("window")
    trend = {"metrics": ["revenue"], "time_grain": "month", "share": {}}
    assert changed("grain", call=trend) == {"metrics": ["revenue"]}
    grouped = {**trend, "dimensions": ["city"],
               "ranking": {"by": "revenue", "within": ["period"], "keep": "groups"}}  # fmt: skip
    assert changed("grain", call=grouped)["ranking"] == {"by": "revenue", "within": []}


@pytest.mark.parametrize(
    ("edit", "expected_error"),
    [
        (Edit(part="metric", at=5, to="orders"), "The question has no metric number 5. Open it "
         "again."),
        (Edit(part="filter", at=-1), "The question has no filter number -1. Open it again."),
        (Edit(part="metric", at=0, to={"a": 1}), "A metric is changed to a name. Got {'a': 1}."),
        (Edit(part="window", to={"start": "2026-01-01"}), "A window needs two days as YYYY-MM-DD. "
         "Got {'start': '2026-01-01'}."),
        (Edit(part="window", to={"start": "x", "end": "y"}), "A window needs two days as "
         "YYYY-MM-DD. Got {'start': 'x', 'end': 'y'}."),
        (Edit(part="words", to="x"), "The words of a question cannot be edited. Ask a new "
         "question."),
    ],
)  # fmt: skip
def test_edit_that_does_not_fit_is_refused(edit, expected_error):
    with pytest.raises(EditRefused) as caught:
        edited_arguments(CALL, edit)

    assert str(caught.value) == expected_error


def test_filters_are_listed_as_they_are_shown():
    a, b, c = ({"field": name, "values": [1]} for name in "abc")
    either = {"any": [a, b]}

    assert filter_parts(None) == []
    assert filter_parts(a) == [a]
    assert filter_parts({"all": [a, {"all": [either, {"not": {"all": [b, c]}}]}]}) == [
        a, either, {"not": {"all": [b, c]}},
    ]  # fmt: skip
