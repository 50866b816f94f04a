"""Words about columns: what names mean money, a person, a contact, and what such columns answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from warehouse.proposals.names import normalised, readable, words_of
from warehouse.semantic_files import read_blocks, read_yaml
from warehouse.semantic_model import packaged_folder
from warehouse.semantic_records import Dimension
from warehouse.sources.own import OWN

Trait = Literal["money", "personal", "adds_up"]


@cache
def column_words() -> Mapping[str, Any]:
    """Read the packaged words."""
    content = read_yaml((resources.files("warehouse.marts") / OWN / "words.yml").read_text("utf-8"))
    assert isinstance(content, dict)  # it is packaged
    return content


def has_trait(column: str, trait: Trait) -> bool:
    """Tell whether a column is an amount of money, private, or added up, by its name."""
    words = column_words()[trait]
    return any(word in words["en"] for word in words_of(column)) or any(
        word in column for word in words["zh"]
    )


def label_of(column: str) -> dict[str, str]:
    """Give a readable label in both languages; where no word is known, the column's own name."""
    own = readable(column)
    zh, en = column_words()["labels"].get(normalised(column), (own, own))
    return {"zh": zh, "en": en}


@cache
def contact_names() -> Mapping[str, str]:
    """Map names of columns, as they are compared, onto the kind of contact data."""
    kinds = column_words()["contacts"].items()
    return {normalised(name): kind for kind, names in kinds for name in names}


@cache
def packaged_records() -> Mapping[str, list[Any]]:
    """Read the packaged model once: its entities, dimensions, metrics and segments."""
    return read_blocks([packaged_folder()])[0]


def known_dimension(column: str) -> Dimension | None:
    """Find the packaged dimension that a column's name is a word for."""
    return _packaged_names().get(normalised(column))


@cache
def _packaged_names() -> Mapping[str, Dimension]:
    found: dict[str, Dimension] = {}
    wanted = column_words()["packaged"]
    for dimension in packaged_records()["dimensions"]:
        if dimension.name in wanted:
            for form in (dimension.name, *words_for(dimension)):
                found.setdefault(normalised(form), dimension)
    return found


def words_for(dimension: Dimension) -> Iterable[str]:
    """List the label and synonyms of a dimension."""
    label, synonyms = dimension.label, dimension.synonyms
    return (label.zh, label.en, *synonyms.zh, *synonyms.en)
