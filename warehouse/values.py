"""The values of dimensions with every form in which people write them.

A value is written by its label, its stored code, its synonyms, its name in the other language, its
pinyin, without the beginning that all values of its dimension share (the brand in the names of its
stores), and if it is a place with or without its suffix (广东, 广东省). What the semantic model
declares comes first; the rest is read from the marts of a build and kept beside it.
"""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import TypeAdapter, ValidationError
from rapidfuzz import fuzz, process

from warehouse.engine import Engine
from warehouse.query import Record, Scalar
from warehouse.semantic_model import Dimension, Kind, NamedValue, SemanticModel, Synonyms, Words
from warehouse.spelling import english_place, is_chinese, other_place_names, pinyin

Language = Literal["zh", "en", "any"]
Source = Literal["label", "name", "synonym", "pinyin"]

MOST_VALUES = 100_000
NEAR = 70
"""Likeness, out of 100, from which a value may be what was meant."""

_FORMAT = 3  # of the kept file; raised when forms are made in another way
_PLACEHOLDERS = frozenset(("none", "unknown", "other", "others"))
_PLACES = ("city", "province")


class ValueForm(Record):
    """One way to write a value."""

    text: str
    language: Language
    source: Source


class ValueTerm(Record):
    """A value of a dimension with all its forms; ``name`` is what is stored, as text."""

    kind: Literal["value"] = "value"
    name: str
    label_zh: str
    label_en: str
    forms: tuple[ValueForm, ...]
    field: str
    value: Scalar
    type: Kind = "text"
    personal: bool = False
    entity: str | None = None


def value_terms(
    model: SemanticModel, engine: Engine, limit: int = MOST_VALUES, folder: Path | None = None
) -> tuple[ValueTerm, ...]:
    """Gather the values of all dimensions: those that are declared, then those in the marts.

    Parameters
    ----------
    model : SemanticModel
        Its text and boolean dimensions are read from the marts, hidden ones left out.
    engine : Engine
        The published build.
    limit : int
        Values kept in all, the most frequent first; a quarter of them per dimension.
    folder : Path, optional
        Where the result is kept until the next build, so that reading it again takes milliseconds.
    """
    if folder is None:
        return tuple(_gather(model, engine, limit))
    build_id = engine.build_id
    key = f"{_FORMAT}:{model.hash}:{limit}".encode()
    file = folder / f"values-{build_id}-{hashlib.sha256(key).hexdigest()[:12]}.json"
    with suppress(OSError, ValidationError):  # not kept yet, or damaged: it is made anew
        return _read_kept(file)
    terms = tuple(_gather(model, engine, limit))
    _keep(file, _TERMS.dump_json(terms), build_id)
    return terms


class NearestValues:
    """Did you mean: finds values by likeness of spelling and, for Chinese, of sound."""

    def __init__(self, terms: Sequence[ValueTerm]) -> None:
        self._terms = terms
        self._owners: list[int] = []
        self._known: dict[str | None, dict[int, str]] = {None: {}}
        for owner, term in enumerate(terms):
            for form in term.forms:
                if len(form.text) < 3 and not is_chinese(form.text):
                    continue  # a code as short as "zh" is like a part of everything
                for field in (None, term.field):
                    self._known.setdefault(field, {})[len(self._owners)] = form.text.casefold()
                self._owners.append(owner)

    def find(self, text: str, limit: int = 3, field: str | None = None) -> tuple[ValueTerm, ...]:
        """List the values nearest to a text, each name once, best first; empty if none is near.

        Parameters
        ----------
        text : str
            What was written.
        limit : int
            Values at most.
        field : str, optional
            Only values of this dimension.
        """
        known = self._known.get(field, {})
        best: dict[int, float] = {}
        for query in {text.casefold(), *pinyin(text)}:
            hits = process.extract(
                query, known, scorer=fuzz.WRatio, limit=limit * 4, score_cutoff=NEAR
            )
            for _, score, place in hits:
                owner = self._owners[place]
                best[owner] = max(best.get(owner, 0), score)
        ranked = sorted(best, key=lambda owner: (-best[owner], owner))
        named = {self._terms[owner].label_zh: owner for owner in reversed(ranked)}
        return tuple(self._terms[o] for o in ranked if named[self._terms[o].label_zh] == o)[:limit]


class _Found(NamedTuple):
    """A value of a dimension as it was declared or read, and in how many rows."""

    dimension: Dimension
    value: Scalar
    rows: int
    declared: NamedValue | None = None
    zh: str | None = None
    en: str | None = None
    short: str | None = None


