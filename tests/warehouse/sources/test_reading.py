"""Staging files: what came in is staged or accounted for."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from warehouse.errors import SourceError
from warehouse.sources import find_source, stage_source
from warehouse.workspace_file import SourceFile

SPECTRUM = Path(__file__).parents[4] / "shared" / "data" / "security" / "csv_spectrum"


@pytest.fixture
def stage(tmp_path):
    """Stage bytes as a file; give the raw table and its rows."""
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA raw")
    (tmp_path / "data").mkdir()

    def stage(content, name="rows.csv", **declared):
        if content is not None:
            (tmp_path / "data" / name).write_bytes(
                content.encode() if isinstance(content, str) else content
            )
        source = SourceFile(**{"file": name, **declared})
        found = find_source(source, tmp_path / "data")
        raw = stage_source(connection, "rows", found, tmp_path)
        return raw, connection.table(raw.table).fetchall()

    yield stage
    connection.close()


def test_ids_stay_text(stage):
    raw, rows = stage("id,amount\n00012,1.50\n1e5,2\n")

    assert raw.columns == {"id": "VARCHAR", "amount": "VARCHAR"}
    assert rows == [("00012", "1.50"), ("1e5", "2")]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", None),
        ("utf-8", "utf-8"),
        ("utf-8-sig", None),
        ("utf-8-sig", "UTF-8-SIG"),
        ("gbk", None),
        ("gbk", "gbk"),
        ("gb18030", None),
        ("gb18030", "GB18030"),
    ],
)
def test_encodings_are_declared_or_found(stage, encoding, declared):
    text = "编号,城市\n1,上海\n2,呼和浩特\n"

    raw, rows = stage(text.encode(encoding), encoding=declared)

    assert list(raw.columns) == ["编号", "城市"]
    assert rows == [("1", "上海"), ("2", "呼和浩特")]


def test_gb18030_holds_more_than_gbk(stage):
    _, rows = stage("name\n𠮷野家\n".encode("gb18030"))

    assert rows == [("𠮷野家",)]


def test_fingerprint_is_of_the_file_as_it_came(stage):
    content = "城市\n上海\n".encode("gbk")

    raw, _ = stage(content)

    assert raw.files[0].sha256 == hashlib.sha256(content).hexdigest()
    assert raw.files[0].bytes == len(content)


def test_transcoded_copy_is_removed(stage, tmp_path):
    stage("城市\n上海\n".encode("gbk"))

    assert list(tmp_path.glob("*.utf8")) == []


def test_ragged_rows_are_rejected_with_row_and_reason(stage):
    raw, rows = stage("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n")

    assert rows == [("1", "2", "3"), ("10", "11", "12")]
    assert (raw.rows, raw.rows_read) == (2, 4)
    assert [(f.check, f.count, f.action) for f in raw.findings] == [("rejected_row", 2, "excluded")]
    assert raw.findings[0].examples == (
        "rows.csv row 3: expected number of columns: 3 found: 2",
        "rows.csv row 4: expected number of columns: 3 found: 4",
    )


def test_lines_inside_a_broken_quote_are_accounted_for(stage):
    raw, rows = stage('a,b\n1,2\n3,"open\n5,6\n7,8\n')

    assert rows == [("1", "2")]
    assert raw.rows_read == 2
    assert [(f.check, f.count) for f in raw.findings] == [("rejected_row", 1)]


def test_blank_lines_are_accounted_for(stage):
    raw, rows = stage("a,b\n1,2\n\n\n3,4\n")

    assert len(rows) == 2
    assert [(f.check, f.count) for f in raw.findings] == [("lines_unaccounted", 2)]


def test_line_ends_inside_quotes_are_no_loss(stage):
    raw, rows = stage('a,b\n1,"two\nlines\nthree"\n2,"say ""hi"""\n')

    assert rows == [("1", "two\nlines\nthree"), ("2", 'say "hi"')]
    assert raw.findings == ()


def test_last_line_needs_no_line_end(stage):
    raw, rows = stage("a\n1\n2")

    assert rows == [("1",), ("2",)]
    assert raw.findings == ()


def test_delimiter_is_declared(stage):
    _, rows = stage("a;b\n1,5;2\n", delimiter=";")

    assert rows == [("1,5", "2")]


def test_header_alone_is_no_row(stage):
    raw, rows = stage("a,b\n")

    assert (raw.rows, rows, raw.findings) == (0, [], ())


def test_folder_is_read_in_name_order_by_column_name(stage, tmp_path):
    folder = tmp_path / "data" / "days"
    folder.mkdir()
    (folder / "2026-10-02.csv").write_text("b,a,c\n4,3,5\n")
    (folder / "2026-10-01.csv").write_text("a,b\n1,2\n")
    (folder / "notes.md").write_text("not data")

    raw, rows = stage(None, "days")

    assert list(raw.columns) == ["a", "b", "c"]
    assert rows == [("1", "2", None), ("3", "4", "5")]
    assert [f.path.name for f in raw.files] == ["2026-10-01.csv", "2026-10-02.csv"]


