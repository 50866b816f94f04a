"""Vectors of feedback in Chroma: written once by a build, read from a private copy.

Chroma writes a few bytes into its folder even to open it, two processes on one folder corrupt
it, and a damaged one can end the process. So a build seals what it wrote, and readers check the
seal on their own copy before Chroma sees it: a published build never changes.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import chromadb
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError

from knowledge.embedding import Embedder, Vectors
from knowledge.errors import FeedbackIndexError
from knowledge.seal import Seal, broken

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

FOLDER = "chroma"
_BATCH = 5_000
_TIES = 20


class Neighbour(NamedTuple):
    """A stored text near another; ``similarity`` is the cosine, 1 for the same direction."""

    id: str
    similarity: float


class VectorWriter:
    """Writes the collection of one build. Use as a context manager."""

    def __init__(self, build: Path, embedder: Embedder) -> None:
        self._embedder = embedder
        self._client = _client(build / FOLDER)
        self._collection = self._client.create_collection(
            _collection_name(embedder),
            embedding_function=None,  # vectors are always handed in; the default downloads a model
            configuration={"hnsw": {"space": "cosine"}},
        )

    def __enter__(self) -> VectorWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def add(self, ids: Sequence[str], texts: Sequence[str]) -> int:
        """Store texts by id; return how many. Texts the embedder knows nothing of are left out."""
        stored = 0
        for start in range(0, len(ids), _BATCH):
            vectors = self._embedder.embed(texts[start : start + _BATCH])
            known = np.any(vectors, axis=1)
            kept = list(compress(ids[start : start + _BATCH], known.tolist()))
            if kept:
                self._collection.add(ids=kept, embeddings=vectors[known])
            stored += len(kept)
        return stored


class VectorReader:
    """Reads a build's collection from a private copy that ends with the reader.

    Raises
    ------
    FeedbackIndexError
        When the folder is missing, differs from its seal or cannot be copied.
    """

    def __init__(self, build: Path, embedder: Embedder, expected: Seal, count: int) -> None:
        copy = _private_copy(build, expected)
        self._remove = weakref.finalize(self, shutil.rmtree, copy, ignore_errors=True)
        self._build = build
        with _named_errors(build):
            self._client = _client(copy / FOLDER)
            self._close = weakref.finalize(self, self._client.close)
            self._collection = self._client.get_collection(
                _collection_name(embedder), embedding_function=None
            )
            stored = self._collection.count()
        if stored != count:
            raise _unreadable(build, f"it holds {stored} vectors, {count} were built.")
        self._ids: frozenset[str] | None = None

    def close(self) -> None:
        """Let go of Chroma and remove the copy."""
        self._close()
        self._remove()

    def vector(self, id: str) -> Vectors | None:
        """Look up the vector of a stored text; ``None`` when it has none."""
        with _named_errors(self._build):
            found = self._collection.get(ids=[id], include=["embeddings"])["embeddings"]
        return None if found is None or not len(found) else found[0]

    def nearest(
        self, vector: Vectors, limit: int, ids: Collection[str] | None = None
    ) -> list[Neighbour]:
        """Find the stored texts nearest to a vector, nearest first, ties by id."""
        allowed = None if ids is None else sorted(self._stored.intersection(ids))
        if allowed == [] or not vector.any():
            return []
        with _named_errors(self._build):
            found = self._collection.query(
                query_embeddings=[vector],
                n_results=limit + _TIES,
                ids=allowed,
                include=["distances"],
            )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        near = [Neighbour(id, round(1 - distance, 6)) for id, distance in pairs]
        return sorted(near, key=lambda n: (-n.similarity, n.id))[:limit]

    @property
    def _stored(self) -> frozenset[str]:
        if self._ids is None:
            self._ids = frozenset(self._collection.get(include=[])["ids"])
        return self._ids


def _client(folder: Path) -> ClientAPI:
    return chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))


def _private_copy(build: Path, expected: Seal) -> Path:
    try:
        copy = Path(tempfile.mkdtemp(prefix="sextant-vectors-"))
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, copy, ignore_errors=True)
            _copy_sealed(build, copy, expected)
            undo.pop_all()
    except OSError as error:
        raise FeedbackIndexError(
            file=str(build / FOLDER),
            detail=f"Its vectors cannot be copied to a temporary folder ({error.strerror}).",
            next="Make room, or set TMPDIR to a folder with room.",
        ) from error
    return copy


def _copy_sealed(build: Path, copy: Path, expected: Seal) -> None:
    for name in expected:
        if not (build / name).is_file():
            raise _unreadable(build, f"{Path(name).name!r} is missing.")
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(build / name, copy / name)
    changed = broken(copy, expected)
    if changed is not None:
        raise _unreadable(build, f"{Path(changed).name!r} differs from what was built.")


@contextmanager
def _named_errors(build: Path) -> Iterator[None]:
    try:
        yield
    except (ChromaError, ValueError) as error:
        raise _unreadable(build, f"Chroma cannot read it ({error}).") from error


def _collection_name(embedder: Embedder) -> str:
    return f"feedback-{embedder.name}-{embedder.dimensions}"


def _unreadable(build: Path, detail: str) -> FeedbackIndexError:
    return FeedbackIndexError(
        file=str(build / FOLDER),
        detail=f"Similar feedback cannot be read: {detail}",
        next="Run 'sextant build' to make it anew.",
    )
