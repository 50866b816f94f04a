"""What we rely on in Chroma 1.5, or work around. A failure here means that code can be simpler."""

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings
from chromadb.errors import ChromaError


@pytest.fixture
def folder(tmp_path):
    client = connect(tmp_path)
    collection = client.create_collection("feedback", embedding_function=None)
    collection.add(ids=["a", "b"], embeddings=np.eye(2, dtype=np.float32))
    client.close()
    return tmp_path


def connect(folder):
    return chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_opening_a_folder_changes_it(folder):
    """Why readers open a private copy."""
    before = content(folder)
    client = connect(folder)
    client.get_collection("feedback", embedding_function=None).count()
    client.close()

    assert content(folder) != before


def test_query_with_an_unknown_id_fails(folder):
    """Why a reader asks only for ids that are stored."""
    client = connect(folder)
    collection = client.get_collection("feedback", embedding_function=None)

    with pytest.raises(ChromaError):
        collection.query(query_embeddings=[[1.0, 0.0]], n_results=1, ids=["a", "nobody"])
    client.close()


def test_text_without_a_direction_is_stored_all_the_same(folder):
    """Why texts that say nothing known are left out."""
    client = connect(folder)
    collection = client.get_collection("feedback", embedding_function=None)
    collection.add(ids=["zero"], embeddings=np.zeros((1, 2), dtype=np.float32))

    assert collection.count() == 3
    client.close()
