import os
import re
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter

import duckdb
import pytest

from warehouse.compiler import compile_query, readable
from warehouse.errors import NotPermitted, QueryError, UnknownName, UnsupportedQuery
from warehouse.query import Condition, CustomerCondition, QuerySpec
from warehouse.rights import Actor
from warehouse.semantic_model import SemanticModel

from .small_model import small_model

AS_OF, FIRST_DAY = date(2026, 10, 31), date(2024, 11, 1)
EVERYONE = Actor(id="tester")
OCTOBER = {"start": "2026-10-01", "end": "2026-11-01"}
GOLD = {"field": "level", "values": ["gold"]}
SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
UPDATE = os.environ.get("SEXTANT_UPDATE_SNAPSHOTS") == "1"

SHAPES = {
    "one_number": {"metrics": ["revenue"], "time_range": OCTOBER},
    "breakdown": {"metrics": ["revenue", "aov"], "dimensions": ["category"]},
    "two_tables": {"metrics": ["visits_per_order", "stay"], "dimensions": ["city"]},
    "trend": {"metrics": ["orders"], "time_range": OCTOBER, "time_grain": "week"},
    "trend_of_groups_so_far": {
        "metrics": ["customers"], "dimensions": ["city"], "time_range": OCTOBER,
        "time_grain": "month",
    },
    "comparison": {
        "metrics": ["aov"], "dimensions": ["channel"], "time_range": OCTOBER,
        "comparison": {"kind": "previous_period"},
    },
    "comparison_by_day": {
        "metrics": ["orders"], "time_range": OCTOBER, "time_grain": "day",
        "comparison": {"kind": "previous_year"},
    },
    "ranking": {
        "metrics": ["revenue"], "dimensions": ["category"],
        "ranking": {"by": "orders", "direction": "asc", "limit": 3, "offset": 6},
    },
    "ranking_within": {
        "metrics": ["revenue"], "dimensions": ["channel", "category"],
        "ranking": {"by": "revenue", "limit": 2, "within": ["channel"]},
    },
    "share": {"metrics": ["revenue"], "dimensions": ["category"], "share": {}},
    "share_of_a_part": {
        "metrics": ["revenue"], "share": {"part": {"field": "city", "values": ["上海"]}},
    },
    "filters": {
        "metrics": ["revenue"],
        "where": {"any": [
            {"not": {"field": "city", "op": "in", "values": ["上海", "杭州"]}},
            {"all": [{"field": "category", "op": "contains", "values": ["50%_"]},
                     {"field": "order_value", "op": "between", "values": [99.9, 300]},
                     {"field": "joined_on", "op": "<", "values": ["start of month"]}]},
        ]},
    },
    "customers_own_metric": {
        "metrics": ["visits"],
        "where": {"customer_metric": "aov", "op": ">=", "values": [250], "time_range": OCTOBER},
    },
    "smallest_group": {
        "metrics": ["orders"], "dimensions": ["level"], "where": {"segment": "busy"},
    },
    "keys_counted": {"metrics": ["repeat_buyers"], "dimensions": ["channel"]},
    "having": {
        "metrics": ["orders"], "dimensions": ["channel"],
        "having": [{"metric": "revenue", "op": ">", "values": [1000.5]}],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> SemanticModel:
    return small_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("""
        CREATE TABLE customers AS SELECT 'K' || i AS customer_id, TIMESTAMP '2025-01-01'
            + INTERVAL (i) DAY AS registered_at, ['上海', '杭州', NULL][i % 3 + 1] AS city,
            20 + i % 50 AS age, ['silver', 'gold', 'unknown'][i % 3 + 1] AS level
            FROM range(300) t(i);
        CREATE TABLE orders AS SELECT 'O' || i AS order_id, 'K' || (i % 290) AS customer_id,
            TIMESTAMP '2025-09-01' + INTERVAL (i * 7) HOUR AS ordered_at, i % 9 <> 0 AS is_valid,
            ['app', 'web', 'tmall'][i % 3 + 1] AS sales_channel, i % 2 = 0 AS is_card,
            (i % 400) * 100 AS paid_amount, i % 80 AS days_to_next FROM range(1450) t(i);
        CREATE TABLE products AS SELECT 'P' || i AS product_id,
            ['coffee', '50%_off', 'it''s', 'a?b', NULL][i % 5 + 1] AS category FROM range(15) t(i);
        CREATE TABLE order_lines AS SELECT order_id || '-' || n AS line_id, order_id, customer_id,
            ordered_at, is_valid, 'P' || (hash(order_id, n) % 15) AS product_id,
            paid_amount // 2 AS paid_amount FROM orders, range(2) t(n);
        CREATE TABLE web_visits AS SELECT i AS visit_id, 'K' || (i % 310) AS customer_id,
            TIMESTAMP '2025-09-01' + INTERVAL (i * 5) HOUR AS visited_at, i % 13 + 0.5 AS minutes
            FROM range(2000) t(i);
    """)
    return connection


def compiled(model: SemanticModel, actor: Actor = EVERYONE, **parts: object):
    return compile_query(QuerySpec.model_validate(parts), model, actor, AS_OF, FIRST_DAY)


@pytest.mark.parametrize("name", SHAPES)
def test_sql_is_what_was_reviewed(name: str, model: SemanticModel) -> None:
    query = compiled(model, **SHAPES[name])
    values = ", ".join(repr(v) if isinstance(v, str) else str(v) for v in query.values)
    text = f"{query.sql}\n-- values: {values}\n"
    path = SNAPSHOTS / f"{name}.sql"
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text, "Run 'make snapshots' and review the change."


def test_no_snapshot_is_left_over() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.sql")} == set(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_evidence_returns_the_rows(
    name: str, model: SemanticModel, marts: duckdb.DuckDBPyConnection
) -> None:
    query = compiled(model, **SHAPES[name])
    rows = marts.execute(query.sql, query.values).fetchall()
    width = len(query.columns)

    shown = [row[:width] for row in rows if len(row) == width or row[width] >= 0]

    assert marts.execute(readable(query)).fetchall() == shown
    assert "?" not in readable(query).replace("'a?b'", "")


@pytest.mark.parametrize("value", ["it's", "a?b", "50%_off", "'; DROP TABLE orders; --", "a\\'b"])
def test_values_are_never_sql(
    value: str, model: SemanticModel, marts: duckdb.DuckDBPyConnection
) -> None:
    for op in ("=", "contains"):
        query = compiled(
            model, metrics=["orders"], where={"field": "category", "op": op, "values": [value]}
        )
        (expected,) = marts.execute(
            "SELECT count(DISTINCT order_id) FROM order_lines JOIN products USING (product_id) "
            "WHERE is_valid AND category = ?", [value],
        ).fetchone()  # fmt: skip

        assert value not in query.sql
        assert marts.execute(query.sql, query.values).fetchall() == [(expected,)]
        assert marts.execute(readable(query)).fetchall() == [(expected,)]


def test_columns_say_what_they_are(model: SemanticModel) -> None:
    query = compiled(model, metrics=["aov", "orders"], dimensions=["city"], time_grain="month",
                     time_range=OCTOBER, comparison={"kind": "previous_period"})  # fmt: skip

    assert [(c.name, c.role, c.unit, c.metric) for c in query.columns] == [
        ("period", "period", "date", None),
        ("city", "dimension", "text", None),
        ("aov", "metric", "currency", "aov"),
        ("aov__compared", "compared", "currency", "aov"),
        ("aov__change", "change", "currency", "aov"),
        ("aov__change_rate", "change_rate", "percent", "aov"),
        ("orders", "metric", "count", "orders"),
        ("orders__compared", "compared", "count", "orders"),
        ("orders__change", "change", "count", "orders"),
        ("orders__change_rate", "change_rate", "percent", "orders"),
    ]
    assert query.compared_range is not None
    assert str(query.compared_range.start) == "2026-09-01"


def test_amounts_are_major_units(model: SemanticModel, marts: duckdb.DuckDBPyConnection) -> None:
    (stored,) = marts.execute("SELECT sum(paid_amount) FROM order_lines WHERE is_valid").fetchone()
    query = compiled(model, metrics=["revenue", "doubled"], having=[
        {"metric": "revenue", "op": ">=", "values": [stored / 100]},
        {"metric": "revenue", "op": "<=", "values": [stored / 100]},
    ])  # fmt: skip

    assert marts.execute(query.sql, query.values).fetchall() == [(stored / 100, stored / 50)]


def test_a_metric_takes_the_first_form_that_reaches(model: SemanticModel) -> None:
    plain = compiled(model, metrics=["orders"])
    by_product = compiled(model, metrics=["orders"], dimensions=["category"])

    assert "order_lines" not in plain.sql
    assert 'count(DISTINCT "order_lines"."order_id")' in by_product.sql


def test_only_the_tables_in_use_are_joined(model: SemanticModel) -> None:
    assert "JOIN" not in compiled(model, metrics=["revenue"], time_range=OCTOBER).sql
    assert compiled(model, metrics=["revenue"], dimensions=["city"]).sql.count("JOIN") == 2


def test_repeated_names_are_asked_once(model: SemanticModel) -> None:
    query = compiled(model, metrics=["orders", "orders"], dimensions=["city", "city"])

    assert [column.name for column in query.columns] == ["city", "orders"]


def test_ordered_values_compare_by_their_order(
    model: SemanticModel, marts: duckdb.DuckDBPyConnection
) -> None:
    query = compiled(
        model, metrics=["customers"], where={"field": "level", "op": ">", "values": ["silver"]}
    )

    assert "gold" in query.values
    assert marts.execute(query.sql, query.values).fetchall() == [(100, 100)]


WRONG = (
    ({"metrics": ["revenu"]}, UnknownName, "Unknown metric 'revenu'. Nearest: 'revenue'"),
    ({"metrics": ["orders"], "dimensions": ["citty"]}, UnknownName,
     "Unknown dimension 'citty'. Nearest: 'city'"),
    ({"metrics": ["orders"], "where": {"field": "town", "values": ["a"]}}, UnknownName,
     "Unknown dimension 'town'."),
    ({"metrics": ["orders"], "where": {"segment": "golden"}}, UnknownName,
     "Unknown segment 'golden'. Nearest: 'gold'."),
    ({"metrics": ["orders"], "where": {"customer_metric": "ordres", "values": [1]}}, UnknownName,
     "Unknown metric 'ordres'. Nearest: 'orders'"),
    ({"metrics": ["orders"], "ranking": {"by": "revenue__share"}}, UnknownName,
     "Unknown metric 'revenue__share'. Nearest: 'revenue'"),
    ({"metrics": ["orders"], "having": [{"metric": "order", "values": [1]}]}, UnknownName,
     "Unknown metric 'order'. Nearest: 'orders'"),
    ({"metrics": ["orders"], "where": {"field": "level", "op": ">", "values": ["glod"]}},
     UnknownName, "Unknown value 'glod'. Nearest: 'gold'."),
    ({"metrics": ["visits"], "dimensions": ["category"]}, UnsupportedQuery,
     "'visits' cannot be split or filtered by 'category'. "
     "It can by: city, age, joined_on, level."),
    ({"metrics": ["visits_per_order"], "where": {"field": "channel", "values": ["app"]}},
     UnsupportedQuery, "'visits_per_order' cannot be split or filtered by 'channel'."),
    ({"metrics": ["orders"], "where": {"field": "age", "values": ["old"]}}, UnsupportedQuery,
     "'age' takes a number. Got 'old'. Give a number."),
    ({"metrics": ["orders"], "where": {"field": "age", "values": [True]}}, UnsupportedQuery,
     "'age' takes a number. Got True."),
    ({"metrics": ["orders"], "where": {"field": "age", "values": [10**400]}}, UnsupportedQuery,
     "'age' takes a number."),
    ({"metrics": ["orders"], "where": {"field": "age", "values": [float("nan")]}},
     UnsupportedQuery, "'age' takes a number. Got nan."),
    ({"metrics": ["orders"], "where": {"field": "paid_with_card", "values": ["yes"]}},
     UnsupportedQuery, "'paid_with_card' takes a boolean. Got 'yes'."),
    ({"metrics": ["orders"], "where": {"field": "joined_on", "values": ["May"]}},
     UnsupportedQuery, "'joined_on' takes a date. Got 'May'. Give a day as 'YYYY-MM-DD'."),
    ({"metrics": ["orders"], "where": {"field": "city", "op": ">", "values": ["上海"]}},
     UnsupportedQuery, "'>' does not fit 'city': it has values that have no order."),
    ({"metrics": ["orders"], "where": {"field": "age", "op": "contains", "values": [3]}},
     UnsupportedQuery, "'contains' does not fit 'age'"),
    ({"metrics": ["orders"], "where": {"field": "city", "values": ["上海", "杭州"]}},
     UnsupportedQuery, "'=' on 'city' takes 1 value(s). Got 2. Use 'in' for several values."),
    ({"metrics": ["orders"], "where": {"field": "city", "op": "in", "values": []}},
     UnsupportedQuery, "'in' on 'city' takes at least 1 value(s). Got 0."),
    ({"metrics": ["orders"], "where": {"field": "age", "op": "between", "values": [1]}},
     UnsupportedQuery, "'between' on 'age' takes 2 value(s). Got 1."),
    ({"metrics": ["orders"], "having": [{"metric": "orders", "op": "contains", "values": [1]}]},
     UnsupportedQuery, "'contains' does not fit 'orders'"),
    ({"metrics": ["aov"], "share": {}}, UnsupportedQuery, "'aov' is a rate or average"),
    ({"metrics": ["orders"], "share": {"within": ["city"]}}, UnsupportedQuery,
     "'within' 'city' is not one of the dimensions of the question."),
    ({"metrics": ["orders"], "dimensions": ["city"],
      "ranking": {"by": "orders", "within": ["period"]}}, UnsupportedQuery, "'within' 'period'"),
    ({"metrics": ["orders"], "comparison": {"kind": "previous_period"}}, UnsupportedQuery,
     "All data has nothing before it to be compared with."),
    ({"metrics": ["orders"], "time_grain": "day",
      "time_range": {"start": "0100-01-01", "end": "2026-01-01"}}, UnsupportedQuery,
     "more than 10000 periods"),
)  # fmt: skip


@pytest.mark.parametrize(("parts", "kind", "expected_error"), WRONG)
def test_a_question_that_cannot_be_answered_is_refused_before_any_sql(
    parts: dict, kind: type[QueryError], expected_error: str, model: SemanticModel
) -> None:
    with pytest.raises(kind, match=re.escape(expected_error)):
        compiled(model, **parts)


def test_rights_that_cannot_be_applied_are_a_refusal(model: SemanticModel) -> None:
    shop = Actor(id="shop", rows=Condition(field="channel", values=("web",)))

    assert compiled(model, shop, metrics=["orders"])
    with pytest.raises(NotPermitted, match="'shop' may not read 'visits_per_order'"):
        compiled(model, shop, metrics=["visits_per_order"])
    with pytest.raises(NotPermitted):
        compiled(model, shop, metrics=["orders"],
                 where={"customer_metric": "visits", "values": [3]})  # fmt: skip


def test_rights_over_customers_own_metrics_do_not_run_in_circles(model: SemanticModel) -> None:
    rows = CustomerCondition(customer_metric="orders", op=">=", values=(2,))

    query = compiled(model, Actor(id="some", rows=rows), metrics=["orders", "visits"])

    assert query.sql.count('AS "value"') == 1


def test_the_limit_is_told_where_no_ranking_asked_for_it(model: SemanticModel) -> None:
    assert compiled(model, metrics=["orders"]).limit is None
    assert compiled(model, metrics=["orders"], dimensions=["city"], limit=7).limit == 7
    ranked = compiled(model, metrics=["orders"], dimensions=["city"], ranking={"by": "orders"})
    assert ranked.limit is None


def test_deep_filters_compile(model: SemanticModel) -> None:
    where: dict = dict(GOLD)
    for _ in range(60):
        where = {"not": {"any": [where, GOLD]}}

    assert compiled(model, metrics=["orders"], where=where).sql.count("NOT coalesce") == 60


def test_compiling_takes_about_a_millisecond(model: SemanticModel) -> None:
    spec = QuerySpec.model_validate(SHAPES["comparison"])
    times = []
    for _ in range(50):
        begin = perf_counter()
        compile_query(spec, model, EVERYONE, AS_OF, FIRST_DAY)
        times.append(perf_counter() - begin)

    assert median(times) < 0.005, "five times as long as it should take"
