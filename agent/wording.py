"""What a chat model's own text may not hold, beside figures that are not in the evidence.

A text of the embedded writer is made of messages and values and needs none of this.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from tools.evidence import ToolResult

Language = Literal["zh", "en"]
LONGEST = 4_000

_MARKUP = re.compile(r"<\s*[/!?]?\s*[a-z]|&#?\w+;|https?:|www\.|\]\s*\(|javascript:", re.IGNORECASE)
_DEED = re.compile(
    r"(已经?|均已|全部已?|成功)[^，。！？,.!?\n不没未]{0,8}(发送|发出|群发|推送|审批|批准|通过|执行|删除|修改)"
    r"|(审批|批准|审核)[^，。！？,.!?\n不没未]{0,4}(通过|完成)"
    r"|\b(ha(?:s|ve) (?:now )?been|(?:i|we)(?:'ve| have)?|was|were|successfully) "
    r"(?:all )?(?:sent|approved|launched|emailed|texted|deleted|scheduled|executed)\b",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_DIGIT = re.compile(r"\d")


def problems(text: str, language: Language) -> list[str]:
    """List, in English for the chat model, why a text cannot be shown; empty when it can.

    Examples
    --------
    >>> problems("Revenue was 12.", "en")
    []
    >>> problems("已经发送给全部客户", "zh")
    ['it claims that something was sent, approved or changed, which cannot be done here']
    """
    found = []
    if not text.strip():
        found.append("it is empty")
    if len(text) > LONGEST:
        found.append("it is too long")
    if has_markup(text):
        found.append("it holds HTML or a link")
    if _DEED.search(text):
        found.append(
            "it claims that something was sent, approved or changed, which cannot be done here"
        )
    if text.strip() and not _is_in(text, language):
        found.append(f"it is not in the language {language!r}")
    return found


def has_markup(text: str) -> bool:
    """Tell whether a text holds HTML or a link."""
    return bool(_MARKUP.search(text))


def says_nothing(text: str, results: Sequence[ToolResult]) -> bool:
    """Tell whether a text states no figure and no quote although the results hold some."""
    figures = any(
        isinstance(cell, int | float) and not isinstance(cell, bool)
        for result in results
        if result.table is not None
        for row in result.table.rows
        for cell in row
    )
    quotes = [quote.text for r in results for e in r.evidence for quote in e.quotes]
    if not figures and not quotes:
        return False
    return not _DIGIT.search(text) and not any(quote in text for quote in quotes)


def _is_in(text: str, language: Language) -> bool:
    """Tell whether a text is mostly in the script of a language; names in the other are normal."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return True
    han = sum(1 for c in letters if _HAN.match(c))
    latin = sum(1 for c in letters if _LATIN.match(c))
    if han + latin < 0.8 * len(letters):
        return False
    if language == "zh":
        return han > 0
    return latin > han
