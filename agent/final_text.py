"""A chat model's last words of a turn: an answer, a question back, or that it cannot.

Without values in its requests a model has no figure to write: the embedded writer writes as soon as
its calls have answered, and what they could not answer is said beside them. Words that rest on no
result are only ever a question back or a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.answer import Choice, Reason
from agent.grounding import ungrounded
from agent.turn import Said, TurnContext
from agent.wording import problems, says_nothing
from knowledge.languages import find_times, normalise
from tools.evidence import ToolResult

MOST_CHOICES = 3
LONGEST_CHOICE = 160
_KIND = re.compile(r"\A(ASK|CANNOT|DONE)\b\s*[:：.。]?\s*", re.IGNORECASE)
_SPAN_OF_TIME = re.compile(
    r"\d{1,4}[ -]?(?:[天日周月年]|个[月季]|季度|days?|weeks?|months?|years?)"
)
_MISSING = re.compile(r"\bMISSING\s*[:：]\s*(.+)\Z", re.DOTALL)
_NOTHING = re.compile(r"\W*(?:none|nothing|n/?a|无|没有)?\W*", re.IGNORECASE)
_WITHOUT_RESULTS: dict[str, Reason] = {"ASK": "ambiguous", "CANNOT": "unsupported"}
_CHOICE = re.compile(r"\A\s*(?:[-*•]|\d[.)、])\s*(.+?)\s*\Z")


@dataclass(frozen=True)
class Final:
    """A last text as it may be shown; None stands for the embedded writer's."""

    text: str | None
    wrong: tuple[str, ...] = ()
    said: Said | None = None
    unanswered: str = ""


def final_text(written: str, results: Sequence[ToolResult], context: TurnContext) -> Final:
    """Read and check the last text of a chat model."""
    kind = found.group(1).upper() if (found := _KIND.match(written)) else ""
    text = _KIND.sub("", written).strip()
    if not results:
        return _without_results(kind, text, context)
    if kind == "DONE" or (not context.sees_rows and answering(results)):
        return Final(None, unanswered=unanswered(text, context))
    if not context.sees_rows:
        return Final(None, ("names were looked up but nothing was asked: call, or reply DONE",))
    return Final(text, wrong=_wrong(text, results, context))


def answering(results: Sequence[ToolResult]) -> list[ToolResult]:
    """Leave out what a model only looked up on its way: names and their meanings."""
    return [result for result in results if result.tool != "describe_data"]


def unanswered(text: str, context: TurnContext) -> str:
    """Read what the model says it could not ask; chatter around it is of no use to anyone."""
    found = _MISSING.search(text)
    missing = " ".join(found.group(1).split())[:LONGEST_CHOICE] if found else ""
    return "" if _NOTHING.fullmatch(missing) or _wrong(missing, (), context) else missing


def _without_results(kind: str, text: str, context: TurnContext) -> Final:
    """Take a text for a question back or a refusal; nothing else can rest on no result."""
    if kind not in _WITHOUT_RESULTS:
        return Final(None, ("no tool was called: call one, or begin with ASK: or CANNOT:",))
    choices = _choices(text) if kind == "ASK" else ()
    said = Said(_WITHOUT_RESULTS[kind], choices)
    return Final(text, _wrong(text, (), context), said)


def _choices(text: str) -> tuple[Choice, ...]:
    """Read lines of a list as readings to choose from, each a question of its own."""
    lines = [found.group(1) for line in text.splitlines() if (found := _CHOICE.match(line))]
    return tuple(
        Choice(label=line, question=line) for line in lines if len(line) <= LONGEST_CHOICE
    )[:MOST_CHOICES]


def _wrong(text: str, results: Sequence[ToolResult], context: TurnContext) -> tuple[str, ...]:
    found = problems(text, context.toolbox.language)
    if not found:
        checked = text if results else _without_times(text, context)
        also = () if results else (context.question, *_own_names(text, context))
        if missing := ungrounded(checked, results, also):
            shown = ", ".join(missing[:8])[:200]
            found.append(f"no tool returned these figures, dates or quotes: {shown}")
        if results and says_nothing(text, results):
            found.append("it states no figure of the results")
    return tuple(found)


def _without_times(text: str, context: TurnContext) -> str:
    """Take out the times that a question back may name: 近30天 is no figure."""
    folded = normalise(text).text
    for span in reversed(find_times(folded, context.clock)):
        folded = folded[: span.begin] + " " + folded[span.end :]
    return _SPAN_OF_TIME.sub(" ", folded)


def _own_names(text: str, context: TurnContext) -> tuple[str, ...]:
    """Labels of the brand that a text holds: "30-day repurchase rate" has a number and is none."""
    lowered = text.lower()
    labels = (
        label
        for term in context.toolbox.vocabulary.terms
        for label in (term.label_zh, term.label_en)
    )
    return tuple(label for label in labels if len(label) > 1 and label.lower() in lowered)
