"""Filters as data: what they need, whether they make sense, and the values they compare with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from math import isfinite

from warehouse.errors import UnknownName, UnsupportedQuery, nearest
from warehouse.periods import day_of
from warehouse.query import (
    And,
    Condition,
    CustomerCondition,
    Filter,
    InSegment,
    Not,
    Operator,
    Or,
    Scalar,
)
from warehouse.semantic_records import Dimension, SemanticModel

Value = Scalar | date
ORDERINGS = (">", ">=", "<", "<=", "between")
MINOR_UNITS = 100
"""Minor units of money in one major unit."""

_SOME_DAY = date(2000, 1, 1)
_LARGEST = 2**62
_MANY = ("in", "not_in", "contains")
_NONE = ("is_null", "is_not_null")


def parts(where: Filter) -> tuple[Filter, ...]:
    """List the filters that And, Or and Not are made of."""
    if isinstance(where, And):
        return where.all
    if isinstance(where, Or):
        return where.any
    return (where.negated,) if isinstance(where, Not) else ()


def conjuncts(where: Filter | None) -> Iterator[Condition]:
    """List the conditions that hold for every row that a filter keeps."""
    if isinstance(where, Condition):
        yield where
    elif isinstance(where, And):
        for part in where.all:
            yield from conjuncts(part)


def leaves(
    where: Filter | None, model: SemanticModel, inside: tuple[str, ...] = ()
) -> Iterator[Condition | CustomerCondition]:
    """List the conditions that decide about a row, those of segments included.

    Raises
    ------
    UnknownName
        When there is no such segment.
    UnsupportedQuery
        When a segment contains itself.
    """
    if where is None:
        return
    if isinstance(where, Condition | CustomerCondition):
        yield where
    elif isinstance(where, InSegment):
        name = where.segment
        if name in inside:
            raise UnsupportedQuery(
                problem="segment_cycle",
                detail=f"Segment {name!r} contains itself: {' > '.join((*inside, name))}.",
                next="Take one of them out.",
                name=name,
            )
        yield from leaves(model.segment(name).where, model, (*inside, name))
    for part in parts(where):
        yield from leaves(part, model, inside)


def check_filter(where: Filter | None, model: SemanticModel) -> None:
    """Check that every name of a filter exists and every comparison makes sense.

    Raises
    ------
    UnknownName
        With the nearest names.
    UnsupportedQuery
        When a value or operator does not fit the dimension or metric.
    """
    for leaf in leaves(where, model):
        if isinstance(leaf, Condition):
            values_of(leaf, model.dimension(leaf.field), _SOME_DAY)
        else:
            model.metric(leaf.customer_metric)
            numbers_of(leaf.customer_metric, leaf.op, leaf.values, money=False)
            check_filter(leaf.where, model)


def personal_names(where: Filter | None, model: SemanticModel) -> list[str]:
    """List what makes a filter personal: personal dimensions, customers' own metrics."""
    found = []
    for leaf in leaves(where, model):
        if isinstance(leaf, CustomerCondition):
            found.append(leaf.customer_metric)
        elif model.dimension(leaf.field).personal:
            found.append(leaf.field)
    return found


def values_of(condition: Condition, dimension: Dimension, as_of: date) -> list[Value]:
    """Give the values of a condition as the marts store them: days as dates, money in minor units.

    Raises
    ------
    UnsupportedQuery
        When the operator or a value does not fit the dimension.
    """
    _check_count(condition.field, condition.op, condition.values)
    ranked = [named.value for named in dimension.values if named.ranked]
    if condition.op in ORDERINGS and dimension.type in ("text", "boolean"):
        if not (dimension.ordered and ranked):
            raise _misfit(
                condition.field, condition.op, "values that have no order", "Use 'in' instead."
            )
        unknown = [value for value in condition.values if value not in ranked]
        if unknown:
            near = nearest(str(unknown[0]), [str(value) for value in ranked])
            raise UnknownName(kind="value", name=unknown[0], nearest=near)
    if condition.op == "contains" and dimension.type != "text":
        raise _misfit(condition.field, "contains", f"a {dimension.type}", "Use '=' instead.")
    return [_value(condition.field, dimension, value, as_of) for value in condition.values]


def ranks_of(condition: Condition, dimension: Dimension) -> list[Scalar]:
    """List the values of an ordered dimension that stand as the condition says: silver and up."""
    ranked = [named.value for named in dimension.values if named.ranked]
    places = [ranked.index(value) for value in condition.values]
    low, high = 0, len(ranked) - 1
    if condition.op == "between":
        low, high = places[0], places[1]
    elif condition.op in (">", ">="):
        low = places[0] + (condition.op == ">")
    else:
        high = places[0] - (condition.op == "<")
    return ranked[low : high + 1]


def numbers_of(name: str, op: Operator, values: Sequence[Scalar], money: bool) -> list[int | float]:
    """Give the numbers that a metric is compared with, amounts of money in minor units.

    Raises
    ------
    UnsupportedQuery
        When the operator or a value does not fit a number.
    """
    if op in ("contains", *_NONE):
        raise _misfit(name, op, "a metric", "Use a comparison with a number.")
    _check_count(name, op, values)
    return [_number(name, value, money) for value in values]


def _check_count(name: str, op: Operator, values: Sequence[Scalar]) -> None:
    wanted = 0 if op in _NONE else 2 if op == "between" else 1
    if len(values) == wanted or (op in _MANY and values):
        return
    raise UnsupportedQuery(
        problem="value_count",
        detail=f"{op!r} on {name!r} takes {'at least 1' if op in _MANY else wanted} value(s). "
        f"Got {len(values)}.",
        next="Use 'in' for several values." if len(values) > 1 else "Give the values.",
        name=name,
        op=op,
        count=len(values),
    )


def _value(name: str, dimension: Dimension, value: Scalar, as_of: date) -> Value:
    if dimension.type == "number":
        return _number(name, value, dimension.unit == "currency")
    if dimension.type == "boolean" and isinstance(value, bool):
        return value
    if isinstance(value, str):
        if dimension.type == "text":
            return value
        try:
            return day_of(value, as_of)
        except (ValueError, OverflowError):
            pass
    raise UnsupportedQuery(
        problem="value_type",
        detail=f"{name!r} takes a {dimension.type}. Got {value!r}.",
        next="Give a day as 'YYYY-MM-DD'." if dimension.type == "date" else "Change the value.",
        name=name,
        type=dimension.type,
        value=str(value),
    )


def _number(name: str, value: Scalar, money: bool) -> int | float:
    amount = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        amount = Decimal(str(value)) * (MINOR_UNITS if money else 1)
    if amount is None or not isfinite(amount):
        raise UnsupportedQuery(
            problem="value_type",
            detail=f"{name!r} takes a number. Got {value!r}.",
            next="Give a number.",
            name=name,
            type="number",
            value=str(value),
        )
    is_whole = amount == amount.to_integral_value() and abs(amount) < _LARGEST
    return int(amount) if is_whole else float(amount)


def _misfit(name: str, op: Operator, what: str, next: str) -> UnsupportedQuery:
    return UnsupportedQuery(
        problem="operator",
        detail=f"{op!r} does not fit {name!r}: it has {what}.",
        next=next,
        name=name,
        op=op,
    )
