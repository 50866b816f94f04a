"""The semantic model: entities, joins, metrics, dimensions and segments of a brand, from YAML.

A file holds blocks by name under ``entities``, ``dimensions``, ``metrics`` and ``segments``. Files
of later folders add blocks, or change the keys that they name of a block already there; a block
that is ``null`` takes the name away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from warehouse.semantic_checks import check_model
from warehouse.semantic_files import read_blocks
from warehouse.semantic_records import (
    Aggregate,
    Dimension,
    Entity,
    Join,
    Kind,
    Measure,
    Metric,
    NamedValue,
    PerKey,
    Segment,
    SemanticModel,
    Synonyms,
    Words,
)

__all__ = [
    "Aggregate",
    "Dimension",
    "Entity",
    "Join",
    "Kind",
    "Measure",
    "Metric",
    "NamedValue",
    "PerKey",
    "Segment",
    "SemanticModel",
    "Synonyms",
    "Words",
    "load_semantic_model",
    "model_folders",
    "packaged_folder",
]

PACKAGED_FOR = "retail"
"""The marts that the packaged semantic model is about; others bring their own."""


def packaged_folder() -> Path:
    """Folder of the semantic model that comes with the marts."""
    return Path(__file__).parent / "semantic"


def model_folders(workspace: Path, marts: str) -> list[Path]:
    """List the folders of a workspace's semantic model: of its marts, then its own."""
    own = workspace / "semantic"
    packaged = [packaged_folder()] if marts == PACKAGED_FOR else []
    return [*packaged, *([own] if own.is_dir() else [])]


def load_semantic_model(folders: Sequence[Path] | None = None) -> SemanticModel:
    """Load the YAML files of the folders, in order, and check the whole.

    Parameters
    ----------
    folders : sequence of Path, optional
        Later folders add to the earlier ones or change them by name; default: what is packaged.

    Returns
    -------
    SemanticModel
        Valid: every name it refers to exists, and no join can multiply rows.

    Raises
    ------
    SemanticModelError
        When a file is wrong; names the file and the block.
    """
    blocks, files = read_blocks(folders if folders is not None else [packaged_folder()])
    model = SemanticModel.model_construct(
        entities=tuple(blocks["entities"]),
        dimensions=tuple(blocks["dimensions"]),
        metrics=tuple(blocks["metrics"]),
        segments=tuple(blocks["segments"]),
        hash="",
        files=files,
    )
    check_model(model)
    digest = hashlib.sha256(model.model_dump_json(exclude={"hash"}).encode()).hexdigest()
    return model.model_copy(update={"hash": digest[:16]})
