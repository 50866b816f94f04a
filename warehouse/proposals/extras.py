"""Columns that play no role: each becomes a way to split, and numbers also something to add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from warehouse.mapping import ColumnType
from warehouse.proposals.names import readable
from warehouse.proposals.places import country_values
from warehouse.proposals.profile import ColumnProfile
from warehouse.proposals.words import column_words, has_trait, known_dimension, label_of
from warehouse.query import Record
from warehouse.semantic_model import Dimension, Metric, SemanticModel

Block = dict[str, Any]

_KINDS: Mapping[str, str] = {
    "boolean": "boolean", "date": "date", "timestamp": "date",
    "integer": "number", "number": "number", "money": "number",
}  # fmt: skip
_UNITS: Mapping[str, str] = {
    "money": "currency", "integer": "count", "number": "ratio", "date": "date",
    "timestamp": "date",
}  # fmt: skip


class Extra(Record):
    """A column that plays no role: its name here, and what its cells are."""

    name: str
    type: ColumnType
    profile: ColumnProfile


def extra_blocks(
    entity: str,
    extras: Sequence[Extra],
    blocks: Mapping[str, Mapping[str, Block]],
    taken: SemanticModel | None,
) -> dict[str, dict[str, Block]]:
    """Propose the blocks of all extras, under names and labels that nothing else has."""
    made: dict[str, dict[str, Block]] = {"dimensions": {}, "metrics": {}}
    own = [item for part in ("metrics", "dimensions") for item in blocks[part].items()]
    names = {name for name, _ in own}
    labels = {text.casefold() for _, block in own for text in block["label"].values()}
    others: list[Metric | Dimension] = [*taken.metrics, *taken.dimensions] if taken else []
    for record in others:
        names.add(record.name)
        labels |= {record.label.zh.casefold(), record.label.en.casefold()}
    for extra in extras:
        dimension = _dimension(entity, extra)
        _relabel(dimension, entity, labels)
        made["dimensions"][_free(extra.name, entity, names)] = dimension
        renamed: dict[str, str] = {}
        for name, metric in _metrics(entity, extra, dimension):
            _relabel(metric, entity, labels)
            renamed[name] = _free(name, entity, names)
            for part in ("numerator", "denominator"):
                if part in metric:
                    metric[part] = renamed[metric[part]]
            made["metrics"][renamed[name]] = metric
    return made


def _free(name: str, entity: str, names: set[str]) -> str:
    """Take a name that is free, and take it."""
    choices = [name, f"{entity}_{name}", *(f"{name}_{n}" for n in range(2, 10_000))]
    free = next(each for each in choices if each not in names)
    names.add(free)
    return free


def _relabel(block: Block, entity: str, labels: set[str]) -> None:
    """Tell a label that is taken apart by the name of its entity, or by a number."""
    for language, text in block["label"].items():
        choices = [text, f"{readable(entity)} {text}", *(f"{text} {n}" for n in range(2, 10_000))]
        block["label"][language] = next(c for c in choices if c.casefold() not in labels)
    labels |= {text.casefold() for text in block["label"].values()}


def _dimension(entity: str, extra: Extra) -> Block:
    profile, known = extra.profile, known_dimension(extra.profile.file)
    kind = _KINDS.get(extra.type, "text")
    block: Block = {"entity": entity, "column": extra.name}
    if known is not None and kind in (known.type, "text"):
        said = known.synonyms.model_dump(mode="json")
        block |= {"label": known.label.model_dump(), "synonyms": said}
    else:
        block["label"] = label_of(profile.file)
    own = readable(profile.file)
    if own.casefold() not in {text.casefold() for text in block["label"].values()}:
        language = "en" if own.isascii() else "zh"
        block.setdefault("synonyms", {}).setdefault(language, []).append(own)
    if kind != "text":
        block |= {"type": kind, "unit": _UNITS.get(extra.type, "text")}
    if (known is not None and known.personal) or has_trait(profile.file, "personal"):
        block["personal"] = True
    if kind == "boolean":
        values = column_words()["yes_or_no"]["values"]
        block["values"] = [_filled(value, _says(block["label"], profile.file)) for value in values]
    elif known is not None and known.name == "country" and (values := country_values(profile)):
        block["values"] = values
    if kind == "text" and profile.is_free_text:
        block["hidden"] = True
    return block


def _metrics(entity: str, extra: Extra, dimension: Block) -> Iterator[tuple[str, Block]]:
    says = _says(dimension["label"], extra.profile.file)
    if dimension.get("type") == "boolean":
        yield from _shares(entity, extra, says)
    elif dimension.get("type") == "number":
        yield from _sums(entity, extra, dimension["unit"], says)


def _sums(
    entity: str, extra: Extra, unit: str, says: Mapping[str, str]
) -> Iterator[tuple[str, Block]]:
    alone = "total" if has_trait(extra.profile.file, "adds_up") else "average"
    for name, template in column_words()["number"].items():
        block = _filled(template, says)
        if name == alone:
            for language in ("zh", "en"):
                block["synonyms"][language].append(says[language])
        measure = {"entity": entity, "aggregate": block.pop("aggregate"), "column": extra.name}
        is_mean = measure["aggregate"] == "average" and unit == "count"
        block |= {"unit": "ratio" if is_mean else unit, "measures": [measure]}
        yield f"{name}_{extra.name}", block


def _shares(entity: str, extra: Extra, says: Mapping[str, str]) -> Iterator[tuple[str, Block]]:
    templates = column_words()["yes_or_no"]
    wheres: dict[str, Block] = {
        "count": {"field": extra.name, "values": [True]},
        "known": {"field": extra.name, "op": "is_not_null"},
    }
    for name, where in wheres.items():
        measure = {"entity": entity, "aggregate": "count", "where": where}
        block = _filled(templates[name], says) | {"unit": "count", "measures": [measure]}
        yield f"{extra.name}_{name}", block
    parts = {"numerator": f"{extra.name}_count", "denominator": f"{extra.name}_known"}
    yield f"{extra.name}_rate", _filled(templates["rate"], says) | {"unit": "percent", **parts}


def _says(label: Mapping[str, str], column: str) -> dict[str, str]:
    """Give the words that fill templates: the label, within a sentence and at its beginning."""
    en = label["en"]
    inside = en if en[:2].isupper() else en[:1].lower() + en[1:]
    return {"zh": label["zh"], "en": inside, "En": en, "column": column}


def _filled(template: Any, says: Mapping[str, str]) -> Any:
    """Fill a template: a copy of its own, whatever its shape."""
    if isinstance(template, str):
        for key, text in says.items():
            template = template.replace(f"{{{key}}}", text)
        return template
    if isinstance(template, Mapping):
        return {key: _filled(value, says) for key, value in template.items()}
    if isinstance(template, Sequence):
        return [_filled(each, says) for each in template]
    return template
