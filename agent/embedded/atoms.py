"""Raw text cut into atoms: a Chinese character, a Latin word, a number, a sign.

Names and questions are cut the same way, so that a name is found wherever its atoms stand in a
row: "mini-program", "mini program" and "mini_program" are one, spaces between Chinese characters
do not matter, and "administrator" never contains "min".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ATOM = re.compile(r"[^\W\d_\u2e80-\u9fff\uf900-\ufaff\uac00-\ud7af]+n't|'s\b|"
                   r"[^\W\d_\u2e80-\u9fff\uf900-\ufaff\uac00-\ud7af]+|\d+(?:[.,]\d+)*|\S")  # fmt: skip
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")
_GLUE = frozenset("-_")
_ARTICLES = frozenset({"a", "an", "the"})
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'"})
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
    text = text.translate(_QUOTES)
    stops = sorted(set(at))
    atoms = []
    for match in _ATOM.finditer(text):
        begin = match.start()
        for stop in [s for s in stops if begin < s < match.end()] + [match.end()]:
            atoms.append(Atom(stem(text[begin:stop]), begin, stop))
            begin = stop
    return [atom for i, atom in enumerate(atoms) if not _is_glue(atoms, i)]


def _is_article(atoms: list[Atom], i: int) -> bool:
    """Tell whether an atom is an article before a word: "without a discount"."""
    if atoms[i].key not in _ARTICLES or i + 1 == len(atoms):
        return False
    return atoms[i + 1].key.isascii() and atoms[i + 1].key.isalpha()


def key_of(text: str) -> str:
    """Key under which a name is stored."""
    return " ".join(atom.key for atom in cut(text))


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


def _is_glue(atoms: list[Atom], i: int) -> bool:
    """Tell whether an atom only joins two parts of a name; between digits it means "to"."""
    if _is_article(atoms, i):
        return True
    if atoms[i].key not in _GLUE or not 0 < i < len(atoms) - 1:
        return False
    before, after = atoms[i - 1].key, atoms[i + 1].key
    return not (before[-1].isdigit() and after[0].isdigit())
