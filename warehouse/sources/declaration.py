"""What a mart set expects of its sources: columns, types, codes, ranges and references.

A declaration is data (``sources.yml`` beside the mart SQL). From it follow the typed staging
tables, every data-quality check, and the data dictionary.
"""

from __future__ import annotations

from datetime import date
from importlib import resources

import yaml
from pydantic import Field, model_validator

from warehouse.mapping import ColumnType, NumberStyle
from warehouse.query import Record


class ColumnDeclaration(Record):
    """One column: what it holds, and which values are believed.

    ``codes`` maps stored spellings to ours; a declared code maps to itself. ``contact`` marks what
    identifies or reaches a person, so that no finding ever shows it. ``planned`` allows days after
    the end of the data. ``expected`` makes an empty value a finding. ``file`` is the column's name
    in the file where it has another there: such a column must be there. ``absent`` is one that the
    brand does not have. The rest is as in ``ColumnMapping``.
    """

    type: ColumnType = "text"
    expected: bool = False
    contact: bool = False
    planned: bool = False
    codes: dict[str, str] = Field(default_factory=dict)
    minimum: int | float | date | None = None
    maximum: int | float | date | None = None
    references: str | None = Field(default=None, pattern=r"^\w+\.\w+$")
    file: str | None = None
    absent: bool = False
    formats: tuple[str, ...] = ()
    numbers: NumberStyle | None = None
    whole_id: bool = False
    masked: bool = False


class SourceDeclaration(Record):
    """One source: rows are unique by ``key`` and dated by ``time``.

    Rows without a key, or dated outside the data, are excluded and counted. ``account`` names the
    columns that say whose row it is: of the type, or the type itself in quotes, and of the id.
    """

    key: tuple[str, ...] = ()
    time: str | None = None
    account: tuple[str, str] | None = None
    columns: dict[str, ColumnDeclaration]

    @model_validator(mode="after")
    def _names_declared(self) -> SourceDeclaration:
        named = (*self.key, *([self.time] if self.time else []))
        unknown = [name for name in named if name not in self.columns]
        if unknown:
            raise ValueError(f"'key' and 'time' must be declared columns. Got {unknown}.")
        return self


class SourceDeclarations(Record):
    """All sources of a mart set; the bulk of the ``clocks``' columns bounds the data in time.

    ``undated`` is the day that data without any clock is of.
    """

    clocks: tuple[str, ...]
    undated: date | None = None
    sources: dict[str, SourceDeclaration]


def load_declarations(marts: str) -> SourceDeclarations:
    """Read the packaged declarations of a mart set."""
    file = resources.files("warehouse.marts") / marts / "sources.yml"
    return SourceDeclarations.model_validate(yaml.safe_load(file.read_text("utf-8")))
