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

_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
# Greek to Hebrew, Arabic, the scripts of India, Thai to Georgian, Khmer, Hangul.
_OTHER_SCRIPT = re.compile(
    r"[\u0370-\u08ff\u0900-\u0dff\u0e00-\u11ff\u1780-\u17ff\u1c80-\u1cff\uac00-\ud7af]"
)
_LATIN_WORD = re.compile(r"[a-z\u00c0-\u024f\u1e00-\u1eff]+(?:'[a-z]+)?")
_ZH_WORD = re.compile("|".join(sorted(zh.FUNCTION_WORDS, key=len, reverse=True)))


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
    han = len(_HAN.findall(text))
    kana = len(_KANA.findall(text))
    foreign = len(_OTHER_SCRIPT.findall(text))
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


def _by_structure(text: str, words: list[str], han: int) -> Language:
    chinese = len(_ZH_WORD.findall(text))
    english = sum(word in en.FUNCTION_WORDS for word in words)
    if chinese != english:
        return "zh" if chinese > english else "en"
    return "zh" if han >= 2 * len(words) else "en"


def _is_third_language(words: list[str]) -> bool:
    english = sum(word in en.FUNCTION_WORDS for word in words)
    most = max(sum(word in stop for word in words) for stop in third_languages.STOP_WORDS.values())
    return most >= 2 and most > english
