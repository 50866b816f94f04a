"""Values of a call's filters as they are stored.

A chat model writes "Shanghai" where 上海 is stored; asked as it stands, the answer would be a calm
zero. A value is taken as stored, or read by the brand's own words for it, or named as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TypeGuard

from agent.embedded.index import VocabularyIndex

_NAMED = ("=", "!=", "in", "not_in")
_SHOWN = 3


class UnknownValue(Exception):
    """A filter names a value that its dimension does not have."""

    def __init__(self, field: str, value: object, nearest: Sequence[object]) -> None:
        near = ", ".join(repr(name) for name in nearest) or "none"
        super().__init__(f"unknown value {str(value)[:60]!r} of {field!r}; nearest: {near}")


def as_stored(arguments: Mapping[str, object], index: VocabularyIndex) -> dict[str, object]:
    """Give the arguments of a call with the values of its filters as they are stored.

    Raises
    ------
    UnknownValue
        When a dimension with listed values has no such value, by any of its forms.
    """
    return {name: _linked(part, index) for name, part in arguments.items()}


def _linked(part: object, index: VocabularyIndex) -> object:
    if isinstance(part, list | tuple):
        return [_linked(each, index) for each in part]
    if not _is_object(part):
        return part
    field, op, values = part.get("field"), part.get("op", "="), part.get("values")
    if isinstance(field, str) and op in _NAMED and isinstance(values, list | tuple):
        return {**part, "values": [_stored(field, value, index) for value in values]}
    return {name: _linked(each, index) for name, each in part.items()}


def _stored(field: str, value: object, index: VocabularyIndex) -> object:
    known = index.values.get(field, ())
    if not isinstance(value, str) or not known or index.value(field, value):
        return value
    dimension = index.term("dimension", field)
    if dimension is not None and dimension.type in ("number", "date"):
        return value
    read = [term for term in index.reads(value) if term.kind == "value" and term.field == field]
    if len(read) == 1:
        return read[0].value
    labels = {str(label): term.value for term in known for label in (term.label_zh, term.label_en)}
    near = get_close_matches(value[:60], [*labels, *map(str, labels.values())], _SHOWN)
    raise UnknownValue(field, value, list(dict.fromkeys(labels.get(n, n) for n in near)))


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)
