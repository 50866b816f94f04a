"""What a brand's own files are expected to hold: its mapping and the roles of their kinds.

From the mapping in workspace.yml follow the same declarations that a packaged mart set has in
its ``sources.yml``, so that one way of reading, checking and counting serves both.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml
from pydantic import Field

from warehouse.mapping import ColumnMapping, ColumnType, Kind
from warehouse.query import Record
from warehouse.sources.declaration import (
    ColumnDeclaration,
    SourceDeclaration,
    SourceDeclarations,
    load_declarations,
)
from warehouse.workspace_file import SourceFile, WorkspaceFile

OWN = "own"
"""The mart set of files that a brand brings itself."""


class Role(Record):
    """What a column can be to its kind: how it is read, and what people call it."""

    type: ColumnType
    names: tuple[str, ...] = ()


class KindOfSource(Record):
    """One kind of file: the roles of its columns, and those of which one set must be there."""

    one_of: tuple[tuple[str, ...], ...]
    key: str | None = None
    time: str | None = None
    roles: dict[str, Role] = Field(default_factory=dict)


@cache
def load_kinds() -> dict[Kind, KindOfSource]:
    """Read the packaged kinds."""
    file = resources.files("warehouse.marts") / OWN / "kinds.yml"
    content = yaml.safe_load(file.read_text("utf-8"))
    for kind in content.values():
        for role in kind["roles"].values():
            if other := role.pop("like", None):
                source, name = other.split(".")
                role["names"] = content[source]["roles"][name]["names"]
    return {name: KindOfSource.model_validate(kind) for name, kind in content.items()}


def declare_sources(file: WorkspaceFile) -> SourceDeclarations:
    """Give what the marts of a workspace expect of its sources."""
    if file.marts != OWN:
        return _renamed(load_declarations(file.marts), file)
    sources = {name: _declared(source) for name, source in file.sources.items()}
    clocks = tuple(f"{name}.{source.time}" for name, source in sources.items() if source.time)
    days = [source.loaded for source in file.sources.values() if source.loaded]
    return SourceDeclarations(
        clocks=clocks, undated=max(days, default=None) if not clocks else None, sources=sources
    )


def _declared(source: SourceFile) -> SourceDeclaration:
    kind = load_kinds()[source.kind or "records"]
    mapped = source.mapped
    columns = {
        name: declare_column(file, column, is_time=name == source.time)
        for name, (file, column) in mapped.items()
    }
    for name, role in kind.roles.items():
        columns.setdefault(name, ColumnDeclaration(type=role.type, absent=True))
    key = (kind.key,) if kind.key else ()
    return SourceDeclaration(key=key, time=source.time, columns=columns)


def declare_column(file: str, column: ColumnMapping, *, is_time: bool = False) -> ColumnDeclaration:
    """Declare a mapped column; dates other than the time of a row may lie in the future."""
    return ColumnDeclaration(
        type=column.type,
        file=file,
        contact=column.contact,
        planned=not is_time,
        formats=column.formats,
        numbers=column.numbers,
        whole_id=column.whole_id,
        masked=column.masked,
    )


def _renamed(declarations: SourceDeclarations, file: WorkspaceFile) -> SourceDeclarations:
    """Read the columns of a packaged mart set under the names that the files give them."""
    sources = dict(declarations.sources)
    for name, source in file.sources.items():
        if name not in sources or not source.columns:
            continue
        columns = dict(sources[name].columns)
        for standard, (written, mapped) in source.mapped.items():
            if standard in columns:
                update = {"file": written, "formats": mapped.formats, "numbers": mapped.numbers}
                columns[standard] = columns[standard].model_copy(update=update)
        sources[name] = sources[name].model_copy(update={"columns": columns})
    return declarations.model_copy(update={"sources": sources})
