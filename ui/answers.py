"""One answer as the chat shows it: its steps, how it was read, its text, what to ask next.

Each number is a button that opens the evidence it rests on; each part of how the question was read
is a button that changes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from agent.answer import Answer
from knowledge.languages import say
from ui.markup import button, inert, paragraphs, preformatted

if TYPE_CHECKING:
    from agent.chips import Chip

Language = Literal["zh", "en"]

ALL_EVIDENCE = "all"
_LONGEST_ARGUMENTS = 110


def answer_html(answer: Answer, language: Language, chips: Sequence[Chip] = ()) -> str:
    """Show an answer; ``chips`` say how its question was read."""
    return "".join(
        (
            f'<div class="turn {answer.kind}">',
            *(step_html(step.tool, step.arguments, step.milliseconds) for step in answer.steps),
            _chips_html(answer, chips),
            _reason_html(answer, language),
            text_html(answer.text, answer.language, _opens(answer), bool(chips)),
            *(f'<p class="caveat">{inert(caveat)}</p>' for caveat in answer.caveats),
            _choices_html(answer),
            _foot_html(answer, language),
            _next_html(answer, language),
            "</div>",
        )
    )


def step_html(tool: str, arguments: Mapping[str, object], milliseconds: float | None) -> str:
    """Show a tool call, running while its time is not known yet."""
    given = {name: value for name, value in arguments.items() if value not in (None, [], (), {})}
    short = "  ".join(f"{name} = {_short(value)}" for name, value in given.items())
    if len(short) > _LONGEST_ARGUMENTS:
        short = f"{short[:_LONGEST_ARGUMENTS]}…"
    state, spent = ("running", "…") if milliseconds is None else ("done", f"{milliseconds:.0f} ms")
    return (
        f'<details class="step {state}"><summary><b>{inert(tool)}</b> <span>{inert(short)}</span> '
        f"<i>{spent}</i></summary><pre>{preformatted(_json(given))}</pre></details>"
    )


def text_html(
    text: str,
    language: Language,
    opens: Sequence[Mapping[str, str]] = (),
    has_chips: bool = False,
) -> str:
    """Show a text; a line that says how the question was read becomes chips.

    Where each evidence has such a line, the figures below it open that evidence.
    """
    lines = text.splitlines()
    readings = sum(bool(_reading(line, language)) for line in lines)
    html: list[str] = []
    plain: list[str] = []
    part = -1
    for line in [*lines, None]:
        reading = [] if line is None else _reading(line, language)
        if line is not None and not reading:
            plain.append(line)
            continue
        html.append(paragraphs("\n".join(plain), _opened(opens, part, readings)))
        plain = []
        part += 1
        if reading and not has_chips:
            spans = "".join(f'<span class="chip">{inert(chip)}</span>' for chip in reading)
            html.append(f'<div class="chips">{spans}</div>')
    return f'<div class="text">{"".join(html)}</div>'


def _opened(opens: Sequence[Mapping[str, str]], part: int, readings: int) -> Mapping[str, str]:
    """Tell which evidence the figures of a part rest on; all of it where that is not sure."""
    if not opens:
        return {}
    if len(opens) == 1:
        return opens[0]
    is_sure = readings == len(opens) and part >= 0
    return opens[part] if is_sure else {**opens[0], "evidence": ALL_EVIDENCE}


def _reading(line: str, language: Language) -> list[str]:
    opening, _, closing = say("reading", language, parts="\0").partition("\0")
    line = line.strip()
    if not line.startswith(opening.strip()):
        return []
    inner = line.removeprefix(opening.strip()).removesuffix(closing.strip())
    return [part.strip() for part in inner.split(" · ") if part.strip()]


def _chips_html(answer: Answer, chips: Iterable[Chip]) -> str:
    html = "".join(_chip_html(answer, chip) for chip in chips)
    label = inert(say("ui_read_as", answer.language))
    return f'<div class="chips" role="group" title="{label}">{html}</div>' if html else ""


def _chip_html(answer: Answer, chip: Chip) -> str:
    place = {
        "thread": answer.thread,
        "turn": answer.turn_id,
        "step": chip.step,
        "part": chip.part,
        "at": chip.at,
    }
    if chip.part == "add":
        return button("chip", "＋", "chip add", chip.title, **place) if answer.turn_id else ""
    if not chip.is_editable or not answer.turn_id:
        return f'<span class="chip" title="{inert(chip.title)}">{inert(chip.label)}</span>'
    about = say("ui_edit_chip", answer.language, part=chip.title)
    return button("chip", chip.label, "chip", about, **place)


def _reason_html(answer: Answer, language: Language) -> str:
    if answer.kind not in ("refusal", "failure"):
        return ""
    reason = say(f"ui_reason_{answer.reason or 'fault'}", language)
    return f'<p class="reason">{inert(reason)}</p>'


def _choices_html(answer: Answer) -> str:
    buttons = "".join(
        button("ask", choice.label, "choice", choice.question, question=choice.question)
        for choice in answer.choices
    )
    return f'<div class="choices">{buttons}</div>' if buttons else ""


def _next_html(answer: Answer, language: Language) -> str:
    if answer.choices or not answer.suggestions:
        return ""
    buttons = "".join(
        button("ask", question, "suggestion", question=question) for question in answer.suggestions
    )
    label = inert(say("ui_ask_next", language))
    return f'<div class="next"><span>{label}</span>{buttons}</div>'


def _foot_html(answer: Answer, language: Language) -> str:
    if answer.kind != "answer":
        return ""
    about = say("ui_open_evidence", language)
    links = "".join(
        button("evidence", opens["evidence"], "source-link", about, **opens)
        for opens in _opens(answer)
    )
    parts = [inert(say("ui_verified", language))] if answer.verified else []
    if answer.evidence:
        as_of = answer.evidence[0].as_of.isoformat()
        parts.append(inert(f"{say('ui_as_of', language)} {as_of}"))
    parts.append(inert(say(f"ui_planner_{answer.planner}", language)))
    parts.append(inert(say("ui_took", language, seconds=_seconds(answer.ms))))
    state = "foot verified" if answer.verified else "foot"
    return f'<div class="{state}">{links}{" · ".join(parts)}</div>'


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.2f}" if milliseconds < 10_000 else f"{milliseconds / 1000:.0f}"


def _opens(answer: Answer) -> list[dict[str, str]]:
    return [{"turn": answer.turn_id, "evidence": e.id} for e in answer.evidence if e.id]


def _short(value: object) -> str:
    if isinstance(value, Mapping):
        known = {name: part for name, part in value.items() if part not in (None, [], (), {})}
        return f"{{{', '.join(f'{name}: {_short(part)}' for name, part in known.items())}}}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_short, value))
    return str(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str, indent=2)
