"""Search over what customers wrote: by words (BM25), and by likeness (vectors in Chroma).

A build writes the index from the feedback mart and never touches it again; readers find it in
the build's ``search/`` and ``chroma/``. Words rank answers; vectors serve "similar to this".
Search by words works when Chroma's folder is missing or damaged.
"""

from __future__ import annotations

import hashlib
import math
import shutil
from array import array
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.embedding import TfidfSvdEmbedder
from knowledge.errors import FeedbackIndexError
from knowledge.seal import Seal, broken, seal
from knowledge.tokens import tokens

if TYPE_CHECKING:
    from bm25s import BM25

    from knowledge.vectors import VectorReader

MOST_VECTORS = 100_000
"""More texts than this are sampled: Chroma takes about 5,000 a second, a build has a minute."""

MOST_FITTED = 20_000
"""The embedder learns from an even sample of so many texts; more change it little."""

TERM_SATURATION, LENGTH_WEIGHT = 0.9, 0.4
"""k1 and b of BM25. Reviews are short: with the usual b of 0.75 a text of three words beats one
that says more of what was asked (nDCG@10 on labelled reviews 26 to 29 in Chinese, 22 to 25 in
English; no difference on long ones)."""

Rows = npt.NDArray[np.int64]

_SEARCH, _WORDS, _EMBEDDER, _CHROMA = "search", "search/words", "search/embedder", "chroma"
_INDEX, _IDS = "search/index.json", "search/words/ids.npy"


class FeedbackRow(NamedTuple):
    """One text to index."""

    feedback_id: str
    text: str


class Hit(NamedTuple):
    """A text that was found.

    ``score`` orders hits of one search and means nothing beyond it (BM25, or cosine likeness).
    ``coverage`` is the share of what was asked for that the text contains, weighted by rarity:
    below a half, the text is about something else.
    """

    feedback_id: str
    score: float
    coverage: float = 1.0


