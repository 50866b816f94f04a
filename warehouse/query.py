"""QuerySpec: a question as data, the only thing that becomes question SQL.

All times are calendar days in the workspace's time zone; ranges are half-open ``[start, end)``.
Names are names of the semantic model, values are stored values, never labels. Amounts are in major
units of the reporting currency, as people write them; only the marts hold minor units.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Scalar = str | int | float | bool
Operator = Literal[
    "=", "!=", ">", ">=", "<", "<=", "in", "not_in", "between", "contains", "is_null", "is_not_null"
]
TimeGrain = Literal["day", "week", "month", "quarter", "year"]


class Record(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class TimeRange(Record):
    """Half-open range of days ``[start, end)``."""

    start: date
    end: date

    @model_validator(mode="after")
    def _ordered(self) -> TimeRange:
        if self.start >= self.end:
            raise ValueError(f"'start' must be before 'end'. Got {self.start} and {self.end}.")
        return self

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.start).days


class Condition(Record):
    """A dimension compared with values: ``city in ('上海', '杭州')``.

    ``!=`` and ``not_in`` are the complements of ``=`` and ``in``: a missing value is kept.
    ``between`` includes both ends. ``contains`` ignores case and knows no wildcards. Larger and
    smaller apply to numbers, dates and ordered text (levels, bands). A date is an ISO day, or one
    counted from the last day of data: ``as_of``, ``as_of - 30 days``, ``start of quarter``.
    """

    field: str
    op: Operator = "="
    values: tuple[Scalar, ...] = ()


class CustomerCondition(Record):
    """A condition on each customer's own metric: at least 3 orders in a window.

    Keeps the rows whose customer satisfies it; customers without rows count as zero. Without
    ``time_range`` everything up to the last day of data counts; a comparison does not shift it.
    """

    customer_metric: str
    op: Operator = ">="
    values: tuple[Scalar, ...]
    time_range: TimeRange | None = None
    where: Filter | None = None


class InSegment(Record):
    """Membership of a named segment."""

    segment: str


class And(Record):
    """All of the filters hold."""

    all: tuple[Filter, ...]


class Or(Record):
    """Any of the filters holds."""

    any: tuple[Filter, ...]


class Not(Record):
    """The filter does not hold; a missing value counts as not holding, so it is kept."""

    negated: Filter = Field(alias="not")


Filter = Condition | CustomerCondition | InSegment | And | Or | Not


class Comparison(Record):
    """What the period is compared with; ``range`` only for kind ``explicit``.

    ``previous_period``: whole calendar months, quarters, weeks or years go back by as many of
    them; a period to date goes back to the same days of the period before; else the same number
    of days just before. ``previous_year``: the same days one year earlier.
    """

    kind: Literal["previous_period", "previous_year", "explicit"]
    range: TimeRange | None = None


class Ranking(Record):
    """Order by a metric and keep ``limit`` rows; ties are ordered by the dimensions.

    What has no value of a dimension (no city, no store) takes no place.

    ``by`` is any metric, or a column of the result such as ``revenue__change_rate``. ``within``:
    keep ``limit`` rows in each group of these dimensions (``period`` is allowed with a time grain).
    ``keep`` set to ``groups``, with a time grain: choose the groups by their value over the whole
    range and keep all periods of each.
    """

    by: str
    direction: Literal["desc", "asc"] = "desc"
    limit: int = Field(default=10, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=100_000)
    within: tuple[str, ...] = ()
    keep: Literal["rows", "groups"] = "rows"


class Share(Record):
    """Add each row's share; ``part`` set: the share of the part in the whole instead.

    ``within``: shares add up to 1 inside each group of these dimensions; with a time grain and
    dimensions, always inside each period. With ``part`` the metric itself is the part's. Where one
    customer or order can stand in several groups, shares are of the distinct whole and may add up
    to more than 1 (note ``shares_overlap``).
    """

    part: Filter | None = None
    within: tuple[str, ...] = ()


class Having(Record):
    """A condition on a group's metric: categories with more than 100 orders."""

    metric: str
    op: Operator = ">"
    values: tuple[Scalar, ...]


class QuerySpec(Record):
    """Metrics x dimensions x filters x time x comparison x ranking x share."""

    metrics: tuple[str, ...] = Field(min_length=1, max_length=8)
    dimensions: tuple[str, ...] = Field(default=(), max_length=4)
    time_range: TimeRange | None = None
    time_grain: TimeGrain | None = None
    where: Filter | None = None
    comparison: Comparison | None = None
    ranking: Ranking | None = None
    share: Share | None = None
    having: tuple[Having, ...] = ()
    limit: int = Field(default=1000, ge=1, le=10_000)


Unit = Literal[
    "currency", "count", "percent", "days", "hours", "minutes", "score", "ratio", "text", "date",
    "points",
]  # fmt: skip


class Column(Record):
    """One column of a result.

    ``role`` tells what a value is: of a dimension, a period (first day of the grain), a metric, or
    of the metric named in ``metric``: its compared value, change (difference), change_rate, share.
    Currency is in major units (the SQL divides the marts' minor units); percent, change_rate and
    share are 0-1.
    """

    name: str
    role: Literal["dimension", "period", "metric", "compared", "change", "change_rate", "share"]
    unit: Unit
    metric: str | None = None


class CompiledQuery(Record):
    """SQL with ``?`` placeholders and its bound values, in order.

    ``people_column`` is set when the rows carry, after those of ``columns``, the number of people
    behind each: ``warehouse.rights.suppress`` takes it off. ``people_fields`` are the personal
    names that asked for it. ``limit`` is set when the SQL ends with it though no ranking asked for
    it: as many rows may be only the head. ``notes`` are codes of what the reader must know.
    """

    sql: str
    values: tuple[Scalar | date | None, ...]
    columns: tuple[Column, ...]
    time_range: TimeRange | None
    compared_range: TimeRange | None = None
    notes: tuple[str, ...] = ()
    people_column: str | None = None
    people_fields: tuple[str, ...] = ()
    limit: int | None = None


Cell = str | int | float | bool | date | None


class QueryResult(Record):
    """Rows as they came, with where they came from.

    ``sql`` has its values filled in: run on that build's marts, it returns the rows.
    ``suppressed`` counts groups hidden because too few people stand behind them.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    row_count: int
    truncated: bool
    suppressed: int = 0
    sql: str
    as_of: date
    build_id: str
    time_range: TimeRange | None
    compared_range: TimeRange | None = None
    notes: tuple[str, ...] = ()
    milliseconds: float


for _record in (CustomerCondition, And, Or, Not, Share, QuerySpec):
    _record.model_rebuild()
