import pytest
from pydantic import TypeAdapter, ValidationError

from warehouse.query import (
    And,
    Condition,
    CustomerCondition,
    Filter,
    InSegment,
    Not,
    Or,
    QuerySpec,
    Ranking,
    TimeRange,
)

FILTERS: TypeAdapter[Filter] = TypeAdapter(Filter)
CITY = Condition(field="city", values=("上海",))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"field": "city", "values": ["上海"]}, CITY),
        ({"segment": "vip"}, InSegment(segment="vip")),
        ({"customer_metric": "orders", "op": ">=", "values": [3]},
         CustomerCondition(customer_metric="orders", op=">=", values=(3,))),
        ({"all": [{"field": "city", "values": ["上海"]}]}, And(all=(CITY,))),
        ({"any": [{"segment": "vip"}]}, Or(any=(InSegment(segment="vip"),))),
        ({"not": {"field": "city", "values": ["上海"]}}, Not(negated=CITY)),
    ],
)  # fmt: skip
def test_a_filter_is_told_by_its_keys(data: dict, expected: Filter) -> None:
    assert FILTERS.validate_python(data) == expected


def test_a_filter_survives_json() -> None:
    where = Not(negated=And(all=(CITY, Or(any=(InSegment(segment="vip"), CITY)))))
    spec = QuerySpec(metrics=("revenue",), where=where)

    text = spec.model_dump_json(by_alias=True)

    assert '"not"' in text
    assert QuerySpec.model_validate_json(text) == spec


@pytest.mark.parametrize(
    ("data", "expected_error"),
    [
        ({"metrics": []}, "at least 1 item"),
        ({"metrics": ["revenue"], "dimension": ["city"]}, "Extra inputs are not permitted"),
        ({"metrics": ["revenue"], "time_grain": "hour"}, "'day', 'week', 'month'"),
        ({"metrics": ["revenue"], "limit": 0}, "greater than or equal to 1"),
        ({"metrics": ["revenue"], "dimensions": list("abcde")}, "at most 4 items"),
        ({"metrics": ["revenue"], "ranking": {"by": "revenue", "limit": 5000}}, "less than or"),
        ({"metrics": ["revenue"], "where": {"field": "city", "op": "like", "values": ["a"]}},
         "Input should be '=', '!='"),
    ],
)  # fmt: skip
def test_a_wrong_spec_is_refused(data: dict, expected_error: str) -> None:
    with pytest.raises(ValidationError, match=expected_error):
        QuerySpec.model_validate(data)


def test_a_range_must_run_forward() -> None:
    with pytest.raises(ValidationError, match="'start' must be before 'end'"):
        TimeRange.model_validate({"start": "2026-02-01", "end": "2026-02-01"})


def test_values_keep_their_types() -> None:
    condition = Condition.model_validate({"field": "x", "op": "in", "values": [True, 1, 1.5, "1"]})

    assert [type(value) for value in condition.values] == [bool, int, float, str]


def test_records_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Ranking(by="revenue").limit = 3  # type: ignore[misc]
