"""How dates are written is read from all cells of a column."""

import duckdb
import pytest

from warehouse.proposals.dates import read_dates


def read(cells, order=None):
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE cells (cell VARCHAR, n BIGINT)")
        connection.executemany("INSERT INTO cells VALUES (?, 1)", [[cell] for cell in cells])
        reading = read_dates(connection, "cells", order)
        if reading is None:
            return None, None, None
        listed = ", ".join(f"'{text}'" for text in reading.formats)
        rows = connection.execute(
            f"SELECT CAST(TRY_STRPTIME(cell, [{listed}]) AS VARCHAR) FROM cells"
        ).fetchall()
    return reading.orders, reading.has_time, [row[0] for row in rows]


@pytest.mark.parametrize(
    ("cells", "orders", "first"),
    [
        (["12/1/10 8:26", "1/31/11 14:05"], ("mdy",), "2010-12-01 08:26:00"),
        (["1/12/2010", "31/1/2011"], ("dmy",), "2010-12-01 00:00:00"),
        (["01.12.2010 08:26:30", "31.01.2011 00:00:00"], ("dmy",), "2010-12-01 08:26:30"),
        (["2010-12-01", "2011-01-31"], ("ymd",), "2010-12-01 00:00:00"),
        (["2010/1/5 8:26", "2010/12/15 18:26"], ("ymd",), "2010-01-05 08:26:00"),
        (["2026年1月5日", "2026年12月31日"], ("ymd",), "2026-01-05 00:00:00"),
        (["20101201", "20110131"], ("ymd",), "2010-12-01 00:00:00"),
        (["1-Dec-2010", "31-Jan-2011"], ("dmy",), "2010-12-01 00:00:00"),
        (["December 1, 2010", "May 31, 2011"], ("mdy",), "2010-12-01 00:00:00"),
        (["12/1/2010 8:26 PM", "1/31/2011 1:05 AM"], ("mdy",), "2010-12-01 20:26:00"),
        (["2010-12-01T08:26:00.5", "2011-01-31T08:26:00.5"], ("ymd",), "2010-12-01 08:26:00.5"),
    ],
)
def test_order_follows_from_the_whole_column(cells, orders, first):
    found, _, values = read(cells)

    assert found == orders
    assert values[0] == first
    assert None not in values


def test_days_up_to_twelve_leave_the_order_open():
    orders, _, _ = read(["1/2/2011", "3/4/2011", "12/12/2011"])

    assert orders == ("dmy", "mdy")


def test_what_a_person_said_decides():
    _, _, values = read(["1/2/2011"], "mdy")

    assert values == ["2011-01-02 00:00:00"]


def test_a_year_of_two_digits_is_never_the_year_ten():
    _, _, values = read(["12/13/10", "1/2/11"])

    assert values == ["2010-12-13 00:00:00", "2011-01-02 00:00:00"]


@pytest.mark.parametrize(
    "cells", [["1/2", "3/4"], ["10.5", "11.25"], ["a 1/2/2011 b", "c"], ["12345678", "99999999"]]
)
def test_other_texts_are_no_dates(cells):
    assert read(cells) == (None, None, None)
