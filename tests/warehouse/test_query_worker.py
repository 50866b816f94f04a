"""The worker alone, driven over its socket as the engine does, without any code of the engine."""

import ast
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse import query_worker

SCRIPT = Path(query_worker.__file__)
CASES = SCRIPT.parents[2] / "shared" / "data" / "security" / "sql_guard" / "duckdb_cases.jsonl"
CANARY = "sk-canary-123"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a store and a secret beside it."""
    folder = tmp_path_factory.mktemp("worker")
    with duckdb.connect(folder / "marts.duckdb") as store:
        store.execute(
            "CREATE TABLE build_info AS SELECT DATE '2026-10-31' AS as_of, "
            "DATE '2024-11-01' AS first_day, 'b1' AS build_id, 'Asia/Shanghai' AS time_zone"
        )
        store.execute(
            "CREATE TABLE customers AS SELECT i AS id, 'n' || i AS name, i % 2 = 0 AS consent, "
            "i % 977 AS spend, ['上海', '北京'][1 + i % 2] AS city FROM range(1000) t(i)"
        )
        store.execute(
            "CREATE TABLE v_orders AS SELECT i AS id, DATE '2026-01-01' + CAST(i AS INTEGER) % 200 "
            "AS order_date, i AS amount FROM range(1000) t(i)"
        )
        store.execute("CREATE VIEW v_customers_masked AS SELECT id, city, spend FROM customers")
    (folder / "secret.csv").write_text(f"k,v\nAPI_KEY,{CANARY}\n", encoding="utf-8")
    return folder


class Worker:
    """The other end of a worker's socket."""

    def __init__(self, store, **limits):
        self.link, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", SCRIPT], stdin=theirs.fileno(), env={"CANARY_ENV": CANARY}
            )
        self.link.settimeout(30)
        order = {"store": str(store), "threads": 2, "megabytes": 256, "seconds": 5} | limits
        self.opened = self.send(order)

    def tell(self, order):
        body = json.dumps(order).encode()
        self.link.sendall(len(body).to_bytes(4, "big") + body)

    def send(self, order):
        self.tell(order)
        return json.loads(self.read(int.from_bytes(self.read(4), "big")))

    def read(self, length):
        parts = b""
        while len(parts) < length:
            part = self.link.recv(length - len(parts))
            assert part, "the worker closed its socket"
            parts += part
        return parts

    def query(self, sql, values=(), dates=(), times=(), limit=100):
        return self.send(
            {
                "sql": sql,
                "values": list(values),
                "dates": list(dates),
                "times": list(times),
                "limit": limit,
            }
        )

    def close(self):
        self.link.close()
        self.process.kill()
        self.process.wait()


@contextmanager
def started(store, **limits):
    worker = Worker(store, **limits)
    try:
        yield worker
    finally:
        worker.close()


@pytest.fixture(scope="module")
def worker(folder):
    with started(folder / "marts.duckdb") as worker:
        yield worker


def settings(worker):
    rows = worker.query("SELECT name, value FROM duckdb_settings() ORDER BY name", limit=1000)
    return {name: value for name, value in rows["rows"]}


def test_worker_imports_only_the_standard_library_and_duckdb():
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))

    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported - set(sys.stdlib_module_names) == {"duckdb"}


def test_opening_tells_what_the_build_is(worker):
    opened = worker.opened

    assert (opened["as_of"], opened["first_day"], opened["build_id"]) == (
        "2026-10-31",
        "2024-11-01",
        "b1",
    )
    assert opened["counts"] == {"build_info": 1, "customers": 1000, "v_orders": 1000}
    assert ["customers", "spend", "BIGINT"] in opened["columns"]
    assert ["v_customers_masked", "city", "VARCHAR"] in opened["columns"]


