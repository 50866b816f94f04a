"""The dirt of real exports: every kind is made here, and every case is counted.

The counts are by file and kind of dirt, of rows before some of them were exported twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from warehouse.demo.draws import Bools, Ints
from warehouse.demo.writing import Column

FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


class DirtCounter:
    """Counts of dirt by file and kind."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, file: str, kind: str, count: int = 1) -> None:
        """Count cases of one kind."""
        if count:
            self.counts[file, kind] += count


def _spaced(phone: str) -> str:
    return f"{phone[:3]} {phone[3:7]} {phone[7:]}"


def _dashed(phone: str) -> str:
    return f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"


def _mistyped(phone: str) -> str:
    # One digit becomes its neighbour on the keypad: the link to the person is lost.
    at = len(phone) - 1 - int(phone[-1]) % 6
    return phone[:at] + str((int(phone[at]) + 1) % 10) + phone[at + 1 :]


PHONE_DIRT: tuple[tuple[str, float, Callable[[str], str | None]], ...] = (
    ("phone_missing", 0.045, lambda phone: None),
    ("phone_country_code", 0.06, lambda phone: "+86 " + phone),
    ("phone_country_code_glued", 0.02, lambda phone: "86" + phone),
    ("phone_double_zero", 0.01, lambda phone: "0086-" + phone),
    ("phone_spaced", 0.04, _spaced),
    ("phone_dashed", 0.025, _dashed),
    ("phone_full_width", 0.008, lambda phone: phone.translate(FULL_WIDTH)),
    ("phone_trailing_space", 0.015, lambda phone: phone + " "),
    ("phone_typo", 0.004, _mistyped),
)
EMAIL_DIRT: tuple[tuple[str, float, Callable[[str], str | None]], ...] = (
    ("email_missing", 0.22, lambda email: None),
    ("email_upper_case", 0.04, str.upper),
    ("email_alias", 0.02, lambda email: email.replace("@", "+shop@")),
    ("email_trailing_space", 0.01, lambda email: email + " "),
    ("email_typo", 0.004, lambda email: email.replace(".example", ".exmaple")),
)


def soil(
    rng: np.random.Generator,
    dirt: DirtCounter,
    file: str,
    values: list[str],
    kinds: tuple[tuple[str, float, Callable[[str], str | None]], ...],
    spared: Bools,
) -> list[str | None]:
    """Write values as careless people do, but for the rows that are ``spared``."""
    luck = rng.random(len(values))
    edges = np.cumsum([share for _, share, _ in kinds])
    which = np.searchsorted(edges, luck, side="right").tolist()
    soiled: list[str | None] = list(values)
    for row, kind in enumerate(which):
        if kind < len(kinds) and not spared[row]:
            dirt.add(file, kinds[kind][0])
            soiled[row] = kinds[kind][2](values[row])
    return soiled


def repeat_rows(
    rng: np.random.Generator, dirt: DirtCounter, file: str, columns: dict[str, Column], share: float
) -> dict[str, Column]:
    """Export some rows twice, exactly alike; ``row`` tells the copies apart for sorting."""
    size = len(next(iter(columns.values())))
    again = np.flatnonzero(rng.random(size) < share)
    dirt.add(file, "duplicated_row", len(again))
    rows: Ints = np.concatenate([np.arange(size), again])
    copies = {name: values[rows] for name, values in columns.items()}
    copies["row"] = (np.arange(len(rows)) >= size).astype(np.int64)
    return copies
