"""Named gaps: rows whose amount is unknown (no exchange rate) are counted, never passed over.

A sum leaves out what is NULL. For every summed amount there is a hidden metric that counts the
rows it left out, under the same conditions, so that an answer can say how many there were.
"""

from __future__ import annotations

from collections.abc import Iterable

from warehouse.plan import simple_metrics
from warehouse.query import And, Condition
from warehouse.semantic_model import Measure, Metric, SemanticModel

UNKNOWN = "__unknown"


def with_gaps(model: SemanticModel) -> SemanticModel:
    """Add the hidden metric ``<name>__unknown`` for every amount that is a sum."""
    gaps = tuple(_gap(metric) for metric in model.metrics if is_summed_amount(metric))
    # A copy would keep the look-up tables of the original.
    return SemanticModel(
        entities=model.entities,
        dimensions=model.dimensions,
        metrics=(*model.metrics, *gaps),
        segments=model.segments,
        hash=model.hash,
    )


def gaps_of(model: SemanticModel, metrics: Iterable[str]) -> tuple[str, ...]:
    """Name the gaps of everything that the metrics are computed from."""
    simple = [s for name in metrics for s in simple_metrics(model, model.metric(name))]
    return tuple(dict.fromkeys(s.name + UNKNOWN for s in simple if is_summed_amount(s)))


def is_summed_amount(metric: Metric) -> bool:
    """Tell whether a metric is a sum of money."""
    return metric.unit == "currency" and any(m.aggregate == "sum" for m in metric.measures)


def has_dates(model: SemanticModel, metric: str) -> bool:
    """Tell whether all rows that a simple metric counts are dated."""
    measures = model.metric(metric).measures
    return all(each.time or model.entity(each.entity).time for each in measures)


def _gap(metric: Metric) -> Metric:
    return metric.model_copy(
        update={
            "name": metric.name + UNKNOWN,
            "unit": "count",
            "hidden": True,
            "measures": tuple(map(_missing, metric.measures)),
        }
    )


def _missing(measure: Measure) -> Measure:
    unknown = Condition(field=measure.column or "", op="is_null")
    where = unknown if measure.where is None else And(all=(measure.where, unknown))
    return measure.model_copy(update={"aggregate": "count", "column": None, "where": where})
