"""The names of things in the asker's language: labels, definitions, units, values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from tools.evidence import Cell
from tools.vocabulary import Term, Vocabulary
from warehouse.semantic_model import SemanticModel

Language = Literal["zh", "en"]


class Names:
    """Look up how a person calls a metric, dimension, value or segment.

    Every lookup falls back to the name itself, so that a label that is missing is visible and
    never an error.
    """

    def __init__(self, model: SemanticModel, vocabulary: Vocabulary) -> None:
        self._metrics = {metric.name: metric for metric in model.metrics}
        self._dimensions = {dimension.name: dimension for dimension in model.dimensions}
        self._segments = {segment.name: segment for segment in model.segments}
        self._values: dict[tuple[str, str], Term] = {
            (term.field or "", str(term.value)): term
            for term in vocabulary.terms
            if term.kind == "value"
        }

    def metric(self, name: str, language: Language) -> str:
        """Give the label of a metric."""
        metric = self._metrics.get(name)
        return getattr(metric.label, language) if metric else name

    def dimension(self, name: str, language: Language) -> str:
        """Give the label of a dimension."""
        dimension = self._dimensions.get(name)
        return getattr(dimension.label, language) if dimension else name

    def segment(self, name: str, language: Language) -> str:
        """Give the label of a segment."""
        segment = self._segments.get(name)
        return getattr(segment.label, language) if segment else name

    def label(self, name: str, language: Language) -> str:
        """Give the label of whatever has that name."""
        for look_up in (self.metric, self.dimension, self.segment):
            if (label := look_up(name, language)) != name:
                return label
        return name

    def value(self, dimension: str, value: Cell, language: Language) -> str | None:
        """Give the label of a stored value; None where it has none of its own."""
        term = self._values.get((dimension, str(value)))
        if term is None:
            return None
        return term.label_zh if language == "zh" else term.label_en

    def definition(self, metric: str, language: Language) -> str:
        """Tell what a metric means, as a marketer reads it."""
        found = self._metrics.get(metric)
        return getattr(found.definition, language) if found else ""

    def is_so_far(self, metrics: Iterable[str]) -> bool:
        """Tell whether metrics count everything up to a day, whatever the first one (customers)."""
        measures = [m for name in metrics if name in self._metrics
                    for m in self._metrics[name].measures]  # fmt: skip
        return bool(measures) and all(measure.cumulative for measure in measures)

    def unit(self, metric: str) -> str:
        """Give the unit of a metric."""
        found = self._metrics.get(metric)
        return found.unit if found else "count"
