"""Workspace: one brand's opened stores; Toolbox: what one turn's tools may use of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

from tools.evidence import Cell
from tools.names import Names
from tools.vocabulary import Form, Term, Vocabulary
from warehouse.compiler import compile_listing, compile_query, reach, validate_against
from warehouse.engine import DuckDBEngine
from warehouse.errors import NotPermitted
from warehouse.gaps import gaps_of, has_dates, with_gaps
from warehouse.ledger import Ledger
from warehouse.plan import is_additive
from warehouse.query import CompiledQuery, QueryResult, QuerySpec
from warehouse.rights import Actor
from warehouse.semantic_model import SemanticModel, load_semantic_model, model_folders
from warehouse.values import value_terms
from warehouse.workspace_file import WorkspaceFile, load_workspace_file

if TYPE_CHECKING:
    from langchain.tools import ToolRuntime

    from knowledge.feedback import FeedbackIndex

Language = Literal["zh", "en"]


class Workspace:
    """One brand: its settings, semantic model, engine, ledger and feedback index.

    Stores are opened when first needed; a new build is picked up without reopening.

    Parameters
    ----------
    folder : Path
        The workspace's folder, with ``workspace.yml`` in it.

    Raises
    ------
    WorkspaceFileError
        When ``workspace.yml`` is missing or wrong.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file: WorkspaceFile = load_workspace_file(folder / "workspace.yml")
        self._vocabulary: tuple[str, Vocabulary, Names] | None = None
        self._feedback: tuple[str, FeedbackIndex] | None = None
        self._gap_months: dict[tuple[str, str], tuple[date, ...]] = {}

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the stores that were opened."""
        for name in ("engine", "ledger"):
            store = self.__dict__.pop(name, None)
            if store is not None:
                store.close()

    @cached_property
    def model(self) -> SemanticModel:
        """The semantic model: packaged for the workspace's marts, with the brand's own on top."""
        return load_semantic_model(model_folders(self.folder, self.file.marts))

    @cached_property
    def model_with_gaps(self) -> SemanticModel:
        """The semantic model, with the hidden metrics that count unknown amounts."""
        return with_gaps(self.model)

    @cached_property
    def engine(self) -> DuckDBEngine:
        """The engine over the published build, whose columns the model was checked against."""
        engine = DuckDBEngine(self.folder / "var" / "current" / "marts.duckdb")
        validate_against(self.model, engine.catalogue())
        return engine

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger: users, sessions, threads, turns, audit."""
        (self.folder / "var").mkdir(parents=True, exist_ok=True)
        return Ledger(self.folder / "var" / "ledger.sqlite")

    @property
    def vocabulary(self) -> Vocabulary:
        """The brand's words for the published build."""
        return self._words()[1]

    @property
    def names(self) -> Names:
        """The labels of things for the published build."""
        return self._words()[2]

    def _words(self) -> tuple[str, Vocabulary, Names]:
        build = self.engine.build_id
        if self._vocabulary is None or self._vocabulary[0] != build:
            cache = self.folder / "var" / "cache"
            vocabulary = make_vocabulary(self.model, self.engine, self.file.currency, cache)
            self._vocabulary = (build, vocabulary, Names(self.model, vocabulary))
        return self._vocabulary

    def gap_months(self, gap: str) -> tuple[date, ...]:
        """List the months of the published build in which an amount is unknown for some rows."""
        key = (self.engine.build_id, gap)
        if key not in self._gap_months:
            is_dated = has_dates(self.model_with_gaps, gap)
            spec = QuerySpec(metrics=(gap,), time_grain="month" if is_dated else None)
            everyone = Actor(id="gaps", roles=("admin",))
            engine = self.engine
            compiled = compile_query(
                spec, self.model_with_gaps, everyone, engine.as_of, engine.first_day
            )
            rows = engine.run(compiled).rows
            months = [(row[0], row[1]) if is_dated else (engine.as_of, row[0]) for row in rows]
            self._gap_months[key] = tuple(m for m, count in months if count and _is_day(m))
        return self._gap_months[key]

    @property
    def feedback(self) -> FeedbackIndex:
        """The search index over feedback texts of the published build."""
        from knowledge.feedback import FeedbackIndex  # heavy, and few questions need it

        build = self.engine.build_id
        if self._feedback is None or self._feedback[0] != build:
            folder = (self.folder / "var" / "current").resolve()
            self._feedback = (build, FeedbackIndex(folder))
        return self._feedback[1]


