"""What the chat model is told: the rules, the brand's words of a question, what a tool found.

A request carries the few names that the lexicon finds in the question, not the whole catalogue,
and of a result its shape. Values of a result go along only where the settings say so. However much
was pasted, the question, the turn before and the names share one room.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from langchain_core.messages import SystemMessage

from agent.embedded.index import index_of
from agent.embedded.lattice import cover
from agent.embedded.near import near
from knowledge.languages import find_times, normalise
from prompts import Prompt, load_prompt
from prompts.loader import as_data
from tools.evidence import Table, ToolResult
from tools.vocabulary import Term, Vocabulary

if TYPE_CHECKING:
    from agent.turn import TurnContext
    from knowledge.languages import Clock
    from tools.errors import ToolError

MOST = {"metric": 12, "dimension": 9, "segment": 6, "value": 18}
MOST_TIMES = 6
NEAREST = 3
LONGEST_WORD = 40
LONGEST_SEEN, LONGEST_UNSEEN, LONGEST_ERROR = 4_000, 600, 400
"""Bytes told of a result with its rows, of one without, and of a tool's refusal."""
ROWS, QUOTES, DECIMALS = 20, 5, 4
READ = 500
"""Characters of a question that are searched for names; the embedded planner reads no more."""
ROOM, LEAST_NAMES = 1_150, 300
"""Bytes of the question, the turn before and the names together, as they are sent, and the least of
them that is left to names. Tools and rules take 7 KB."""
LONGEST_QUESTION, LONGEST_BEFORE = 600, 240
"""Bytes of a question, and of the one before."""


def system_prompt(context: TurnContext) -> SystemMessage:
    """Render the analyst's prompt for a turn."""
    vocabulary = context.toolbox.vocabulary
    ending = _prompt("analyst_seeing" if context.sees_rows else "analyst_unseeing")
    language = context.toolbox.language
    room = ROOM - _bytes(told_question(context.question))
    previous = _head(_previous(context), room - LEAST_NAMES)
    room -= _bytes(previous)
    text = _prompt("analyst").render(
        today=vocabulary.as_of,
        first_day=vocabulary.first_day,
        vocabulary=excerpt(context.question, vocabulary, context.clock, language, room),
        previous=previous,
        ending=ending.render(language=language),
    )
    return SystemMessage(text)


def told_question(question: str) -> str:
    """Give a question as it is sent: whole, or its beginning and a note."""
    head = _head(question, LONGEST_QUESTION)
    return question if head == question else f"{head} … (cut; {len(question)} characters)"


@cache
def _prompt(name: str) -> Prompt:
    return load_prompt(name)


def excerpt(
    question: str, vocabulary: Vocabulary, clock: Clock, language: str, room: int = ROOM
) -> str:
    """List the names that a question may need: those it holds, those near its words, the main ones.

    What does not fit into ``room`` bytes is left out from the end.

    Examples of a line: ``metric revenue: 销售额 (currency)``, ``value "上海" of city, province``.
    """
    terms = [*_named(question, vocabulary, clock)]
    terms += [term for term in vocabulary.terms if term.featured]
    chosen: dict[tuple[str, str, str], Term] = {}
    for term in terms:
        place = (
            term.kind,
            term.field or "",
            str(term.value if term.kind == "value" else term.name),
        )
        if sum(kind == term.kind for kind, _, _ in chosen) < MOST.get(term.kind, 0):
            chosen.setdefault(place, term)
    times = [*islice(_time_lines(question, clock), MOST_TIMES)]
    needed = [*chosen.values()]
    while _bytes(text := "\n".join([*_term_lines(needed, language), *times])) > room and needed:
        needed.pop()
    return _head(text, room)


def told(result: ToolResult, sees_rows: bool) -> str:
    """Tell the chat model what a tool found.

    Definitions of names are always told. Rows, figures and customers' words only with
    ``sees_rows``; else their shape: columns, how many rows, what the reader will be warned of.
    """
    if result.tool == "describe_data" and result.facts.get("kind") not in ("values", "freshness"):
        return _cut(_words(result), LONGEST_UNSEEN)
    shape = _json(
        {
            "columns": [column.name for column in result.table.columns] if result.table else [],
            "row_count": result.facts.get("row_count", result.facts.get("shown", 0)),
            "time_range": result.understood.time_range,
            "caveats": result.caveats,
        }
    )
    if not sees_rows:
        return _cut(f"Found, and shown to the marketer: {shape}", LONGEST_UNSEEN)
    facts = {name: fact for name, fact in result.facts.items() if fact not in (None, False, "")}
    quotes = [f"[{q.feedback_id}] {q.text}" for e in result.evidence for q in e.quotes[:QUOTES]]
    found = "\n".join([shape, *_rows(result.table), _json(facts), *quotes])
    return as_data("result", _cut(found, LONGEST_SEEN))