class IndexReport(BaseModel):
    """What a build indexed. ``vectors`` may be fewer than ``texts``: at most ``vector_cap``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: int
    words: int
    vectors: int
    vector_cap: int
    embedder: str
    dimensions: int


class _Index(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    report: IndexReport
    words_seal: Seal
    vectors_seal: Seal


def build_feedback_index(
    rows: Iterable[FeedbackRow], folder: Path, vector_cap: int = MOST_VECTORS
) -> IndexReport:
    """Write the index of a build into its folder, replacing one that is there.

    Parameters
    ----------
    rows : iterable of FeedbackRow
        Texts with contact data already masked; ids must be unique.
    folder : Path
        The build's folder.
    vector_cap : int
        The most texts that get vectors; beyond it, the sample depends on the ids alone.

    Raises
    ------
    FeedbackIndexError
        When an id comes twice or the folder cannot be written.
    """
    ordered = _ordered(rows)
    try:
        for name in (_SEARCH, _CHROMA):
            shutil.rmtree(folder / name, ignore_errors=True)
        words = _write_words(ordered, folder)
        embedder, vectors = _write_vectors(ordered, folder, vector_cap)
        report = IndexReport(
            texts=len(ordered),
            words=words,
            vectors=vectors,
            vector_cap=vector_cap,
            embedder=embedder.name,
            dimensions=embedder.dimensions,
        )
        index = _Index(
            report=report,
            words_seal=seal(folder, [_WORDS]),
            vectors_seal=seal(folder, [_EMBEDDER, _CHROMA]),
        )
        (folder / _INDEX).write_text(index.model_dump_json(indent=1), "utf-8")
    except OSError as error:
        raise FeedbackIndexError(
            file=str(folder),
            detail=f"The search index cannot be written ({error.strerror}).",
            next="Make room or give rights, then run 'sextant build' again.",
        ) from error
    return report


class FeedbackIndex:
    """Reads the index of one build. Nothing is opened before the first search."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def report(self) -> IndexReport:
        """What the build indexed."""
        return self._index.report

    def search(self, text: str, limit: int, ids: Collection[str] | None = None) -> list[Hit]:
        """Rank texts by the words of a query, best first, ties by id.

        Parameters
        ----------
        text : str
            Words in either language, or both.
        limit : int
            The most hits wanted.
        ids : collection of str, optional
            Only these may be found; ``None`` for all.

        Returns
        -------
        list of Hit
            Empty when no text shares a word with the query.

        Raises
        ------
        FeedbackIndexError
            When the index is missing or damaged.
        """
        wanted = tokens(text)
        if not self.report.words or limit < 1:
            return []
        known = self._words.get_tokens_ids(wanted)
        scores = self._words.get_scores_from_ids(known)
        rows = _best(scores, limit, self._allowed(ids))
        unknown = sum(token not in self._words.vocab_dict for token in set(wanted))
        coverage = self._coverage(rows, sorted(set(known)), unknown)
        return [
            Hit(str(self._ids[row]), float(scores[row]), share)
            for row, share in zip(rows, coverage, strict=True)
        ]

    def similar(self, text: str, limit: int, ids: Collection[str] | None = None) -> list[Hit]:
        """Find texts that say things like this one, nearest first.

        Raises
        ------
        FeedbackIndexError
            When the vectors are missing or damaged; search by words may still work.
        """
        vector = self._embedder.embed([text])[0]
        return [Hit(*n) for n in self._reader.nearest(vector, limit, ids)]

    def similar_to(
        self, feedback_id: str, limit: int, ids: Collection[str] | None = None
    ) -> list[Hit] | None:
        """Find texts like an indexed one, without itself; ``None`` when it has no vector.

        A text has none when it was not sampled or says nothing known: ask ``similar`` then.
        """
        vector = self._reader.vector(feedback_id)
        if vector is None:
            return None
        near = self._reader.nearest(vector, limit + 1, ids)
        return [Hit(*n) for n in near if n.id != feedback_id][:limit]

    def close(self) -> None:
        """Let go of files and the copy of the vectors."""
        reader: VectorReader | None = self.__dict__.pop("_reader", None)
        if reader is not None:
            reader.close()

    @cached_property
    def _index(self) -> _Index:
        try:
            return _Index.model_validate_json((self._folder / _INDEX).read_bytes())
        except (OSError, ValidationError) as error:
            raise self._damaged(_INDEX) from error

    @cached_property
    def _words(self) -> BM25:
        from bm25s import BM25

        changed = broken(self._folder, self._index.words_seal)
        if changed is not None:
            raise self._damaged(changed)
        return BM25.load(self._folder / _WORDS, mmap=True, show_progress=False)

    @cached_property
    def _ids(self) -> npt.NDArray[np.str_]:
        ids: npt.NDArray[np.str_] = np.load(self._folder / _IDS, mmap_mode="r", allow_pickle=False)
        return ids

    @cached_property
    def _embedder(self) -> TfidfSvdEmbedder:
        changed = broken(self._folder, _part(self._index.vectors_seal, _EMBEDDER))
        if changed is not None:
            raise self._damaged(changed)
        return TfidfSvdEmbedder.load(self._folder / _EMBEDDER)

    @cached_property
    def _reader(self) -> VectorReader:
        from knowledge.vectors import VectorReader

        expected = _part(self._index.vectors_seal, _CHROMA)
        return VectorReader(self._folder, self._embedder, expected, self.report.vectors)

    def _allowed(self, ids: Collection[str] | None) -> Rows | None:
        if ids is None:
            return None
        asked = np.array(sorted(ids), dtype=np.str_)
        places = np.searchsorted(self._ids, asked).clip(max=len(self._ids) - 1)
        found: Rows = places[self._ids[places] == asked]
        return found

    def _coverage(self, rows: Sequence[int], known: list[int], unknown: int) -> list[float]:
        texts = self.report.texts
        indptr, indices = self._words.scores["indptr"], self._words.scores["indices"]
        weights, holds = [], []
        for token in known:
            postings = indices[indptr[token] : indptr[token + 1]]
            places = np.searchsorted(postings, rows).clip(max=len(postings) - 1)
            weights.append(_rarity(len(postings), texts))
            holds.append(postings[places] == rows)
        whole = sum(weights) + unknown * _rarity(0, texts)
        return (np.array(weights) @ np.array(holds) / whole).round(4).tolist() if rows else []

    def _damaged(self, name: str) -> FeedbackIndexError:
        return FeedbackIndexError(
            file=str(self._folder / name),
            detail="The search index is missing or differs from what was built.",
            next="Run 'sextant build' to make it anew.",
        )


