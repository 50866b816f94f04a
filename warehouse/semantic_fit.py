"""Whether a semantic model fits the marts of a build: every column it names is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from warehouse.errors import SemanticModelError, nearest
from warehouse.semantic_model import Entity, SemanticModel

Columns = Mapping[str, frozenset[str]]


def check_fit(model: SemanticModel, columns: Columns) -> None:
    """Refuse a model that names a table or column which the marts lack.

    Raises
    ------
    SemanticModelError
        Names the block, the column and the nearest ones that there are.
    """
    entities = {entity.name: entity for entity in model.entities}
    for block, entity, name in _named(model, entities):
        # A measure may name a column of an entity that it joins: entity.column.
        joined, _, column = name.rpartition(".")
        entity = entities[joined] if joined else entity
        here = columns.get(entity.table, frozenset())
        if column not in here:
            near = ", ".join(map(repr, nearest(column, sorted(here)))) or "none"
            raise SemanticModelError(
                file=model.files.get(block, "semantic"),
                detail=f"{block!r} names column {column!r}, which the mart {entity.table!r} lacks.",
                next=f"Nearest: {near}.",
            )


def _named(
    model: SemanticModel, entities: Mapping[str, Entity]
) -> Iterator[tuple[str, Entity, str]]:
    for entity in model.entities:
        named = (entity.key, entity.time, entity.customer, *(join.on for join in entity.joins))
        yield from ((f"entities.{entity.name}", entity, name) for name in named if name)
    for dimension in model.dimensions:
        yield f"dimensions.{dimension.name}", entities[dimension.entity], dimension.column
    for metric in model.metrics:
        for measure in metric.measures:
            per = measure.per
            named = (measure.column, measure.time, *((per.key, per.column) if per else ()))
            where = entities[measure.entity]
            yield from ((f"metrics.{metric.name}", where, name) for name in named if name)
