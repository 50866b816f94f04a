"""What can be asked: metrics, dimensions, values, segments, definitions, freshness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from knowledge.languages import say
from tools.evidence import Cell, Definition, Evidence, Table, TableColumn, ToolResult, Understood
from tools.metrics import preview
from tools.workspace import Toolbox, toolbox_of
from warehouse.errors import UnknownName, nearest

DescribeKind = Literal["overview", "metric", "dimension", "values", "segments", "freshness"]
_MOST_VALUES = 200

T = TypeVar("T")


@tool(response_format="content_and_artifact")
def describe_data(
    runtime: ToolRuntime[Any, Any],
    kind: Annotated[DescribeKind, "What to describe."] = "overview",
    about: Annotated[Sequence[str], "Names of metrics, dimensions or segments."] = (),
) -> tuple[str, ToolResult]:
    """Describe what can be asked: definitions, dimensions, their values, segments, freshness."""
    result = describe(kind, about, toolbox_of(runtime))
    return preview(result), result


def describe(kind: DescribeKind, about: Sequence[str], toolbox: Toolbox) -> ToolResult:
    """Describe the workspace in the asker's language."""
    rows, columns = _ROWS[kind](tuple(about), toolbox)
    table = Table(
        columns=tuple(
            TableColumn(name=name, label=say(f"column_{name}", toolbox.language), unit="text")
            for name in columns
        ),
        rows=tuple(rows),
    )
    return ToolResult(
        tool="describe_data",
        language=toolbox.language,
        understood=Understood(dimensions=tuple(about) if kind in ("dimension", "values") else ()),
        table=table,
        evidence=(_evidence(rows, columns, toolbox),),
        facts={
            "kind": kind,
            "row_count": len(table.rows),
            "as_of": toolbox.workspace.engine.as_of,
            "first_day": toolbox.workspace.engine.first_day,
            "metrics": len(toolbox.model.metrics),
            "dimensions": len(toolbox.model.dimensions),
            "segments": len(toolbox.model.segments),
        },
    )


_Rows = tuple[list[tuple[Cell, ...]], tuple[str, ...]]


def _metrics(about: tuple[str, ...], toolbox: Toolbox) -> _Rows:
    language = toolbox.language
    chosen = _choose(about, {m.name: m for m in toolbox.model.metrics}, "metric")
    return [
        (m.name, getattr(m.label, language), getattr(m.definition, language), m.unit)
        for m in chosen
    ], ("name", "label", "definition", "unit")


def _dimensions(about: tuple[str, ...], toolbox: Toolbox) -> _Rows:
    language = toolbox.language
    chosen = _choose(about, {d.name: d for d in toolbox.model.dimensions}, "dimension")
    return [
        (
            d.name,
            getattr(d.label, language),
            getattr(d.definition, language) if d.definition else "",
        )
        for d in chosen
    ], ("name", "label", "definition")


def _segments(about: tuple[str, ...], toolbox: Toolbox) -> _Rows:
    language = toolbox.language
    chosen = _choose(about, {s.name: s for s in toolbox.model.segments}, "segment")
    return [
        (s.name, getattr(s.label, language), getattr(s.definition, language)) for s in chosen
    ], ("name", "label", "definition")


def _values(about: tuple[str, ...], toolbox: Toolbox) -> _Rows:
    known = {d.name: d for d in toolbox.model.dimensions}
    _choose(about, known, "dimension")
    rows: list[tuple[Cell, ...]] = [
        (term.field, term.value, term.label_zh if toolbox.language == "zh" else term.label_en)
        for term in toolbox.vocabulary.terms
        if term.kind == "value" and term.field in about
    ]
    return rows[:_MOST_VALUES], ("dimension", "value", "label")


def _freshness(about: tuple[str, ...], toolbox: Toolbox) -> _Rows:
    engine = toolbox.workspace.engine
    counts = engine.table_counts()
    return [(table, count) for table, count in sorted(counts.items())], ("table", "rows")


def _overview(about: tuple[str, ...], toolbox: Toolbox) -> _Rows:
    rows, columns = _metrics((), toolbox)
    return rows, columns


_ROWS = {
    "overview": _overview,
    "metric": _metrics,
    "dimension": _dimensions,
    "values": _values,
    "segments": _segments,
    "freshness": _freshness,
}


def _choose(about: tuple[str, ...], known: dict[str, T], kind: str) -> list[T]:
    for name in about:
        if name not in known:
            raise UnknownName(kind=kind, name=name, nearest=nearest(name, list(known)))
    return [known[name] for name in about] if about else list(known.values())


def _evidence(
    rows: Iterable[tuple[Cell, ...]], columns: tuple[str, ...], toolbox: Toolbox
) -> Evidence:
    engine = toolbox.workspace.engine
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    return Evidence(
        kind="definition",
        row_count=len(found),
        as_of=engine.as_of or date.min,
        build_id=engine.build_id,
        definition=tuple(
            Definition(
                name=str(row.get("name", "")),
                label=str(row.get("label", "")),
                text=str(row["definition"]),
                unit=str(row.get("unit", "text")),
            )
            for row in found
            if row.get("definition")
        ),
    )
