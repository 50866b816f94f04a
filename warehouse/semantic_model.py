"""The semantic model: entities, joins, metrics, dimensions and segments of a brand, from YAML."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from warehouse.query import Filter, Record, Scalar, Unit

Aggregate = Literal["sum", "count", "count_distinct", "average", "median", "minimum", "maximum"]
Kind = Literal["text", "number", "date", "boolean"]


class Words(Record):
    """The same text in both languages."""

    zh: str
    en: str


class Synonyms(Record):
    """Other words people use, by language."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


class Join(Record):
    """A many-to-one join: ``on`` is a column here, the key of ``to`` there. It cannot fan out."""

    to: str
    on: str


class Entity(Record):
    """One table of the marts, in which one row means one thing.

    ``time`` is the column that dates a row; ``customer`` the column that holds the customer's id.
    """

    name: str
    table: str
    key: str
    label: Words
    time: str | None = None
    customer: str | None = None
    joins: tuple[Join, ...] = ()


class NamedValue(Record):
    """A stored value with its names."""

    value: Scalar
    label: Words
    synonyms: Synonyms = Synonyms()


class Dimension(Record):
    """A way to split or filter. ``personal`` turns on the smallest group shown.

    ``ordered`` keeps ``values`` in their given order (age bands, levels); ``role`` tells the
    planner that "where" or "who" asks for it.
    """

    name: str
    entity: str
    column: str
    label: Words
    synonyms: Synonyms = Synonyms()
    definition: Words | None = None
    type: Kind = "text"
    unit: Unit = "text"
    personal: bool = False
    ordered: bool = False
    values: tuple[NamedValue, ...] = ()


class PerKey(Record):
    """Count the keys whose own inner aggregate satisfies a comparison (buyers with >= 2 orders)."""

    key: str
    aggregate: Aggregate = "count"
    column: str | None = None
    op: Literal[">", ">=", "=", "<", "<="] = ">="
    value: float


class Measure(Record):
    """One way to compute a simple metric, at one entity.

    A metric may have several (orders by the order, or by distinct order of the line); the compiler
    takes the first that reaches every dimension asked for. ``time`` overrides the entity's time
    column; ``cumulative`` counts everything before the end of the range (customers so far).
    """

    entity: str
    aggregate: Aggregate
    column: str | None = None
    where: Filter | None = None
    time: str | None = None
    cumulative: bool = False
    per: PerKey | None = None


class Metric(Record):
    """A named number. A ratio is a ratio of sums; a derived metric is arithmetic over metrics.

    ``direction`` tells which way is good. ``group`` names metrics that people call by one word
    (active customers: by login, visit, purchase), so that the planner asks which.
    """

    name: str
    label: Words
    synonyms: Synonyms = Synonyms()
    definition: Words
    unit: Unit
    direction: Literal["up", "down", "neutral"] = "neutral"
    kind: Literal["simple", "ratio", "derived"]
    measures: tuple[Measure, ...] = ()
    numerator: str | None = None
    denominator: str | None = None
    expression: str | None = None
    group: str | None = None


class Segment(Record):
    """A named predicate over dimensions, customers' own metrics and other segments."""

    name: str
    label: Words
    synonyms: Synonyms = Synonyms()
    definition: Words
    where: Filter
    version: int = 1
    owner: str = "marketing"


class SemanticModel(Record):
    """A whole, validated model with its content hash."""

    entities: tuple[Entity, ...]
    dimensions: tuple[Dimension, ...]
    metrics: tuple[Metric, ...]
    segments: tuple[Segment, ...] = ()
    hash: str = Field(default="", description="of the files it was loaded from")