@pytest.mark.parametrize(
    ("expression", "kind", "expected"),
    [
        ("1::BIGINT", "BIGINT", 1),
        ("9223372036854775807", "BIGINT", 9223372036854775807),
        ("sum(2::BIGINT)", "HUGEINT", 2),
        ("170141183460469231731687303715884105727::HUGEINT", "HUGEINT", 2**127 - 1),
        ("1.50::DECIMAL(10,2)", "DECIMAL(10,2)", 1.5),
        ("3.00::DECIMAL(10,2)", "DECIMAL(10,2)", 3),
        ("0.1::DOUBLE", "DOUBLE", 0.1),
        ("'nan'::DOUBLE", "DOUBLE", None),
        ("1 / 0", "DOUBLE", None),
        ("-'inf'::FLOAT", "FLOAT", None),
        ("NULL", '"NULL"', None),
        ("NULL::DATE", "DATE", None),
        ("true", "BOOLEAN", True),
        ("DATE '2026-10-31'", "DATE", "2026-10-31"),
        ("DATE '290000-01-01'", "DATE", None),
        ("TIMESTAMP '2026-10-31 08:09:10.5'", "TIMESTAMP", "2026-10-31T08:09:10.500000"),
        ("TIMESTAMPTZ '2026-10-31 08:00:00+08'", "TIMESTAMP WITH TIME ZONE",
         "2026-10-31T08:00:00+08:00"),
        ("TIME '10:00:00'", "TIME", "10:00:00"),
        ("INTERVAL 1 DAY", "INTERVAL", "1 day, 0:00:00"),
        ("[1, 2]", "INTEGER[]", "[1, 2]"),
        ("{'a': 1}", "STRUCT(a INTEGER)", "{'a': 1}"),
        ("'ab'::BLOB", "BLOB", "b'ab'"),
        ("'控\n制\t\"引号\"'", "VARCHAR", '控\n制\t"引号"'),
        ("chr(0) || '😀'", "VARCHAR", "\x00😀"),
    ],
)  # fmt: skip
def test_cell_arrives_as_json_can_carry_it(worker, expression, kind, expected):
    reply = worker.query(f"SELECT {expression}")

    assert reply == {"types": [kind], "rows": [[expected]], "truncated": False}
    assert type(reply["rows"][0][0]) is type(expected)


@pytest.mark.parametrize(
    "value", ["上海", "'; DROP TABLE customers --", "nul\x00x", 7, 2**63, 10**30, 0.1, True, None]
)
def test_value_is_bound_as_it_is(worker, value):
    assert worker.query("SELECT ?", [value])["rows"] == [[value]]


def test_days_and_times_are_bound_as_such(worker):
    reply = worker.query(
        "SELECT typeof(?), typeof(?), typeof(?)",
        ["2026-10-31", "2026-10-31T08:00:00", "2026-10-31"],
        dates=[0],
        times=[1],
    )

    assert reply["rows"] == [["DATE", "TIMESTAMP", "VARCHAR"]]


@pytest.mark.parametrize(
    "value", [10**50, "\ud800"], ids=["beyond 128 bits", "half a surrogate pair"]
)
def test_value_that_cannot_be_bound_is_refused(worker, value):
    assert worker.query("SELECT ?", [value])["error"] == "refused"
    assert worker.query("SELECT 1")["rows"] == [[1]]


def test_rows_beyond_the_limit_are_cut_and_said_so(worker):
    cut = worker.query("SELECT * FROM range(200000000)", limit=3)
    whole = worker.query("SELECT * FROM range(3)", limit=3)

    assert cut == {"types": ["BIGINT"], "rows": [[0], [1], [2]], "truncated": True}
    assert whole == {"types": ["BIGINT"], "rows": [[0], [1], [2]], "truncated": False}


