"""The columns of the marts that a semantic model names, and whether they are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NoReturn

from warehouse.conditions import parts
from warehouse.errors import SemanticModelError, nearest
from warehouse.query import Condition, Filter
from warehouse.semantic_records import Dimension, Entity, Kind, Measure, SemanticModel

_TYPES: dict[str, tuple[str, ...]] = {
    "text": ("VARCHAR", "ENUM", "UUID"),
    "number": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
               "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE", "DECIMAL"),
    "date": ("DATE", "TIMESTAMP"),
    "boolean": ("BOOLEAN",),
}  # fmt: skip

Columns = Collection[str] | Mapping[str, str]


def validate_against(model: SemanticModel, catalogue: Mapping[str, Columns]) -> None:
    """Check that the marts have every table and column that the model names.

    Parameters
    ----------
    model : SemanticModel
        A model that is valid in itself.
    catalogue : mapping of table to columns
        The columns of each table; where they are given with their types, types are checked too.

    Raises
    ------
    SemanticModelError
        For the first table, column or type that is missing or different.
    """
    for entity in model.entities:
        if entity.table not in catalogue:
            fail(
                model,
                f"entities.{entity.name}",
                f"there is no table {entity.table!r} in the marts.",
                hint(entity.table, list(catalogue)),
            )
    for block, entity, column, kind in _columns(model):
        columns = catalogue[entity.table]
        if column not in columns:
            fail(
                model,
                block,
                f"table {entity.table!r} has no column {column!r}.",
                hint(column, list(columns)),
            )
        if kind and isinstance(columns, Mapping) and not columns[column].startswith(_TYPES[kind]):
            fail(
                model,
                block,
                f"column {column!r} is {columns[column]}, which is not a {kind}.",
                "Correct 'type' or the mart.",
            )


def measure_columns(measure: Measure) -> Iterator[tuple[str, str, Kind | None]]:
    """List the entity and column of all that a measure reads, with the type it must have, if any.

    A time and the conditions may name a column of a joined entity, as ``entity.column``.
    """
    sums = ("sum", "average", "median")
    per = measure.per
    if measure.column:
        yield measure.entity, measure.column, "number" if measure.aggregate in sums else None
    if per:
        yield measure.entity, per.key, None
        if per.column:
            yield measure.entity, per.column, "number" if per.aggregate in sums else None
    if measure.time:
        yield *place_of(measure.time, measure.entity), "date"
    for condition in conditions_of(measure.where):
        is_flag = condition.values and all(isinstance(value, bool) for value in condition.values)
        yield *place_of(condition.field, measure.entity), "boolean" if is_flag else None


def place_of(name: str, entity: str) -> tuple[str, str]:
    """Split ``entity.column``, or take a bare column as one of the entity at hand.

    Examples
    --------
    >>> place_of("orders.is_first_order", "order_lines"), place_of("is_valid", "order_lines")
    (('orders', 'is_first_order'), ('order_lines', 'is_valid'))
    """
    holder, _, column = name.rpartition(".")
    return holder or entity, column


def name_columns(dimension: Dimension) -> tuple[str, ...]:
    """List the columns that hold a value's name in each language."""
    return (dimension.names.zh, dimension.names.en) if dimension.names else ()


def conditions_of(where: Filter | None) -> Iterator[Condition]:
    """List the conditions of a measure's filter."""
    if where is None:
        return
    inner = parts(where)
    if not inner:
        yield where  # type: ignore[misc]  # a model with anything else is refused
    for part in inner:
        yield from conditions_of(part)


def hint(name: str, known: list[str]) -> str:
    """Say what a wrong name may have meant."""
    near = nearest(name, known)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(known)[:20])}."


def fail(model: SemanticModel, place: str, detail: str, next: str) -> NoReturn:
    """Raise the error for a block, with the file that it stands in."""
    raise SemanticModelError(
        file=model.files.get(".".join(place.split(".")[:2]), "(no file)"),
        detail=f"{place} {detail}",
        next=next,
    )


def _columns(model: SemanticModel) -> Iterator[tuple[str, Entity, str, Kind | None]]:
    """List every column that the model reads, with the type it must have, if any."""
    for entity in model.entities:
        place = f"entities.{entity.name}"
        yield place, entity, entity.key, None
        yield from ((place, entity, join.on, None) for join in entity.joins)
        if entity.time:
            yield place, entity, entity.time, "date"
        if entity.customer:
            yield place, entity, entity.customer, None
    for dimension in model.dimensions:
        place, entity = f"dimensions.{dimension.name}", model.entity(dimension.entity)
        yield place, entity, dimension.column, dimension.type
        yield from ((place, entity, column, "text") for column in name_columns(dimension))
    for metric in model.metrics:
        for measure in metric.measures:
            place = f"metrics.{metric.name}"
            for holder, column, kind in measure_columns(measure):
                yield place, model.entity(holder), column, kind
