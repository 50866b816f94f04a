"""The panel beside the chat: the number, the data, and the sources of one answer.

Everything is one line of markup, because Markdown reads an empty line as the end of markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from agent.answer import Answer
from agent.writer import filter_text, window_text
from knowledge.languages import say
from tools.evidence import Definition, Evidence, Quote, Table, TableColumn
from ui.cells import cell_text
from ui.markup import button, inert, preformatted
from ui.tables import MOST_ROWS, is_number, shown_rows

Language = Literal["zh", "en"]


def number_html(answer: Answer, currency: str) -> str:
    """Show the figures of an answer that is one row: large, with what stands beside each."""
    table, chart = answer.table, answer.chart
    if table is None or chart is None or chart.type != "number" or not table.rows:
        return ""
    opens = {}
    if answer.evidence:
        opens = {"turn": answer.turn_id, "evidence": answer.evidence[-1].id}
    cards = [
        _card(table, column, answer.language, currency, opens)
        for column in table.columns
        if column.role == "metric"
    ]
    return f'<div class="cards">{"".join(cards)}</div>'


def data_html(answer: Answer | None, language: Language, currency: str) -> str:
    """Show an answer's table as people read it, with sorting and export."""
    if answer is None or answer.table is None or not answer.table.rows:
        return _nothing(say("ui_no_data" if answer else "ui_start_panel", language))
    table = answer.table
    looks = ["num" if is_number(column) else "" for column in table.columns]
    hint = say("ui_sort", language)
    head = "".join(
        f'<th class="{look}" scope="col" aria-sort="none">{_sorter(answer, column, hint)}</th>'
        for column, look in zip(table.columns, looks, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{look}">{inert(text)}</td>' for text, look in zip(row, looks, strict=True)
        )
        + "</tr>"
        for row in shown_rows(table, table.rows, answer.language, currency)
    )
    more = ""
    if len(table.rows) > MOST_ROWS:
        note = say("ui_first_rows", language, shown=MOST_ROWS, count=len(table.rows))
        more = f'<p class="hint">{inert(note)}</p>'
    return (
        f'{_tools(answer, language, ("csv", "xlsx"))}<div class="sheet" tabindex="0">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}"
    )


def chart_tools_html(
    answer: Answer | None, kinds: Sequence[str], chosen: str, language: Language
) -> str:
    """Offer the chart's other fitting forms, and its picture."""
    if answer is None or not kinds:
        return ""
    switch = ""
    if len(kinds) > 1:
        buttons = "".join(
            button(
                "chart",
                say(f"ui_chart_{kind}", language),
                "on" if kind == chosen else "",
                type=kind,
            )
            for kind in kinds
        )
        label = inert(say("ui_chart_form", language))
        switch = f'<div class="switch" role="group" title="{label}">{buttons}</div>'
    picture = button("picture", say("ui_export_png", language), "tool", name=_file_name(answer))
    return f'<div class="tools">{switch}<span class="gap"></span>{picture}</div>'


def sources_html(answer: Answer | None, language: Language) -> str:
    """Show what an answer rests on: definitions, window, data time, query, rows, quotes."""
    if answer is None or not answer.evidence:
        return _nothing(say("ui_no_sources" if answer else "ui_start_panel", language))
    sources = "".join(_source(item, answer, language) for item in answer.evidence)
    return f'<div id="sources-{inert(answer.turn_id)}">{sources}</div>'


def chart_hint(answer: Answer | None, language: Language) -> str:
    """Say why there is no chart."""
    return _nothing(say("ui_no_chart" if answer else "ui_start_panel", language))


def _sorter(answer: Answer, column: TableColumn, hint: str) -> str:
    if not answer.turn_id:
        return inert(column.label)
    return button("sort", column.label, "sorter", hint, **_of(answer), column=column.name)


def _tools(answer: Answer, language: Language, kinds: Sequence[str]) -> str:
    if not answer.turn_id:
        return ""
    downloads = "".join(
        button("download", say(f"ui_export_{kind}", language), "tool", **_of(answer), kind=kind)
        for kind in kinds
    )
    source = ""
    if answer.evidence:
        first = answer.evidence[0].id
        label = say("ui_open_evidence", language)
        source = button("evidence", f"{label} {first}", "tool", turn=answer.turn_id, evidence=first)
    return f'<div class="tools">{source}<span class="gap"></span>{downloads}</div>'


