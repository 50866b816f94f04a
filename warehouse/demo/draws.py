"""Random draws of the demo generator: named streams, weighted choice, exact splitting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STREAMS = (
    "catalogue",
    "people",
    "purchases",
    "campaigns",
    "orders",
    "browsing",
    "accounts",
    "tickets",
    "reviews",
    "consents",
    "dirt",
    "texts",
    "events",
)
"""New streams are added at the end, so that what exists keeps its numbers."""

PRIME = 9_999_999_967
"""The largest prime below 10^10: multiplying by anything modulo it reorders without collisions."""

PER_CHUNK = 10_000_000
"""Numbers reserved for the rows of one chunk."""


def stream(seed: int, chunk: int, name: str) -> np.random.Generator:
    """Open the random stream of one subject in one chunk; streams are independent of each other."""
    key = np.random.SeedSequence(seed, spawn_key=(chunk, STREAMS.index(name)))
    return np.random.Generator(np.random.PCG64(key))


def choose(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Draw indexes with the given weights."""
    cdf = np.cumsum(np.asarray(weights, dtype=float))
    drawn = np.searchsorted(cdf / cdf[-1], rng.random(size), side="right")
    return np.minimum(drawn, len(cdf) - 1).astype(np.int64)


def choose_by_row(rng: np.random.Generator, table: Floats, rows: Ints) -> Ints:
    """Draw one index per entry of ``rows`` with the weights of that row of ``table``."""
    cdf = np.cumsum(table, axis=1)
    cdf /= cdf[:, -1:]
    flat = (cdf + np.arange(len(table))[:, None]).ravel()
    width = table.shape[1]
    drawn = np.searchsorted(flat, rows + rng.random(len(rows)), side="right") - rows * width
    return np.asarray(np.clip(drawn, 0, width - 1), dtype=np.int64)


def scramble(numbers: Ints, salt: int, prime: int = PRIME) -> Ints:
    """Give each number below ``prime`` another, without collisions, so that ids tell nothing."""
    return (numbers % prime * (387_420_489 + 2 * salt) + 7_919 * (salt + 1)) % prime


def number_rows(chunk: int, size: int, salt: int) -> Ints:
    """Give the rows of a chunk numbers of ten digits that no other chunk uses."""
    return scramble(chunk * PER_CHUNK + np.arange(size), salt)


def moments(origin: date, times: Floats) -> npt.NDArray[np.datetime64]:
    """Turn days since the origin into timestamps of whole seconds; not finite becomes missing."""
    known = np.isfinite(times)
    seconds = np.floor(np.where(known, times, 0.0) * 86_400 + 0.5).astype("timedelta64[s]")
    return np.where(known, np.datetime64(origin, "s") + seconds, np.datetime64("NaT", "s"))


def starts_of(groups: Ints, count: int) -> Ints:
    """Index of the first row of each of ``count`` groups, in rows sorted by group."""
    return np.searchsorted(groups, np.arange(count)).astype(np.int64)


def rank_in_group(groups: Ints) -> Ints:
    """Count the rows of each group from 0, where rows of a group stand together."""
    if not len(groups):
        return np.zeros(0, dtype=np.int64)
    first = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    sizes = np.diff(np.r_[first, len(groups)])
    return np.arange(len(groups)) - np.repeat(first, sizes)


def split(totals: Ints, weights: Ints, groups: Ints) -> Ints:
    """Split each group's total over its rows in proportion to their weights, exactly.

    Parameters
    ----------
    totals : one per group, in minor units
    weights : one per row, not negative
    groups : the group of each row, in ascending order

    Notes
    -----
    Row i receives round(T * W_i / W) - round(T * W_(i-1) / W) with W_i the running sum of weights,
    so the parts add up to T and none exceeds its weight by more than one unit.
    """
    running = np.cumsum(weights)
    before = (running - weights)[starts_of(groups, len(totals))][groups]
    whole = np.bincount(groups, weights, minlength=len(totals)).astype(np.int64)[groups]
    share = totals[groups] / np.maximum(whole, 1)
    upper = np.floor((running - before) * share + 0.5).astype(np.int64)
    lower = np.floor((running - before - weights) * share + 0.5).astype(np.int64)
    return upper - lower