def _part(whole: Seal, folder: str) -> Seal:
    return {name: digest for name, digest in whole.items() if name.startswith(folder + "/")}


def _ordered(rows: Iterable[FeedbackRow]) -> list[FeedbackRow]:
    ordered = sorted(rows)
    for before, row in pairwise(ordered):
        if before.feedback_id == row.feedback_id:
            raise FeedbackIndexError(
                file="feedback",
                detail=f"The id {row.feedback_id!r} comes twice.",
                next="Ids must be unique; see the feedback mart.",
            )
    return ordered


def _write_words(rows: Sequence[FeedbackRow], folder: Path) -> int:
    from bm25s import BM25

    words = folder / _WORDS
    words.mkdir(parents=True)
    np.save(folder / _IDS, np.array([row.feedback_id for row in rows], dtype=np.str_))
    vocabulary: dict[str, int] = {}
    texts = []
    for row in rows:
        found = (vocabulary.setdefault(t, len(vocabulary)) for t in tokens(row.text))
        texts.append(array("i", found))
    if vocabulary:
        index = BM25(k1=TERM_SATURATION, b=LENGTH_WEIGHT)
        index.index((texts, vocabulary), create_empty_token=False, show_progress=False)
        index.save(words, show_progress=False)
    return len(vocabulary)


def _write_vectors(
    rows: Sequence[FeedbackRow], folder: Path, cap: int
) -> tuple[TfidfSvdEmbedder, int]:
    from knowledge.vectors import VectorWriter

    kept = _sample(rows, cap)
    texts = [row.text for row in kept]
    embedder = TfidfSvdEmbedder.fit(texts[:: math.ceil(len(texts) / MOST_FITTED) or 1])
    embedder.save(folder / _EMBEDDER)
    with VectorWriter(folder, embedder) as writer:
        return embedder, writer.add([row.feedback_id for row in kept], texts)


def _sample(rows: Sequence[FeedbackRow], most: int) -> Sequence[FeedbackRow]:
    """Keep at most so many rows, chosen by a hash of the id, in order."""
    if len(rows) <= most:
        return rows
    drawn = [hashlib.blake2b(row.feedback_id.encode(), digest_size=8).digest() for row in rows]
    last = sorted(drawn)[most - 1] if most else b""
    return [row for row, draw in zip(rows, drawn, strict=True) if draw <= last]


def _best(scores: npt.NDArray[np.float32], limit: int, allowed: Rows | None) -> list[int]:
    """List the rows with the highest scores above zero, best first, ties by row."""
    rows = np.flatnonzero(scores) if allowed is None else allowed[scores[allowed] > 0]
    if len(rows) > limit:
        threshold = np.partition(scores[rows], -limit)[-limit]
        rows = rows[scores[rows] >= threshold]
    best: list[int] = rows[np.lexsort((rows, -scores[rows]))][:limit].tolist()
    return best


def _rarity(postings: int, texts: int) -> float:
    """Weigh a token that stands in so many of the texts, as BM25 does."""
    return math.log(1 + (texts - postings + 0.5) / (postings + 0.5))
