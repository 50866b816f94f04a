"""Reading the YAML files of the semantic model into records, with errors that name the block."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from warehouse.errors import SemanticModelError, nearest
from warehouse.query import Record
from warehouse.semantic_records import Dimension, Entity, Metric, Segment

_KINDS: tuple[tuple[str, type[Record]], ...] = (
    ("entities", Entity),
    ("dimensions", Dimension),
    ("metrics", Metric),
    ("segments", Segment),
)
_ALTERNATIVES = ("measures", "numerator", "denominator", "expression", "kind")
"""Keys that say how a metric is computed: a file that sets one takes the others away."""

RecordT = TypeVar("RecordT", bound=Record)
Blocks = dict[str, dict[str, dict[str, Any]]]


def read_blocks(folders: Sequence[Path]) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """Read all blocks of the folders' files and lay later ones over earlier ones.

    Returns
    -------
    dict, dict
        The records of each kind in the order they were first declared; the file that each block,
        by ``kind.name``, was last set in.
    """
    blocks: Blocks = {kind: {} for kind, _ in _KINDS}
    files: dict[str, str] = {}
    for folder in folders:
        if not folder.is_dir():
            raise SemanticModelError(
                file=str(folder), detail="is no folder.", next="Create it or name another."
            )
        for path in sorted(folder.glob("*.yml")):
            _lay_over(blocks, files, _read_file(path), path.name)
    return {
        kind: [_record(record, kind, name, block, blocks, files) for name, block in found.items()]
        for (kind, record), found in zip(_KINDS, blocks.values(), strict=True)
    }, files


def wrong(file: str, detail: str, next: str) -> SemanticModelError:
    """Make the error for a block of a file."""
    return SemanticModelError(file=file, detail=detail, next=next)


def read_yaml(text: str) -> object:
    """Read YAML as the semantic model is written in."""
    return yaml.load(text, Loader=_Loader)


def write_yaml(content: object) -> str:
    """Write YAML as the semantic model is written in: short mappings on one line, no anchors."""
    return yaml.dump(
        content,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=None,
        width=10_000,
    )


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which a key can stand only once, and only plain numbers are numbers.

    In YAML 1.1 ``on`` is true, ``18_24`` is 1824, ``2026-10-31`` no text.
    """


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    for key, (where, _) in zip(keys, node.value, strict=True):
        if not isinstance(key, str) or keys.count(key) > 1:
            problem = f"key {key!r} stands twice" if isinstance(key, str) else f"key {key!r}"
            raise yaml.constructor.ConstructorError(None, None, problem, where.start_mark)
    values = (loader.construct_object(value, deep=True) for _, value in node.value)
    return dict(zip(keys, values, strict=True))


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("merge", "<<", ["<"]),
    ("null", "null|~|", ["n", "~", ""]),
    ("bool", "true|false", ["t", "f"]),
    ("int", "-?(0|[1-9][0-9]*)", [*"-0123456789"]),
    ("float", r"-?(0|[1-9][0-9]*)\.[0-9]+", [*"-0123456789"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"({_pattern})$"), _first)


class _Dumper(yaml.SafeDumper):
    """Writes what ``_Loader`` reads, and repeats what stands twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


_Dumper.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


def _read_file(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        content = read_yaml(text)
    except OSError as error:
        raise wrong(path.name, f"cannot be read: {error.strerror}.", "Check the file.") from error
    except UnicodeDecodeError as error:
        raise wrong(path.name, "is not UTF-8.", "Save it as UTF-8.") from error
    except yaml.YAMLError as error:
        detail = " ".join(str(error).split())
        raise wrong(path.name, f"is not valid YAML: {detail}.", "Correct it there.") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise wrong(path.name, "must hold blocks by kind.", f"Allowed: {_allowed()}.")
    return content


def _lay_over(blocks: Blocks, files: dict[str, str], content: Mapping[str, Any], file: str) -> None:
    for kind, found in content.items():
        if kind not in blocks:
            near = nearest(kind, list(blocks))
            hint = f"Did you mean {near[0]!r}?" if near else f"Allowed: {_allowed()}."
            raise wrong(file, f"unknown part {kind!r}.", hint)
        if not isinstance(found, dict):
            raise wrong(file, f"{kind!r} must hold blocks by name.", "Write 'name: {...}'.")
        for name, block in found.items():
            if block is None:
                blocks[kind].pop(name, None)
                continue
            if not isinstance(block, dict):
                raise wrong(file, f"{kind}.{name} must be a block.", "Write 'name: {...}'.")
            blocks[kind][name] = _merged(blocks[kind].get(name, {}), block)
            files[f"{kind}.{name}"] = file


def _merged(base: dict[str, Any], block: dict[str, Any]) -> dict[str, Any]:
    if any(key in block for key in _ALTERNATIVES):
        base = {key: value for key, value in base.items() if key not in _ALTERNATIVES}
    return base | block


def _record(
    record: type[RecordT],
    kind: str,
    name: str,
    block: dict[str, Any],
    blocks: Blocks,
    files: dict[str, str],
) -> RecordT:
    file = files[f"{kind}.{name}"]
    values = {"name": name, **block}
    if kind == "metrics":
        values.setdefault("kind", _kind_of(block))
    elif kind == "entities":
        values.setdefault("table", name)
    elif kind == "dimensions" and "values_of" in values:
        values["values"] = _values_of(name, values.pop("values_of"), blocks["dimensions"], file)
    try:
        return record.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join([kind, name, *map(str, first["loc"])])
        raise wrong(
            file, f"{place}: {first['msg']}. Got {_short(first['input'])}.", "Correct it there."
        ) from error


def _kind_of(block: dict[str, Any]) -> str:
    if "measures" in block:
        return "simple"
    return "ratio" if "numerator" in block else "derived"


def _values_of(name: str, other: object, dimensions: dict[str, dict[str, Any]], file: str) -> Any:
    if not isinstance(other, str) or other not in dimensions:
        near = nearest(str(other), list(dimensions))
        raise wrong(
            file,
            f"dimensions.{name}.values_of: unknown dimension {other!r}.",
            f"Did you mean {near[0]!r}?" if near else "Name a dimension with values.",
        )
    return dimensions[other].get("values", ())


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _allowed() -> str:
    return ", ".join(repr(kind) for kind, _ in _KINDS)
