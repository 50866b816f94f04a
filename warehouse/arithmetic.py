"""Arithmetic over metrics: ``revenue - refund_amount``, and nothing else that Python could mean."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_LONGEST = 500


class Name(NamedTuple):
    """A metric."""

    name: str


class Number(NamedTuple):
    """A number as written."""

    value: float


class Binary(NamedTuple):
    """Two parts and one of ``+ - * /`` between them."""

    sign: str
    left: Expression
    right: Expression


Expression = Name | Number | Binary


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """Parse metric names, numbers, ``+ - * /`` and parentheses.

    Raises
    ------
    ValueError
        When the text holds anything else; tells what.

    Examples
    --------
    >>> parse("revenue / (orders - 1)").sign
    '/'
    """
    if len(text) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"it cannot be read as arithmetic: {text!r}") from error
    return _converted(tree.body)


def names(expression: Expression) -> Iterator[str]:
    """List the metrics of an expression in order, repeats included."""
    if isinstance(expression, Name):
        yield expression.name
    elif isinstance(expression, Binary):
        yield from names(expression.left)
        yield from names(expression.right)


def money_degree(expression: Expression, degree_of: Callable[[str], int]) -> int:
    """Tell to which power an amount of money enters: 1 for an amount, 0 for a count or rate.

    Raises
    ------
    ValueError
        When amounts and plain numbers are added: the sum would depend on cents or yuan.
    """
    if isinstance(expression, Name):
        return degree_of(expression.name)
    if isinstance(expression, Number):
        return 0
    left = money_degree(expression.left, degree_of)
    right = money_degree(expression.right, degree_of)
    if expression.sign in "+-" and left != right:
        raise ValueError("it adds amounts and plain numbers")
    return left + right if expression.sign == "*" else left - right * (expression.sign == "/")


def _converted(node: ast.expr) -> Expression:
    if isinstance(node, ast.Name):
        return Name(node.id)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Number(float(node.value))
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        return Binary(_SIGNS[type(node.op)], _converted(node.left), _converted(node.right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return Binary("*", Number(-1), _converted(node.operand))
    raise ValueError(f"it may hold only metrics, numbers, + - * / and (): {ast.unparse(node)!r}")
