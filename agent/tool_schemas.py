"""Tool schemas as short as they can be said: what a request carries of each tool.

Pydantic's own schema of the recursive filter takes 100 KB a tool once its references are resolved.
A model is told names, types and descriptions; the forms of a filter stand in the prompt, and the
tool itself checks every argument against the full schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard

from langchain_core.tools import BaseTool
from pydantic import BaseModel

Schema = dict[str, object]
_KEPT = ("type", "enum", "description")
_LONGEST_ENUM = 6
"""Longer enumerations inside an argument (the operators) stand once in the prompt."""


def short_schema(tool: BaseTool) -> Schema:
    """Describe a tool for a chat model in a few hundred bytes.

    Nothing is said of a union of objects but that it is an object: its description names the forms.
    """
    arguments = tool.tool_call_schema
    assert not isinstance(arguments, dict) and issubclass(arguments, BaseModel)
    whole = arguments.model_json_schema()
    definitions = whole.get("$defs", {})
    parameters: Schema = {
        "type": "object",
        "properties": {
            name: _short(part, definitions, described=True)
            for name, part in whole.get("properties", {}).items()
        },
    }
    if whole.get("required"):
        parameters["required"] = whole["required"]
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": " ".join(tool.description.split()),
            "parameters": parameters,
        },
    }


def _short(part: object, definitions: Mapping[str, object], described: bool = False) -> Schema:
    if not _is_schema(part):
        return {}
    short: Schema = {name: part[name] for name in _KEPT if name in part}
    if not described:
        short.pop("description", None)
        if len(_list(short.get("enum"))) > _LONGEST_ENUM:
            del short["enum"]
    if "$ref" in part:
        short = {**_short(definitions[str(part["$ref"]).split("/")[-1]], definitions), **short}
    if choices := [c for c in _list(part.get("anyOf")) if _type(c) != "null"]:
        short = {**_one_of(choices, definitions), **short}
    if "items" in part:  # a list without it is refused by some servers
        short["items"] = _short(part["items"], definitions)
    if _is_schema(properties := part.get("properties")):
        short["properties"] = {n: _short(p, definitions) for n, p in properties.items()}
    return short


def _one_of(choices: Sequence[object], definitions: Mapping[str, object]) -> Schema:
    if len(choices) == 1:
        return _short(choices[0], definitions)
    if all(_is_schema(choice) and "$ref" in choice for choice in choices):
        return {"type": "object"}
    return {}


def _type(part: object) -> object:
    return part.get("type") if _is_schema(part) else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_schema(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)
