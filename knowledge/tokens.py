"""Tokens of text in which Chinese and Latin script mix.

Chinese needs no dictionary here: single characters find everything, pairs of neighbours rank
what belongs together first. Words of other scripts are kept whole, English plurals folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

_IDEOGRAPHIC = (
    "々〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(f"(?P<run>[{_IDEOGRAPHIC}]+)|(?P<word>[^\\W_{_IDEOGRAPHIC}]+)(?:['’]s\\b)?")
_SIBILANT_PLURALS = ("ches", "shes", "sses", "xes", "zzes")
_NO_PLURAL = ("ss", "us", "is")


def tokens(text: str) -> list[str]:
    """List the tokens of a text, in order.

    Runs of Chinese characters (kana and hangul alike) give every character and every pair of
    neighbours; other words are lower-cased and, in English, singular. Traditional characters and
    full-width forms are folded, so that either spelling finds the other.

    Examples
    --------
    >>> tokens("物流太慢 slow Deliveries")
    ['物', '流', '太', '慢', '物流', '流太', '太慢', 'slow', 'delivery']
    """
    return list(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    for match in _RUN.finditer(fold(text)):
        run = match["run"]
        if run is None:
            yield _singular(match["word"])
        else:
            yield from run
            yield from map(str.__add__, run, run[1:])


def fold(text: str) -> str:
    """Fold case, width and Traditional characters; halves of broken characters are dropped."""
    whole = text.encode("utf-8", "ignore").decode("utf-8")
    folded: str = _simplifier().convert(unicodedata.normalize("NFKC", whole).casefold())
    return folded


def _singular(word: str) -> str:
    """Take an English plural ending off, the same way from both forms of a word.

    References
    ----------
    Harman (1991), How effective is suffixing?, the S stemmer; with -es after a sibilant, and
    -ie folded into -y so that "cookie" and "cookies" meet.
    """
    if len(word) < 4 or not word.isascii():
        return word
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith("ie"):
        return word[:-2] + "y"
    if word.endswith(_SIBILANT_PLURALS):
        return word[:-2]
    if word.endswith("s") and not word.endswith(_NO_PLURAL):
        return word[:-1]
    return word


@cache
def _simplifier() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")
