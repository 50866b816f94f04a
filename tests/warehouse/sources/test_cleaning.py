"""From raw cells to typed ones: every doubt is counted, nothing is guessed."""

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from warehouse.errors import SourceError
from warehouse.sources import find_source, stage_source
from warehouse.sources.cleaning import Span, clean_source, empty_source
from warehouse.sources.declaration import SourceDeclaration, load_declarations
from warehouse.sources.own import OWN
from warehouse.workspace_file import SourceFile, mart_sets

SPAN = Span(date(2024, 11, 1), date(2026, 10, 31))


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        connection.execute("CREATE SCHEMA raw; CREATE SCHEMA source")
        yield connection


@pytest.fixture
def clean(tmp_path, connection):
    """Clean CSV text by a declaration; give the typed rows and the findings."""

    def clean(text, columns, key=(), time=None, is_clock=False, name="rows.csv"):
        if text is not None:
            (tmp_path / name).write_text(text, "utf-8")
        found = find_source(SourceFile(file=name), tmp_path)
        raw = stage_source(connection, "rows", found, tmp_path)
        declaration = SourceDeclaration(key=key, time=time, columns=columns)
        cleaned = clean_source(connection, raw, declaration, SPAN, is_clock=is_clock)
        rows = connection.table("source.rows").fetchall()
        assert cleaned.rows == len(rows)
        return rows, cleaned.findings

    return clean


READ = (
    ("text", " a b ", "a b"),
    ("text", "　上海　", "上海"),
    ("text", "\t ", None),
    ("id", "00012", "00012"),
    ("code", "App ", "app"),
    ("integer", "12", 12),
    ("integer", "-3", -3),
    ("integer", "12.0", 12),
    ("integer", "12.7", None),
    ("integer", "twelve", None),
    ("amount", "12.34", 1234),
    ("amount", "0.005", 1),
    ("amount", "1,234.50", 123450),
    ("amount", "12,5", None),
    ("amount", "¥5", None),
    ("decimal", "7.1234", Decimal("7.12340000")),
    ("date", "2026-10-01", date(2026, 10, 1)),
    ("date", "2026/1/5", date(2026, 1, 5)),
    ("date", "20260105", date(2026, 1, 5)),
    ("date", "2026年1月5日", date(2026, 1, 5)),
    ("date", "2026-10-01 08:00:00", date(2026, 10, 1)),
    ("date", "2026-02-30", None),
    ("date", "05/01/2026", None),
    ("timestamp", "2026-10-01 08:00:00", datetime(2026, 10, 1, 8)),
    ("timestamp", "2026-10-01T08:00:00", datetime(2026, 10, 1, 8)),
    ("timestamp", "2026-10-01T00:00:00Z", datetime(2026, 10, 1, 8)),
    ("timestamp", "2026-10-01 08:00:00+08:00", datetime(2026, 10, 1, 8)),
    ("timestamp", "2026/10/01 08:30", datetime(2026, 10, 1, 8, 30)),
    ("timestamp", "2026-10-01", datetime(2026, 10, 1)),
    ("timestamp", "0000-00-00 00:00:00", None),
    ("boolean", "TRUE", True),
    ("boolean", "0", False),
    ("boolean", "是", True),
    ("boolean", "maybe", None),
)


@pytest.mark.parametrize(("type_", "cell", "value"), READ)
def test_cell_reads_as_its_type_or_not_at_all(clean, type_, cell, value):
    rows, findings = clean(f'n,cell\n1,"{cell}"\n', {"n": {}, "cell": {"type": type_}})

    assert rows == [("1", value)]
    unread = value is None and cell.strip() != ""
    assert [f.check for f in findings] == (["unreadable_value"] if unread else [])


def test_codes_are_mapped_and_unknown_ones_kept(clean):
    codes = {"男": "male", "m": "male", "male": "male"}
    rows, findings = clean("sex\n男\nM\nmale\nx\n", {"sex": {"type": "code", "codes": codes}})

    assert rows == [("male",), ("male",), ("male",), ("x",)]
    assert [(f.check, f.count, f.action, f.examples) for f in findings] == [
        ("unknown_code", 1, "reported", ("x",)),
        ("recoded", 2, "changed", ("M", "男")),
    ]


