"""One written form for what people type: width, script, case, spaces, quotes, dashes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

_SAME_SIGN = {
    "'": "‘’‚‛′`´＇",
    '"': "“”„‟″「」『』〝〞＂",
    "-": "‐‑‒–—―−﹣－⁃",
    "~": "〜～∼˜",
    "/": "⁄∕",
    " ": "\t\n\r\v\f",
    "¥": "￥",
}
_FOLDED: dict[str, str] = {char: plain for plain, chars in _SAME_SIGN.items() for char in chars}


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in its one form; ``origin[i]`` is the index in the input of output character ``i``."""

    text: str
    origin: tuple[int, ...]


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


def normalise(text: str) -> Normalised:
    """Fold a text: width, Traditional to Simplified, lower case; drop what cannot be seen.

    Zero-width, bidirectional and control characters are removed, every kind of space becomes a
    space, quotes and dashes their plain form. A character may become none, one or several.

    Examples
    --------
    >>> normalise("Ｑ３ 的複購率").text
    'q3 的复购率'
    """
    if text.isascii() and text.isprintable():
        return Normalised(text.lower(), tuple(range(len(text))))
    folded: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        if unicodedata.combining(char) and folded and _composes(folded, char):
            continue
        for plain in _fold(char):
            folded.append(plain)
            origin.append(index)
    return Normalised(_simplified("".join(folded)), tuple(origin))


def _fold(char: str) -> str:
    known = _FOLDED.get(char)
    if known is None:
        known = _FOLDED[char] = _folded(char)
    return known


def _folded(char: str) -> str:
    """Fold one character, whose answer is then kept."""
    category = unicodedata.category(char)
    if category in ("Cc", "Cf", "Cs") or "\ufe00" <= char <= "\ufe0f":
        return ""
    if category in ("Zs", "Zl", "Zp"):
        return " "
    folded = unicodedata.normalize("NFKC", char).lower()
    return "".join(_FOLDED.get(plain, plain) for plain in folded)


def _composes(folded: list[str], mark: str) -> bool:
    """Join a combining mark with the character before it where both make one."""
    joined = unicodedata.normalize("NFC", folded[-1] + mark)
    if len(joined) == 1:
        folded[-1] = joined
    return len(joined) == 1


def _simplified(text: str) -> str:
    """Write Traditional characters in Simplified form, character for character.

    Simplified texts never load OpenCC: their characters are all in GB 2312. Whole words decide
    between forms (餅乾 but 乾隆) as long as no word changes its length.
    """
    if text.isascii() or all(_is_simplified(char) for char in text):
        return text
    converter = _converter()
    simplified = converter.convert(text)
    if len(simplified) == len(text):
        return simplified
    return "".join(one if len(one := converter.convert(char)) == 1 else char for char in text)


# In GB 2312, but Traditional forms of other characters all the same.
_TRADITIONAL_IN_GB = frozenset("後乾於夥徵麽菸摺榘拚捱薹袷醣麴")


@cache
def _is_simplified(char: str) -> bool:
    if not "\u3400" <= char <= "\u9fff":
        return True
    if char in _TRADITIONAL_IN_GB:
        return False
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _converter() -> _Converter:
    import opencc

    return cast(_Converter, opencc.OpenCC("t2s"))
