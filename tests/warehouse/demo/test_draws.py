"""Splitting is exact, reordering is without collisions, streams are apart."""

import doctest
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.demo import draws
from warehouse.demo.draws import (
    PRIME,
    choose,
    choose_by_row,
    moments,
    number_rows,
    rank_in_group,
    scramble,
    split,
    stream,
)


@given(
    st.lists(
        st.tuples(st.integers(0, 10**7), st.lists(st.integers(1, 10**7), min_size=1, max_size=9)),
        min_size=1,
        max_size=8,
    )
)
def test_split_adds_up_and_never_goes_below_zero(cases: list[tuple[int, list[int]]]):
    weights = np.array([w for _, ws in cases for w in ws])
    groups = np.repeat(np.arange(len(cases)), [len(ws) for _, ws in cases])
    totals = np.array([min(total, sum(ws)) for total, ws in cases])

    parts = split(totals, weights, groups)

    assert (np.bincount(groups, parts) == totals).all()
    assert (parts >= 0).all()
    assert (parts <= weights + 1).all()


def test_scramble_meets_no_number_twice():
    numbers = np.concatenate([np.arange(100_000), PRIME - 1 - np.arange(100_000)])

    scrambled = scramble(numbers, salt=5)

    assert len(np.unique(scrambled)) == len(numbers)
    assert scrambled.min() >= 0
    assert scrambled.max() < PRIME


def test_numbers_of_chunks_never_meet():
    first, second = number_rows(0, 50_000, 1), number_rows(1, 50_000, 1)

    assert not set(first.tolist()) & set(second.tolist())


def test_rank_counts_from_zero_in_each_group():
    assert rank_in_group(np.array([4, 4, 4, 7, 9, 9])).tolist() == [0, 1, 2, 0, 0, 1]
    assert rank_in_group(np.zeros(0, dtype=np.int64)).tolist() == []


def test_choose_follows_the_weights():
    drawn = choose(np.random.default_rng(1), (0.0, 3.0, 1.0), 40_000)

    assert np.bincount(drawn, minlength=3)[0] == 0
    assert np.mean(drawn == 1) == pytest.approx(0.75, abs=0.01)


def test_choose_by_row_uses_the_weights_of_the_row():
    table = np.array([[1.0, 0.0], [0.25, 0.75]])

    drawn = choose_by_row(np.random.default_rng(1), table, np.repeat([0, 1], 20_000))

    assert (drawn[:20_000] == 0).all()
    assert drawn[20_000:].mean() == pytest.approx(0.75, abs=0.01)


def test_streams_differ_by_subject_and_chunk():
    numbers = {
        tuple(stream(1, chunk, name).integers(0, 10**9, 3).tolist())
        for chunk in (0, 1)
        for name in ("people", "orders")
    }

    assert len(numbers) == 4


def test_moments_turn_days_into_seconds_and_gaps_into_missing():
    times = moments(date(2024, 1, 1), np.array([0.5, np.nan, 1 + 1 / 86_400]))

    assert times.astype(str).tolist() == ["2024-01-01T12:00:00", "NaT", "2024-01-02T00:00:01"]


def test_no_examples_are_wrong():
    assert doctest.testmod(draws).failed == 0
