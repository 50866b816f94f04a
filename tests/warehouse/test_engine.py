"""The engine with real processes: answers, limits, deaths, queues, swaps, bad stores."""

import gc
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from warehouse import query_process, worker_pool
from warehouse.engine import DuckDBEngine
from warehouse.errors import EngineError, QueryTimeout, QueryTooLarge, StoreUnavailable
from warehouse.query import Column, CompiledQuery, TimeRange

ROOT = Path(query_process.__file__).parents[1]
CASES = ROOT.parent / "shared" / "data" / "security" / "sql_guard" / "duckdb_cases.jsonl"
SLOW = "SELECT count(*) FROM orders a, orders b, orders c WHERE a.id + b.id + c.id = 17"


def make_build(folder, build_id="b1", rows=5000):
    """Write a small build: five thousand orders and its build_info."""
    folder.mkdir(parents=True)
    with duckdb.connect(folder / "marts.duckdb") as store:
        store.execute(
            "CREATE TABLE build_info AS SELECT DATE '2026-10-31' AS as_of, DATE '2024-11-01' "
            f"AS first_day, '{build_id}' AS build_id, 'Asia/Shanghai' AS time_zone"
        )
        store.execute(
            "CREATE TABLE orders AS SELECT i AS id, i * 7 % 1000 AS amount, "
            "DATE '2026-01-01' + CAST(i % 300 AS INTEGER) AS ordered_on, "
            f"['上海', '广东', '北京'][1 + i % 3] AS city FROM range({rows}) t(i)"
        )
    return folder / "marts.duckdb"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return make_build(tmp_path_factory.mktemp("builds") / "b1")


@pytest.fixture(scope="module")
def shared_engine(store):
    with DuckDBEngine(store) as engine:
        yield engine


@pytest.fixture
def processes():
    """Query processes that were started since the test began."""
    before = children()
    return lambda: children() - before


@pytest.fixture
def engine(store, processes):
    with DuckDBEngine(store, seconds=2, megabytes=128) as engine:
        use_both(engine)
        yield engine


def children(of=None):
    """Ids of the living query processes that a process, this one unless told, started."""
    # -ww: without it `ps` cuts the line at the width of a terminal, and with it the name.
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,stat=,args=", "--ppid", str(of or os.getpid())],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    rows = [line.split(None, 2) for line in listed.splitlines() if "query_worker" in line]
    assert not [row for row in rows if row[1].startswith("Z")], "a zombie is left"
    return {int(row[0]) for row in rows}


def use_both(engine):
    """Ask two queries at once, so that both processes run."""
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(engine.fetch_rows, ["SELECT sleep_ms(50)"] * 2))


