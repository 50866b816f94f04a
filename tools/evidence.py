"""What a tool hands back: a result, and the evidence that it rests on."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

Cell = str | int | float | bool | date | None


class Record(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TableColumn(Record):
    """A column as people read it: label in the asker's language, and what its values are.

    ``role``: dimension, period, metric, compared, change, change_rate, share. ``metric`` names the
    metric that a derived column belongs to. Currency is in major units; percent, change_rate and
    share are 0-1.
    """

    name: str
    label: str
    unit: str
    role: str = "dimension"
    metric: str | None = None


class Table(Record):
    """Rows exactly as the evidence's SQL returns them, with labels for people beside them.

    ``labels`` maps a column's name and a stored value's text to its label in the asker's language.
    """

    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    labels: dict[str, dict[str, str]] = {}

    def shown(self, column: str, value: Cell) -> Cell:
        """Give a cell as a person reads it: its label where it has one, else the value itself."""
        return self.labels.get(column, {}).get(str(value), value)


class Quote(Record):
    """A literal piece of a customer's text, masked, with its source."""

    feedback_id: str
    text: str
    language: str
    created_at: date
    stars: int | None = None
    product: str | None = None


class Definition(Record):
    """A name with its meaning, in the asker's language."""

    name: str
    label: str
    text: str
    unit: str = "text"


class Evidence(Record):
    """One checkable support of an answer.

    ``sql`` has its values filled in: run on the marts of ``build_id``, it returns the rows.
    """

    id: str = ""
    kind: Literal["query", "feedback", "definition", "score", "guardrail"]
    sql: str | None = None
    row_count: int = 0
    as_of: date
    build_id: str
    definition: tuple[Definition, ...] = ()
    quotes: tuple[Quote, ...] = ()


class UnderstoodFilter(Record):
    """One filter as it was read; labels in the asker's language stand beside the stored values."""

    field: str
    op: str
    values: tuple[Cell, ...]
    label: str = ""
    value_labels: tuple[str, ...] = ()


class Understood(Record):
    """How the question was read, as chips show it and the next follow-up edits it."""

    metrics: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    filters: tuple[UnderstoodFilter, ...] = ()
    segment: str | None = None
    time_range: tuple[date, date] | None = None
    compare_to: tuple[date, date] | None = None
    defaults: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()


class Chart(Record):
    """A declared chart over the answer's table; never code."""

    type: Literal["line", "bar", "stacked_bar", "number", "table"]
    x: str | None = None
    y: tuple[str, ...] = ()
    series: str | None = None


class ToolResult(Record):
    """The artifact of a tool call: what the writer turns into text and the page shows.

    ``spec`` is the QuerySpec that ran, as JSON, so that a follow-up can edit it. ``facts`` hold
    every further value that the text may use, computed by the tool, never by the writer.
    """

    tool: str
    language: Literal["zh", "en"]
    understood: Understood = Understood()
    table: Table | None = None
    chart: Chart | None = None
    evidence: tuple[Evidence, ...] = ()
    spec: dict[str, object] | None = None
    facts: dict[str, Cell | tuple[Cell, ...]] = {}
    caveats: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
