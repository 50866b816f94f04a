"""What can be asked, as a page to look through: metrics, splits, segments, examples, freshness."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from knowledge.languages import say
from ui.markup import button, inert

if TYPE_CHECKING:
    from agent.catalogue import Catalogue, Entry, Subject

Language = Literal["zh", "en"]


def catalogue_html(catalogue: Catalogue, language: Language) -> str:
    """Write the page as one piece of markup, searched by the page's script."""

    def said(code: str, **params: str | int) -> str:
        return inert(say(f"ui_{code}", language, **params))

    counts = (
        ("metrics", sum(len(s.entries) for s in catalogue.metrics)),
        ("splits", sum(len(s.entries) for s in catalogue.dimensions)),
        ("segments", len(catalogue.segments)),
    )
    summary = " · ".join(f"{said(name)} {count}" for name, count in counts)
    fresh = said("fresh", start=catalogue.first_day, end=catalogue.as_of)
    examples = "".join(
        button("ask", question, "example-question", question=question)
        for question in catalogue.questions
    )
    metrics = "".join(_subject(subject) for subject in catalogue.metrics)
    splits = "".join(_subject(subject, language) for subject in catalogue.dimensions)
    segments = "".join(map(_entry, catalogue.segments))
    return (
        f'<header><div><h2 id="catalogue-title">{said("catalogue")}</h2>'
        f"<p>{summary} · {fresh}</p></div>"
        f'<button type="button" class="close" name="close-catalogue" '
        f'aria-label="{said("close")}">✕</button></header>'
        f'<input type="search" class="catalogue-search" placeholder="{said("catalogue_search")}" '
        f'aria-label="{said("catalogue_search")}">'
        f'<div class="catalogue-body"><section><h3>{said("examples")}</h3>'
        f'<div class="examples-row">{examples}</div></section>'
        f"<section><h3>{said('metrics')}</h3>{metrics}</section>"
        f'<section><h3>{said("segments")}</h3><div class="entries">{segments}</div></section>'
        f"<section><h3>{said('splits')}</h3>{splits}</section>"
        f'<p class="nothing" hidden>{said("catalogue_none")}</p></div>'
    )


def _subject(subject: Subject, language: Language | None = None) -> str:
    entries = "".join(
        _split(entry, language) if language else _entry(entry) for entry in subject.entries
    )
    return (
        f'<div class="subject"><h4>{inert(subject.label)}</h4><div class="entries">{entries}</div>'
        "</div>"
    )


def _entry(entry: Entry) -> str:
    words = f"{entry.label} {entry.name} {entry.text}".lower()
    asked = inert(json.dumps({"question": entry.question}, ensure_ascii=False))
    return (
        f'<button type="button" class="entry" name="ask" value="{asked}" '
        f'data-words="{inert(words)}" title="{inert(entry.question)}"><b>{inert(entry.label)}</b>'
        f"<span>{inert(entry.text)}</span></button>"
    )


def _split(entry: Entry, language: Language) -> str:
    words = f"{entry.label} {entry.name} {entry.text} {' '.join(entry.values)}".lower()
    shown = "".join(f"<i>{inert(value)}</i>" for value in entry.values)
    left = entry.value_count - len(entry.values)
    if left > 0:
        shown += f"<em>{inert(say('ui_more_values', language, count=left))}</em>"
    text = f"<span>{inert(entry.text)}</span>" if entry.text else ""
    values = f'<div class="values">{shown}</div>' if shown else ""
    return (
        f'<div class="entry split" data-words="{inert(words)}"><b>{inert(entry.label)}</b>{text}'
        f"{values}</div>"
    )
