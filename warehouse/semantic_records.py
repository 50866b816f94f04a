"""Records of the semantic model: entities, joins, metrics, dimensions and segments of a brand."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, TypeVar

from pydantic import Field

from warehouse.errors import UnknownName, nearest
from warehouse.joins import Joins
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
    """A stored value with its names.

    ``ranked`` is false for values that stand outside the order of an ordered dimension (unknown).
    """

    value: Scalar
    label: Words
    synonyms: Synonyms = Synonyms()
    ranked: bool = True


class Dimension(Record):
    """A way to split or filter. ``personal`` turns on the smallest group shown.

    ``ordered`` keeps ``values`` in their given order (age bands, levels). ``names`` tells which
    columns of the entity hold a value's name in each language. ``hidden`` ones only list rows (the
    id and text of a review): nobody splits by them, and their values are no words to understand.
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
    names: Words | None = None
    hidden: bool = False
    featured: bool = False


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
    Conditions in ``where`` name columns, of the entity itself or as ``entity.column`` of one that
    it joins, and hold values as the marts store them. ``mature_days`` counts only rows that were
    at least so many days old on the last day of data (an order that may yet be followed is not).
    """

    entity: str
    aggregate: Aggregate
    column: str | None = None
    where: Filter | None = None
    time: str | None = None
    cumulative: bool = False
    per: PerKey | None = None
    mature_days: int | None = Field(default=None, ge=1)


class Metric(Record):
    """A named number. A ratio is a ratio of sums; a derived metric is arithmetic over metrics.

    ``direction`` tells which way is good. ``group`` names metrics that people call by one word
    (active customers: by login, visit, purchase), so that the planner asks which. ``hidden`` marks
    a part that only serves other metrics; ``featured`` ones come first where questions are offered.
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
    hidden: bool = False
    featured: bool = False


class Segment(Record):
    """A named predicate over dimensions, customers' own metrics and other segments."""

    name: str
    label: Words
    synonyms: Synonyms = Synonyms()
    definition: Words
    where: Filter
    version: int = 1
    owner: str = "marketing"


Named = TypeVar("Named", Entity, Dimension, Metric, Segment)


class SemanticModel(Record):
    """A whole, validated model with its content hash.

    ``files`` tells, by ``metrics.revenue``, which file a block came from.
    """

    entities: tuple[Entity, ...]
    dimensions: tuple[Dimension, ...]
    metrics: tuple[Metric, ...]
    segments: tuple[Segment, ...] = ()
    hash: str = Field(default="", description="of the files it was loaded from")
    files: dict[str, str] = Field(default_factory=dict, exclude=True, repr=False)

    def __copy__(self) -> SemanticModel:
        """Copy the fields alone: what was looked up belongs to the original."""
        fields = {name: self.__dict__[name] for name in SemanticModel.model_fields}
        return SemanticModel.model_construct(**fields)

    def entity(self, name: str) -> Entity:
        """Look up an entity.

        Raises
        ------
        UnknownName
            With the nearest names, as the other look-ups.
        """
        return _known("entity", name, self.by_name[0])

    def dimension(self, name: str) -> Dimension:
        """Look up a dimension."""
        return _known("dimension", name, self.by_name[1])

    def metric(self, name: str) -> Metric:
        """Look up a metric."""
        return _known("metric", name, self.by_name[2])

    def segment(self, name: str) -> Segment:
        """Look up a segment."""
        return _known("segment", name, self.by_name[3])

    @cached_property
    def by_name(
        self,
    ) -> tuple[dict[str, Entity], dict[str, Dimension], dict[str, Metric], dict[str, Segment]]:
        """Entities, dimensions, metrics and segments by name."""
        return (
            {entity.name: entity for entity in self.entities},
            {dimension.name: dimension for dimension in self.dimensions},
            {metric.name: metric for metric in self.metrics},
            {segment.name: segment for segment in self.segments},
        )

    @cached_property
    def joins(self) -> Joins:
        """Ways from each entity to those it joins."""
        return Joins({e.name: [(join.on, join.to) for join in e.joins] for e in self.entities})

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names that tables go by in queries."""
        return frozenset(name for e in self.entities for name in (e.name, e.table))

    @cached_property
    def customer_entity(self) -> Entity | None:
        """The entity of which one row is one customer."""
        return next((e for e in self.entities if e.customer == e.key), None)


def _known(kind: str, name: str, known: dict[str, Named]) -> Named:
    if name not in known:
        shown = [other for other, record in known.items() if not getattr(record, "hidden", False)]
        raise UnknownName(kind=kind, name=name, nearest=nearest(name, shown))
    return known[name]
