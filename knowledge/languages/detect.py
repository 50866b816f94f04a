"""In which language a question is asked, for text that mixes Chinese and English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from knowledge.languages import third_languages
from knowledge.languages.en import words as en
from knowledge.languages.zh import words as zh

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_LATIN_WORD = re.compile("[a-z\u00c0-\u024f]+(?:'[a-z]+)?")
# Above Latin, everything but these is punctuation, a symbol or a private sign.
_OTHER_SCRIPTS = (
    (0x0370, 0x11FF),  # Greek, Cyrillic, Hebrew, Arabic, India's scripts, Thai, Georgian, Jamo
    (0x1780, 0x18AF),  # Khmer, Mongolian
    (0xAC00, 0xD7AF),  # Hangul
)


@dataclass(frozen=True, slots=True)
class Detected:
    """The language to answer in; ``other``: asked in a third one; ``empty``: nothing was asked."""

    language: Language
    other: bool = False
    empty: bool = False


def detect(text: str) -> Detected:
    """Tell the language of a question by the words that carry it, then by its script.

    "Revenue by 城市" is English, "VIP 的 churn rate 是多少" Chinese. A third language is named only
    where the text clearly is in one.

    Examples
    --------
    >>> detect("上个月 VIP 的 churn rate").language, detect("lift 复购率 by 2 points").language
    ('zh', 'en')
    """
    han, kana, foreign = _count_scripts(text)
    words = _LATIN_WORD.findall(text.lower())
    letters = han + sum(map(len, words))
    if not letters + foreign + kana:
        return Detected("zh", empty=True)
    # A single kana is a brand's ornament: 优の良品.
    if foreign * 2 > letters or (kana > 1 and kana * 4 > han):
        return Detected("zh" if han else "en", other=True)
    if not han:
        return Detected("en", other=_is_third_language(words))
    return Detected(_by_structure(text, words, han))


def _count_scripts(text: str) -> tuple[int, int, int]:
    """Count Chinese characters, kana, and letters of scripts that are neither."""
    han = kana = foreign = 0
    for char in text:
        code = ord(char)
        if 0x3400 <= code <= 0x9FFF:
            han += 1
        elif 0x3041 <= code <= 0x30FF:
            kana += 1
        elif code >= 0x370 and any(first <= code <= last for first, last in _OTHER_SCRIPTS):
            foreign += 1
    return han, kana, foreign


def _by_structure(text: str, words: list[str], han: int) -> Language:
    chinese = sum(text.count(word) for word in zh.FUNCTION_WORDS)
    english = sum(word in en.FUNCTION_WORDS for word in words)
    if chinese != english:
        return "zh" if chinese > english else "en"
    return "zh" if han >= 2 * len(words) else "en"


def _is_third_language(words: list[str]) -> bool:
    english = sum(word in en.FUNCTION_WORDS for word in words)
    most = max(sum(word in stop for word in words) for stop in third_languages.STOP_WORDS.values())
    return most >= 2 and most > english
