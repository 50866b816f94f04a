"""Misspelled words: read by spelling distance or by sound, always shown, never silent."""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from agent.embedded.atoms import is_cjk, key_of
from agent.embedded.index import VocabularyIndex
from agent.embedded.lattice import Cover, Residue, cover
from agent.embedded.lexicon import lexicon
from knowledge.languages import Clock
from tools.vocabulary import Term

_ROUNDS = 4
_LONGEST_CHINESE = 8
_MOST_WORDS = 4


@dataclass(frozen=True)
class Repaired:
    """A question with its misspellings replaced, and (written, meant) of each."""

    cover: Cover
    text: str
    changes: tuple[tuple[str, str], ...]


def repair(found: Cover, index: VocabularyIndex, clock: Clock) -> Repaired:
    """Replace unknown words by the one known word that they can only be a misspelling of."""
    changes: list[tuple[str, str]] = [
        (node.text, meant) for node in found.nodes if (meant := _by_pinyin_form(node.text, index))
    ]
    tried: set[str] = set()
    for _ in range(_ROUNDS):
        pending = [r for r in found.residue if r.text not in tried]
        if not pending:
            break
        residue = pending[0]
        tried.add(residue.text)
        best = _best(residue, found, index) or _partial(residue, found, index)
        if best is None:
            continue
        begin, end, meant = best
        text = found.text[:begin] + _spaced(meant, found.text, begin, end) + found.text[end:]
        again = cover(text, index, clock)
        if _unowned(again) < _unowned(found):
            changes.append((found.text[begin:end], meant))
            found = again
    return Repaired(found, found.text, tuple(changes))


def nearest_terms(word: str, index: VocabularyIndex, limit: int = 3) -> list[Term]:
    """Terms whose names come nearest to a word, best first."""
    labels = _near(index).labels
    hits = process.extract(
        word.lower(), labels.keys(), scorer=fuzz.WRatio, limit=limit, score_cutoff=70
    )
    return [labels[text] for text, _, _ in hits]


def _unowned(found: Cover) -> int:
    return sum(len(residue.text) for residue in found.residue)


def _spaced(meant: str, text: str, begin: int, end: int) -> str:
    """Keep a Latin word apart from its neighbours."""
    left = " " if begin and text[begin - 1].isalnum() and meant[:1].isascii() else ""
    right = " " if end < len(text) and text[end].isalnum() and meant[-1:].isascii() else ""
    return left + meant + right


def _by_pinyin_form(text: str, index: VocabularyIndex) -> str | None:
    key = key_of(text)
    if key not in index.spelled:
        return None
    return index.terms[index.phrases.get(key)[0]].label_zh


def _best(residue: Residue, found: Cover, index: VocabularyIndex) -> tuple[int, int, str] | None:
    near = _near(index)
    by_sound, by_spelling = [], []
    for begin, end in _windows(residue, found):
        written = found.text[begin:end]
        for meant in near.sounding(written):
            by_sound.append((end - begin, begin, end, meant))
        for distance, meant in near.spelled(written):
            by_spelling.append((distance - (end - begin) * 0.1, begin, end, meant))
    if by_sound:
        longest = max(by_sound)[0]
        top = {hit[3]: hit for hit in by_sound if hit[0] == longest}
    elif by_spelling:
        cheapest = min(by_spelling)[0]
        top = {hit[3]: hit for hit in by_spelling if hit[0] <= cheapest + 1e-9}
    else:
        return None
    return next(iter(top.values()))[1:] if len(top) == 1 else None


def _partial(residue: Residue, found: Cover, index: VocabularyIndex) -> tuple[int, int, str] | None:
    """Take part of a name for the one name that fits: 配送 of tickets is 配送问题, 各平台 a 访问平台.

    Only names that the metrics of the question can be split or filtered by come into question.
    """
    text = residue.text
    if len(text) < (2 if is_cjk(text) else 4):
        return None
    metrics = [{t.name for t in n.of("metric")} for n in found.nodes if "metric" in n.kinds]
    if not metrics:
        return None
    near = [n for n in found.nodes if residue.begin - 1 <= n.end <= residue.begin]
    before = max(near, key=lambda n: n.end).kinds if near else frozenset()
    kinds = ("dimension",) if before & {"by", "each", "which"} else ("value", "dimension")
    for kind in kinds:
        forms: dict[tuple[str, object], str] = {}
        for meant, term in _near(index).containing(key_of(text)):
            field = term.field if kind == "value" else term.name
            if term.kind == kind and all(
                any(index.reaches(name, field or "") for name in names) for names in metrics
            ):
                forms.setdefault((term.name, term.value), meant)
        if len(forms) == 1:
            return residue.begin, residue.end, next(iter(forms.values()))
    return None


