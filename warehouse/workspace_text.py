"""Changing workspace.yml as a text, so that what a person wrote there stays as it is."""

from __future__ import annotations

from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from warehouse.errors import WorkspaceFileError
from warehouse.workspace_file import FILE_NAME, SourceFile, load_workspace_file


def new_workspace_text(name: str, currency: str, time_zone: str) -> str:
    """Write the workspace.yml of a brand that has loaded nothing yet."""
    head = {"name": {"zh": name, "en": name}, "languages": ["zh", "en"], "time_zone": time_zone,
            "currency": currency, "week_start": "monday", "marts": "own"}  # fmt: skip
    text = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, default_flow_style=None)
    return f"# Written by 'sextant new'; edit it freely.\n{text}sources: {{}}\n"


def put_source(workspace: Path, name: str, source: SourceFile) -> None:
    """Write a source into workspace.yml: all other lines of the file stay as they are.

    Raises
    ------
    WorkspaceFileError
        The file is written in a way that cannot be changed line by line, and stays as it was.
    """
    file = workspace / FILE_NAME
    text = file.read_text("utf-8")
    changed = _with_source(file, text, name, source_block(name, source))
    half = file.with_suffix(".new")
    half.write_text(changed, "utf-8")
    try:
        load_workspace_file(half)
    except WorkspaceFileError:
        half.unlink()
        raise
    half.replace(file)


def source_block(name: str, source: SourceFile) -> str:
    """Write the block of a source, indented as below ``sources``."""
    content = source.model_dump(mode="json", exclude_defaults=True)
    if source.columns:
        content["columns"] = {
            column: each.model_dump(mode="json", exclude_defaults=True) if each else None
            for column, each in source.columns.items()
        }
    text = yaml.safe_dump(
        {name: content}, allow_unicode=True, sort_keys=False, default_flow_style=None, width=10_000
    )
    return "".join(f"  {line}\n" for line in text.splitlines())


def _with_source(file: Path, text: str, name: str, block: str) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    entry = _entry(root, "sources")
    if entry is None:
        return "".join(lines) + f"sources:\n{block}"
    key, value = entry
    if isinstance(value, MappingNode) and value.flow_style and value.value:
        raise WorkspaceFileError(
            file=str(file),
            detail="'sources' stands in braces on one line, which cannot be added to.",
            next="Write one source a line below 'sources:', indented by two blanks.",
        )
    if not isinstance(value, MappingNode) or not value.value:
        lines[key.start_mark.line : _last_line(value) + 1] = [f"sources:\n{block}"]
        return "".join(lines)
    indent = value.value[0][0].start_mark.column
    own = "".join(" " * (indent - 2) + line for line in block.splitlines(keepends=True))
    same = _entry(value, name)
    if same is not None:
        lines[same[0].start_mark.line : _last_line(same[1]) + 1] = [own]
    else:
        lines.insert(_last_line(value) + 1, own)
    return "".join(lines)


def _entry(node: Node | None, name: str) -> tuple[Node, Node] | None:
    if not isinstance(node, MappingNode):
        return None
    return next(((key, value) for key, value in node.value if key.value == name), None)


def _last_line(node: Node) -> int:
    """Give the line of the last thing in a node, without the comments and blank lines after it."""
    if isinstance(node, MappingNode) and node.value and not node.flow_style:
        return max(_last_line(part) for pair in node.value for part in pair)
    if isinstance(node, SequenceNode) and node.value and not node.flow_style:
        return max(map(_last_line, node.value))
    if isinstance(node, ScalarNode) and node.end_mark.column == 0:
        return max(node.start_mark.line, node.end_mark.line - 1)
    return int(node.end_mark.line)
