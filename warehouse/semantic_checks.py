"""What makes a semantic model valid; each check raises at the first block that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from warehouse import arithmetic
from warehouse.conditions import check_filter, leaves
from warehouse.errors import QueryError
from warehouse.joins import Joins
from warehouse.query import Condition, Scalar
from warehouse.semantic_columns import conditions_of, fail, hint, measure_columns, name_columns
from warehouse.semantic_records import Kind, Measure, Metric, SemanticModel, Synonyms, Words

RESERVED = ("period",)
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_COLUMN = re.compile(r"\w+")


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
                fail(
                    model,
                    place,
                    "is no name that can be used.",
                    "Use small letters, digits and single underscores; 'period' is taken.",
                )
            if kind == "dimensions" and block.name in metrics:
                fail(model, place, "is also the name of a metric.", "Rename one of them.")
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
                fail(
                    model,
                    place,
                    f"joins unknown entity {join.to!r}.",
                    hint(join.to, list(entities)),
                )
    joins = Joins({e.name: [(join.on, join.to) for join in e.joins] for e in model.entities})
    for entity in model.entities:
        for join in entity.joins:
            if joins.way(join.to, entity.name) is not None:
                fail(
                    model,
                    f"entities.{entity.name}",
                    f"joins {join.to!r}, which leads back to it.",
                    "Take one of the joins out.",
                )
    for way in joins.ambiguous:
        start, end = way[0].source, way[-1].target
        fail(
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
            fail(
                model,
                place,
                f"has unknown entity {dimension.entity!r}.",
                hint(dimension.entity, list(entities)),
            )
        for column in (dimension.column, *name_columns(dimension)):
            _check_column(model, place, column)
        if dimension.ordered and not dimension.values:
            fail(model, place, "is ordered but lists no values.", "List them in order.")
        for named in dimension.values:
            if not _fits(named.value, dimension.type):
                fail(
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
                fail(model, place, f"names unknown metric {part!r}.", hint(part, list(metrics)))
        if metric.kind == "ratio":
            for part in _parts_of(model, metric):
                if metrics[part].kind == "ratio":
                    fail(
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
        fail(model, f"metrics.{metric.name}", f"contains itself: {chain}.", "Take one out.")
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
        fail(
            model,
            place,
            f"is {metric.kind} but does not say so.",
            "Give 'measures' alone, 'numerator' and 'denominator' alone, or 'expression' alone.",
        )
    if metric.kind == "simple":
        return ()
    if metric.kind == "ratio":
        if metric.numerator is None or metric.denominator is None:
            fail(model, place, "is a ratio of one part.", "Give numerator and denominator.")
        return str(metric.numerator), str(metric.denominator)
    try:
        return tuple(arithmetic.names(arithmetic.parse(str(metric.expression))))
    except ValueError as error:
        fail(model, f"{place}.expression", f"{error}.", "Use metric names, + - * / and ().")


def _check_measure(model: SemanticModel, place: str, metric: Metric, measure: Measure) -> None:
    entities, _, _, _ = model.by_name
    if measure.entity not in entities:
        fail(
            model,
            place,
            f"has a measure at unknown entity {measure.entity!r}.",
            hint(measure.entity, list(entities)),
        )
    if measure.column is None and measure.aggregate != "count":
        fail(model, place, f"has a {measure.aggregate} of no column.", "Give 'column'.")
    dated = measure.time or entities[measure.entity].time
    if measure.cumulative and (measure.aggregate not in ("count", "sum") or measure.per):
        fail(
            model,
            place,
            f"has a cumulative {measure.aggregate}.",
            "Only plain counts and sums can be added up over time.",
        )
    if dated is None and (measure.cumulative or measure.mature_days):
        fail(model, place, "has a measure without a time column.", "Give 'time'.")
    if measure.per and (measure.aggregate != "count" or measure.column):
        fail(model, place, "counts keys, so its aggregate is 'count'.", "Take 'column' out.")
    if measure.per and measure.per.aggregate != "count" and measure.per.column is None:
        fail(model, place, f"has a per {measure.per.aggregate} of no column.", "Give 'column'.")
    _check_where(model, place, measure)


def _check_where(model: SemanticModel, place: str, measure: Measure) -> None:
    for condition in conditions_of(measure.where):
        if not isinstance(condition, Condition):
            fail(
                model,
                place,
                "has a measure over a segment or customers' metric.",
                "A measure's 'where' compares columns; make a segment for the rest.",
            )
    entities, _, _, _ = model.by_name
    for holder, column, _ in measure_columns(measure):
        _check_column(model, place, column)
        if holder not in entities or model.joins.way(measure.entity, holder) is None:
            fail(
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
                fail(model, place, "is a count in units of money.", "Correct 'unit'.")
            continue
        text = metric.expression or f"{metric.numerator} / {metric.denominator}"
        try:
            degree = arithmetic.money_degree(
                arithmetic.parse(text), lambda name: _degree(model, name)
            )
        except ValueError as error:
            fail(model, place, f"{error}.", "Keep amounts and plain numbers apart.")
        if degree != wanted:
            is_amount = "an amount of money" if degree else "not an amount of money"
            fail(model, place, f"is {is_amount}, but its unit says otherwise.", "Correct 'unit'.")


def _degree(model: SemanticModel, name: str) -> int:
    return int(model.metric(name).unit == "currency")


def _check_segments(model: SemanticModel) -> None:
    if not model.segments:
        return
    people = model.customer_entity
    if people is None:
        fail(
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
                        fail(
                            model,
                            place,
                            f"{leaf.field!r} describes {holder!r}, not customers.",
                            "Use a dimension of customers, or a customer_metric with 'where'.",
                        )
        except QueryError as error:
            detail, following = error.params.get("detail"), error.params.get("next")
            fail(model, place, str(detail or error), str(following or "Correct it there."))


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
            fail(
                model,
                place,
                f"{form!r} is also claimed by {owner!r}.",
                "Leave it to one of them, or give both one 'group'."
                if kind == "metrics"
                else "Leave it to one of them.",
            )


def _forms(label: Words, synonyms: Synonyms) -> Iterator[str]:
    yield from (label.zh, label.en, *synonyms.zh, *synonyms.en)


def _fits(value: Scalar, kind: Kind) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return kind == "number" if isinstance(value, int | float) else kind in ("text", "date")


def _check_label(model: SemanticModel, place: str, label: Words) -> None:
    for language, text in (("zh", label.zh), ("en", label.en)):
        if not text.strip():
            fail(model, place, f"has no {language} label.", "Every label needs zh and en.")


def _check_column(model: SemanticModel, place: str, column: str | None) -> None:
    if column is not None and not _COLUMN.fullmatch(column):
        fail(model, place, f"{column!r} is no name of a column.", "Use letters, digits and _.")
