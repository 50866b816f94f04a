"""The semantic model of a brand's own file: what its mapped columns can answer, as YAML to edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, cast

from warehouse.mapping import Kind
from warehouse.proposals.extras import Extra, extra_blocks
from warehouse.proposals.words import packaged_records
from warehouse.semantic_files import read_yaml, write_yaml
from warehouse.semantic_model import SemanticModel
from warehouse.sources.own import OWN
from warehouse.workspace_file import SourceFile

Block = dict[str, Any]
Blocks = dict[str, dict[str, Block]]

PARTS = ("entities", "metrics", "dimensions")
_ENTITY: Mapping[Kind, str] = {
    "transactions": "order_lines", "customers": "customers", "products": "products",
}  # fmt: skip
_WHERE: Mapping[str, Block] = {
    "valid": {"field": "is_cancelled", "values": [False]},
    "counted": {"field": "is_cancelled", "values": [False]},
    "cancelled": {"field": "is_cancelled", "values": [True]},
    "known": {"field": "customer_id", "op": "is_not_null"},
    "guest": {"field": "customer_id", "op": "is_null"},
    "first": {"field": "orders.is_first_order", "values": [True]},
    "later": {"field": "orders.is_first_order", "values": [False]},
}
_LIKE = ("label", "synonyms", "unit", "direction", "type", "personal", "featured", "group")


def propose_semantic(
    name: str,
    source: SourceFile,
    extras: Sequence[Extra],
    facts: Iterable[str] = (),
    taken: SemanticModel | None = None,
) -> Blocks:
    """Propose entities, metrics and dimensions for a source.

    Parameters
    ----------
    name : str
        Of the source; records are an entity of that name.
    source : SourceFile
        Its mapping.
    extras : sequence of Extra
        The columns that play no role.
    facts : iterable of str
        More that blocks may need: ``transactions`` when another source holds them.
    taken : SemanticModel, optional
        What other sources have said; its names and words are left to it.
    """
    kind = source.kind or "records"
    entity = _ENTITY.get(kind, name)
    has = _known_facts(source, facts)
    blocks: Blocks = {part: {} for part in PARTS}
    for part, found in _templates()[kind].items():
        for block_name, block in found.items():
            if (
                part != "entities"
                and taken
                and block_name in {b.name for b in getattr(taken, part)}
            ):
                continue
            made = _made(block_name, block, part, has, entity)
            if made is not None:
                blocks[part][block_name] = made
    if kind == "records":
        blocks = _of_records(name, source, blocks)
    for part, more in extra_blocks(entity, extras, blocks, taken).items():
        blocks[part].update(more)
    return _unclaimed(blocks, taken)


def write_semantic(blocks: Blocks, heading: str) -> str:
    """Write blocks as a YAML file for people to read and edit."""
    parts = [f"# {line}".rstrip() for line in heading.splitlines()]
    for part in PARTS:
        if not blocks[part]:
            continue
        parts += ["", f"{part}:"]
        for name, block in blocks[part].items():
            parts += [f"  {line}" for line in write_yaml({name: block}).rstrip().splitlines()]
    return "\n".join(parts) + "\n"


@cache
def _templates() -> dict[Kind, dict[str, dict[str, Block]]]:
    file = resources.files("warehouse.marts") / OWN / "semantic.yml"
    return cast("dict[Kind, dict[str, dict[str, Block]]]", read_yaml(file.read_text("utf-8")))


@cache
def packaged_blocks() -> dict[str, dict[str, Block]]:
    """Metrics and dimensions of the packaged model, as they are written."""
    records = packaged_records()
    return {
        part: {
            record.name: record.model_dump(mode="json", exclude_defaults=True)
            for record in records[part]
        }
        for part in ("metrics", "dimensions")
    }


def _known_facts(source: SourceFile, facts: Iterable[str]) -> set[str]:
    """List what blocks may rest on: roles, and what was found out about the lines."""
    found = {*source.mapped, *facts}
    if source.cancelled:
        found.add("cancelled")
        if source.cancelled.taken_off:
            found.add("taken_off")
    if source.not_products:
        found.add("not_products")
    return found


def _meets(block: Mapping[str, Any], has: set[str]) -> bool:
    needs = block.get("needs", ())
    return all((need[1:] not in has) if need[0] == "!" else need in has for need in needs)


def _made(name: str, block: Block, part: str, has: set[str], entity: str) -> Block | None:
    """Make a block of its template; ``None`` if what it needs is not there."""
    if not _meets(block, has):
        return None
    made: Block = _like(block, part)
    for key, value in block.items():
        if key in ("needs", "like", "without"):
            continue
        if key in ("definition", "numerator", "denominator", "expression", "time"):
            value = _chosen(value, has)
        elif key == "joins":
            value = [_bare(each) for each in value if _meets(each, has)]
        elif key == "measures":
            value = [_measure(each, has, entity) for each in value if _meets(each, has)]
        elif key == "synonyms" and "synonyms" in made:
            value = {k: [*made["synonyms"].get(k, ()), *v] for k, v in value.items()}
        if value is not None and value != []:
            made[key] = value
    return made


def _like(block: Block, part: str) -> Block:
    other = packaged_blocks()[part][block["like"]] if "like" in block else {}
    made = {key: other[key] for key in _LIKE if key in other}
    if other.get("type", "text") != "text" and "values" in other:
        made["values"] = other["values"]
    without = block.get("without", ())
    if without and "synonyms" in made:
        kept = {k: [w for w in words if w not in without] for k, words in made["synonyms"].items()}
        made["synonyms"] = kept
    return made


def _chosen(value: Any, has: set[str]) -> Any:
    """Choose the first of several ways whose needs are met."""
    if not isinstance(value, list):
        return value
    chosen = _bare(next(each for each in value if _meets(each, has)))
    return chosen.get("name", chosen)


def _bare(block: Block) -> Block:
    return {key: value for key, value in block.items() if key != "needs"}


def _measure(measure: Block, has: set[str], entity: str) -> Block:
    made = {"entity": entity, **_bare(measure)}
    applies = {
        "valid": "cancelled" in has,
        "counted": "cancelled" in has and "taken_off" not in has,
    }
    asked = [token for token in made.pop("where", ()) if applies.get(token, True)]
    conditions = [_at(_WHERE[token], made["entity"]) for token in asked]
    if conditions:
        made["where"] = conditions[0] if len(conditions) == 1 else {"all": conditions}
    return made


def _at(condition: Block, entity: str) -> Block:
    """Name a column as an entity sees it: its own without the entity's name."""
    field = str(condition["field"]).removeprefix(f"{entity}.")
    return {**condition, "field": field}


