"""Vectors of texts: a protocol, and an embedder fitted on the brand's own feedback.

No model is downloaded: character pieces and words, weighted by how rare they are, reduced to a
few dimensions, place texts that say similar things near each other in either language.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import numpy.typing as npt

from knowledge.tokens import tokens

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Vectors = npt.NDArray[np.float32]

MOST_FEATURES = 30_000
_BATCH = 2_000
_ENDS_SHOWN = "_"


class Embedder(Protocol):
    """Turns texts into vectors of unit length; a text it knows nothing of gets all zeros."""

    @property
    def name(self) -> str:
        """Kind and version; vectors of embedders with other names cannot be compared."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed each text, shape (texts, dimensions)."""

    def save(self, folder: Path) -> None:
        """Write what is needed to embed the same way again."""


class TfidfSvdEmbedder:
    """Latent semantic analysis of words and character pieces.

    A text's weights are (1 + ln f) * (ln((1 + n) / (1 + d)) + 1), with f the times the feature
    stands in the text, d the texts it stands in and n all texts; scaled to unit length, they are
    projected on the first right singular vectors of the fitted texts' weights and scaled again.

    References
    ----------
    Deerwester et al. (1990), Indexing by latent semantic analysis. Weights as in scikit-learn's
    ``TfidfTransformer(sublinear_tf=True)``.
    """

    name = "tfidf-svd-1"

    def __init__(self, vocabulary: dict[str, int], rarity: Vectors, components: Vectors) -> None:
        self._vocabulary = vocabulary
        self._rarity = rarity
        self._components = components

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self._vocabulary)} features, {self.dimensions} dimensions>"

    @property
    def dimensions(self) -> int:
        """Length of a vector; fewer than asked for where few texts were fitted."""
        return int(self._components.shape[1])

    @classmethod
    def fit(cls, texts: Sequence[str], dimensions: int = 128, seed: int = 0) -> Self:
        """Learn features, their rarity and the projection from texts."""
        seen = Counter(feature for text in texts for feature in set(features(text)))
        kept = sorted(seen, key=lambda feature: (-seen[feature], feature))[:MOST_FEATURES]
        counts = np.array([seen[feature] for feature in kept], dtype=np.float64)
        rarity = np.log((1 + len(texts)) / (1 + counts)) + 1
        vocabulary = {feature: i for i, feature in enumerate(kept)}
        alike = np.ones((len(kept), 1), dtype=np.float32)
        embedder = cls(vocabulary, rarity.astype(np.float32), alike)
        size = min(dimensions, len(texts), len(kept))
        return embedder._projected(texts, size, seed) if size > 1 else embedder

    def _projected(self, texts: Sequence[str], dimensions: int, seed: int) -> Self:
        from sklearn.decomposition import TruncatedSVD
        from threadpoolctl import threadpool_limits

        weights = self.weights(texts)
        svd = TruncatedSVD(n_components=dimensions, random_state=seed)
        # One thread: the same bits every time, and several are slower on busy cores. The share of
        # variance of equal texts is 0/0 and unused.
        with threadpool_limits(1), np.errstate(invalid="ignore"):
            svd.fit(weights)
        components = np.ascontiguousarray(svd.components_.T, dtype=np.float32)
        return type(self)(self._vocabulary, self._rarity, components)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed each text, shape (texts, dimensions)."""
        batches = [
            self.weights(texts[start : start + _BATCH]) @ self._components
            for start in range(0, len(texts), _BATCH)
        ]
        if not batches:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return _unit(np.concatenate(batches))

    def weights(self, texts: Sequence[str]) -> csr_matrix:
        """Compute the weights of each text's known features, shape (texts, features)."""
        from scipy.sparse import csr_matrix

        columns: list[int] = []
        values: list[float] = []
        starts = [0]
        for text in texts:
            known = Counter(self._vocabulary[f] for f in features(text) if f in self._vocabulary)
            columns += known
            values += _scaled([1 + math.log(n) for n in known.values()], self._rarity[list(known)])
            starts.append(len(columns))
        shape = (len(texts), len(self._vocabulary))
        return csr_matrix((np.array(values, dtype=np.float32), columns, starts), shape=shape)

    def save(self, folder: Path) -> None:
        """Write the vocabulary as JSON and the arrays without pickle."""
        folder.mkdir(parents=True, exist_ok=True)
        about = {"name": self.name, "features": list(self._vocabulary)}
        (folder / "features.json").write_text(json.dumps(about, ensure_ascii=False), "utf-8")
        np.savez(folder / "arrays.npz", rarity=self._rarity, components=self._components)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote.

        Raises
        ------
        ValueError
            When another embedder or version wrote it.
        """
        about = json.loads((folder / "features.json").read_text("utf-8"))
        if about["name"] != cls.name:
            raise ValueError(f"Expected an embedder {cls.name!r}. Got {about['name']!r}.")
        vocabulary = {feature: i for i, feature in enumerate(about["features"])}
        with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
            return cls(vocabulary, arrays["rarity"], arrays["components"])


def features(text: str) -> Iterator[str]:
    """Yield the tokens of a text and, of longer words, pieces of three characters.

    Pieces let a misspelt word stand near the right one.
    """
    for token in tokens(text):
        yield token
        if len(token) > 3:
            shown = f"{_ENDS_SHOWN}{token}{_ENDS_SHOWN}"
            yield from (shown[i : i + 3] for i in range(len(shown) - 2))


def _scaled(frequencies: list[float], rarity: Vectors) -> list[float]:
    raw = np.array(frequencies) * rarity
    length = math.sqrt(float(raw @ raw))
    return (raw / length).tolist() if length else []


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    # Rounding leaves specks where nothing is left of a text; a direction made of them says nothing.
    known = lengths > 1e-6
    return np.where(known, vectors / np.where(known, lengths, 1), 0).astype(np.float32)