def test_impossible_values_are_emptied_and_counted(clean):
    rows, findings = clean(
        "id,born,stars\na,1900-01-01,5\nb,1990-01-01,6\nc,2030-01-01,0\n",
        {
            "id": {"type": "id"},
            "born": {"type": "date", "minimum": date(1910, 1, 1)},
            "stars": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        key=("id",),
    )

    assert rows == [("a", None, 5), ("b", date(1990, 1, 1), None), ("c", None, None)]
    assert [(f.check, f.column, f.count, f.examples) for f in findings] == [
        ("out_of_range", "born", 1, ("a: 1900-01-01",)),
        ("future_time", "born", 1, ("c: 2030-01-01",)),
        ("out_of_range", "stars", 2, ("b: 6", "c: 0")),
    ]


def test_bounds_of_amounts_are_major_units(clean):
    rows, _ = clean(
        "price\n0.50\n-0.50\n3.00\n", {"price": {"type": "amount", "minimum": 0, "maximum": 2}}
    )

    assert rows == [(50,), (None,), (None,)]


def test_contact_data_is_never_an_example(clean):
    _, findings = clean(
        "id,born\na,1900-01-01\n",
        {
            "id": {"type": "id"},
            "born": {"type": "date", "contact": True, "minimum": date(1910, 1, 1)},
        },
        key=("id",),
    )

    assert findings[0].examples == ("a",)


def test_planned_days_may_lie_ahead(clean):
    rows, findings = clean("on\n2027-01-01\n", {"on": {"type": "date", "planned": True}})

    assert (rows, findings) == ([(date(2027, 1, 1),)], ())


def test_rows_without_key_or_time_are_excluded_and_counted(clean):
    columns = {"id": {"type": "id"}, "at": {"type": "timestamp"}}
    rows, findings = clean(
        "id,at\na,2026-10-01\n,2026-10-01\nc,\nd,soon\ne,2026-11-01\nf,2020-01-01\n",
        columns,
        key=("id",),
        time="at",
        is_clock=True,
    )

    assert rows == [("a", datetime(2026, 10, 1))]
    assert [(f.check, f.column, f.count, f.action) for f in findings] == [
        ("missing_key", "id", 1, "excluded"),
        ("missing_key", "at", 1, "excluded"),
        ("unreadable_value", "at", 1, "excluded"),
        ("future_time", "at", 1, "excluded"),
        ("early_time", "at", 1, "excluded"),
    ]


def test_only_the_clock_excludes_early_rows(clean):
    columns = {"id": {"type": "id"}, "at": {"type": "timestamp"}}
    rows, _ = clean("id,at\na,2015-01-01\n", columns, key=("id",), time="at")

    assert len(rows) == 1


def test_first_row_of_a_repeated_key_stays(clean):
    rows, findings = clean(
        "id,v\nb,1\na,2\nb,3\na,2\na,4\n", {"id": {"type": "id"}, "v": {}}, key=("id",)
    )

    assert rows == [("b", "1"), ("a", "2")]
    assert [(f.check, f.column, f.count, f.action, f.examples) for f in findings] == [
        ("duplicate_key", "id", 3, "excluded", ("a", "b"))
    ]


def test_parts_of_a_key_may_repeat(clean):
    columns = {"id": {"type": "id"}, "line": {"type": "integer"}}
    rows, findings = clean("id,line\na,1\na,2\nb,1\na,1\n", columns, key=("id", "line"))

    assert rows == [("a", 1), ("a", 2), ("b", 1)]
    assert findings[0].examples == ("a: 1",)


def test_repeated_keys_of_parquet_leave_one_row(clean, connection, tmp_path):
    connection.execute(
        "COPY (FROM (VALUES ('b', 1), ('a', 2), ('b', 0), ('c', 5), (NULL, 6)) AS t (id, v))"
        f" TO '{tmp_path}/rows.parquet'"
    )
    rows, findings = clean(
        None, {"id": {"type": "id"}, "v": {"type": "integer"}}, key=("id",), name="rows.parquet"
    )

    assert sorted(rows) == [("a", 2), ("b", 0), ("c", 5)]
    assert [(f.check, f.count) for f in findings] == [("missing_key", 1), ("duplicate_key", 1)]


def test_columns_are_found_whatever_their_case(clean):
    rows, findings = clean(" ID ,Name\n1,x\n", {"id": {"type": "id"}, "name": {}}, key=("id",))

    assert (rows, findings) == ([("1", "x")], ())


def test_missing_and_unexpected_columns_are_reported(clean):
    rows, findings = clean(
        "id,extra\n1,x\n", {"id": {"type": "id"}, "name": {}, "at": {"type": "date"}}
    )

    assert rows == [("1", None, None)]
    assert [(f.check, f.count, f.examples) for f in findings] == [
        ("missing_column", 2, ("name", "at")),
        ("unexpected_column", 1, ("extra",)),
    ]


def test_missing_key_column_is_refused_with_the_nearest(clean):
    with pytest.raises(SourceError, match=r"column 'order_id' is missing. Nearest: 'orderid'"):
        clean("orderid,v\n1,2\n", {"order_id": {"type": "id"}}, key=("order_id",))


def test_absent_source_is_an_empty_table(connection):
    declaration = SourceDeclaration(columns={"id": {"type": "id"}, "at": {"type": "timestamp"}})

    empty_source(connection, "none", declaration)

    table = connection.table("source.none")
    assert (table.columns, list(map(str, table.types))) == (["id", "at"], ["VARCHAR", "TIMESTAMP"])
    assert table.fetchall() == []


@pytest.mark.parametrize("marts", [marts for marts in mart_sets() if marts != OWN])
def test_declarations_refer_to_declared_sources(marts):
    declarations = load_declarations(marts)

    named = [
        column.references
        for source in declarations.sources.values()
        for column in source.columns.values()
        if column.references
    ]
    for reference in (*declarations.clocks, *named):
        source, column = reference.split(".")
        assert column in declarations.sources[source].columns