def test_reply_that_is_too_long_is_refused_as_too_large(worker):
    reply = worker.query("SELECT repeat('x', 1000000) FROM range(90)")

    assert reply["error"] == "too_large"
    assert worker.query("SELECT 1")["rows"] == [[1]]


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "-- nothing",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE customers",
        "SET VARIABLE x = 1",
        "SET threads = 1",
        "RESET memory_limit",
        "CREATE TEMP TABLE t AS SELECT 1",
        "CREATE TEMP VIEW customers AS SELECT 1",
        "CREATE TEMP MACRO f(a) AS a + 1",
        "PREPARE p AS SELECT 1",
        "PRAGMA database_size",
        "CALL duckdb_tables()",
        "CHECKPOINT",
        "VACUUM",
        "LOAD json",
        "ATTACH ':memory:' AS m",
        "EXPLAIN ANALYZE SELECT 1",
        "BEGIN",
        "INSERT INTO customers SELECT * FROM customers",
        "COPY customers TO 'x.csv'",
    ],
)
def test_anything_but_one_select_is_refused(worker, sql):
    assert worker.query(sql) == {
        "error": "refused",
        "detail": "Only one SELECT statement is run at a time.",
    }


def test_insert_inside_a_select_is_refused_by_the_store(worker):
    sql = "WITH x AS (INSERT INTO v_orders SELECT 1, DATE '2026-01-01', 1 RETURNING *) FROM x"

    assert "read-only" in worker.query(sql)["detail"]


def test_locked_connection_refuses_every_change_of_a_setting(folder):
    order = {"store": str(folder / "marts.duckdb"), "threads": 1, "megabytes": 64, "seconds": 1}
    connection = query_worker.connect(order)
    try:
        for statement in (
            "SET memory_limit = '100GB'",
            "SET GLOBAL max_execution_time = 0",
            "SET enable_external_access = true",
            "SET lock_configuration = false",
            "SET TimeZone = 'UTC'",
            "SET temp_directory = '/tmp'",
            "RESET threads",
        ):
            with pytest.raises(duckdb.Error, match=r"configuration|Cannot change|locked"):
                connection.cursor().execute(statement)
    finally:
        connection.close()


def test_settings_are_those_of_a_locked_reader(worker):
    found = settings(worker)

    expected = {
        "access_mode": "read_only",
        "allow_community_extensions": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "enable_external_access": "false",
        "lock_configuration": "true",
        "max_execution_time": "5000",
        "max_temp_directory_size": "0 bytes",
        "memory_limit": "244.1 MiB",
        "python_enable_replacements": "false",
        "temp_directory": "",
        "threads": "2",
        "TimeZone": "Asia/Shanghai",
    }
    assert {name: found[name] for name in expected} == expected


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="limits are read from /proc")
def test_system_limits_the_process(worker):
    lines = Path(f"/proc/{worker.process.pid}/limits").read_text(encoding="ascii").splitlines()
    limits = {line[:26].strip(): line[26:].split()[0] for line in lines[1:]}

    assert limits["Max file size"] == "0"
    assert limits["Max core file size"] == "0"
    assert int(limits["Max address space"]) < 3 * 2**30


def test_time_limit_interrupts_a_query(folder):
    with started(folder / "marts.duckdb", seconds=0.3) as worker:
        begin = time.monotonic()
        reply = worker.query("SELECT count(*) FROM customers a, customers b, customers c, v_orders")

        assert reply["error"] == "timeout"
        assert time.monotonic() - begin < 3
        assert worker.query("SELECT 1")["rows"] == [[1]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT length(repeat('x', 2000000000))",
        "SELECT list(i) FROM range(100000000) t(i)",
        "SELECT string_agg(repeat('y', 1000)) FROM range(10000000) t(i)",
    ],
)
def test_memory_limit_stops_a_query(folder, sql):
    with started(folder / "marts.duckdb", megabytes=128) as worker:
        assert worker.query(sql)["error"] == "too_large"
        assert worker.query("SELECT 1")["rows"] == [[1]]


@pytest.mark.parametrize("state", ["idle", "busy", "answer not read"])
def test_closed_socket_ends_the_process_at_once(folder, state):
    sql = {"busy": "SELECT sleep_ms(50000)", "answer not read": "SELECT 1"}.get(state)
    with started(folder / "marts.duckdb", seconds=60) as worker:
        if sql is not None:
            worker.tell({"sql": sql, "values": [], "dates": [], "times": [], "limit": 1})
            time.sleep(0.3)
        worker.link.close()

        assert worker.process.wait(timeout=2) == 0


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "database does not exist"),
        (b"", "not a valid DuckDB database file"),
        (b"customers,1\n" * 500, "not a valid DuckDB database file"),
    ],
    ids=["missing", "empty", "text"],
)
def test_store_that_cannot_be_opened_is_told(tmp_path, content, expected):
    store = tmp_path / "marts.duckdb"
    if content is not None:
        store.write_bytes(content)

    with started(store) as worker:
        assert worker.opened["error"] == "store"
        assert expected in worker.opened["detail"]
        assert worker.process.wait(timeout=5) == 0


