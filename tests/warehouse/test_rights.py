import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import SmallGroup
from warehouse.query import Column
from warehouse.rights import SMALLEST_GROUP, suppress

CITY = Column(name="city", role="dimension", unit="text")
ORDERS = Column(name="orders", role="metric", unit="count", metric="orders")


def test_rows_without_a_count_are_left_alone() -> None:
    rows = [("上海", 3), ("杭州", None)]

    assert suppress([CITY, ORDERS], rows) == (tuple(rows), 0)


def test_the_count_is_taken_off() -> None:
    assert suppress([CITY, ORDERS], [("上海", 90, 45)]) == ((("上海", 90),), 0)


def test_too_few_people_are_hidden_but_nobody_is_not() -> None:
    rows = [("a", 1, 0), ("b", 2, 1), ("c", 3, 19), ("d", 4, 20), ("e", 5, None)]

    shown, hidden = suppress([CITY, ORDERS], rows)

    assert [row[0] for row in shown] == ["a", "d", "e"]
    assert hidden == 2


def test_the_last_row_tells_how_many_are_missing() -> None:
    assert suppress([CITY, ORDERS], [("a", 9, 25), (None, None, -3)]) == ((("a", 9),), 3)


def test_a_single_number_of_few_people_is_refused() -> None:
    with pytest.raises(
        SmallGroup, match=r"Fewer than 20 people match age, gender\. Widen"
    ) as error:
        suppress([ORDERS], [(None, -1)], ["age", "gender"])

    assert error.value.params == {"minimum": SMALLEST_GROUP, "filter": "age, gender"}


def test_a_split_without_any_group_left_is_no_refusal() -> None:
    assert suppress([CITY, ORDERS], [(None, None, -4)]) == ((), 4)


@given(st.lists(st.tuples(st.text(), st.integers(), st.integers(0, 40)), max_size=30))
def test_no_row_of_few_people_passes(rows: list[tuple[str, int, int]]) -> None:
    shown, hidden = suppress([CITY, ORDERS], rows)

    assert list(shown) == [row[:2] for row in rows if not 0 < row[2] < SMALLEST_GROUP]
    assert len(shown) + hidden == len(rows)
