"""A conversation as the chat shows it: questions, steps while they run, checked text, choices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NotRequired, TypedDict

from agent.analyst import StepFinished, StepStarted, TextReleased
from agent.answer import Answer
from agent.writer import filter_text, window_text
from knowledge.languages import say
from ui.markup import inert, paragraphs, preformatted

Language = Literal["zh", "en"]

_LONGEST_QUESTION = 2000
_LONGEST_ARGUMENTS = 110


class Option(TypedDict):
    """A quick reply: what is asked, and what its button says."""

    value: str
    label: str


class Message(TypedDict):
    """One message in the form the chat component takes."""

    role: Literal["user", "assistant"]
    content: str
    options: NotRequired[list[Option]]


@dataclass
class LiveAnswer:
    """An answer in the making: the steps so far and the sentences that passed the check."""

    language: Language
    steps: list[tuple[str, Mapping[str, object], float | None]] = field(default_factory=list)
    text: str = ""

    def add(self, event: StepStarted | StepFinished | TextReleased) -> None:
        """Take in what happened."""
        if isinstance(event, StepStarted):
            self.steps.append((event.tool, event.arguments, None))
        elif isinstance(event, TextReleased):
            self.text += event.text
        else:
            for i, (tool, arguments, milliseconds) in enumerate(self.steps):
                if tool == event.tool and milliseconds is None:
                    self.steps[i] = (tool, arguments, event.milliseconds)
                    break

    def message(self) -> Message:
        """Show it as it is now."""
        steps = "".join(_step_html(*step) for step in self.steps)
        text = _text_html(self.text, self.language)
        waiting = (
            "" if self.text else f'<p class="wait">{inert(say("ui_working", self.language))}</p>'
        )
        return {"role": "assistant", "content": f'<div class="turn">{steps}{text}{waiting}</div>'}


def question_message(question: str) -> Message:
    """Show a question as it was typed; a very long one is cut."""
    shown = question.strip()
    if len(shown) > _LONGEST_QUESTION:
        shown = f"{shown[:_LONGEST_QUESTION]}…"
    return {"role": "user", "content": f"<p>{inert(shown) or '&nbsp;'}</p>"}


def answer_message(answer: Answer, language: Language) -> Message:
    """Show an answer: its steps, how it was read, its text, its caveats, what to ask next."""
    own_reading = any(_reading(line, answer.language) for line in answer.text.splitlines())
    parts = (
        f'<div class="turn {answer.kind}">',
        *(_step_html(step.tool, step.arguments, step.milliseconds) for step in answer.steps),
        "" if own_reading else _chips_html(_understood(answer)),
        _text_html(answer.text, answer.language),
        *(f'<p class="caveat">{inert(caveat)}</p>' for caveat in answer.caveats),
        _foot_html(answer, language),
        "</div>",
    )
    message: Message = {"role": "assistant", "content": "".join(parts)}
    if answer.choices:
        message["options"] = [{"value": c.question, "label": c.label} for c in answer.choices]
    elif answer.suggestions:
        message["options"] = [{"value": text, "label": text} for text in answer.suggestions]
    return message


def _understood(answer: Answer) -> list[str]:
    """How a question was read, from the record, for a text that does not say it itself."""
    understood, language = answer.understood, answer.language
    labels = {d.name: d.label for e in answer.evidence for d in e.definition}
    parts = [labels[name] for name in understood.metrics if name in labels]
    parts += [filter_text(item, language) for item in understood.filters]
    if understood.time_range is not None:
        parts.append(window_text(understood.time_range, language))
    if understood.compare_to is not None:
        window = window_text(understood.compare_to, language)
        parts.append(say("reading_compared", language, window=window))
    return parts


def _text_html(text: str, language: Language) -> str:
    """Show a text; a line that says how the question was read becomes chips."""
    html: list[str] = []
    plain: list[str] = []
    for line in text.splitlines():
        if chips := _reading(line, language):
            html += paragraphs("\n".join(plain), figures=True), _chips_html(chips)
            plain = []
        else:
            plain.append(line)
    html.append(paragraphs("\n".join(plain), figures=True))
    return f'<div class="text">{"".join(html)}</div>'


def _reading(line: str, language: Language) -> list[str]:
    opening, _, closing = say("reading", language, parts="\0").partition("\0")
    line = line.strip()
    if not line.startswith(opening.strip()):
        return []
    inner = line.removeprefix(opening.strip()).removesuffix(closing.strip())
    return [part.strip() for part in inner.split(" · ") if part.strip()]


def _chips_html(chips: list[str]) -> str:
    if not chips:
        return ""
    return f'<div class="chips">{"".join(f"<span>{inert(chip)}</span>" for chip in chips)}</div>'


def _step_html(tool: str, arguments: Mapping[str, object], milliseconds: float | None) -> str:
    given = {name: value for name, value in arguments.items() if value not in (None, [], (), {})}
    short = "  ".join(f"{name} = {_short(value)}" for name, value in given.items())
    if len(short) > _LONGEST_ARGUMENTS:
        short = f"{short[:_LONGEST_ARGUMENTS]}…"
    state, spent = ("running", "…") if milliseconds is None else ("done", f"{milliseconds:.0f} ms")
    return (
        f'<details class="step {state}"><summary><b>{inert(tool)}</b> <span>{inert(short)}</span> '
        f"<i>{spent}</i></summary><pre>{preformatted(_json(given, indent=2))}</pre></details>"
    )


def _foot_html(answer: Answer, language: Language) -> str:
    if answer.kind != "answer":
        return ""
    parts = [say("ui_verified", language)] if answer.verified else []
    parts += [e.id for e in answer.evidence if e.id]
    if answer.evidence:
        as_of = answer.evidence[0].as_of.isoformat()
        parts.append(f"{say('ui_as_of', language)} {as_of}")
    parts += [say(f"ui_planner_{answer.planner}", language), f"{answer.ms:.0f} ms"]
    state = "foot verified" if answer.verified else "foot"
    return f'<div class="{state}">{inert(" · ".join(parts))}</div>'


def _short(value: object) -> str:
    if isinstance(value, Mapping):
        known = {name: part for name, part in value.items() if part not in (None, [], (), {})}
        return f"{{{', '.join(f'{name}: {_short(part)}' for name, part in known.items())}}}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_short, value))
    return str(value)


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, default=str, indent=indent)
