"""Numbers: metrics by dimensions, filters, time, comparison, ranking and share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from tools.evidence import Cell, Table, ToolResult
from tools.presenting import chart_of, evidence_of, table_of, understood_of
from tools.workspace import Toolbox, toolbox_of
from warehouse.query import (
    Comparison,
    Filter,
    Having,
    QueryResult,
    QuerySpec,
    Ranking,
    Share,
    TimeGrain,
    TimeRange,
)

PREVIEW_ROWS = 20
ALL_TIME = "all_time"
SERIES = "series:"
_EXACT = 9
"""Decimals that survive a difference of two floats."""


@tool(response_format="content_and_artifact")
def query_metrics(
    metrics: Annotated[list[str], "Names of metrics, at least one."],
    runtime: ToolRuntime[Any, Any],
    dimensions: Annotated[Sequence[str], "Names of dimensions to split by."] = (),
    time_range: Annotated[
        TimeRange | None, "Half-open range of days [start, end); none means all data."
    ] = None,
    time_grain: Annotated[TimeGrain | None, "Split by day, week, month, quarter or year."] = None,
    where: Annotated[
        Filter | None,
        "Filter: {field, op, values}, {segment}, {customer_metric, op, values, time_range}, "
        "{all: [...]}, {any: [...]}, {not: ...}. Values are stored values; amounts major units.",
    ] = None,
    comparison: Annotated[Comparison | None, "Period to compare with."] = None,
    ranking: Annotated[Ranking | None, "Order by a metric and keep the first rows."] = None,
    share: Annotated[Share | None, "Add shares, or the share of a part in the whole."] = None,
    having: Annotated[Sequence[Having], "Conditions on a group's metric."] = (),
) -> tuple[str, ToolResult]:
    """Compute governed metrics, split, filtered, compared, ranked or as shares.

    Use it for every question about a number. Names must be declared ones.
    """
    spec = QuerySpec(
        metrics=tuple(metrics),
        dimensions=tuple(dimensions),
        time_range=time_range,
        time_grain=time_grain,
        where=where,
        comparison=comparison,
        ranking=ranking,
        share=share,
        having=tuple(having),
    )
    result = answer_spec("query_metrics", spec, toolbox_of(runtime))
    return preview(result), result


def answer_spec(tool_name: str, spec: QuerySpec, toolbox: Toolbox) -> ToolResult:
    """Run a spec and dress its result: table, chart, evidence, how it was understood."""
    result = toolbox.query(spec)
    names, language = toolbox.names, toolbox.language
    table = table_of(result, spec, names, language)
    unknown = toolbox.unknown_amounts(spec)
    return ToolResult(
        tool=tool_name,
        language=language,
        understood=understood_of(spec, result, names, language, toolbox.covered),
        table=table,
        chart=chart_of(table),
        evidence=(evidence_of(result, spec.metrics, names, language),),
        spec=spec.model_dump(mode="json", by_alias=True, exclude_none=True),
        facts={
            **trend_facts(_whole_periods(table, result.notes)),
            **series_facts(_whole_periods(table, result.notes)),
            "is_so_far": toolbox.names.is_so_far(spec.metrics) and spec.time_grain is None,
            "is_ranked": spec.ranking is not None,
            **result_facts(result),
            "unknown_amounts": unknown,
        },
        caveats=(*result_caveats(result), *(("unknown_amounts",) if unknown else ())),
    )


def result_facts(result: QueryResult) -> dict[str, Cell | tuple[Cell, ...]]:
    """Count what came back and what was hidden."""
    return {
        "row_count": result.row_count,
        "truncated": result.truncated,
        "suppressed": result.suppressed,
        "as_of": result.as_of,
    }


def result_caveats(result: QueryResult) -> tuple[str, ...]:
    """Name, as message codes, what the reader must know about the result."""
    caveats = [note for note in result.notes if note != ALL_TIME]
    if result.truncated:
        caveats.append("truncated")
    if result.suppressed:
        caveats.append("suppressed_groups")
    return tuple(dict.fromkeys(caveats))


def _whole_periods(table: Table, notes: Sequence[str]) -> Table:
    """Leave out periods that the range cuts, so that no change is one of length."""
    roles = [column.role for column in table.columns]
    if "period" not in roles:
        return table
    at = roles.index("period")
    periods = list(dict.fromkeys(row[at] for row in table.rows))
    cut = set(periods[:1] if "partial_first_period" in notes else ())
    cut |= set(periods[-1:] if "partial_last_period" in notes else ())
    if len(periods) - len(cut) < 2:
        return table
    rows = tuple(row for row in table.rows if row[at] not in cut)
    return table.model_copy(update={"rows": rows})


def trend_facts(table: Table) -> dict[str, Cell | tuple[Cell, ...]]:
    """Compute first, last, highest, lowest and the change of a one-line trend.

    Notes
    -----
    The change rate is ``(last - first) / |first|``; it is left out when the first value is zero.
    """
    roles = {column.role: i for i, column in enumerate(table.columns)}
    if "period" not in roles or "dimension" in roles or "metric" not in roles:
        return {}
    period, metric = roles["period"], [c.role for c in table.columns].index("metric")
    points = [(row[period], row[metric]) for row in table.rows]
    known = [(p, v) for p, v in points if isinstance(v, int | float)]
    if len(known) < 2:
        return {}
    (first_period, first), (last_period, last) = known[0], known[-1]
    top, low = max(known, key=lambda point: point[1]), min(known, key=lambda point: point[1])
    facts: dict[str, Cell | tuple[Cell, ...]] = {
        "first": (first_period, first),
        "last": (last_period, last),
        "highest": top,
        "lowest": low,
        "change": round(last - first, _EXACT),
    }
    if (rate := _rate(first, last)) is not None:
        facts["change_rate"] = rate
    return facts


def series_facts(table: Table) -> dict[str, Cell | tuple[Cell, ...]]:
    """Compute, for a trend split by one dimension, where each group began and ended.

    Returns
    -------
    dict
        By ``series:`` and the stored value: first and last value, change, change rate or None,
        the groups with the highest last value first.
    """
    roles = [column.role for column in table.columns]
    if roles.count("period") != 1 or roles.count("dimension") != 1 or "compared" in roles:
        return {}
    period, group, metric = (roles.index(r) for r in ("period", "dimension", "metric"))
    points: dict[Cell, list[tuple[Cell, float]]] = {}
    for row in table.rows:
        value = row[metric]
        if isinstance(value, int | float):
            points.setdefault(row[group], []).append((row[period], value))
    ends = {key: (known[0][1], known[-1][1]) for key, known in points.items() if len(known) > 1}
    return {
        f"{SERIES}{key}": (first, last, round(last - first, _EXACT), _rate(first, last))
        for key, (first, last) in sorted(ends.items(), key=lambda item: (-item[1][1], str(item[0])))
    }


def _rate(first: float, last: float) -> float | None:
    return (last - first) / abs(first) if first else None


def preview(result: ToolResult) -> str:
    """Give the planner the head of the table, never the whole of it."""
    if result.table is None:
        return json.dumps({"facts": result.facts}, ensure_ascii=False, default=_plain)
    head = {
        "columns": [column.name for column in result.table.columns],
        "rows": result.table.rows[:PREVIEW_ROWS],
        "row_count": result.facts.get("row_count", len(result.table.rows)),
        "caveats": result.caveats,
        "time_range": result.understood.time_range,
        "facts": result.facts,
    }
    return json.dumps(head, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"Cannot write {type(value).__name__} as JSON.")
