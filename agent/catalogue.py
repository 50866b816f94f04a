"""What can be asked of a workspace, for people: metrics by subject, ways to split, segments."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from agent.answer import Record
from agent.questions import last_month, phrased, phrased_size, starting_questions
from knowledge.languages import Clock
from tools.vocabulary import Term
from tools.workspace import Toolbox

Language = Literal["zh", "en"]
MOST_VALUES = 24


class Entry(Record):
    """One name with its meaning, and a question that asks for it."""

    name: str
    label: str
    text: str = ""
    question: str = ""
    unit: str = "text"
    values: tuple[str, ...] = ()
    value_count: int = 0


class Subject(Record):
    """Entries about one thing: orders, customers, feedback."""

    label: str
    entries: tuple[Entry, ...]


class Catalogue(Record):
    """Everything that can be asked, and the days that the data covers."""

    metrics: tuple[Subject, ...]
    dimensions: tuple[Subject, ...]
    segments: tuple[Entry, ...]
    questions: tuple[str, ...]
    first_day: str
    as_of: str
    build_id: str


def catalogue_of(toolbox: Toolbox, clock: Clock) -> Catalogue:
    """Gather what can be asked, in the toolbox's language."""
    return _Gathering(toolbox, clock).catalogue()


class _Gathering:
    def __init__(self, toolbox: Toolbox, clock: Clock) -> None:
        self._toolbox = toolbox
        self._language = toolbox.language
        self._vocabulary = toolbox.vocabulary
        self._window = last_month(clock.as_of)
        self._values: dict[str, list[str]] = {}
        for term in self._vocabulary.terms:
            if term.kind == "value" and term.field:
                self._values.setdefault(term.field, []).append(self._label(term))

    def catalogue(self) -> Catalogue:
        metrics, dimensions = self._terms("metric"), self._terms("dimension")
        segments = {segment.name: segment for segment in self._toolbox.model.segments}
        return Catalogue(
            metrics=self._by_subject([(self._home(t.name), t) for t in metrics], self._metric),
            dimensions=self._by_subject([(t.entity or "", t) for t in dimensions], self._dimension),
            segments=tuple(
                Entry(
                    name=term.name,
                    label=self._label(term),
                    text=getattr(segments[term.name].definition, self._language),
                    question=phrased_size(term.name, self._vocabulary, self._language),
                )
                for term in self._terms("segment")
            ),
            questions=starting_questions(self._vocabulary, self._language),
            first_day=self._vocabulary.first_day,
            as_of=self._vocabulary.as_of,
            build_id=self._toolbox.workspace.engine.build_id,
        )

    def _by_subject(
        self, homes: list[tuple[str, Term]], entry: Callable[[Term], Entry]
    ) -> tuple[Subject, ...]:
        labels = {entity.name: entity.label for entity in self._toolbox.model.entities}
        groups: dict[str, list[Entry]] = {}
        for home, term in homes:
            groups.setdefault(home, []).append(entry(term))
        return tuple(
            Subject(
                label=getattr(labels[home], self._language) if home in labels else home,
                entries=tuple(entries),
            )
            for home, entries in groups.items()
        )

    def _metric(self, term: Term) -> Entry:
        asked = {"metrics": [term.name], "time_range": self._window}
        return Entry(
            name=term.name,
            label=self._label(term),
            text=self._toolbox.names.definition(term.name, self._language),
            question=phrased(asked, self._vocabulary, self._language),
            unit=term.unit,
        )

    def _dimension(self, term: Term) -> Entry:
        known = self._toolbox.model.dimension(term.name).definition
        values = self._values.get(term.name, [])
        return Entry(
            name=term.name,
            label=self._label(term),
            text=getattr(known, self._language) if known else "",
            values=tuple(values[:MOST_VALUES]),
            value_count=len(values),
        )

    def _home(self, metric: str) -> str:
        """Find the entity that a metric is about: that of the first measure behind it."""
        found = self._toolbox.model.metric(metric)
        if found.measures:
            return found.measures[0].entity
        behind = [found.numerator] if found.numerator else _NAME.findall(found.expression or "")
        known = {m.name for m in self._toolbox.model.metrics} - {metric}
        return next((self._home(name) for name in behind if name in known), "")

    def _terms(self, kind: str) -> list[Term]:
        return [term for term in self._vocabulary.terms if term.kind == kind]

    def _label(self, term: Term) -> str:
        return term.label_zh if self._language == "zh" else term.label_en


_NAME = re.compile(r"[A-Za-z_]\w*")
