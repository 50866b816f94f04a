"""Text from outside as text, never as markup.

Questions, customers' words, names and numbers reach the page through :func:`inert`. Every
punctuation mark becomes a numeric entity: an entity can open no tag, no Markdown, no formula and
no link, and reads the same.
"""

from __future__ import annotations

import re
from itertools import groupby

_FIGURE = re.compile(
    r"(?<!\w)(?:\d{4}-\d\d(?:-\d\d)?|[-+−±]?[¥$€£]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?)"
    r"(?![A-Za-z_])",
    re.ASCII,
)
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


def with_figures(text: str) -> str:
    """Encode text and set its figures in bold."""
    parts: list[str] = []
    end = 0
    for match in _FIGURE.finditer(text):
        parts += inert(text[end : match.start()]), f"<b>{inert(match.group())}</b>"
        end = match.end()
    return "".join([*parts, inert(text[end:])])


def paragraphs(text: str, figures: bool = False) -> str:
    """Encode a text of several lines; lines with a dash or a number in front become a list."""
    encode = with_figures if figures else inert
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