def until(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def interrupt():
    """Press Ctrl+C."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def compiled(sql, values=(), **more):
    columns = (
        Column(name="city", role="dimension", unit="text"),
        Column(name="orders", role="metric", unit="count"),
    )
    return CompiledQuery(sql=sql, values=values, columns=columns, time_range=None, **more)


# Answers


def test_rows_have_the_types_of_their_columns(shared_engine):
    rows = shared_engine.fetch_rows(
        "SELECT 1, 2.50::DECIMAL(9,2), sum(3), 'nan'::DOUBLE, DATE '2026-10-31', "
        "TIMESTAMP '2026-10-31 08:00:00', true, '上海', NULL, NULL::DATE"
    )

    assert rows == [
        (1, 2.5, 3, None, date(2026, 10, 31), datetime(2026, 10, 31, 8), True, "上海", None, None)
    ]


def test_values_are_bound_with_their_types(shared_engine):
    rows = shared_engine.fetch_rows(
        "SELECT count(*) FROM orders WHERE ordered_on >= ? AND city = ? AND id < ?",
        (date(2026, 10, 1), "广东", 600),
    )
    kinds = shared_engine.fetch_rows(
        "SELECT typeof(?), typeof(?), typeof(?), typeof(?)",
        (date(2026, 1, 1), datetime(2026, 1, 1), True, "2026-01-01"),
    )

    expected = sum(1 for i in range(600) if i % 300 >= 273 and i % 3 == 1)
    assert rows == [(expected,)]
    assert kinds == [("DATE", "TIMESTAMP", "BOOLEAN", "VARCHAR")]


def test_build_is_described(shared_engine):
    assert shared_engine.build_id == "b1"
    assert shared_engine.as_of == date(2026, 10, 31)
    assert shared_engine.first_day == date(2024, 11, 1)
    assert shared_engine.catalogue()["orders"] == {
        "id": "BIGINT",
        "amount": "BIGINT",
        "ordered_on": "DATE",
        "city": "VARCHAR",
    }
    assert shared_engine.table_counts() == {"build_info": 1, "orders": 5000}


def test_result_says_where_its_rows_come_from(shared_engine):
    window = TimeRange(start=date(2026, 1, 1), end=date(2026, 2, 1))
    query = compiled(
        "SELECT city, count(*) FROM orders WHERE amount < ? GROUP BY 1 ORDER BY 1", (500,)
    ).model_copy(update={"time_range": window, "notes": ("a_note",)})

    result = shared_engine.run(query)

    assert [row[0] for row in result.rows] == ["上海", "北京", "广东"]
    assert sum(row[1] for row in result.rows) == sum(1 for i in range(5000) if i * 7 % 1000 < 500)
    assert (result.row_count, result.truncated, result.suppressed) == (3, False, 0)
    assert (result.as_of, result.build_id) == (date(2026, 10, 31), "b1")
    assert (result.time_range, result.notes) == (window, ("a_note",))
    assert result.milliseconds > 0


def test_evidence_sql_returns_the_rows(shared_engine, store):
    result = shared_engine.run(
        compiled(
            "SELECT city, count(*) FROM orders WHERE city <> ? GROUP BY 1 ORDER BY 1", ("上海",)
        )
    )

    with duckdb.connect(store, read_only=True) as direct:
        assert tuple(direct.execute(result.sql).fetchall()) == result.rows


def test_time_at_midnight_is_a_day_in_a_result(shared_engine):
    result = shared_engine.run(
        compiled("SELECT date_trunc('month', DATE '2026-10-31'), TIMESTAMP '2026-10-31 08:30:00'")
    )

    assert result.rows == ((date(2026, 10, 1), "2026-10-31 08:30:00"),)
    assert type(result.rows[0][0]) is date


@pytest.mark.parametrize(("limit", "truncated"), [(3, True), (4, False), (None, False)])
def test_full_limit_of_the_sql_is_a_cut(shared_engine, limit, truncated):
    query = compiled("SELECT city, count(*) FROM orders GROUP BY 1", limit=limit)

    assert shared_engine.run(query).truncated is truncated


def test_rows_beyond_the_most_are_cut(shared_engine, monkeypatch):
    monkeypatch.setattr("warehouse.engine.MAX_ROWS", 2)

    result = shared_engine.run(compiled("SELECT city, count(*) FROM orders GROUP BY 1 ORDER BY 1"))

    assert (result.row_count, result.truncated) == (2, True)


def test_more_rows_than_allowed_is_an_error_when_reading(shared_engine):
    with pytest.raises(EngineError, match=r"at most 10 rows\. Got more\."):
        shared_engine.fetch_rows("SELECT id FROM orders", limit=10)


def test_many_threads_get_their_own_answers(shared_engine):
    def ask(number):
        return shared_engine.fetch_rows("SELECT ?, count(*) FROM orders", (number,))

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(200)))

    assert answers == [[(number, 5000)] for number in range(200)]


def test_one_and_two_threads_give_equal_results(store):
    sql = (
        "SELECT city, ordered_on, count(*), sum(amount), avg(amount), median(amount) "
        "FROM orders GROUP BY ALL ORDER BY ALL"
    )

    with DuckDBEngine(store, workers=1, threads=1) as one, DuckDBEngine(store, workers=1) as two:
        assert one.fetch_rows(sql) == two.fetch_rows(sql)


# Refusals and limits


def test_refused_sql_is_an_error_that_disturbs_nothing(engine, processes):
    before = processes()

    with pytest.raises(EngineError, match=r"^DuckDB refused the query\. Binder Error: .*amout"):
        engine.fetch_rows("SELECT amout FROM orders")

    assert engine.fetch_rows("SELECT 1") == [(1,)]
    assert processes() == before


def test_too_long_sql_never_reaches_duckdb(engine):
    sql = " UNION ALL ".join(["SELECT 1"] * 20_000)

    with pytest.raises(EngineError) as caught:
        engine.fetch_rows(sql)

    assert str(caught.value) == (
        "The SQL must have at most 100,000 characters. Got 379,989. "
        "Ask with fewer conditions and values."
    )


def test_too_many_values_never_reach_duckdb(engine):
    with pytest.raises(EngineError, match=r"must fit into 8,388,608 bytes"):
        engine.fetch_rows("SELECT len(?)", ("x" * 9_000_000,))


@pytest.mark.parametrize(
    ("sql", "least", "most"),
    [(SLOW, 1.9, 5), ("SELECT sleep_ms(60000)", 2.9, 6)],
    ids=["interrupted", "killed"],
)
def test_query_that_outlives_its_time_is_stopped(engine, sql, least, most):
    begin = time.monotonic()

    with pytest.raises(QueryTimeout) as caught:
        engine.fetch_rows(sql)

    assert least < time.monotonic() - begin < most
    assert caught.value.params == {"seconds": 2}
    assert engine.fetch_rows("SELECT 1") == [(1,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT length(repeat('x', 2000000000))",
        "SELECT list(i) FROM range(100000000) t(i)",
        "SELECT count(*) FROM (SELECT a.id || '-' || b.id FROM orders a, orders b GROUP BY 1)",
    ],
)
def test_query_that_outgrows_its_memory_is_stopped(engine, sql):
    with pytest.raises(QueryTooLarge) as caught:
        engine.fetch_rows(sql)

    assert caught.value.params == {"megabytes": 128}
    assert engine.fetch_rows("SELECT 1") == [(1,)]


def attacks():
    if not CASES.exists():
        return []
    with CASES.open(encoding="utf-8") as lines:
        cases = {case["id"]: case["sql"] for case in map(json.loads, lines)}
    cases |= {
        "dos-many_union": " union all ".join(["select 1"] * 20_000),
        "dos-half_as_many_union": " union all ".join(["select 1"] * 5000),
        "dos-long_in": f"select 1 where 1 in ({', '.join(map(str, range(200_000)))})",
        "dos-deep_nest": f"select {'(' * 3000}1{')' * 3000}",
    }
    return [(name, sql) for name, sql in sorted(cases.items()) if name.startswith("dos-")]


@pytest.mark.skipif(not CASES.exists(), reason=f"{CASES.parent.name} is not beside the project")
@pytest.mark.parametrize(("name", "sql"), attacks(), ids=[name for name, _ in attacks()])
def test_attack_on_resources_ends_while_another_is_answered(engine, name, sql):
    ended = threading.Event()
    outcome = []

    def attack():
        try:
            outcome.append(engine.fetch_rows(sql.replace("customers", "orders"), limit=1000))
        except EngineError as error:
            outcome.append(error)
        ended.set()

    begin = time.monotonic()
    threading.Thread(target=attack).start()
    slowest = 0.0
    while not ended.wait(0.01):
        asked = time.monotonic()
        assert engine.fetch_rows("SELECT count(*) FROM orders") == [(5000,)]
        slowest = max(slowest, time.monotonic() - asked)

    assert isinstance(outcome[0], EngineError)
    assert not isinstance(outcome[0], StoreUnavailable)
    assert time.monotonic() - begin < 6
    assert slowest < 2


# Processes


def test_second_process_starts_when_it_is_needed(store, processes):
    with DuckDBEngine(store) as engine:
        assert len(processes()) == 1
        engine.fetch_rows("SELECT 1")
        assert len(processes()) == 1

        use_both(engine)

        assert len(processes()) == 2


def test_killed_query_leaves_the_other_alone(engine, processes):
    before = processes()
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(engine.fetch_rows, "SELECT sleep_ms(900), 'kept'") for _ in "ab"]
        time.sleep(0.3)
        os.kill(min(before), signal.SIGKILL)
        failed = [one.exception() for one in asked]

    assert sorted(type(error) for error in failed if error) == [QueryTooLarge]
    assert [one.result()[0][1] for one, error in zip(asked, failed, strict=True) if not error] == [
        "kept"
    ]
    assert len(processes()) == 2
    assert len(processes() & before) == 1
    assert engine.fetch_rows("SELECT 1") == [(1,)]


def test_crash_of_a_query_is_told_as_such(engine, processes):
    with ThreadPoolExecutor(1) as threads:
        victim = threads.submit(engine.fetch_rows, "SELECT sleep_ms(1500)")
        time.sleep(0.3)
        for pid in processes():
            os.kill(pid, signal.SIGSEGV)

        with pytest.raises(StoreUnavailable, match=r"ended unexpectedly \(exit code -11\)"):
            victim.result()
    assert engine.fetch_rows("SELECT 1") == [(1,)]


def test_processes_killed_while_idle_are_replaced_unnoticed(engine, processes):
    before = processes()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.1)

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(engine.fetch_rows, ["SELECT sleep_ms(50), 1"] * 2))

    assert [answer[0][1] for answer in answers] == [1, 1]
    assert not processes() & before


def test_interrupted_caller_does_not_spoil_the_next_answer(engine):
    timer = threading.Timer(0.3, interrupt)
    timer.start()

    with pytest.raises(KeyboardInterrupt):
        engine.fetch_rows("SELECT sleep_ms(1500), 'the first'")

    timer.join()
    for number in range(6):
        assert engine.fetch_rows("SELECT ?", (number,)) == [(number,)]


# The line


def test_callers_are_served_in_the_order_they_came(store):
    served = []
    with DuckDBEngine(store, workers=1) as engine:
        engine.fetch_rows("SELECT 1")

        def ask(number):
            engine.fetch_rows("SELECT sleep_ms(30)")
            served.append(number)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
            time.sleep(0.01)
        for thread in threads:
            thread.join()

    assert served == sorted(served)


def test_caller_who_waits_too_long_is_told(store, monkeypatch):
    monkeypatch.setattr(worker_pool, "PATIENCE", 0.1)
    with DuckDBEngine(store, workers=1, seconds=3) as engine, ThreadPoolExecutor(1) as threads:
        first = threads.submit(engine.fetch_rows, "SELECT sleep_ms(1000), 'first'")
        time.sleep(0.3)

        with pytest.raises(QueryTimeout):
            engine.fetch_rows("SELECT 'second'")

        assert first.result()[0][1] == "first"
        assert engine.fetch_rows("SELECT 'third'") == [("third",)]


def test_interrupted_wait_does_not_lose_the_process(store):
    with DuckDBEngine(store, workers=1) as engine, ThreadPoolExecutor(1) as threads:
        first = threads.submit(engine.fetch_rows, "SELECT sleep_ms(800)")
        time.sleep(0.2)
        timer = threading.Timer(0.2, interrupt)
        timer.start()

        with pytest.raises(KeyboardInterrupt):
            engine.fetch_rows("SELECT 'never'")

        first.result()
        timer.join()
        assert engine.fetch_rows("SELECT 'next'") == [("next",)]


# Swaps


def publish(var, build):
    link = var / "next"
    link.symlink_to(build.parent)
    os.replace(link, var / "current")


def test_new_build_is_picked_up(tmp_path, processes):
    publish(tmp_path, make_build(tmp_path / "b1"))
    with DuckDBEngine(tmp_path / "current" / "marts.duckdb") as engine:
        assert (engine.build_id, engine.table_counts()["orders"]) == ("b1", 5000)
        before = processes()

        publish(tmp_path, make_build(tmp_path / "b2", "b2", rows=7000))

        assert (engine.build_id, engine.table_counts()["orders"]) == ("b2", 7000)
        assert engine.fetch_rows("SELECT count(*) FROM orders") == [(7000,)]
        assert engine.run(compiled("SELECT city, 1 FROM orders LIMIT 1")).build_id == "b2"
        assert not processes() & before


def test_query_that_runs_during_a_swap_ends_on_its_build(tmp_path):
    publish(tmp_path, make_build(tmp_path / "b1"))
    with (
        DuckDBEngine(tmp_path / "current" / "marts.duckdb") as engine,
        ThreadPoolExecutor(1) as threads,
    ):
        engine.fetch_rows("SELECT 1")
        running = threads.submit(engine.run, compiled("SELECT sleep_ms(800), count(*) FROM orders"))
        time.sleep(0.3)
        publish(tmp_path, make_build(tmp_path / "b2", "b2", rows=7000))

        assert engine.fetch_rows("SELECT count(*) FROM orders") == [(7000,)]
        result = running.result()
        assert (result.build_id, result.rows[0][1]) == ("b1", 5000)
        assert engine.build_id == "b2"


def test_replaced_file_is_picked_up(tmp_path):
    store = make_build(tmp_path / "b1")
    with DuckDBEngine(store) as engine:
        assert engine.build_id == "b1"

        os.replace(make_build(tmp_path / "b2", "b2"), store)

        assert engine.build_id == "b2"


def test_build_that_comes_later_is_picked_up(tmp_path):
    with DuckDBEngine(tmp_path / "current" / "marts.duckdb") as engine:
        with pytest.raises(StoreUnavailable):
            engine.fetch_rows("SELECT 1")

        publish(tmp_path, make_build(tmp_path / "b1"))

        assert engine.fetch_rows("SELECT count(*) FROM orders") == [(5000,)]


# Bad stores


def test_any_folder_name_will_do(tmp_path):
    store = make_build(tmp_path / "数据 'x' \"y\" a=1%#;*[b]")

    with DuckDBEngine(store) as engine:
        assert engine.fetch_rows("SELECT count(*) FROM orders") == [(5000,)]


def test_missing_store_says_what_to_do(tmp_path):
    store = tmp_path / "current" / "marts.duckdb"

    with DuckDBEngine(store) as engine, pytest.raises(StoreUnavailable) as caught:
        engine.build_id  # noqa: B018

    assert str(caught.value) == (
        f"{store}: There is no published build. "
        "Run 'sextant build', or 'sextant demo' for the demo brand."
    )


def test_folder_that_is_a_file_says_so(tmp_path):
    (tmp_path / "current").write_text("not a folder")

    with (
        DuckDBEngine(tmp_path / "current" / "marts.duckdb") as engine,
        pytest.raises(StoreUnavailable, match=r"cannot be reached \(Not a directory\)"),
    ):
        engine.fetch_rows("SELECT 1")


def test_store_open_for_writing_elsewhere_says_so(tmp_path):
    store = make_build(tmp_path / "b1")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"

        with DuckDBEngine(store) as engine, pytest.raises(StoreUnavailable) as caught:
            engine.fetch_rows("SELECT 1")
    finally:
        holder.kill()
        holder.communicate()

    assert str(caught.value) == (
        f"{store}: Another program has it open for writing. Close that and ask again."
    )


HOLD = """
import duckdb, sys, time
store = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""


def test_store_that_may_not_be_read_says_so(tmp_path):
    store = make_build(tmp_path / "b1")
    store.chmod(0)
    command = [sys.executable, "-c", ASK, str(store)]
    if os.getuid() == 0:
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
        if shutil.which("setpriv") is None:
            pytest.skip("root may read everything, and setpriv is not here to change that")

    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert asked.stdout == (
        f"{store}: This user may not read it. Give the right to read it, then ask.\n"
    )


ASK = """
import sys
from pathlib import Path
from warehouse.engine import DuckDBEngine
from warehouse.errors import StoreUnavailable
with DuckDBEngine(Path(sys.argv[1])) as engine:
    try:
        engine.fetch_rows("SELECT 1")
    except StoreUnavailable as error:
        print(error)
"""


def damaged(content, kind, chance):
    """Copy the bytes of a store with one damage."""
    copy = bytearray(content)
    used = [at for at in range(0, len(copy), 4096) if any(copy[at : at + 4096])]
    place = chance.choice(used) + chance.randrange(4096)
    if kind == "cut":
        return copy[:place]
    if kind == "zeroed":
        page = slice(place // 4096 * 4096, place // 4096 * 4096 + 4096)
        copy[page] = bytes(len(copy[page]))
        return copy
    if kind == "header":
        place = chance.randrange(12_288)
    copy[place] ^= 1 << chance.randrange(8)
    return copy


@pytest.mark.parametrize("kind", ["flipped", "zeroed", "cut", "header"])
def test_damaged_store_is_an_error_or_the_same_answer(tmp_path, store, kind):
    sql = "SELECT count(*), sum(amount), min(ordered_on), max(city), sum(id * amount) FROM orders"
    content = store.read_bytes()
    with duckdb.connect(store, read_only=True) as direct:
        right = direct.execute(sql).fetchall()
    copy = tmp_path / "marts.duckdb"
    chance = random.Random(kind)
    copy.write_bytes(content)
    outcomes = []

    with DuckDBEngine(copy, workers=1) as engine:
        for _ in range(10):
            copy.write_bytes(damaged(content, kind, chance))
            try:
                outcomes.append(engine.fetch_rows(sql) == right)
            except StoreUnavailable as error:
                outcomes.append(None)
                assert "damaged" in str(error) or "unexpectedly" in str(error)
                assert "sextant build" in str(error)
        copy.write_bytes(content)
        assert engine.fetch_rows(sql) == right

    assert False not in outcomes
    assert None in outcomes


# The end


def test_closing_leaves_no_process(store, processes):
    engine = DuckDBEngine(store)
    use_both(engine)
    assert len(processes()) == 2

    engine.close()
    engine.close()

    assert not processes()
    with pytest.raises(EngineError, match=r"^The engine is closed\. Open the workspace again\.$"):
        engine.fetch_rows("SELECT 1")


def test_closing_ends_queries_that_run_and_wait(store):
    engine = DuckDBEngine(store, workers=1)
    engine.fetch_rows("SELECT 1")
    with ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(engine.fetch_rows, "SELECT sleep_ms(9000)") for _ in range(3)]
        time.sleep(0.3)
        engine.close()

        for one in asked:
            with pytest.raises(EngineError, match="The engine is closed"):
                one.result(timeout=3)


def test_forgotten_engine_leaves_no_process(store, processes):
    engine = DuckDBEngine(store)
    engine.fetch_rows("SELECT 1")

    del engine
    gc.collect()

    assert not processes()


LEAVE = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from warehouse.engine import DuckDBEngine
engine = DuckDBEngine(Path(sys.argv[1]))
with ThreadPoolExecutor(2) as threads:
    list(threads.map(engine.fetch_rows, ["SELECT sleep_ms(50)"] * 2))
print("ready", flush=True)
if sys.argv[2] == "busy":
    engine.fetch_rows("SELECT sleep_ms(30000)")
elif sys.argv[2] == "idle":
    time.sleep(30)
else:
    sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["leaves", "idle", "busy"])
def test_end_of_the_program_is_the_end_of_its_processes(store, how):
    with subprocess.Popen(
        [sys.executable, "-c", LEAVE, str(store), how],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stdout.readline() == "ready\n"
        pids = children(of=program.pid)
        assert len(pids) == 2
        if how == "leaves":
            program.stdin.close()
        else:
            time.sleep(0.2)
            program.kill()
        program.wait(timeout=5)

    until(lambda: not any(alive(pid) for pid in pids), seconds=3)


def alive(pid):
    try:
        return "query_worker" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False