@dataclass(frozen=True)
class Toolbox:
    """What the tools of one turn may use: the workspace, as this actor, in this language."""

    workspace: Workspace
    actor: Actor
    language: Language

    @property
    def names(self) -> Names:
        """Labels of things."""
        return self.workspace.names

    @property
    def vocabulary(self) -> Vocabulary:
        """The brand's words."""
        return self.workspace.vocabulary

    @property
    def model(self) -> SemanticModel:
        """The semantic model."""
        return self.workspace.model

    @property
    def covered(self) -> tuple[date, date]:
        """Days that the data covers, half-open."""
        engine = self.workspace.engine
        return engine.first_day, engine.as_of + timedelta(days=1)

    def adds_up(self, metric: str) -> bool:
        """Tell whether a metric is a count or amount, so that parts have a share in the whole."""
        return is_additive(self.model, self.model.metric(metric))

    def compile(self, spec: QuerySpec) -> CompiledQuery:
        """Compile a spec with this actor's rights."""
        engine = self.workspace.engine
        return compile_query(spec, self.model, self.actor, engine.as_of, engine.first_day)

    def unknown_amounts(self, spec: QuerySpec) -> int:
        """Count the rows of a question whose amount is unknown, so that no sum could hold them."""
        workspace = self.workspace
        start, end = self.covered
        if spec.time_range is not None:
            start, end = spec.time_range.start, spec.time_range.end
        gaps = [
            gap
            for gap in gaps_of(self.model, spec.metrics)
            if any(
                month < end and month + timedelta(days=31) > start
                for month in workspace.gap_months(gap)
            )
        ]
        if not gaps:
            return 0
        counted = QuerySpec(metrics=tuple(gaps[:8]), time_range=spec.time_range, where=spec.where)
        engine = workspace.engine
        compiled = compile_query(
            counted, workspace.model_with_gaps, self.actor, engine.as_of, engine.first_day
        )
        rows = engine.run(compiled).rows
        return max((cell for row in rows for cell in row if isinstance(cell, int)), default=0)

    def list_rows(self, spec: QuerySpec) -> QueryResult:
        """List single rows of a group that was counted before, with this actor's rights."""
        engine = self.workspace.engine
        return engine.run(
            compile_listing(spec, self.model, self.actor, engine.as_of, engine.first_day)
        )

    def query(self, spec: QuerySpec) -> QueryResult:
        """Compile and run a spec with this actor's rights."""
        return self.workspace.engine.run(self.compile(spec))


def toolbox_of(runtime: ToolRuntime[Any, Any]) -> Toolbox:
    """Give the toolbox of the run that a tool is called in."""
    toolbox: Toolbox = runtime.context.toolbox
    return toolbox


def open_workspace(folder: Path) -> Workspace:
    """Open the workspace in a folder; its stores open when first needed.

    Raises
    ------
    WorkspaceFileError
        When the folder holds no readable ``workspace.yml``.
    """
    return Workspace(folder)


def _is_day(cell: Cell) -> TypeGuard[date]:
    return isinstance(cell, date)


def require_administrator(workspace: Workspace, user: str | None) -> str:
    """Give the id of the administrator who acts; while there is none, anyone sets up the first.

    Raises
    ------
    NotPermitted
        When there is an administrator and ``user`` is none.
    """
    admins = {u.id for u in workspace.ledger.users() if "admin" in u.roles and not u.disabled}
    if admins and user not in admins:
        who = ", ".join(sorted(admins))
        raise NotPermitted(actor=user or "local", what="user administration", who=who)
    return user or "set-up"


def make_vocabulary(
    model: SemanticModel, engine: DuckDBEngine, currency: str, cache: Path | None = None
) -> Vocabulary:
    """Gather every word of a brand for one build, in all its forms."""
    return Vocabulary(
        terms=(*_model_terms(model), *_value_terms(model, engine, cache)),
        reach=reach(model),
        first_day=engine.first_day.isoformat(),
        as_of=engine.as_of.isoformat(),
        hash=f"{model.hash}:{engine.build_id}",
        currency=currency,
    )


def _model_terms(model: SemanticModel) -> list[Term]:
    terms = [
        Term(
            kind="metric",
            name=metric.name,
            label_zh=metric.label.zh,
            label_en=metric.label.en,
            forms=_forms(metric.name, metric.label, metric.synonyms),
            group=metric.group,
            unit=metric.unit,
            direction=metric.direction,
            featured=metric.featured,
        )
        for metric in model.metrics
        if not metric.hidden
    ]
    terms += [
        Term(
            kind="dimension",
            name=dimension.name,
            label_zh=dimension.label.zh,
            label_en=dimension.label.en,
            forms=_forms(dimension.name, dimension.label, dimension.synonyms),
            unit=dimension.unit,
            type=dimension.type,
            personal=dimension.personal,
            ordered=dimension.ordered,
            entity=dimension.entity,
            featured=dimension.featured,
        )
        for dimension in model.dimensions
        if not dimension.hidden
    ]
    terms += [
        Term(
            kind="segment",
            name=segment.name,
            label_zh=segment.label.zh,
            label_en=segment.label.en,
            forms=_forms(segment.name, segment.label, segment.synonyms),
        )
        for segment in model.segments
    ]
    terms += [
        Term(
            kind="entity",
            name=entity.name,
            label_zh=entity.label.zh,
            label_en=entity.label.en,
            forms=_forms(entity.name, entity.label, None),
            entity=entity.name,
        )
        for entity in model.entities
    ]
    return terms


def _forms(name: str, label: object, synonyms: object) -> tuple[Form, ...]:
    forms = [Form(text=name.replace("_", " "), language="en", source="name")]
    for language in ("zh", "en"):
        forms.append(Form(text=getattr(label, language), language=language, source="label"))
        for text in getattr(synonyms, language, ()):
            forms.append(Form(text=text, language=language, source="synonym"))
    return tuple(forms)


def _value_terms(model: SemanticModel, engine: DuckDBEngine, cache: Path | None) -> list[Term]:
    values = value_terms(model, engine, folder=cache)
    return [Term.model_validate(value.model_dump()) for value in values]
