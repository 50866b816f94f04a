"""Pieces of SQL that carry their bound values with them, so that the order can never slip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from warehouse.query import Operator, Scalar

Value = Scalar | date | None


@dataclass(frozen=True, slots=True)
class Sql:
    """Text with ``?`` for each of the values, in order."""

    text: str
    values: tuple[Value, ...] = ()


def sql(template: str, *parts: Sql | str) -> Sql:
    """Fill each ``{}`` of a template with a piece; a plain text is taken as it is.

    Examples
    --------
    >>> sql("{} > {}", '"age"', bound(18))
    Sql(text='"age" > ?', values=(18,))
    """
    texts = [part if isinstance(part, str) else part.text for part in parts]
    values = [value for part in parts if isinstance(part, Sql) for value in part.values]
    return Sql(template.format(*texts), tuple(values))


def joined(separator: str, parts: Iterable[Sql | str]) -> Sql:
    """Join pieces with a text between them."""
    found = list(parts)
    return sql(separator.join(["{}"] * len(found)), *found)


def bound(value: Value) -> Sql:
    """Bind one value."""
    return Sql("?", (value,))


def compared(expression: str, op: Operator, values: Sequence[Value]) -> Sql:
    """Write a comparison; ``!=`` and ``not_in`` keep what is missing, ``contains`` ignores case.

    Examples
    --------
    >>> compared('"stars"', "between", [1, 2]).text
    '"stars" BETWEEN ? AND ?'
    """
    if op in ("is_null", "is_not_null"):
        return Sql(f"{expression} {op.replace('_', ' ').upper()}")
    places = joined(", ", map(bound, values))
    if op == "in":
        return sql("{} IN ({})", expression, places)
    if op == "not_in":
        return sql("({} IS NULL OR {} NOT IN ({}))", expression, expression, places)
    if op == "between":
        return sql("{} BETWEEN {} AND {}", expression, *map(bound, values))
    if op == "contains":
        patterns = [bound(f"%{_escaped(str(value))}%") for value in values]
        return any_of(
            sql("lower({}) LIKE lower({}) ESCAPE '!'", expression, pattern) for pattern in patterns
        )
    sign = "IS DISTINCT FROM" if op == "!=" else op
    return sql("{} {} {}", expression, sign, places)


def all_of(parts: Iterable[Sql]) -> Sql:
    """Join conditions that all must hold; of none, every row is kept."""
    return _bracketed(" AND ", list(parts), "TRUE")


def any_of(parts: Iterable[Sql]) -> Sql:
    """Join conditions of which one must hold; of none, no row is kept."""
    return _bracketed(" OR ", list(parts), "FALSE")


def select(
    picked: Iterable[Sql | str], source: str, conditions: Sequence[Sql] = (), keys: int = 0
) -> Sql:
    """Write a SELECT with its conditions, grouped by its first columns if there are keys."""
    where = sql("\nWHERE {}", joined("\n  AND ", conditions)) if conditions else ""
    group = f"\nGROUP BY {', '.join(str(n + 1) for n in range(keys))}" if keys else ""
    return sql("SELECT {}\n{}{}{}", joined(",\n  ", picked), source, where, group)


def named(value: Sql | str, name: str) -> Sql:
    """Give an expression its name in a SELECT."""
    return sql("{} AS {}", value, quoted(name))


def quoted(*names: str) -> str:
    """Quote a name, or a path of names.

    Examples
    --------
    >>> quoted("orders", "city")
    '"orders"."city"'
    """
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def indented(text: str) -> str:
    """Move all lines two places to the right."""
    return "  " + text.replace("\n", "\n  ")


def filled(text: str, values: Iterable[Value]) -> str:
    """Write values into the places of a text as literals.

    No text of ours holds a ``?`` but to mark a value: names are words, everything else is bound.
    """
    pieces = text.split("?")
    literals = [literal(value) for value in values]
    return "".join(
        piece + following for piece, following in zip(pieces, [*literals, ""], strict=True)
    )


def _bracketed(separator: str, parts: list[Sql], nothing: str) -> Sql:
    if len(parts) < 2:
        return parts[0] if parts else Sql(nothing)
    return sql("({})", joined(separator, parts))


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def literal(value: Value) -> str:
    """Write a value as an SQL literal.

    Examples
    --------
    >>> literal("O'Neil"), literal(True), literal(date(2026, 10, 31))
    ("'O''Neil'", 'TRUE', "DATE '2026-10-31'")
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + value.replace("'", "''") + "'"