def test_pattern_names_files(stage, tmp_path):
    for day in ("01", "02"):
        (tmp_path / "data" / f"orders-{day}.csv").write_text(f"a\n{day}\n")
    (tmp_path / "data" / "lines-01.csv").write_text("a\nx\n")

    _, rows = stage(None, "orders-*.csv")

    assert rows == [("01",), ("02",)]


def test_json_lines_become_text_columns(stage):
    raw, rows = stage(
        '{"id": "007", "n": 3, "tags": ["a", "b"], "said": "好\\n的"}\n'
        '\n{"id": "008", "x": null}\n',
        "rows.jsonl",
    )

    assert list(raw.columns) == ["id", "n", "said", "tags", "x"]
    assert rows == [
        ("007", "3", "好\n的", '["a","b"]', None),
        ("008", None, None, None, None),
    ]
    assert (raw.rows, raw.rows_read) == (2, 2)


def test_lines_that_are_no_objects_are_rejected(stage):
    raw, rows = stage('{"a": 1}\n{"a": \n[1]\n{"a": 2}\n', "rows.jsonl")

    assert rows == [("1",), ("2",)]
    assert raw.rows_read == 4
    assert [(f.check, f.count, f.examples) for f in raw.findings] == [
        (
            "rejected_row",
            2,
            ("rows.jsonl line 2: no JSON object", "rows.jsonl line 3: no JSON object"),
        )
    ]


def test_parquet_keeps_its_types_and_is_not_copied(stage, tmp_path):
    folder = tmp_path / "data" / "events"
    folder.mkdir()
    with duckdb.connect() as connection:
        for day in (2, 1):
            connection.execute(
                f"COPY (SELECT {day} AS n, TIMESTAMP '2026-10-0{day} 10:00:00' AS at)"
                f" TO '{folder}/{day}.parquet'"
            )

    raw, rows = stage(None, "events")

    assert raw.is_view
    assert raw.columns == {"n": "INTEGER", "at": "TIMESTAMP"}
    assert [n for n, _ in rows] == [1, 2]
    assert (raw.rows, raw.rows_read) == (2, 2)


WRONG = (
    ("missing", None, "rows.csv", {}, "rows.csv: no such file. Nearest: none. Correct 'file'."),
    ("empty", b"", "rows.csv", {}, "rows.csv: the file is empty."),
    ("only a mark", b"\xef\xbb\xbf", "rows.csv", {}, "rows.csv: the file is empty."),
    ("nameless column", b"a,,c\n1,2,3\n", "rows.csv", {}, "column 2 has no name."),
    (
        "repeated column",
        b"Id,name,id\n1,2,3\n",
        "rows.csv",
        {},
        "column 'Id' stands twice in the header.",
    ),
    (
        "wrong bytes",
        b"a\nok\nok\n\xff\xfe\n",
        "rows.csv",
        {"encoding": "utf-8"},
        "line 4 is not utf-8. Declare the right 'encoding'",
    ),
    (
        "bytes of no encoding",
        b"a\nok\n\xff\xfe\n",
        "rows.csv",
        {},
        "line 3 is not gb18030. Declare the right 'encoding'",
    ),
    (
        "unknown encoding",
        b"a\n1\n",
        "rows.csv",
        {"encoding": "latin-9"},
        "unknown encoding 'latin-9'. Allowed: utf-8, ",
    ),
    ("broken parquet", b"PAR1 no", "rows.parquet", {}, "rows.parquet: is no whole Parquet file: "),
    ("unknown format", b"a\n", "rows.doc", {}, "unknown format '.doc'. Declare 'format': one of "),
)


@pytest.mark.parametrize(
    ("content", "name", "declared", "expected_error"),
    [w[1:] for w in WRONG],
    ids=[w[0] for w in WRONG],
)
def test_unreadable_file_is_refused_with_reason(stage, content, name, declared, expected_error):
    with pytest.raises(SourceError) as caught:
        stage(content, name, **declared)

    assert expected_error in str(caught.value)


def test_missing_file_names_the_nearest(stage, tmp_path):
    (tmp_path / "data" / "orders.csv").write_text("a\n")

    with pytest.raises(SourceError, match=r"Nearest: 'orders\.csv'"):
        stage(None, "order.csv")


@pytest.mark.skipif(
    not SPECTRUM.is_dir(), reason="the csv-spectrum files are not beside the project"
)
@pytest.mark.parametrize(
    "name",
    [
        "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines",
        "quotes_and_newlines", "simple", "simple_crlf", "utf8",
    ],
)  # fmt: skip
def test_csv_spectrum_is_read_as_published(stage, name):
    wanted = json.loads((SPECTRUM / "json" / f"{name}.json").read_text("utf-8"))

    raw, rows = stage((SPECTRUM / "csvs" / f"{name}.csv").read_bytes())

    got = [dict(zip(raw.columns, (cell or "" for cell in row), strict=True)) for row in rows]
    assert got == wanted
    assert raw.findings == ()
