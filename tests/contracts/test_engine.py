"""What every engine must do. A new engine joins by its opener in ENGINES."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import duckdb
import pytest

from warehouse.compiler import compile_query
from warehouse.engine import DuckDBEngine, Engine
from warehouse.errors import EngineError, SmallGroup, StoreUnavailable
from warehouse.query import (
    Column,
    CompiledQuery,
    Condition,
    QueryResult,
    QuerySpec,
    TimeRange,
)
from warehouse.rights import Actor
from warehouse.semantic_model import Dimension, Entity, Measure, Metric, SemanticModel, Words


def open_duckdb(folder, rows) -> Engine:
    """Open a DuckDB store with ``rows`` of sales and 95 members; without rows, no store."""
    store = folder / "marts.duckdb"
    if rows:
        with duckdb.connect(store) as connection:
            connection.execute(
                "CREATE TABLE build_info AS SELECT DATE '2026-10-31' AS as_of, DATE '2024-11-01' "
                "AS first_day, 'b1' AS build_id, 'Asia/Shanghai' AS time_zone"
            )
            connection.execute(
                "CREATE TABLE members AS SELECT 'm' || i AS member_id, CASE WHEN i < 60 "
                "THEN 'gold' WHEN i < 90 THEN 'silver' ELSE 'diamond' END AS level "
                "FROM range(95) t(i)"
            )
            connection.execute("CREATE TABLE sales (city TEXT, amount BIGINT, sold_on DATE)")
            connection.executemany("INSERT INTO sales VALUES (?, ?, ?)", rows)
    return DuckDBEngine(store, workers=2)


ENGINES = (open_duckdb,)
ROWS = (
    ("上海", 100, date(2026, 10, 1)),
    ("上海", 250, date(2026, 10, 2)),
    ("北京", None, date(2026, 10, 2)),
    (None, 40, date(2026, 10, 3)),
)
COLUMNS = (
    Column(name="city", role="dimension", unit="text"),
    Column(name="sales", role="metric", unit="currency"),
)

WORDS = Words(zh="词", en="word")
MEMBERS = SemanticModel(
    entities=(
        Entity(name="members", table="members", key="member_id", customer="member_id", label=WORDS),
    ),
    dimensions=(
        Dimension(name="level", entity="members", column="level", label=WORDS, personal=True),
    ),
    metrics=(
        Metric(
            name="members",
            label=WORDS,
            definition=WORDS,
            unit="count",
            kind="simple",
            measures=(Measure(entity="members", aggregate="count"),),
        ),
    ),
)


@pytest.fixture(scope="module", params=ENGINES, ids=lambda opener: opener.__name__)
def opener(request):
    return request.param


@pytest.fixture(scope="module")
def engine(opener, tmp_path_factory):
    engine = opener(tmp_path_factory.mktemp("store"), ROWS)
    yield engine
    engine.close()


def query(sql, values=(), columns=COLUMNS, **more):
    return CompiledQuery(sql=sql, values=values, columns=columns, time_range=None, **more)


def test_engine_knows_the_build(engine):
    assert (engine.build_id, engine.as_of, engine.first_day) == (
        "b1",
        date(2026, 10, 31),
        date(2024, 11, 1),
    )


def test_engine_knows_tables_columns_and_rows(engine):
    assert list(engine.catalogue()["sales"]) == ["city", "amount", "sold_on"]
    assert engine.table_counts()["sales"] == len(ROWS)


def test_result_has_rows_and_where_they_come_from(engine):
    october = TimeRange(start=date(2026, 10, 1), end=date(2026, 11, 1))
    compiled = query(
        "SELECT city, sum(amount) FROM sales WHERE sold_on < ? GROUP BY city ORDER BY city",
        (date(2026, 10, 3),),
    ).model_copy(update={"time_range": october})

    result = engine.run(compiled)

    assert isinstance(result, QueryResult)
    assert result.rows == (("上海", 350), ("北京", None))
    assert (result.row_count, result.truncated, result.suppressed) == (2, False, 0)
    assert (result.build_id, result.as_of) == ("b1", date(2026, 10, 31))
    assert (result.columns, result.time_range) == (COLUMNS, october)


def test_evidence_sql_has_its_values_and_returns_the_rows(engine):
    compiled = query("SELECT city, amount FROM sales WHERE city = ? ORDER BY amount", ("上海",))

    result = engine.run(compiled)

    assert "?" not in result.sql
    assert tuple(engine.fetch_rows(result.sql)) == result.rows


def test_hostile_value_is_only_a_value(engine):
    value = "'; DROP TABLE sales; --"

    assert engine.run(query("SELECT ?, 1", (value,))).rows == ((value, 1),)
    assert engine.table_counts()["sales"] == len(ROWS)


def test_days_stay_days(engine):
    assert engine.fetch_rows("SELECT max(sold_on) FROM sales") == [(date(2026, 10, 3),)]


def test_no_rows_is_an_answer(engine):
    result = engine.run(query("SELECT city, amount FROM sales WHERE false"))

    assert (result.rows, result.row_count, result.truncated) == ((), 0, False)


def asked(**spec):
    """Compile a question about the members, whose levels are personal."""
    spec = QuerySpec(metrics=("members",), **spec)
    return compile_query(spec, MEMBERS, Actor(id="mei"), date(2026, 10, 31), date(2024, 11, 1))


def test_small_groups_never_come_out(engine):
    result = engine.run(asked(dimensions=("level",)))

    assert ("gold", 60) in result.rows
    assert "diamond" not in {row[0] for row in result.rows}
    assert result.suppressed + result.row_count == 3
    assert tuple(engine.fetch_rows(result.sql)) == result.rows


def test_one_number_of_few_people_is_refused(engine):
    with pytest.raises(SmallGroup):
        engine.run(asked(where=Condition(field="level", values=("diamond",))))


def test_wrong_sql_is_an_engine_error(engine):
    with pytest.raises(EngineError):
        engine.run(query("SELECT nothing FROM sales"))


@pytest.mark.parametrize(
    "sql", ["DROP TABLE sales", "INSERT INTO sales SELECT * FROM sales", "SELECT 1; SELECT 2"]
)
def test_only_reading_is_possible(engine, sql):
    with pytest.raises(EngineError):
        engine.fetch_rows(sql)
    assert engine.fetch_rows("SELECT count(*) FROM sales") == [(len(ROWS),)]


def test_reading_more_rows_than_allowed_is_an_error(engine):
    with pytest.raises(EngineError):
        engine.fetch_rows("SELECT city FROM sales", limit=3)


def test_threads_share_an_engine(engine):
    with ThreadPoolExecutor(6) as threads:
        rows = list(threads.map(lambda n: engine.fetch_rows("SELECT ?", (n,)), range(60)))

    assert rows == [[(n,)] for n in range(60)]


def test_missing_store_is_unavailable(opener, tmp_path):
    engine = opener(tmp_path, ())
    try:
        with pytest.raises(StoreUnavailable):
            engine.fetch_rows("SELECT 1")
    finally:
        engine.close()


def test_closed_engine_answers_no_more(opener, tmp_path):
    engine = opener(tmp_path, ROWS)
    engine.fetch_rows("SELECT 1")

    engine.close()
    engine.close()

    with pytest.raises(EngineError):
        engine.fetch_rows("SELECT 1")
