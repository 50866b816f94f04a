"""Misspelled words: read by spelling distance or by sound, always shown, never silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.embedded.atoms import is_cjk, key_of, stem
from agent.embedded.index import VocabularyIndex
from agent.embedded.lattice import Cover, Residue, cover
from agent.embedded.near import LONGEST_CHINESE, near
from knowledge.languages import Clock

_ROUNDS = 4
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
        if best is None or _is_negated(best[0], found):
            continue  # the opposite of a guess is another question
        begin, end, meant = best
        text = found.text[:begin] + _spaced(meant, found.text, begin, end) + found.text[end:]
        again = cover(text, index, clock)
        if _unowned(again) < _unowned(found):
            changes.append((found.text[begin:end], meant))
            found = again
    return Repaired(found, found.text, tuple(changes))


def _is_negated(begin: int, found: Cover) -> bool:
    return any(node.end == begin and "negation" in node.kinds for node in found.nodes)


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
    """Choose the nearest known word, if only one meaning is nearest; sound comes first."""
    words = near(index)
    heard: list[tuple[float, int, int, str]] = []
    seen: list[tuple[float, int, int, str]] = []
    for begin, end in _windows(residue, found):
        written = found.text[begin:end]
        heard += [(float(begin - end), begin, end, meant) for meant in words.sounding(written)]
        seen += [
            (distance - (end - begin) * 0.1, begin, end, meant)
            for distance, meant in words.spelled(written, len(residue.text))
            if _only_the_unknown_differs(written, meant, residue.text)
        ]
    hits = heard or seen
    if not hits:
        return None
    least = min(hits)[0]
    top = [hit for hit in hits if hit[0] <= least + 1e-9]
    meanings = {index.phrases.get(key_of(meant)) or meant for _, _, _, meant in top}
    return top[0][1:] if len(meanings) == 1 else None


def _only_the_unknown_differs(written: str, meant: str, unknown: str) -> bool:
    """Tell whether the known words around stay as they are: "ship late" is no "ship date"."""
    old, new = written.split(" "), meant.split(" ")
    if not written.isascii() or len(old) == 1 or len(old) != len(new):
        return True
    pairs = zip(old, new, strict=True)
    return all(stem(a) == b or (a in unknown and a[:1] == b[:1]) for a, b in pairs)


def _partial(residue: Residue, found: Cover, index: VocabularyIndex) -> tuple[int, int, str] | None:
    """Take part of a name for the one name that fits: 配送 of tickets is 配送问题.

    Only names that the metrics of the question can be split or filtered by come into question.
    """
    text = residue.text
    if len(text) < (2 if is_cjk(text) else 4):
        return None
    metrics = [{t.name for t in n.of("metric")} for n in found.nodes if "metric" in n.kinds]
    if not metrics:
        return None
    beside = [n for n in found.nodes if residue.begin - 1 <= n.end <= residue.begin]
    before = max(beside, key=lambda n: n.end).kinds if beside else frozenset()
    kinds = ("dimension",) if before & {"by", "each", "which"} else ("value", "dimension")
    for kind in kinds:
        forms: dict[tuple[str, object], str] = {}
        for meant, term in near(index).containing(key_of(text)):
            field = term.field if kind == "value" else term.name
            if field and field not in index.plain_fields(meant):
                continue
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
            for end in range(max(residue.begin, begin + 2), min(high, begin + LONGEST_CHINESE) + 1):
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
