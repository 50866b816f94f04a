"""Is an answer right? Its table against the oracle's rows, at cent precision."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import permutations
from typing import Literal

from agent.answer import Answer
from tools.evidence import Table

Cell = object
Row = tuple[Cell, ...]
Shown = tuple[Cell, str]  # a cell of the table as it is stored, and its label
Outcome = Literal["right", "wrong", "refused"]
_CENT = 0.005 + 1e-9
_RATIO = 1e-6
_FIGURES = {"metric", "compared", "change", "change_rate", "share"}


@dataclass(frozen=True)
class Verdict:
    """``wrong``: answered, and not as expected; ``refused``: not answered though it can be."""

    outcome: Outcome
    why: str = ""


def judge(answer: Answer, expected: Sequence[Row] | None, is_ordered: bool = False) -> Verdict:
    """Judge an answer; without expected rows an honest no or a question back is right."""
    if expected is None:
        if answer.kind in ("refusal", "clarification") and answer.text:
            return Verdict("right")
        return Verdict("wrong", f"{answer.kind}: {answer.text[:160]}")
    if answer.kind != "answer":
        return Verdict("refused", f"{answer.kind} ({answer.reason}): {answer.text[:160]}")
    if not answer.understood.metrics:
        return Verdict("wrong", "does not say how it was understood")
    if answer.table is None:
        return Verdict("wrong", f"no table: {answer.text[:160]}")
    if not same_rows(expected, answer.table, is_ordered):
        got = [tuple(map(str, row)) for row in answer.table.rows]
        return Verdict("wrong", f"expected {_head(expected)}, got {_head(got)}")
    return Verdict("right")


def same_rows(expected: Sequence[Row], table: Table, is_ordered: bool = False) -> bool:
    """Tell whether every expected column stands in the table, row by row; more columns are fine.

    A group with nothing in it may stand or be left out. Column order is free; row order unless
    ``is_ordered``.
    """
    wanted = [row for row in expected if len(row) == 1 or row[-1] != 0]
    there = [row for row in _with_labels(table) if not _is_empty(row, table)]
    if len(wanted) != len(there) or not wanted:
        return False
    width = len(wanted[0])
    return any(
        _match(wanted, [tuple(row[i] for i in order) for row in there], is_ordered)
        for order in permutations(range(len(table.columns)), width)
    )


def _match(wanted: Sequence[Row], there: Sequence[Sequence[Shown]], is_ordered: bool) -> bool:
    if is_ordered:
        return all(_equal_rows(*pair) for pair in zip(wanted, there, strict=True))
    left = list(there)
    for row in wanted:
        place = next((i for i, other in enumerate(left) if _equal_rows(row, other)), None)
        if place is None:
            return False
        del left[place]
    return True


def _equal_rows(wanted: Row, there: Sequence[Shown]) -> bool:
    return all(_equal(*pair) for pair in zip(wanted, there, strict=True))


def _equal(wanted: Cell, there: Shown) -> bool:
    """Compare a cell with the stored value and label of the table's cell."""
    stored, label = there
    if isinstance(wanted, frozenset):
        return bool(
            {stored_text(name) for name in wanted} & {stored_text(stored), stored_text(label)}
        )
    if _is_number(wanted):
        return _is_number(stored) and _equal_numbers(float(wanted), float(stored))
    return stored_text(wanted) == stored_text(stored)


def _equal_numbers(wanted: float, got: float) -> bool:
    """Cents where it is an amount or a count, a part in a million where it is a share."""
    return math.isclose(wanted, got, rel_tol=0, abs_tol=_CENT if abs(wanted) > 1 else _RATIO)


def stored_text(cell: Cell) -> str:
    """Write a key so that a date, a time at midnight and an ISO text of either are the same."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    return str(cell).strip().lower()


def _with_labels(table: Table) -> Iterable[tuple[Shown, ...]]:
    names = [column.name for column in table.columns]
    for row in table.rows:
        yield tuple((c, str(table.shown(n, c))) for n, c in zip(names, row, strict=True))


def _is_empty(row: Sequence[Shown], table: Table) -> bool:
    figures = [cell[0] for cell, c in zip(row, table.columns, strict=True) if c.role in _FIGURES]
    return len(figures) < len(row) and all(cell in (0, None) for cell in figures)


def _is_number(cell: Cell) -> bool:
    return hasattr(cell, "__float__") and not isinstance(cell, bool | str)


def _head(rows: Sequence[Row]) -> str:
    return f"{len(rows)} rows {list(rows[:4])}"
