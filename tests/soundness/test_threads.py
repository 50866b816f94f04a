"""The same question gives the same rows, however many threads run it."""

import shutil
from pathlib import Path

import duckdb
import pytest

from warehouse.compiler import compile_query
from warehouse.query import QuerySpec
from warehouse.semantic_model import SemanticModel

from .conftest import EVERYONE
from .marts import AS_OF, FIRST_DAY

QUESTIONS = (
    {"metrics": ["revenue", "aov", "repeat_rate"], "dimensions": ["category", "region"]},
    {
        "metrics": ["rating", "average_unit_price"],
        "dimensions": ["product"],
        "ranking": {"by": "rating"},
    },
    {"metrics": ["buyers", "customers"], "dimensions": ["region"], "time_grain": "month"},
    {"metrics": ["orders"], "dimensions": ["age_band", "gender"], "share": {}},
    {"metrics": ["orders"], "dimensions": ["brand"], "ranking": {"by": "orders", "limit": 2}},
)


@pytest.mark.parametrize("parts", QUESTIONS)
def test_threads_do_not_change_an_answer(
    parts: dict, store: Path, model: SemanticModel, tmp_path: Path
) -> None:
    spec = QuerySpec.model_validate(parts)
    compiled = compile_query(spec, model, EVERYONE, AS_OF, FIRST_DAY)
    own = shutil.copy(store, tmp_path)  # an open file keeps its number of threads
    answers = []
    for threads in (1, 2, 2):
        with duckdb.connect(str(own), read_only=True, config={"threads": threads}) as connection:
            answers.append(connection.execute(compiled.sql, compiled.values).fetchall())

    assert answers[0] == answers[1] == answers[2]
    assert answers[0]
