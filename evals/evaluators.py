"""Is an answer right? Compared with rows from hand-written SQL, never with the compiler's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import permutations
from typing import Literal

from agent.answer import Answer
from evals.case import Case, Expected

Row = Sequence[object]
Outcome = Literal["right", "wrong", "not_answered"]
_TOLERANCE = 1e-6
_MOST_COLUMNS = 8


@dataclass(frozen=True)
class Verdict:
    """What became of one question.

    ``right``: as expected. ``wrong``: answered calmly, and not as expected (also an ambiguous or
    unanswerable question that got an answer). ``not_answered``: asked back or refused although an
    answer was expected, or refused without naming what is missing.
    """

    outcome: Outcome
    why: str = ""


def judge(case: Case, answer: Answer, rows: Sequence[Row] | None) -> Verdict:
    """Judge an answer against what the case expects.

    Parameters
    ----------
    case : Case
        The case.
    answer : Answer
        What the analyst answered.
    rows : sequence of rows, optional
        What the case's own SQL returns on the same marts.
    """
    expect = case.expect
    if answer.kind != expect.kind:
        outcome: Outcome = "wrong" if answer.kind == "answer" else "not_answered"
        return Verdict(outcome, f"{answer.kind} ({answer.reason}): {answer.text[:120]}")
    if expect.reason and answer.reason not in expect.reason:
        return Verdict("not_answered", f"reason {answer.reason}")
    if expect.kind == "clarification":
        enough = len(answer.choices) >= 2
        return Verdict("right") if enough else Verdict("not_answered", "fewer than two choices")
    return _judge_content(expect, answer, rows)


def _judge_content(expect: Expected, answer: Answer, rows: Sequence[Row] | None) -> Verdict:
    failed: Outcome = "wrong" if answer.kind == "answer" else "not_answered"
    if expect.tool and expect.tool not in [step.tool for step in answer.steps]:
        return Verdict(failed, f"tools {[step.tool for step in answer.steps]}")
    said = " ".join([answer.text, *answer.understood.not_understood]).lower()
    if expect.names and not any(name.lower() in said for name in expect.names):
        return Verdict(failed, f"names none of {expect.names}: {answer.text[:120]}")
    quotes = [q.text.lower() for e in answer.evidence for q in e.quotes]
    if expect.quotes_contain and not (
        quotes and all(any(w.lower() in q for w in expect.quotes_contain) for q in quotes)
    ):
        return Verdict(failed, f"quotes {quotes[:3]}")
    if rows is not None:
        table = answer.table.rows if answer.table else ()
        if not same_rows(rows, table, expect.ordered):
            return Verdict(failed, f"expected {_head(rows)}, got {_head(table)}")
    return Verdict("right")


def same_rows(expected: Sequence[Row], got: Sequence[Row], ordered: bool) -> bool:
    """Tell whether every expected column stands in the table, row by row; more columns are fine.

    Numbers may differ by one part in a million; column order is free; row order only when
    ``ordered`` is false.
    """
    if len(expected) != len(got):
        return False
    if not expected:
        return True
    wanted = [[_plain(cell) for cell in row] for row in expected]
    there = [[_plain(cell) for cell in row] for row in got]
    columns = range(min(len(there[0]), _MOST_COLUMNS))
    return any(
        _equal_rows(wanted, [[row[i] for i in order] for row in there], ordered)
        for order in permutations(columns, len(wanted[0]))
    )


def _equal_rows(wanted: list[list[object]], there: list[list[object]], ordered: bool) -> bool:
    if not ordered:
        wanted, there = sorted(wanted, key=_sort_key), sorted(there, key=_sort_key)
    return all(
        _equal(a, b) for left, right in zip(wanted, there, strict=True)
        for a, b in zip(left, right, strict=True)
    )  # fmt: skip


def _equal(left: object, right: object) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return left == right


def _plain(cell: object) -> object:
    if isinstance(cell, bool) or cell is None:
        return str(cell)
    if isinstance(cell, int | float | Decimal):
        return float(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _sort_key(row: list[object]) -> list[tuple[str, str]]:
    texts = [("text", str(cell)) for cell in row if not isinstance(cell, float)]
    numbers = [("number", f"{cell:030.6f}") for cell in row if isinstance(cell, float)]
    return texts + numbers


def _head(rows: Sequence[Row]) -> str:
    return str([tuple(map(str, row)) for row in rows[:3]]) + (" …" if len(rows) > 3 else "")
