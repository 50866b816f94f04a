"""What the chat model is told for one turn: the rules, the brand's words, the turn before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from langchain_core.messages import SystemMessage

from prompts import load_prompt
from tools.vocabulary import Term, Vocabulary

if TYPE_CHECKING:
    from agent.turn import TurnContext

MOST_VALUES = 40


def system_prompt(context: TurnContext) -> SystemMessage:
    """Render the analyst's prompt for a turn."""
    vocabulary = context.toolbox.vocabulary
    previous = context.previous.arguments if context.previous else None
    text = load_prompt("analyst").render(
        language=context.toolbox.language,
        today=vocabulary.as_of,
        vocabulary=excerpt(context.question, vocabulary),
        previous=json.dumps(previous, ensure_ascii=False) if previous else "none",
    )
    return SystemMessage(text)


def excerpt(question: str, vocabulary: Vocabulary) -> str:
    """List the names a question may need: all metrics, dimensions, segments; values it mentions."""
    lowered = question.lower()
    lines = [
        f"{term.kind} {term.name}: {term.label_zh} / {term.label_en} ({term.unit})"
        for term in vocabulary.terms
        if term.kind in ("metric", "dimension", "segment")
    ]
    values = [
        f"value {term.field} = {json.dumps(term.value, ensure_ascii=False)}: {term.label_en}"
        for term in vocabulary.terms
        if term.kind == "value" and _mentioned(term, lowered)
    ]
    return "\n".join(lines + values[:MOST_VALUES])


def _mentioned(term: Term, question: str) -> bool:
    return any(len(form.text) > 1 and form.text.lower() in question for form in term.forms)
