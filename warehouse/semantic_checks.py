"""What makes a semantic model valid; each check raises at the first block that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NoReturn

from warehouse import arithmetic
from warehouse.conditions import check_filter, leaves, parts
from warehouse.errors import QueryError, SemanticModelError, nearest
from warehouse.joins import Joins
from warehouse.query import Condition, Filter, Scalar
from warehouse.semantic_records import (
    Dimension,
    Entity,
    Kind,
    Measure,
    Metric,
    SemanticModel,
    Synonyms,
    Words,
)

RESERVED = ("period",)
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_COLUMN = re.compile(r"\w+")
_TYPES: dict[str, tuple[str, ...]] = {
    "text": ("VARCHAR", "ENUM", "UUID"),
    "number": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
               "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE", "DECIMAL"),
    "date": ("DATE", "TIMESTAMP"),
    "boolean": ("BOOLEAN",),
}  # fmt: skip

Columns = Collection[str] | Mapping[str, str]


def check_model(model: SemanticModel) -> None:
    """Check everything that can be checked without data.

    Raises
    ------
    SemanticModelError
        For the first block that is wrong, with its file and what to do.
    """
    checks: tuple[Callable[[SemanticModel], None], ...] = (
        _check_names,
        _check_joins,
        _check_dimensions,
        _check_metrics,
        _check_money,
        _check_segments,
        _check_words,
    )
    for check in checks:
        check(model)


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
            _fail(
                model,
                f"entities.{entity.name}",
                f"there is no table {entity.table!r} in the marts.",
                _hint(entity.table, list(catalogue)),
            )
    for block, entity, column, kind in _columns(model):
        columns = catalogue[entity.table]
        if column not in columns:
            _fail(
                model,
                block,
                f"table {entity.table!r} has no column {column!r}.",
                _hint(column, list(columns)),
            )
        if kind and isinstance(columns, Mapping) and not columns[column].startswith(_TYPES[kind]):
            _fail(
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
    for condition in _conditions(measure.where):
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


def _check_names(model: SemanticModel) -> None:
    metrics = {metric.name for metric in model.metrics}
    kinds = (
        ("entities", model.entities),
        ("dimensions", model.dimensions),
        ("metrics", model.metrics),
        ("segments", model.segments),
    )
    for kind, blocks in kinds:
        for block in blocks:
            place = f"{kind}.{block.name}"
            if not _NAME.fullmatch(block.name) or block.name in RESERVED:
                _fail(
                    model,
                    place,
                    "is no name that can be used.",
                    "Use small letters, digits and single underscores; 'period' is taken.",
                )
            if kind == "dimensions" and block.name in metrics:
                _fail(model, place, "is also the name of a metric.", "Rename one of them.")
            _check_label(model, place, block.label)


def _check_joins(model: SemanticModel) -> None:
    entities, _, _, _ = model.by_name
    for entity in model.entities:
        place = f"entities.{entity.name}"
        for name in (entity.table, entity.key, entity.time, entity.customer):
            _check_column(model, place, name)
        for join in entity.joins:
            _check_column(model, place, join.on)
            if join.to not in entities:
                _fail(
                    model,
                    place,
                    f"joins unknown entity {join.to!r}.",
                    _hint(join.to, list(entities)),
                )
    joins = Joins({e.name: [(join.on, join.to) for join in e.joins] for e in model.entities})
    for entity in model.entities:
        for join in entity.joins:
            if joins.way(join.to, entity.name) is not None:
                _fail(
                    model,
                    f"entities.{entity.name}",
                    f"joins {join.to!r}, which leads back to it.",
                    "Take one of the joins out.",
                )
    for way in joins.ambiguous:
        start, end = way[0].source, way[-1].target
        _fail(
            model,
            f"entities.{start}",
            f"has two ways of the same length to {end!r}, one over {way[-1].source!r}.",
            f"Join {end!r} directly or take one way out.",
        )


def _check_dimensions(model: SemanticModel) -> None:
    entities, _, _, _ = model.by_name
    for dimension in model.dimensions:
        place = f"dimensions.{dimension.name}"
        if dimension.entity not in entities:
            _fail(
                model,
                place,
                f"has unknown entity {dimension.entity!r}.",
                _hint(dimension.entity, list(entities)),
            )
        for column in (dimension.column, *_name_columns(dimension)):
            _check_column(model, place, column)
        if dimension.ordered and not dimension.values:
            _fail(model, place, "is ordered but lists no values.", "List them in order.")
        for named in dimension.values:
            if not _fits(named.value, dimension.type):
                _fail(
                    model,
                    f"{place}.values",
                    f"{named.value!r} is not a {dimension.type}.",
                    "Write the value as the marts store it.",
                )
            _check_label(model, f"{place}.values.{named.value}", named.label)


def _check_metrics(model: SemanticModel) -> None:
    _, _, metrics, _ = model.by_name
    for metric in model.metrics:
        place = f"metrics.{metric.name}"
        for part in _parts_of(model, metric):
            if part not in metrics:
                _fail(model, place, f"names unknown metric {part!r}.", _hint(part, list(metrics)))
        if metric.kind == "ratio":
            for part in _parts_of(model, metric):
                if metrics[part].kind == "ratio":
                    _fail(
                        model,
                        place,
                        f"is a ratio of the ratio {part!r}.",
                        "Use simple or derived metrics, so that it is a ratio of sums.",
                    )
        for measure in metric.measures:
            _check_measure(model, place, metric, measure)
    for metric in model.metrics:
        _check_no_cycle(model, metric, ())


def _check_no_cycle(model: SemanticModel, metric: Metric, inside: tuple[str, ...]) -> None:
    if metric.name in inside:
        chain = " > ".join((*inside, metric.name))
        _fail(model, f"metrics.{metric.name}", f"contains itself: {chain}.", "Take one out.")
    for part in _parts_of(model, metric):
        _check_no_cycle(model, model.metric(part), (*inside, metric.name))


def _parts_of(model: SemanticModel, metric: Metric) -> tuple[str, ...]:
    """List the metrics that a metric is made of, after checking that it says so in one way."""
    place = f"metrics.{metric.name}"
    given = {
        "simple": bool(metric.measures),
        "ratio": metric.numerator is not None or metric.denominator is not None,
        "derived": metric.expression is not None,
    }
    if [kind for kind, is_given in given.items() if is_given] != [metric.kind]:
        _fail(
            model,
            place,
            f"is {metric.kind} but does not say so.",
            "Give 'measures' alone, 'numerator' and 'denominator' alone, or 'expression' alone.",
        )
    if metric.kind == "simple":
        return ()
    if metric.kind == "ratio":
        if metric.numerator is None or metric.denominator is None:
            _fail(model, place, "is a ratio of one part.", "Give numerator and denominator.")
        return str(metric.numerator), str(metric.denominator)
    try:
        return tuple(arithmetic.names(arithmetic.parse(str(metric.expression))))
    except ValueError as error:
        _fail(model, f"{place}.expression", f"{error}.", "Use metric names, + - * / and ().")


def _check_measure(model: SemanticModel, place: str, metric: Metric, measure: Measure) -> None:
    entities, _, _, _ = model.by_name
    if measure.entity not in entities:
        _fail(
            model,
            place,
            f"has a measure at unknown entity {measure.entity!r}.",
            _hint(measure.entity, list(entities)),
        )
    if measure.column is None and measure.aggregate != "count":
        _fail(model, place, f"has a {measure.aggregate} of no column.", "Give 'column'.")
    dated = measure.time or entities[measure.entity].time
    if measure.cumulative and (measure.aggregate not in ("count", "sum") or measure.per):
        _fail(
            model,
            place,
            f"has a cumulative {measure.aggregate}.",
            "Only plain counts and sums can be added up over time.",
        )
    if dated is None and (measure.cumulative or measure.mature_days):
        _fail(model, place, "has a measure without a time column.", "Give 'time'.")
    if measure.per and (measure.aggregate != "count" or measure.column):
        _fail(model, place, "counts keys, so its aggregate is 'count'.", "Take 'column' out.")
    if measure.per and measure.per.aggregate != "count" and measure.per.column is None:
        _fail(model, place, f"has a per {measure.per.aggregate} of no column.", "Give 'column'.")
    _check_where(model, place, measure)


def _check_where(model: SemanticModel, place: str, measure: Measure) -> None:
    for condition in _conditions(measure.where):
        if not isinstance(condition, Condition):
            _fail(
                model,
                place,
                "has a measure over a segment or customers' metric.",
                "A measure's 'where' compares columns; make a segment for the rest.",
            )
    entities, _, _, _ = model.by_name
    for holder, column, _ in measure_columns(measure):
        _check_column(model, place, column)
        if holder not in entities or model.joins.way(measure.entity, holder) is None:
            _fail(
                model,
                place,
                f"reads {holder}.{column}, which cannot be reached from {measure.entity!r}.",
                f"Reachable: {', '.join(model.joins.reachable(measure.entity))}.",
            )


def _check_money(model: SemanticModel) -> None:
    """Amounts become major units at the end, so a metric must know that it is an amount."""
    for metric in model.metrics:
        place = f"metrics.{metric.name}"
        wanted = _degree(model, metric.name)
        if metric.kind == "simple":
            counts = any(m.aggregate.startswith("count") for m in metric.measures)
            if wanted and counts:
                _fail(model, place, "is a count in units of money.", "Correct 'unit'.")
            continue
        text = metric.expression or f"{metric.numerator} / {metric.denominator}"
        try:
            degree = arithmetic.money_degree(
                arithmetic.parse(text), lambda name: _degree(model, name)
            )
        except ValueError as error:
            _fail(model, place, f"{error}.", "Keep amounts and plain numbers apart.")
        if degree != wanted:
            is_amount = "an amount of money" if degree else "not an amount of money"
            _fail(model, place, f"is {is_amount}, but its unit says otherwise.", "Correct 'unit'.")


def _degree(model: SemanticModel, name: str) -> int:
    return int(model.metric(name).unit == "currency")


def _check_segments(model: SemanticModel) -> None:
    if not model.segments:
        return
    people = model.customer_entity
    if people is None:
        _fail(
            model,
            f"segments.{model.segments[0].name}",
            "there is no entity whose key is the customer.",
            "Give an entity the same 'key' and 'customer'.",
        )
    reachable = model.joins.reachable(people.name)
    for segment in model.segments:
        place = f"segments.{segment.name}"
        try:
            found = list(leaves(segment.where, model, (segment.name,)))
            check_filter(segment.where, model)
            for leaf in found:
                if isinstance(leaf, Condition):
                    holder = model.dimension(leaf.field).entity
                    if holder not in reachable:
                        _fail(
                            model,
                            place,
                            f"{leaf.field!r} describes {holder!r}, not customers.",
                            "Use a dimension of customers, or a customer_metric with 'where'.",
                        )
        except QueryError as error:
            detail, following = error.params.get("detail"), error.params.get("next")
            _fail(model, place, str(detail or error), str(following or "Correct it there."))


def _check_words(model: SemanticModel) -> None:
    for kind, blocks in (
        ("dimensions", model.dimensions),
        ("metrics", model.metrics),
        ("segments", model.segments),
    ):
        owners: dict[str, tuple[str, str | None]] = {}
        for block in blocks:
            group = getattr(block, "group", None)
            forms = (block.name.replace("_", " "), *_forms(block.label, block.synonyms))
            _claim(model, kind, f"{kind}.{block.name}", group, forms, owners)
    for dimension in model.dimensions:
        place = f"dimensions.{dimension.name}.values"
        owners = {}
        for named in dimension.values:
            forms = tuple(_forms(named.label, named.synonyms))
            _claim(model, "values", f"{place}.{named.value}", None, forms, owners)


def _claim(
    model: SemanticModel,
    kind: str,
    place: str,
    group: str | None,
    forms: Iterable[str],
    owners: dict[str, tuple[str, str | None]],
) -> None:
    for form in forms:
        key = " ".join(form.casefold().split())
        owner, owner_group = owners.setdefault(key, (place, group))
        if owner != place and (group is None or group != owner_group):
            _fail(
                model,
                place,
                f"{form!r} is also claimed by {owner!r}.",
                "Leave it to one of them, or give both one 'group'."
                if kind == "metrics"
                else "Leave it to one of them.",
            )


def _forms(label: Words, synonyms: Synonyms) -> Iterator[str]:
    yield from (label.zh, label.en, *synonyms.zh, *synonyms.en)


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
        yield from ((place, entity, column, "text") for column in _name_columns(dimension))
    for metric in model.metrics:
        for measure in metric.measures:
            place = f"metrics.{metric.name}"
            for holder, column, kind in measure_columns(measure):
                yield place, model.entity(holder), column, kind


def _name_columns(dimension: Dimension) -> tuple[str, ...]:
    return (dimension.names.zh, dimension.names.en) if dimension.names else ()


def _conditions(where: Filter | None) -> Iterator[Condition]:
    if where is None:
        return
    inner = parts(where)
    if not inner:
        yield where  # type: ignore[misc]  # _check_where refuses what is no Condition
    for part in inner:
        yield from _conditions(part)


def _fits(value: Scalar, kind: Kind) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return kind == "number" if isinstance(value, int | float) else kind in ("text", "date")


def _check_label(model: SemanticModel, place: str, label: Words) -> None:
    for language, text in (("zh", label.zh), ("en", label.en)):
        if not text.strip():
            _fail(model, place, f"has no {language} label.", "Every label needs zh and en.")


def _check_column(model: SemanticModel, place: str, column: str | None) -> None:
    if column is not None and not _COLUMN.fullmatch(column):
        _fail(model, place, f"{column!r} is no name of a column.", "Use letters, digits and _.")


def _hint(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(known)[:20])}."


def _fail(model: SemanticModel, place: str, detail: str, next: str) -> NoReturn:
    raise SemanticModelError(
        file=model.files.get(".".join(place.split(".")[:2]), "(no file)"),
        detail=f"{place} {detail}",
        next=next,
    )
