"""The invariants hold on the demo brand too, with the dirt that its files brought along."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse.compiler import compile_query, reach, validate_against
from warehouse.query import QuerySpec
from warehouse.semantic_model import SemanticModel, load_semantic_model

from .conftest import EVERYONE

PACKAGED = load_semantic_model()
REACH = reach(PACKAGED)
WINDOW = {"start": "2025-05-17", "end": "2026-09-23"}

Rows = list[tuple[object, ...]]
Run = Callable[..., Rows]


@pytest.fixture(scope="module")
def demo(demo_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    store = demo_folder / "var" / "current" / "marts.duckdb"
    with duckdb.connect(str(store), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def run(demo: duckdb.DuckDBPyConnection) -> Run:
    days: tuple[date, date] = demo.execute("SELECT as_of, first_day FROM build_info").fetchone()

    def answer(model: SemanticModel = PACKAGED, **parts: object) -> Rows:
        spec = QuerySpec.model_validate({"limit": 10_000, **parts})
        compiled = compile_query(spec, model, EVERYONE, *days)
        rows = demo.execute(compiled.sql, compiled.values).fetchall()
        return [row[: len(compiled.columns)] for row in rows]

    return answer


def test_marts_have_what_the_model_names(demo: duckdb.DuckDBPyConnection) -> None:
    catalogue: dict[str, dict[str, str]] = {}
    for table, column, kind in demo.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
    ).fetchall():
        catalogue.setdefault(table, {})[column] = kind

    validate_against(PACKAGED, catalogue)


def test_every_metric_has_a_value(run: Run) -> None:
    for metric in PACKAGED.metrics:
        ((value,),) = run(metrics=[metric.name])
        assert value is not None, metric.name
        if metric.unit == "percent" and metric.kind == "ratio":
            assert 0 <= value <= 1, metric.name


@pytest.mark.usefixtures("nothing_hidden")
@pytest.mark.parametrize("metric", ["revenue", "units", "amount_paid", "sessions", "tickets",
                                    "feedback_count", "touches_sent", "product_views"])  # fmt: skip
def test_parts_add_up_to_the_whole(metric: str, run: Run) -> None:
    ((whole,),) = run(metrics=[metric], time_range=WINDOW)

    for dimension in REACH[metric]:
        if PACKAGED.dimension(dimension).hidden:
            continue
        rows = run(metrics=[metric], dimensions=[dimension], time_range=WINDOW)
        assert sum(row[-1] for row in rows) == pytest.approx(whole), dimension


@pytest.mark.parametrize("name", [m.name for m in PACKAGED.metrics if len(m.measures) > 1])
def test_all_forms_of_a_metric_agree(name: str, run: Run) -> None:
    metric = PACKAGED.metric(name)
    answers = []
    for measure in metric.measures:
        single = metric.model_copy(update={"measures": (measure,)})
        others = tuple(single if m.name == name else m for m in PACKAGED.metrics)
        model = PACKAGED.model_copy(update={"metrics": others})
        answers.append(run(model, metrics=[name], dimensions=["sales_channel"], time_range=WINDOW))

    assert all(answer == answers[0] for answer in answers)


def test_keys_of_joined_tables_are_unique(demo: duckdb.DuckDBPyConnection) -> None:
    for entity in PACKAGED.entities:
        count, keys = demo.execute(
            f"SELECT count(*), count(DISTINCT {entity.key}) FROM {entity.table}"
        ).fetchone()
        assert count == keys, entity.name
