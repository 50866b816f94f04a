"""workspace.yml: the name of a brand, its calendar and money, and the files it hands over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator
from yaml.nodes import MappingNode, Node, SequenceNode

from warehouse.errors import WorkspaceFileError, nearest
from warehouse.mapping import CancelledLines, ColumnMapping, Kind
from warehouse.query import Record
from warehouse.semantic_model import Words

FILE_NAME = "workspace.yml"
Format = Literal["csv", "jsonl", "parquet", "excel"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class SourceFile(Record):
    """Where a source lies and how it is written.

    ``file`` is a file, a folder of files or a pattern, below ``data/``. What is not declared
    (format, encoding, delimiter) is found out from the file. ``header`` names the columns of a file
    that has no line of names; ``skip`` lines stand above it.

    What a brand brings itself says more: its ``kind``, the ``columns`` that are read (by their name
    in the file; one that is ``null`` is left out), which of them dates a row, which lines were
    ``cancelled``, and which ids of products are ``not_products`` (postage, fees). ``loaded`` is the
    day of data that has no dates.
    """

    file: str = Field(min_length=1)
    format: Format | None = None
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    header: tuple[str, ...] = ()
    skip: int = Field(default=0, ge=0)
    sheet: str | None = None
    loaded: date | None = None
    kind: Kind | None = None
    time: str | None = None
    cancelled: CancelledLines | None = None
    not_products: tuple[str, ...] = ()
    columns: dict[str, ColumnMapping | None] = Field(default_factory=dict)

    @field_validator("file")
    @classmethod
    def _below_data(cls, value: str) -> str:
        if Path(value).is_absolute() or ".." in Path(value).parts:
            raise ValueError(f"must lie below 'data/'. Got {value!r}.")
        return value

    @model_validator(mode="after")
    def _names_fit(self) -> SourceFile:
        names = [column.name for column in self.columns.values() if column]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"maps two columns onto {twice!r}. Keep one of them.")
        if self.time is not None and self.time not in names:
            raise ValueError(f"takes its 'time' from {self.time!r}, which is none of its columns.")
        return self

    @property
    def mapped(self) -> dict[str, tuple[str, ColumnMapping]]:
        """Columns by their name here, each with its name in the file."""
        return {column.name: (file, column) for file, column in self.columns.items() if column}


class WorkspaceFile(Record):
    """A brand as its workspace.yml declares it."""

    name: Words
    languages: tuple[str, ...] = Field(default=("zh", "en"), min_length=1)
    time_zone: str = "Asia/Shanghai"
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    week_start: Weekday = "monday"
    fiscal_year_start: int = Field(default=1, ge=1, le=12)
    marts: str = "retail"
    sources: dict[str, SourceFile] = Field(default_factory=dict)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return _one_of(value, sorted(available_timezones()))

    @field_validator("marts")
    @classmethod
    def _known_marts(cls, value: str) -> str:
        return _one_of(value, mart_sets())


def mart_sets() -> list[str]:
    """Names of the packaged mart sets."""
    folders = resources.files("warehouse.marts").iterdir()
    return sorted(f.name for f in folders if f.is_dir() and (f / "checks.sql").is_file())


def load_workspace_file(path: Path) -> WorkspaceFile:
    """Read and validate a workspace file.

    Parameters
    ----------
    path : Path
        The file, or the workspace folder that holds it.

    Raises
    ------
    WorkspaceFileError
        The file is missing or unreadable, is no YAML, or declares something unknown; the error
        names the line.
    """
    file = path / FILE_NAME if path.is_dir() else path
    node = _compose(file)
    if not isinstance(node, MappingNode):
        raise _error(file, "holds no settings.", "Write at least 'name' and 'sources'.")
    _refuse_repeated_keys(file, node)
    try:
        return WorkspaceFile.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except ValidationError as error:
        raise _from_validation(file, node, error) from None


def _one_of(value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        near = nearest(value, allowed) or list(allowed[:5])
        raise ValueError(f"is unknown. Got {value!r}. Nearest: {', '.join(map(repr, near))}.")
    return value


def _compose(file: Path) -> Node | None:
    try:
        return yaml.compose(file.read_text("utf-8"), Loader=yaml.SafeLoader)
    except (FileNotFoundError, NotADirectoryError):
        raise _error(
            file, "is missing.", "Create it, or name the folder that holds it with --workspace."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _error(file, f"cannot be read: {error}.", "Save it as UTF-8 text.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _error(
            file, f"is not YAML at line {line}: {error.problem}.", "Correct that line."
        ) from None
    except yaml.YAMLError as error:
        raise _error(
            file, f"is not YAML: {' '.join(str(error).split())}.", "Save it as plain text."
        ) from None


def _refuse_repeated_keys(file: Path, node: Node) -> None:
    """YAML keeps the last of two equal keys without a word; here that is an error."""
    if isinstance(node, MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                detail = f"{name!r} stands at line {seen[name]} and again at line {line}."
                raise _error(file, detail, "Keep one of them.")
            seen[name] = line
            _refuse_repeated_keys(file, value)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(file, item)


def _from_validation(file: Path, node: Node, error: ValidationError) -> WorkspaceFileError:
    """Word the first problem as what, got, allowed or nearest, next step, with its line."""
    first = error.errors(include_url=False)[0]
    place = tuple(str(part) for part in first["loc"])
    name, line = ".".join(place), _line(node, place)
    if first["type"] == "extra_forbidden":
        known = _keys_at(place[:-1])
        near = nearest(place[-1], known) or known
        detail = f"unknown key {name!r} at line {line}. Nearest: {', '.join(map(repr, near))}."
        return _error(file, detail, "Correct or remove it.")
    if first["type"] == "missing":
        return _error(file, f"{name!r} is missing.", "Add it.")
    if first["type"] == "value_error":
        said = str(first["ctx"]["error"])
        return _error(file, f"{name!r} at line {line} {said}", "Correct that line.")
    detail = f"{name!r} at line {line}: {first['msg']}. Got {first['input']!r}."
    return _error(file, detail, "Correct that line.")


def _keys_at(place: Sequence[str]) -> list[str]:
    if not place:
        return list(WorkspaceFile.model_fields)
    if place[0] == "name":
        return list(Words.model_fields)
    inner: dict[str, type[Record]] = {"columns": ColumnMapping, "cancelled": CancelledLines}
    record = inner.get(place[2], SourceFile) if len(place) > 2 else SourceFile
    return list(record.model_fields)


def _line(node: Node, place: Sequence[str]) -> int:
    """Line of a key in the file, counted from 1."""
    line = node.start_mark.line + 1
    for part in place:
        if isinstance(node, MappingNode):
            hit = [(key, value) for key, value in node.value if str(key.value) == part]
            if not hit:
                break
            key, node = hit[0]
            line = key.start_mark.line + 1
        elif isinstance(node, SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
    return line


def _error(file: Path, detail: str, advice: str) -> WorkspaceFileError:
    return WorkspaceFileError(file=str(file), detail=detail, next=advice)
