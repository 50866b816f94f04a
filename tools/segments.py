"""How many customers: sizes of segments and of any group of people."""

from __future__ import annotations

from typing import Annotated, Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from tools.evidence import ToolResult
from tools.metrics import answer_spec, preview
from tools.workspace import toolbox_of
from warehouse.errors import UnsupportedQuery
from warehouse.query import Filter, QuerySpec, Share, TimeRange
from warehouse.semantic_model import SemanticModel


@tool(response_format="content_and_artifact")
def size_segment(
    where: Annotated[Filter, "Who: the same filters as query_metrics, segments included."],
    runtime: ToolRuntime[Any, Any],
    time_range: Annotated[
        TimeRange | None, "Count the customers there were at the end of this range."
    ] = None,
) -> tuple[str, ToolResult]:
    """Count the customers of a segment or condition, and their share of all customers."""
    toolbox = toolbox_of(runtime)
    spec = QuerySpec(
        metrics=(customer_count(toolbox.model),), time_range=time_range, share=Share(part=where)
    )
    result = answer_spec("size_segment", spec, toolbox)
    return preview(result), result


def customer_count(model: SemanticModel) -> str:
    """Find the metric that counts customers: a plain count at the entity that is the customer.

    Raises
    ------
    UnsupportedQuery
        When the semantic model counts no customers.
    """
    people = {entity.name for entity in model.entities if entity.customer == entity.key}
    for metric in model.metrics:
        for measure in metric.measures:
            plain = measure.where is None and measure.per is None
            if measure.entity in people and measure.aggregate.startswith("count") and plain:
                return metric.name
    raise UnsupportedQuery(
        detail="The semantic model has no metric that counts customers.",
        next="Add a metric with a count measure at the customer entity.",
    )