def _of_records(name: str, source: SourceFile, blocks: Blocks) -> Blocks:
    """Give records an entity of their own, dated if they are."""
    from warehouse.proposals.names import readable

    label = readable(name)
    entity: Block = {"key": "row_id", "label": {"zh": label, "en": label}}
    if source.time:
        entity["time"] = source.time
    metric = blocks["metrics"].pop("row_count")
    return {
        "entities": {name: entity},
        "metrics": {f"{name}_rows": metric},
        "dimensions": blocks["dimensions"],
    }


def _unclaimed(blocks: Blocks, taken: SemanticModel | None) -> Blocks:
    """Take away words that another block has, so that each means one thing: the first keeps it."""
    for part in ("metrics", "dimensions"):
        owners: dict[str, str] = {}
        for record in getattr(taken, part, ()):
            for form in (record.name.replace("_", " "), record.label.zh, record.label.en,
                         *record.synonyms.zh, *record.synonyms.en):  # fmt: skip
                owners[_folded(form)] = record.name
        for name, block in blocks[part].items():
            for form in (name.replace("_", " "), *block["label"].values()):
                owners.setdefault(_folded(form), name)
        for name, block in blocks[part].items():
            said = block.get("synonyms", {})
            kept = {k: _own_words(words, name, owners) for k, words in said.items()}
            block["synonyms"] = {k: words for k, words in kept.items() if words}
            if not block["synonyms"]:
                del block["synonyms"]
    return blocks


def _own_words(words: Sequence[str], name: str, owners: dict[str, str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if owners.setdefault(_folded(word), name) == name]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
