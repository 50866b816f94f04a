"""From facts to sentences in the asker's language, by messages only: nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from knowledge.languages import say
from knowledge.languages.formatting import format_value
from tools.evidence import Cell, Table, TableColumn, ToolResult, Understood, UnderstoodFilter
from tools.metrics import SERIES

if TYPE_CHECKING:
    from agent.embedded.plan import Plan
    from agent.turn import TurnContext

Language = Literal["zh", "en"]

LISTED_ROWS = 10


def write(plan: Plan | None, results: Sequence[ToolResult], context: TurnContext) -> str:
    """Write the text of a turn from its results; several results become several paragraphs."""
    currency = context.toolbox.vocabulary.currency
    parts = [_WRITERS[result.tool](result, currency) for result in results]
    if plan is not None and plan.read_as:
        parts.insert(0, "\n".join(plan.read_as))
    return "\n\n".join(parts)


def _metrics(result: ToolResult, currency: str) -> str:
    reading = reading_line(result.understood, result)
    return f"{reading}\n\n{_body(result, currency)}"


def reading_line(understood: Understood, result: ToolResult) -> str:
    """Say how the question was read: metrics, split, filters, window, what it is compared with."""
    language = result.language
    labels = [d.label for e in result.evidence for d in e.definition]
    parts = [say("list_comma", language).join(dict.fromkeys(labels))]
    if result.table is not None:
        splits = [c.label for c in result.table.columns if c.role in ("dimension", "period")]
        if splits:
            joined = say("list_comma", language).join(splits)
            parts.append(say("reading_by", language, dimensions=joined))
    parts += [filter_text(item, language) for item in understood.filters]
    if understood.time_range is not None:
        window = window_text(understood.time_range, language)
        if result.facts.get("is_so_far"):
            last = understood.time_range[1] - timedelta(days=1)
            window = say("window_so_far", language, end=last.isoformat())
        parts.append(window)
    if understood.compare_to is not None:
        window = window_text(understood.compare_to, language)
        parts.append(say("reading_compared", language, window=window))
    return say("reading", language, parts=" · ".join(part for part in parts if part))


def window_text(window: tuple[date, date], language: Language) -> str:
    """Write a half-open range as the days it covers, both ends named."""
    start, end = window[0], window[1] - timedelta(days=1)
    if start == end:
        return start.isoformat()
    return say("window", language, start=start.isoformat(), end=end.isoformat())


def filter_text(item: UnderstoodFilter, language: Language) -> str:
    """Write one filter as a chip reads."""
    if item.op in ("in_segment", "not_in_segment"):
        key = "filter_segment" if item.op == "in_segment" else "filter_not_segment"
        return say(key, language, segment=item.label)
    if item.op in ("any", "all", "not_any", "not_all") or " " in item.op:
        negated = item.op.startswith("not")
        return say("filter_not", language, part=item.label) if negated else item.label
    values = say("list_comma", language).join(item.value_labels or map(str, item.values))
    op = say(f"op_{item.op}", language) if item.op.isidentifier() else item.op
    return f"{item.label} {op} {values}".strip()


def _body(result: ToolResult, currency: str) -> str:
    table, language = result.table, result.language
    if table is None or not table.rows or _all_missing(table):
        return say("no_rows", language)
    roles = [column.role for column in table.columns]
    if "period" not in roles and "dimension" not in roles:
        return _single(table, result, currency)
    if "first" in result.facts:
        return _trend(table, result, currency)
    if any(name.startswith(SERIES) for name in result.facts):
        return _series(table, result, currency)
    return _list(table, result, currency)


def _all_missing(table: Table) -> bool:
    metrics = [i for i, c in enumerate(table.columns) if c.role == "metric"]
    return all(row[i] is None for row in table.rows for i in metrics)


def _single(table: Table, result: ToolResult, currency: str) -> str:
    row = dict(zip((c.name for c in table.columns), table.rows[0], strict=True))
    sentences = [
        _figure(column, row, table, result.language, currency)
        for column in table.columns
        if column.role == "metric"
    ]
    return "\n".join(sentences)


def _figure(
    column: TableColumn,
    row: dict[str, Cell],
    table: Table,
    language: Language,
    currency: str,
) -> str:
    value = _shown(row[column.name], column, language, currency)
    text = say("figure", language, label=column.label, value=value)
    return text + _derived(column, row, table, language, currency)


def _derived(
    column: TableColumn,
    row: dict[str, Cell],
    table: Table,
    language: Language,
    currency: str,
) -> str:
    """Write what stands beside a metric: its share, and its change against the compared value."""
    beside = {c.role: c for c in table.columns if c.metric == column.name and c.role != "metric"}
    text = ""
    if "share" in beside:
        share = _shown(row[beside["share"].name], beside["share"], language, currency)
        text += say("beside_share", language, share=share)
    if "compared" in beside:
        cells = {
            role: _shown(row[c.name], c, language, currency, signed=role != "compared")
            for role, c in beside.items()
        }
        key = "beside_change"
        if row[beside["compared"].name] is None or row[beside["change"].name] is None:
            key = "beside_not_compared"
        elif column.unit == "percent" or row[beside["change_rate"].name] is None:
            key = "beside_change_no_rate"
        text += say(
            key,
            language,
            compared=cells["compared"],
            change=cells.get("change", ""),
            rate=cells.get("change_rate", ""),
        )
    return text


def _trend(table: Table, result: ToolResult, currency: str) -> str:
    period = next(c for c in table.columns if c.role == "period")
    metric = next(c for c in table.columns if c.role == "metric")
    language = result.language

    def point(name: str) -> dict[str, str]:
        fact = result.facts[name]
        day, value = fact if isinstance(fact, tuple) else (fact, None)
        shown = str(table.shown(period.name, day))
        return {"period": shown, "value": _shown(value, metric, language, currency)}

    first, last, high, low = (point(n) for n in ("first", "last", "highest", "lowest"))
    difference = result.facts["change"]
    change = _shown(
        None if isinstance(difference, tuple) else difference,
        _as_change(metric),
        language,
        currency,
        signed=True,
    )
    rate = result.facts.get("change_rate")
    text = say(
        "trend",
        language,
        label=metric.label,
        first_period=first["period"],
        first=first["value"],
        last_period=last["period"],
        last=last["value"],
        change=change,
    )
    if isinstance(rate, int | float) and metric.unit != "percent":
        rate_text = format_value(rate, "percent", language, currency, signed=True)
        text += say("trend_rate", language, rate=rate_text)
    text += say(
        "trend_extremes",
        language,
        high_period=high["period"],
        high=high["value"],
        low_period=low["period"],
        low=low["value"],
    )
    return text


def _series(table: Table, result: ToolResult, currency: str) -> str:
    language = result.language
    period = next(c for c in table.columns if c.role == "period")
    group = next(c for c in table.columns if c.role == "dimension")
    metric = next(c for c in table.columns if c.role == "metric")
    at = table.columns.index(period)
    first_period, last_period = table.rows[0][at], table.rows[-1][at]
    found = {n: fact for n, fact in result.facts.items() if n.startswith(SERIES)}
    lines = []
    for name, fact in list(found.items())[:LISTED_ROWS]:
        first, last, change, rate = fact if isinstance(fact, tuple) else (fact,) * 4
        shown_rate = ""
        if isinstance(rate, float) and metric.unit != "percent":
            text = format_value(rate, "percent", language, currency, signed=True)
            shown_rate = say("trend_rate", language, rate=text)
        lines.append(
            say(
                "series",
                language,
                key=str(table.shown(group.name, name.removeprefix(SERIES))),
                first_period=str(table.shown(period.name, first_period)),
                first=_shown(first, metric, language, currency),
                last_period=str(table.shown(period.name, last_period)),
                last=_shown(last, metric, language, currency),
                change=_shown(change, _as_change(metric), language, currency, signed=True),
                rate=shown_rate,
            )
        )
    if len(found) > LISTED_ROWS:
        lines.append(say("more_series", language, count=len(found)))
    return "\n".join(lines)


def _as_change(metric: TableColumn) -> TableColumn:
    return metric.model_copy(update={"role": "change"})


def _list(table: Table, result: ToolResult, currency: str) -> str:
    language = result.language
    lines = []
    for position, row in enumerate(table.rows[:LISTED_ROWS], start=1):
        named = dict(zip((c.name for c in table.columns), row, strict=True))
        keys = [
            str(table.shown(c.name, named[c.name]))
            for c in table.columns
            if c.role in ("dimension", "period")
        ]
        figures = [
            (_figure if _several(table) else _plain_figure)(c, named, table, language, currency)
            for c in table.columns
            if c.role == "metric"
        ]
        joined = say("list_comma", language).join(figures)
        place = f"{position}. " if result.facts.get("is_ranked") else "- "
        lines.append(say("row", language, place=place, key=" · ".join(keys), figures=joined))
    if len(table.rows) > LISTED_ROWS:
        lines.append(say("more_rows", language, count=len(table.rows)))
    return "\n".join(lines)


def _plain_figure(
    column: TableColumn,
    row: dict[str, Cell],
    table: Table,
    language: Language,
    currency: str,
) -> str:
    value = _shown(row[column.name], column, language, currency)
    return value + _derived(column, row, table, language, currency)


def _several(table: Table) -> bool:
    return sum(column.role == "metric" for column in table.columns) > 1


def _shown(
    value: Cell, column: TableColumn, language: Language, currency: str, signed: bool = False
) -> str:
    if value is None:
        return say("missing_value", language)
    unit = "percent" if column.role in ("share", "change_rate") else column.unit
    if column.role == "change" and column.unit == "percent":
        unit = "points"
    return format_value(value, unit, language, currency, signed=signed)


def _size(result: ToolResult, currency: str) -> str:
    return _metrics(result, currency)


def _describe(result: ToolResult, currency: str) -> str:
    language = result.language
    table = result.table
    kind = str(result.facts["kind"])
    if table is None or not table.rows:
        return say("no_rows", language)
    if kind == "overview":
        return say(
            "overview",
            language,
            metrics=str(result.facts["metrics"]),
            dimensions=str(result.facts["dimensions"]),
            segments=str(result.facts["segments"]),
            start=str(result.facts["first_day"]),
            end=str(result.facts["as_of"]),
        )
    if kind == "values":
        labels = [str(row[-1]) for row in table.rows]
        return say(
            "values", language, count=len(labels), values=say("list_comma", language).join(labels)
        )
    if kind == "freshness":
        return say(
            "freshness",
            language,
            start=str(result.facts["first_day"]),
            end=str(result.facts["as_of"]),
        )
    return "\n".join(
        say("definition", language, label=str(row[1]), definition=str(row[2]))
        for row in table.rows[:LISTED_ROWS]
    )


def _feedback(result: ToolResult, currency: str) -> str:
    language = result.language
    quotes = [quote for e in result.evidence for quote in e.quotes]
    if not quotes:
        return say("no_feedback", language, searched=str(result.facts["searched"]))
    kind = "feedback" if result.facts["text"] else "feedback_newest"
    head = say(kind, language, searched=str(result.facts["searched"]), shown=str(len(quotes)))
    lines = []
    for quote in quotes:
        stars = "" if quote.stars is None else say("stars", language, stars=quote.stars)
        lines.append(
            say(
                "quote",
                language,
                text=quote.text,
                id=quote.feedback_id,
                day=quote.created_at.isoformat(),
                stars=stars,
            )
        )
    return "\n".join([head, *lines])


_WRITERS = {
    "query_metrics": _metrics,
    "size_segment": _size,
    "describe_data": _describe,
    "search_feedback": _feedback,
}
