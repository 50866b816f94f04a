"""Text from outside as text, never as markup.

Questions, customers' words, names and numbers reach the page through :func:`inert`. Every
punctuation mark becomes a numeric entity: an entity can open no tag, no Markdown, no formula and
no link, and reads the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType

_FIGURE = re.compile(
    r"(?<!\w)(?:\d{4}-\d\d(?:-\d\d)?|[-+−±]?[¥$€£]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?)"
    r"(?![A-Za-z_])",
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d\d(?:-\d\d)?")
_OPENING, _CLOSING = frozenset("(（[“"), frozenset(")）]”,，.。;；:：、")
_NUMBERED = re.compile(r"(\d{1,4})\. (.*)")
_HIDDEN = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def inert(text: str) -> str:
    """Encode text so that it is shown as it stands; line ends become line breaks.

    Marks that turn the reading direction are shown as their code point, because they could make
    a text read otherwise than it is.

    Examples
    --------
    >>> inert("a <b>")
    'a &#60;b&#62;'
    """
    return "".join(_inert_character(c) for c in text.replace("\r\n", "\n"))


def preformatted(text: str) -> str:
    """Encode text for a ``<pre>`` on one line of markup: line ends become entities."""
    return inert(text).replace("<br>", "&#10;")


def with_figures(text: str, opens: Mapping[str, str] = MappingProxyType({})) -> str:
    """Encode text and set its figures in bold; numbers open evidence where it is told which."""
    parts: list[str] = []
    end = 0
    for match in _FIGURE.finditer(text):
        before, after = text[end : match.start()], match.end()
        figure = _figure(match.group(), opens)
        if figure.startswith("<button"):  # a button is a place to break a line; brackets hold on
            opening = before[-1:] if before[-1:] in _OPENING else ""
            closing = text[after : after + 1] if text[after : after + 1] in _CLOSING else ""
            before, after = before.removesuffix(opening), after + len(closing)
            figure = f'<span class="keep">{inert(opening)}{figure}{inert(closing)}</span>'
        parts += inert(before), figure
        end = after
    return "".join([*parts, inert(text[end:])])


def _figure(text: str, opens: Mapping[str, str]) -> str:
    if not opens or _DATE.fullmatch(text):
        return f"<b>{inert(text)}</b>"
    return button("evidence", text, "fig", **opens)


def button(action: str, label: str, look: str = "", title: str = "", **given: object) -> str:
    """Write a button; the page's script does the action that it names with what is given.

    What is given stands in the button's value as JSON, because name and value are among the few
    attributes that Gradio's sanitizer lets through.
    """
    about = f' title="{inert(title)}"' if title else ""
    return (
        f'<button type="button" class="{look}" name="{action}" '
        f'value="{inert(json.dumps(given, ensure_ascii=False))}"{about}>{inert(label)}</button>'
    )


def paragraphs(text: str, opens: Mapping[str, str] | None = None) -> str:
    """Encode a text of several lines; lines with a dash or a number in front become a list.

    With ``opens``, figures are set in bold, and open that evidence where it names one.
    """

    def encode(line: str) -> str:
        return inert(line) if opens is None else with_figures(line, opens)

    html: list[tuple[str, str]] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if line[:2] in ("- ", "• ", "* "):
            html.append(("ul", f"<li>{encode(line[2:])}</li>"))
        elif numbered := _NUMBERED.match(line):
            number, rest = numbered.groups()
            html.append(("ol", f'<li value="{number}">{encode(rest)}</li>'))
        else:
            html.append(("", f"<p>{encode(line)}</p>"))
    return "".join(
        f"<{tag}>{''.join(item for _, item in items)}</{tag}>"
        if tag
        else "".join(item for _, item in items)
        for tag, items in groupby(html, key=lambda part: part[0])
    )


def _inert_character(character: str) -> str:
    if character == "\n":
        return "<br>"
    if character in _HIDDEN:
        return f"⟨U&#43;{ord(character):04X}⟩"
    if character == " " or character.isalnum() or ord(character) > 0xBF:
        return character
    if character < " " or "\x7f" <= character <= "\x9f":
        return " "
    return f"&#{ord(character)};"
