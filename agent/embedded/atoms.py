"""Raw text cut into atoms: a Chinese character, a Latin word, a number, a sign.

Names and questions are cut the same way, so that a name is found wherever its atoms stand in a
row: "mini-program", "mini program" and "mini_program" are one, spaces between Chinese characters
do not matter, and "administrator" never contains "min".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = r"[^\W\d_\u2e80-\u9fff\uf900-\ufaff\uac00-\ud7af]+"
_ATOM = re.compile(rf"{_WORD}n't|'s\b|{_WORD}|\d+(?:[.,]\d+)*|\S")
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[a-z\u00c0-\u024f]")
_GLUE = frozenset("-_")
_ARTICLES = frozenset({"a", "an", "the"})
_IRREGULAR = {
    "women": "woman", "men": "man", "people": "people", "criteria": "criterion",
    "series": "series", "canceled": "cancelled", "canceling": "cancelling", "favorite": "favourite",
    "center": "centre", "color": "colour", "males": "male", "females": "female",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Atom:
    """One piece of text; ``key`` is what is compared."""

    key: str
    begin: int
    end: int


def cut(text: str, at: Iterable[int] = ()) -> list[Atom]:
    """Cut lower-case text into atoms, and also at the given offsets.

    Examples
    --------
    >>> [atom.key for atom in cut("top5 mini-programs 的销售额")]
    ['top', '5', 'mini', 'program', '的', '销', '售', '额']
    """
    stops = sorted(set(at))
    atoms = []
    for match in _ATOM.finditer(text):
        begin, end = match.span()
        for stop in [s for s in stops if begin < s < end] if stops else ():
            atoms.append(Atom(stem(text[begin:stop]), begin, stop))
            begin = stop
        atoms.append(Atom(stem(text[begin:end]), begin, end))
    kept = _without_glue([atom.key for atom in atoms])
    return [atoms[i] for i in kept]


def key_of(text: str) -> str:
    """Key under which a name is stored."""
    if text.isalpha() and not text.isascii() and not _LATIN.search(text):
        return " ".join(text)  # Chinese only: the commonest case of large vocabularies
    keys = [stem(piece) for piece in _ATOM.findall(text)]
    return " ".join([keys[i] for i in _without_glue(keys)])


def _without_glue(keys: list[str]) -> list[int]:
    """Numbers of the atoms that mean something: no hyphens inside names, no articles."""
    last = len(keys) - 1
    return [
        i
        for i, key in enumerate(keys)
        if not (
            (key in _GLUE and 0 < i < last and not _joins_digits(keys[i - 1], keys[i + 1]))
            or (key in _ARTICLES and i < last and _is_word(keys[i + 1]))
        )
    ]


def _joins_digits(before: str, after: str) -> bool:
    """Tell whether a hyphen stands between digits, where it means "to"."""
    return before[-1].isdigit() and after[0].isdigit()


def _is_word(key: str) -> bool:
    return key.isascii() and key.isalpha()


def stem(word: str) -> str:
    """Fold the plural of an English word to its singular, the same way for names and questions."""
    if len(word) < 4 or not word.isascii():
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def is_cjk(text: str) -> bool:
    """Tell whether a text holds Chinese characters."""
    return _CJK.search(text) is not None


def is_sign(atom: Atom) -> bool:
    """Tell whether an atom is punctuation or a symbol: it carries no meaning by itself."""
    return not any(character.isalnum() for character in atom.key)
