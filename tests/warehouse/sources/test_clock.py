from datetime import date, timedelta

import pytest

from warehouse.sources.clock import data_span

START, END = date(2024, 11, 1), date(2026, 10, 31)
BUSY = [(START + timedelta(days=d), 100) for d in range((END - START).days + 1)]


def test_span_of_ordinary_days_is_first_and_last():
    assert data_span(BUSY) == (START, END)


def test_no_days_have_no_span():
    assert data_span([]) is None


def test_one_day_is_first_and_last():
    assert data_span([(END, 3)]) == (END, END)


STRAYS = (
    ("one order in 2099", [], [(date(2099, 1, 1), 1)]),
    ("several, spread", [], [(date(2027, 1, 1), 5), (date(2028, 1, 1), 5), (date(2099, 1, 1), 5)]),
    ("epoch", [(date(1970, 1, 1), 7)], []),
    ("both ends", [(date(1900, 1, 1), 7)], [(date(2030, 1, 1), 7)]),
)


@pytest.mark.parametrize(("before", "after"), [s[1:] for s in STRAYS], ids=[s[0] for s in STRAYS])
def test_few_rows_far_away_do_not_move_the_span(before, after):
    assert data_span([*before, *BUSY, *after]) == (START, END)


def test_many_rows_far_away_are_data():
    later = date(2026, 12, 24)

    assert data_span([*BUSY, (later, 100)]) == (START, later)


def test_few_rows_nearby_are_data():
    later = END + timedelta(days=7)

    assert data_span([*BUSY, (later, 1)]) == (START, later)


def test_small_brands_have_no_strays():
    days = [(date(2026, 1, 1), 1), (date(2026, 3, 1), 1), (date(2026, 10, 31), 1)]

    assert data_span(days) == (date(2026, 1, 1), date(2026, 10, 31))
