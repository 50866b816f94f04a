"""From a query's result to what people see: labelled table, chart, and how it was understood."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from pydantic import TypeAdapter

from knowledge.languages import say
from tools.evidence import (
    Cell,
    Chart,
    Definition,
    Evidence,
    Table,
    TableColumn,
    Understood,
    UnderstoodFilter,
)
from tools.names import Names
from warehouse.query import (
    And,
    Column,
    Condition,
    CustomerCondition,
    Filter,
    InSegment,
    Not,
    Or,
    QueryResult,
    QuerySpec,
    TimeGrain,
)

Language = Literal["zh", "en"]

_FILTERS: TypeAdapter[Filter] = TypeAdapter(Filter)
_MOST_SERIES = 8
_OPPOSITE = {
    "=": "!=", "!=": "=", "in": "not_in", "not_in": "in", ">": "<=", ">=": "<", "<": ">=",
    "<=": ">", "is_null": "is_not_null", "is_not_null": "is_null",
}  # fmt: skip


def table_of(result: QueryResult, spec: QuerySpec, names: Names, language: Language) -> Table:
    """Label the columns of a result and the values of its dimensions."""
    columns = tuple(
        TableColumn(
            name=column.name,
            label=_column_label(column, spec, names, language),
            unit=column.unit,
            role=column.role,
            metric=column.metric,
        )
        for column in result.columns
    )
    labels = {
        column.name: {
            str(value): label
            for value in {row[i] for row in result.rows}
            if (label := _cell_label(column, value, spec.time_grain, names, language)) is not None
        }
        for i, column in enumerate(result.columns)
        if column.role in ("dimension", "period")
    }
    return Table(columns=columns, rows=result.rows, labels=labels)


def chart_of(table: Table) -> Chart:
    """Choose the chart by the shape of the result."""
    dimensions = [c.name for c in table.columns if c.role == "dimension"]
    periods = [c.name for c in table.columns if c.role == "period"]
    units = {c.unit for c in table.columns if c.role == "metric"}
    metrics = tuple(c.name for c in table.columns if c.role == "metric")
    compared = tuple(c.name for c in table.columns if c.role == "compared")
    if len(table.rows) == 1 and not periods:
        return Chart(type="number", y=metrics)
    if len(units) > 1:
        metrics = metrics[:1]
    y = metrics + (compared if len(metrics) == 1 else ())
    if periods and len(dimensions) <= 1:
        return Chart(type="line", x=periods[0], y=y, series=next(iter(dimensions), None))
    if len(dimensions) == 1 and not periods:
        return Chart(type="bar", x=dimensions[0], y=y)
    if len(dimensions) == 2 and not periods:
        return Chart(type="stacked_bar", x=dimensions[0], y=metrics[:1], series=dimensions[1])
    return Chart(type="table")


def understood_of(
    spec: QuerySpec,
    result: QueryResult,
    names: Names,
    language: Language,
    covered: tuple[date, date],
) -> Understood:
    """Say back how a spec was read, with labels; without a time range it is all the data covers."""
    part = spec.share.part if spec.share else None
    filters = (
        *understood_filters(spec.where, names, language),
        *understood_filters(part, names, language),
    )
    segments = [f.field for f in filters if f.op == "in_segment"]
    return Understood(
        metrics=spec.metrics,
        dimensions=spec.dimensions + ((spec.time_grain,) if spec.time_grain else ()),
        filters=filters,
        segment=segments[0] if segments else None,
        time_range=_pair(result.time_range) or covered,
        compare_to=_pair(result.compared_range),
        defaults=() if result.time_range else (say("default_all_time", language),),
    )


def understood_filters(
    where: Filter | None, names: Names, language: Language
) -> tuple[UnderstoodFilter, ...]:
    """List the filters that must all hold, with labels."""
    return tuple(_filters(where, names, language))


def described_filters(
    where: object, names: Names, language: Language
) -> tuple[UnderstoodFilter, ...]:
    """List, with labels, the filters of a call's arguments: a filter as JSON.

    Raises
    ------
    ValidationError
        When it is no filter.
    """
    read: Filter = _FILTERS.validate_python(where)
    return understood_filters(read, names, language)


def evidence_of(
    result: QueryResult, metrics: Iterable[str], names: Names, language: Language
) -> Evidence:
    """Make the evidence of a query: its SQL, rows, data time, and what each metric means."""
    return Evidence(
        kind="query",
        sql=result.sql,
        row_count=result.row_count,
        as_of=result.as_of,
        build_id=result.build_id,
        definition=tuple(
            Definition(
                name=metric,
                label=names.metric(metric, language),
                text=names.definition(metric, language),
                unit=names.unit(metric),
            )
            for metric in metrics
        ),
    )


def period_label(day: date, grain: TimeGrain | None) -> str:
    """Write the first day of a period the way its grain is written in both languages."""
    if grain == "year":
        return f"{day:%Y}"
    if grain == "quarter":
        return f"{day:%Y}-Q{(day.month + 2) // 3}"
    if grain == "month":
        return f"{day:%Y-%m}"
    return day.isoformat()


def _column_label(column: Column, spec: QuerySpec, names: Names, language: Language) -> str:
    if column.role == "period":
        return say(f"column_{spec.time_grain}", language)
    if column.role == "dimension":
        return names.dimension(column.name, language)
    metric = names.metric(column.metric or column.name, language)
    if column.role == "metric":
        return metric
    return say(f"column_{column.role}", language, metric=metric)


def _cell_label(
    column: Column, value: Cell, grain: TimeGrain | None, names: Names, language: Language
) -> str | None:
    if value is None:
        return say("missing_name", language)
    if column.role == "period" and isinstance(value, date):
        return period_label(value, grain)
    return names.value(column.name, value, language)


def _pair(time_range: object) -> tuple[date, date] | None:
    start, end = getattr(time_range, "start", None), getattr(time_range, "end", None)
    return None if start is None or end is None else (start, end)


def _filters(
    where: Filter | None, names: Names, language: Language, negated: bool = False
) -> Iterable[UnderstoodFilter]:
    if where is None:
        return
    if isinstance(where, And) and not negated:
        for part in where.all:
            yield from _filters(part, names, language)
    elif isinstance(where, Not):
        yield from _filters(where.negated, names, language, not negated)
    else:
        yield _filter(where, names, language, negated)


def _filter(where: Filter, names: Names, language: Language, negated: bool) -> UnderstoodFilter:
    if isinstance(where, Condition):
        op = _OPPOSITE.get(where.op, f"not_{where.op}") if negated else where.op
        return UnderstoodFilter(
            field=where.field,
            op=op,
            values=where.values,
            label=names.dimension(where.field, language),
            value_labels=tuple(
                names.value(where.field, value, language) or str(value) for value in where.values
            ),
        )
    if isinstance(where, InSegment):
        return UnderstoodFilter(
            field=where.segment,
            op="not_in_segment" if negated else "in_segment",
            values=(),
            label=names.segment(where.segment, language),
        )
    if isinstance(where, CustomerCondition):
        text = readable_filter(where, names, language)
        return UnderstoodFilter(
            field=where.customer_metric,
            op=f"not customer {where.op}" if negated else f"customer {where.op}",
            values=where.values,
            label=text,
        )
    kind = "any" if isinstance(where, Or) else "all"
    text = readable_filter(where, names, language)
    return UnderstoodFilter(
        field=kind, op=f"not_{kind}" if negated else kind, values=(text,), label=text
    )


def readable_filter(where: Filter, names: Names, language: Language) -> str:
    """Write a filter as people read it: ``城市 = 上海 或 城市 = 杭州``."""
    if isinstance(where, Condition):
        values = say("list_comma", language).join(
            names.value(where.field, value, language) or str(value) for value in where.values
        )
        return (
            f"{names.dimension(where.field, language)} {_op(where.op, language)} {values}".strip()
        )
    if isinstance(where, InSegment):
        return names.segment(where.segment, language)
    if isinstance(where, Not):
        return say("filter_not", language, part=readable_filter(where.negated, names, language))
    if isinstance(where, CustomerCondition):
        return _customer_condition(where, names, language)
    parts = where.any if isinstance(where, Or) else where.all
    joiner = say("filter_or" if isinstance(where, Or) else "filter_and", language)
    return joiner.join(readable_filter(part, names, language) for part in parts)


def _customer_condition(where: CustomerCondition, names: Names, language: Language) -> str:
    metric = names.metric(where.customer_metric, language)
    values = "–".join(str(value) for value in where.values)
    text = say(
        "filter_customer", language, metric=metric, op=_op(where.op, language), values=values
    )
    if where.where is not None:
        text += f" ({readable_filter(where.where, names, language)})"
    if where.time_range is not None:
        last = where.time_range.end - timedelta(days=1)
        window = say("window", language, start=str(where.time_range.start), end=str(last))
        text += f" ({window})"
    return text


def _op(op: str, language: Language) -> str:
    return say(f"op_{op}", language) if op.isidentifier() else op
