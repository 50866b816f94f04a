"""A metric that can be computed from several tables is the same number from each."""

import pytest

from warehouse.compiler import compile_query
from warehouse.query import QuerySpec, TimeRange
from warehouse.semantic_model import SemanticModel, load_semantic_model

from .conftest import EVERYONE
from .marts import AS_OF, FIRST_DAY

SEVERAL = [metric.name for metric in load_semantic_model().metrics if len(metric.measures) > 1]
WINDOWS = (None, TimeRange.model_validate({"start": "2024-02-29", "end": "2026-06-01"}))


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", SEVERAL)
def test_all_forms_of_a_metric_agree(
    name: str, window: TimeRange | None, model: SemanticModel, connection
) -> None:
    metric = model.metric(name)
    spec = QuerySpec(metrics=(name,), dimensions=("sales_channel",), time_range=window)
    answers = []
    for measure in metric.measures:
        single = metric.model_copy(update={"measures": (measure,)})
        others = tuple(single if m.name == name else m for m in model.metrics)
        alone = model.model_copy(update={"metrics": others})
        compiled = compile_query(spec, alone, EVERYONE, AS_OF, FIRST_DAY)
        answers.append(connection.execute(compiled.sql, compiled.values).fetchall())

    assert len(answers) == len(metric.measures)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]