def _rows(table: Table | None) -> list[str]:
    """Write the head of a table as the marketer sees it: labels of values, figures rounded."""
    if table is None:
        return []
    return [
        _json(
            [
                round(cell, DECIMALS) if isinstance(cell, float) else table.shown(column.name, cell)
                for column, cell in zip(table.columns, row, strict=True)
            ]
        )
        for row in table.rows[:ROWS]
    ]


def told_of(error: ToolError) -> str:
    """Tell the chat model why a tool refused; never more than a few lines of it."""
    return _cut(error.text, LONGEST_ERROR)


def _named(question: str, vocabulary: Vocabulary, clock: Clock) -> Iterator[Term]:
    """Terms that the lexicon finds in a question; for words it does not know, those near them."""
    index = index_of(vocabulary)
    typed = question[:READ]
    folded = normalise(typed)
    found = cover(folded.text, index, clock, "".join(typed[i] for i in folded.origin))
    for node in found.nodes:
        yield from node.terms
    for left in found.residue:
        yield from near(index).nearest(left.text[:LONGEST_WORD], NEAREST)


def _line(term: Term, language: str) -> str:
    label = _label(term, language)
    unit = f" ({term.unit})" if term.kind == "metric" else ""
    return f"{term.kind} {term.name}: {label}{unit}"


def _term_lines(terms: Sequence[Term], language: str) -> Iterator[str]:
    for kind in MOST:
        yield from (_line(t, language) for t in terms if t.kind == kind != "value")
    yield from _value_lines(terms, language)


def _value_lines(terms: Iterable[Term], language: str) -> Iterator[str]:
    """Write each stored value once, with the dimensions that have it."""
    fields: dict[str, list[str]] = {}
    for term in terms:
        if term.kind == "value" and term.field:
            label = _label(term, language)
            shown = "" if str(term.value) == label else f" ({label})"
            fields.setdefault(f"value {_json(term.value)}{shown}", []).append(term.field)
    yield from (f"{value} of {', '.join(names)}" for value, names in fields.items())


def _time_lines(question: str, clock: Clock) -> Iterator[str]:
    """Write the windows that the question's words for times stand for."""
    for span in find_times(normalise(question[:READ]).text, clock):
        if span.kind == "range" and span.start and span.stop and not span.weak:
            yield f"time {_json(span.text)}: start {span.start}, end {span.stop}"


def _label(term: Term, language: str) -> str:
    return term.label_zh if language == "zh" else term.label_en


def _previous(context: TurnContext) -> str:
    """Write the turn before as a follow-up needs it: the question, its call or its choices."""
    previous = context.previous
    if previous is None:
        return "none"
    asked = _head(previous.question, LONGEST_BEFORE)
    if previous.choices:
        offered = [choice.question for choice in previous.choices]
        return _json({"question": asked, "readings_offered": offered})
    kept = {name: value for name, value in previous.arguments.items() if value not in (None, [])}
    return _json({"question": asked, "tool": previous.tool, "arguments": kept})


def _words(result: ToolResult) -> str:
    """Write names with their meanings, each on a line; names alone where there are many."""
    rows = result.table.rows if result.table else ()
    if len(rows) > ROWS:
        return ", ".join(str(row[0]) for row in rows)
    return "\n".join(f"{row[0]}: {row[1]}. {row[2]}" for row in rows)


def _cut(text: str, most: int) -> str:
    whole = text.encode(errors="replace")
    return text if len(whole) <= most else whole[:most].decode(errors="ignore") + " … (cut)"


def _bytes(text: str) -> int:
    """Count what a text takes in a request, where quotes and line ends are written with two."""
    return len(_json(text).encode(errors="replace")) - 2


def _head(text: str, most: int) -> str:
    """Cut a text to what takes no more than so many bytes of a request."""
    end = min(len(text), most)
    while _bytes(text[:end]) > most:
        end -= max(1, (_bytes(text[:end]) - most) // 6)
    return text[:end]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain, separators=(",", ":"))


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"Cannot write {type(value).__name__} as JSON.")