def _of(answer: Answer) -> dict[str, str]:
    return {"thread": answer.thread, "turn": answer.turn_id}


def _file_name(answer: Answer) -> str:
    day = answer.evidence[0].as_of.isoformat() if answer.evidence else "chart"
    return f"sextant-{day}.png"


def _opening(value: str, opens: Mapping[str, str]) -> str:
    return button("evidence", value, "fig", **opens) if opens else inert(value)


def _card(
    table: Table, column: TableColumn, language: Language, currency: str, opens: Mapping[str, str]
) -> str:
    position = {c.name: i for i, c in enumerate(table.columns)}
    row = table.rows[0]
    value = cell_text(table, column, row[position[column.name]], language, currency)
    beside = "".join(
        f'<div class="beside"><span>{inert(c.label)}</span>'
        f"<b>{inert(cell_text(table, c, row[position[c.name]], language, currency))}</b></div>"
        for c in table.columns
        if c.metric == column.name and c.role != "metric"
    )
    return (
        f'<div class="card"><div class="what">{inert(column.label)}</div>'
        f'<div class="value">{_opening(value, opens)}</div>{beside}</div>'
    )


def _source(evidence: Evidence, answer: Answer, language: Language) -> str:
    kind = say(f"ui_evidence_{evidence.kind}", language)
    facts = [
        (say("ui_as_of", language), evidence.as_of.isoformat()),
        (say("ui_build", language), evidence.build_id),
        (say("ui_rows", language), f"{evidence.row_count:,}"),
    ]
    understood = answer.understood
    if evidence.kind == "query" and understood.time_range is not None:
        facts.insert(0, (say("ui_window", language), window_text(understood.time_range, language)))
    if evidence.kind == "query" and understood.compare_to is not None:
        window = window_text(understood.compare_to, language)
        facts.insert(1, (say("ui_compared_with", language), window))
    if evidence.kind == "query" and understood.filters:
        texts = say("list_comma", language).join(
            filter_text(item, answer.language) for item in understood.filters
        )
        facts.append((say("ui_filters", language), texts))
    rows = "".join(f"<dt>{inert(name)}</dt><dd>{inert(text)}</dd>" for name, text in facts)
    return (
        f'<section class="source" tabindex="-1" id="evidence-{inert(evidence.id)}">'
        f'<h4><span class="id">{inert(evidence.id)}</span>{inert(kind)}'
        f"</h4><dl>{rows}</dl>{_definitions(evidence.definition, language)}"
        f"{_quotes(evidence.quotes, language)}{_query(evidence.sql, language)}</section>"
    )


def _definitions(definitions: tuple[Definition, ...], language: Language) -> str:
    if not definitions:
        return ""
    items = "".join(
        f"<li><b>{inert(d.label)}</b><code>{inert(d.name)}</code><br>{inert(d.text)}</li>"
        for d in definitions
    )
    return f"<h5>{inert(say('ui_definition', language))}</h5><ul>{items}</ul>"


def _quotes(quotes: tuple[Quote, ...], language: Language) -> str:
    items = "".join(
        f"<blockquote>{inert(quote.text)}<footer>{inert(_quote_source(quote))}</footer>"
        "</blockquote>"
        for quote in quotes
    )
    return f"<h5>{inert(say('ui_quotes', language))}</h5>{items}" if items else ""


def _quote_source(quote: Quote) -> str:
    stars = "" if quote.stars is None else "★" * quote.stars + "☆" * max(0, 5 - quote.stars)
    parts = (stars, quote.product, quote.created_at.isoformat(), quote.feedback_id)
    return " · ".join(part for part in parts if part)


def _query(sql: str | None, language: Language) -> str:
    if not sql:
        return ""
    label = inert(say("ui_query", language))
    return (
        f'<details class="sql"><summary>{label}</summary><pre>{preformatted(sql)}</pre></details>'
    )


def _nothing(text: str) -> str:
    return f'<div class="nothing">{inert(text)}</div>'