@pytest.mark.parametrize(
    "make",
    [
        "CREATE TABLE t AS SELECT 1",
        "CREATE TABLE build_info (as_of DATE, first_day DATE, build_id TEXT, time_zone TEXT)",
        "CREATE TABLE build_info AS SELECT NULL AS as_of, NULL AS first_day, 'b' AS build_id, "
        "'UTC' AS time_zone",
    ],
    ids=["no build_info", "no row", "no days"],
)
def test_file_that_is_no_build_is_told(tmp_path, make):
    with duckdb.connect(tmp_path / "marts.duckdb") as store:
        store.execute(make)

    with started(tmp_path / "marts.duckdb") as worker:
        assert worker.opened["error"] == "store"


def hostile_cases():
    if not CASES.exists():
        return []
    with CASES.open(encoding="utf-8") as lines:
        return [case for case in map(json.loads, lines) if not case["sql"].startswith("GENERATE")]


@pytest.mark.skipif(not CASES.exists(), reason=f"{CASES.parent.name} is not beside the project")
def test_hostile_statements_read_write_and_change_nothing(folder):
    files = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with started(folder / "marts.duckdb", seconds=1) as worker:
        before = settings(worker)
        for case in hostile_cases():
            reply = worker.query(case["sql"].replace("<dir>", str(folder)))

            assert CANARY not in json.dumps(reply), case["id"]
            if case["id"].startswith("ok-"):
                assert "error" not in reply, (case["id"], reply)
        after = settings(worker)

    assert after == before
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == files


@pytest.mark.skipif(not CASES.exists(), reason=f"{CASES.parent.name} is not beside the project")
def test_hostile_statements_that_touch_files_or_settings_are_refused(folder):
    stopped = (
        "read_csv", "replacement_scan_file", "read_text", "glob", "read_json", "parquet_metadata",
        "copy_from", "export_db", "attach_memory", "load", "load_core_json", "set_unlock",
        "set_memory", "reset", "getenv", "set_variable", "update", "create_macro", "use", "prepare",
        "create_temp_macro", "create_function_temp_view", "multi_stmt", "cte_dml", "checkpoint",
        "vacuum", "comment_on", "alter", "merge", "pragma_dbsize",
    )  # fmt: skip
    cases = {case["id"]: case["sql"] for case in hostile_cases()}
    with started(folder / "marts.duckdb", seconds=1) as worker:
        answered = [
            name
            for name in stopped
            if "error" not in worker.query(cases[f"sql-{name}"].replace("<dir>", str(folder)))
        ]

    assert answered == []


def test_environment_of_the_starting_program_is_out_of_reach(worker):
    for sql in ("SELECT getenv('CANARY_ENV')", "SELECT * FROM read_text('/proc/self/environ')"):
        assert worker.query(sql)["error"] == "refused"


def test_limit_of_the_address_space_needs_no_proc(monkeypatch):
    asked = []
    monkeypatch.setattr("builtins.open", raise_missing)
    monkeypatch.setattr(query_worker.resource, "setrlimit", lambda which, _: asked.append(which))

    query_worker.limit_process(64)

    assert query_worker.resource.RLIMIT_AS not in asked


def raise_missing(*_args, **_kwargs):
    raise FileNotFoundError(os.devnull)


def test_plain_keeps_rows_that_need_no_change():
    rows = [(1, "a"), (2, None)]

    assert query_worker.plain(rows, ["BIGINT", "VARCHAR"]) is rows
    assert query_worker.plain([(date(2026, 1, 1),)], ["DATE"]) == [("2026-01-01",)]