def _gather(model: SemanticModel, engine: Engine, limit: int) -> Iterable[ValueTerm]:
    tables = {entity.name: entity.table for entity in model.entities}
    found: dict[tuple[str, Scalar], _Found] = {}
    for dimension in model.dimensions:
        if dimension.hidden:
            continue
        for named in dimension.values:
            found[dimension.name, named.value] = _Found(dimension, named.value, 2**62, named)
        if dimension.type in ("text", "boolean"):
            for each in _shortened(_read(dimension, tables[dimension.entity], engine, limit // 4)):
                found.setdefault((dimension.name, each.value), each)
    rarest_last = sorted(found.values(), key=lambda each: -each.rows)
    kept = {(each.dimension.name, each.value) for each in rarest_last[:limit]}
    return (_term(each) for key, each in found.items() if key in kept)


def _read(dimension: Dimension, table: str, engine: Engine, limit: int) -> list[_Found]:
    column, names = dimension.column, dimension.names or Words(zh="", en="")
    other = [f"min({_quoted(name)})" if name else "NULL" for name in (names.zh, names.en)]
    # The names come from the semantic model, which was checked against the catalogue.
    rows = engine.fetch_rows(
        f"SELECT {_quoted(column)}, {other[0]}, {other[1]}, count(*) "  # noqa: S608
        f"FROM {_quoted(table)} WHERE {_quoted(column)} IS NOT NULL "
        f"GROUP BY 1 ORDER BY 4 DESC, 1 LIMIT {int(limit)}"
    )
    return [
        _Found(dimension, value, int(str(count)), None, _or_none(zh), _or_none(en))
        for value, zh, en, count in rows
        if isinstance(value, bool) or (isinstance(value, str) and value.strip())
    ]


def _shortened(found: list[_Found]) -> list[_Found]:
    names = [str(each.value) for each in found]
    if len(names) < 3:
        return found
    first, last = min(names), max(names)  # what these two share, all between them share
    same = [a == b for a, b in zip(first, last, strict=False)]
    start = same.index(False) if False in same else len(same)
    if start < 2 or min(map(len, names)) - start < 2:
        return found
    return [each._replace(short=str(each.value)[start:]) for each in found]


def _term(found: _Found) -> ValueTerm:
    dimension, label = found.dimension, _label(found)
    return ValueTerm(
        name=str(found.value),
        label_zh=label.zh,
        label_en=label.en,
        forms=_forms(found, label),
        field=dimension.name,
        value=found.value,
        type=dimension.type,
        personal=dimension.personal,
        entity=dimension.entity,
    )


def _label(found: _Found) -> Words:
    if found.declared is not None:
        return found.declared.label
    if isinstance(found.value, bool):
        return Words(zh="是", en="Yes") if found.value else Words(zh="否", en="No")
    text = str(found.value)
    english = english_place(text) if _is_place(found.dimension) else text
    return Words(zh=found.zh or text, en=found.en or english)


def _forms(found: _Found, label: Words) -> tuple[ValueForm, ...]:
    if found.declared is None and isinstance(found.value, bool):
        return ()  # "yes" alone names no value
    forms = _FormList()
    forms.add(label.zh, "zh", "label")
    forms.add(label.en, "en", "label")
    text = str(found.value)
    names = [label.zh, text] if isinstance(found.value, str) else [label.zh]
    if isinstance(found.value, str) and text not in _PLACEHOLDERS:
        forms.add(text.replace("_", " "), "zh" if is_chinese(text) else "any", "name")
    synonyms = found.declared.synonyms if found.declared else Synonyms()
    for written in synonyms.zh:
        forms.add(written, "zh", "synonym")
    for written in synonyms.en:
        forms.add(written, "en", "synonym")
    if found.short is not None:
        forms.add(found.short, "zh" if is_chinese(found.short) else "any", "synonym")
    if _is_place(found.dimension):
        for place in other_place_names(text, found.dimension.column.endswith("province")):
            forms.add(place, "zh", "synonym")
            names.append(place)
    for spelled in [spelled for name in names for spelled in pinyin(name)]:
        forms.add(spelled, "any", "pinyin")
    return tuple(forms.found.values())


class _FormList:
    """Forms in the order they came; the same text in both languages belongs to any."""

    def __init__(self) -> None:
        self.found: dict[str, ValueForm] = {}

    def add(self, text: str, language: Language, source: Source) -> None:
        text = text.strip()
        if not any(character.isalnum() for character in text):
            return  # a product called "?" is not asked about by every question mark
        known = self.found.get(text.casefold())
        if known is not None and known.language != language:
            self.found[text.casefold()] = known.model_copy(update={"language": "any"})
        elif known is None and text:
            self.found[text.casefold()] = ValueForm(text=text, language=language, source=source)


def _is_place(dimension: Dimension) -> bool:
    return dimension.column.endswith(_PLACES)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _or_none(cell: object) -> str | None:
    return str(cell) if cell else None


def _read_kept(file: Path) -> tuple[ValueTerm, ...]:
    content = file.read_bytes()
    collects = gc.isenabled()
    gc.disable()  # nothing here is garbage, and looking for it takes two thirds of the time
    try:
        return _TERMS.validate_json(content)
    finally:
        if collects:
            gc.enable()


def _keep(file: Path, content: bytes, build_id: str) -> None:
    # A folder that cannot be written costs time at the next start, nothing else.
    half = file.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(content)
        os.replace(half, file)
        for old in file.parent.glob("values-*.json"):
            if not old.name.startswith(f"values-{build_id}-"):
                old.unlink()


_TERMS = TypeAdapter(tuple[ValueTerm, ...])