def _windows(residue: Residue, found: Cover) -> Iterator[tuple[int, int]]:
    """Spans of text around an unknown run that may be one misspelled word."""
    text = found.text
    if is_cjk(residue.text):
        low, high = residue.begin, residue.end
        while low > 0 and residue.begin - low < 4 and is_cjk(text[low - 1]):
            low -= 1
        while high < len(text) and high - residue.end < 4 and is_cjk(text[high]):
            high += 1
        for begin in range(low, residue.end):
            for end in range(
                max(residue.begin, begin + 2), min(high, begin + _LONGEST_CHINESE) + 1
            ):
                if (begin <= residue.begin and end >= residue.end) or end - begin >= 3:
                    yield begin, end
        return
    words = [(residue.begin, residue.end)]
    at = residue.begin
    pieces = []
    for word in residue.text.split(" "):
        pieces.append((at, at + len(word)))
        at += len(word) + 1
    before = [(n.begin, n.end) for n in found.nodes if n.end == residue.begin - 1]
    after = [(n.begin, n.end) for n in found.nodes if n.begin == residue.end + 1]
    pieces = before + pieces + after
    for i in range(len(pieces)):
        for j in range(i, min(len(pieces), i + _MOST_WORDS)):
            begin, end = pieces[i][0], pieces[j][1]
            if begin < residue.end and end > residue.begin:
                words.append((begin, end))
    yield from dict.fromkeys(words)


class _Near:
    """Known words by length and by sound."""

    def __init__(self, index: VocabularyIndex) -> None:
        self.labels: dict[str, Term] = {}
        self._by_length: dict[tuple[bool, int], list[str]] = defaultdict(list)
        self._chinese: list[str] = []
        self._sounds: dict[str, set[str]] | None = None
        for term in index.terms:
            self.labels.setdefault(term.label_zh.lower(), term)
            self.labels.setdefault(term.label_en.lower(), term)
        self._terms = index.terms
        pieces = [
            (key_of(form.text.lower()), form.text, number)
            for number, term in enumerate(index.terms)
            if term.kind in ("value", "dimension")
            for form in term.forms
            if form.source != "pinyin"
        ]
        self._forward = sorted(pieces)
        self._backward = sorted((key[::-1], text, number) for key, text, number in pieces)
        seen: set[str] = set()
        for text in self._texts(index):
            if text in seen or len(text) < 2:
                continue
            seen.add(text)
            chinese = is_cjk(text)
            self._by_length[(chinese, len(text))].append(text)
            if chinese:
                self._chinese.append(text)

    @staticmethod
    def _texts(index: VocabularyIndex) -> Iterator[str]:
        for term in index.terms:
            for form in term.forms:
                if form.source != "pinyin":
                    yield form.text.lower()
        for key in lexicon().phrases.entries:
            if len(key) >= 5 and key.isascii() and " " not in key:
                yield key

    def spelled(self, written: str) -> list[tuple[int, str]]:
        """(distance, known word) within the distance allowed for the length."""
        chinese = is_cjk(written)
        length = len(written)
        most = (
            (1 if length >= 3 else 0) if chinese else (0 if length < 4 else 1 if length < 8 else 2)
        )
        if not most:
            return []
        result = []
        for size in range(length - most, length + most + 1):
            if chinese and size < 3:
                continue
            for meant, distance, _ in process.extract(
                written, self._by_length.get((chinese, size), ()),
                scorer=OSA.distance, score_cutoff=most, limit=3,
            ):  # fmt: skip
                # A known word with a stray character beside it is not a misspelling of itself.
                if distance and meant not in written:
                    result.append((int(distance), meant))
        return result

    def containing(self, key: str) -> Iterator[tuple[str, Term]]:
        """List (name, term) of the names that begin or end with a whole word."""
        for forward, names in ((True, self._forward), (False, self._backward)):
            probe = key if forward else key[::-1]
            at = bisect.bisect_left(names, (probe + " ",))
            while at < len(names) and names[at][0].startswith(probe + " "):
                yield names[at][1], self._terms[names[at][2]]
                at += 1

    def sounding(self, written: str) -> Iterable[str]:
        """Known Chinese words that sound like what was written, in characters or in pinyin."""
        if self._sounds is None:
            self._sounds = defaultdict(set)
            for text in self._chinese:
                if 2 <= len(text) <= _LONGEST_CHINESE:
                    self._sounds[_sound(text)].add(text)
        if is_cjk(written):
            found = self._sounds.get(_sound(written), set())
        else:
            found = self._sounds.get(written.replace(" ", ""), set()) if len(written) > 3 else set()
        return sorted(found - {written})


def _sound(text: str) -> str:
    from pypinyin import lazy_pinyin  # its tables take a tenth of a second to load

    return "".join(lazy_pinyin(text))


def _near(index: VocabularyIndex) -> _Near:
    if index.near is None:
        index.near = _Near(index)
    assert isinstance(index.near, _Near)
    return index.near
