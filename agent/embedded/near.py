"""Known words that come near to an unknown one: by spelling, by sound, by sharing a whole word."""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from agent.embedded.atoms import is_cjk, key_of
from agent.embedded.index import VocabularyIndex
from agent.embedded.lexicon import lexicon
from knowledge.languages import normalise
from tools.vocabulary import Term

LONGEST_CHINESE = 8
_MOST_SOUNDS = 8_000
_MOST_LABELS = 3_000
_MOST_ALIKE = 200
# Grammar words that a misspelling may stand for; never one that changes what is done.
_MISSPELLED = (
    "filler",
    "by",
    "each",
    "which",
    "how_many",
    "count",
    "superlative",
    "share",
    "trend",
    "growth",
    "compare",
    "comparator",
    "average",
    "total",
    "calendar",
    "by_after",
)
_DIGITS = re.compile(r"\d+")
_WRONG = (4, 8)  # from which lengths on one more letter may be wrong


class Near:
    """Finds near words in one vocabulary and the grammar words.

    A misspelling keeps its first character or, in Chinese, its last one: only such words are
    compared, so that a hundred thousand values cost no more than a few thousand.
    """

    def __init__(self, index: VocabularyIndex) -> None:
        self._index = index
        self._alike: dict[tuple[int, str], list[str]] = defaultdict(list)
        self._sounds: dict[str, set[str]] | None = None
        self._chinese: list[str] = []
        for text in self._texts():
            self._alike[(len(text), text[0])].append(text)
            if is_cjk(text):
                self._chinese.append(text)
                self._alike[(len(text), "$" + text[-1])].append(text)
        self._forward = sorted(index.phrases.entries)
        self._backward = sorted(key[::-1] for key in index.phrases.entries)

    @cached_property
    def _labels(self) -> dict[str, Term]:
        terms = self._index.terms
        named = [term for term in terms if term.kind != "value"]
        named += [term for term in terms if term.kind == "value"][:_MOST_LABELS]
        return {label.lower(): term for term in named for label in (term.label_zh, term.label_en)}

    def _texts(self) -> Iterator[str]:
        for key in self._index.phrases.entries:
            if key not in self._index.spelled and len(key) > 1:
                yield _text(key)
        for kind in _MISSPELLED:
            for key in lexicon().kind(kind):
                if len(key) >= 5 and key.isascii() and " " not in key:
                    yield key

    def spelled(self, written: str, unknown: int) -> list[tuple[int, str]]:
        """List (distance, known word) near to words of which so many letters are unknown."""
        written = key_of(written) if written.isascii() else written
        length = len(written)
        most = sum(unknown >= long for long in _WRONG)
        if is_cjk(written):
            return [(1, text) for text in self._turned(written)]
        if not most:
            return []
        result: dict[str, int] = {}
        for size in range(length - most, length + most + 1):
            names = self._alike.get((size, written[0]), [])
            found = process.extract(written, names, scorer=OSA.distance, score_cutoff=most, limit=3)
            # A known word with a stray character beside it is not a misspelling of itself.
            result |= {
                text: int(d)
                for text, d, _ in found
                if d and text not in written and _DIGITS.findall(text) == _DIGITS.findall(written)
            }
        return [(distance, text) for text, distance in result.items()]

    def _turned(self, written: str) -> list[str]:
        """List Chinese words with characters exchanged, or only the last of four or more wrong.

        Any other character makes another word: 净利润 is no misspelling of 毛利润.
        """
        length = len(written)
        if length < 3:
            return []
        same = [*self._alike.get((length, written[0]), [])]
        same += self._alike.get((length, "$" + written[-1]), [])
        letters, most = sorted(written), length - 1 if length > 3 else length
        return [
            text
            for text in dict.fromkeys(same)
            if text != written and (sorted(text) == letters or text[:most] == written[:most])
        ]

    def sounding(self, written: str) -> Iterable[str]:
        """List known Chinese words that sound like what was written, in characters or pinyin."""
        if self._sounds is None:
            self._sounds = self._by_sound()
        sound = _sound(written) if is_cjk(written) else _blurred(written.replace(" ", ""))
        if len(sound) < 4:
            return []
        return sorted(self._sounds.get(sound, set()) - {written})

    def _by_sound(self) -> dict[str, set[str]]:
        result: dict[str, set[str]] = defaultdict(set)
        short = [text for text in self._chinese if 2 <= len(text) <= LONGEST_CHINESE]
        for text in short[:_MOST_SOUNDS]:
            result[_sound(text)].add(text)
        return result

    def containing(self, key: str) -> Iterator[tuple[str, Term]]:
        """List (name, term) of the names that begin or end with a whole word."""
        for names, forward in ((self._forward, True), (self._backward, False)):
            probe = (key if forward else key[::-1]) + " "
            at = bisect.bisect_left(names, probe)
            for name in names[at : at + _MOST_ALIKE]:
                if not name.startswith(probe):
                    break
                found = name if forward else name[::-1]
                for number in self._index.phrases.get(found):
                    yield _text(found), self._index.terms[number]

    def nearest(self, word: str, limit: int = 3) -> list[Term]:
        """List terms whose names come nearest to a word, best first."""
        text = normalise(word).text
        parts = [term for _, term in self.containing(key_of(text))]
        hits = process.extract(
            text, self._labels.keys(), scorer=fuzz.ratio, limit=limit, score_cutoff=60
        )
        found = [*(self._labels[label] for label, _, _ in hits), *parts]
        return list({(term.kind, term.name): term for term in found}.values())[:limit]


def near(index: VocabularyIndex) -> Near:
    """Give the near words of an index, made when first needed and kept with it."""
    if not isinstance(index.near, Near):
        index.near = Near(index)
    return index.near


def _text(key: str) -> str:
    """Write a key as text: Chinese without spaces."""
    return key.replace(" ", "") if is_cjk(key) else key


def _sound(text: str) -> str:
    from pypinyin import lazy_pinyin  # its tables take a tenth of a second to load

    return "".join([_blurred(syllable) for syllable in lazy_pinyin(text)])


def _blurred(sound: str) -> str:
    return _BLURRED.sub(lambda match: _SAME_SOUND[match[0]], sound)


# Sounds that many speakers do not tell apart, and that typing by sound mixes up.
_SAME_SOUND = {"zh": "z", "ch": "c", "sh": "s", "ang": "an", "eng": "en", "ing": "in"}
_BLURRED = re.compile("|".join(_SAME_SOUND))
