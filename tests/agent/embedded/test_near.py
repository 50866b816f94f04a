"""Misspelled words: what may be read as what, and what never may."""

from typing import Any

import pytest

from agent.embedded.index import index_of
from agent.embedded.lattice import cover
from agent.embedded.near import near
from agent.embedded.repair import repair
from knowledge.languages import Clock


def _changes(text: str, retail: Any, clock: Clock) -> tuple[tuple[str, str], ...]:
    index = index_of(retail)
    return repair(cover(text, index, clock), index, clock).changes


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("消售额", "销售额"),
        ("售销额", "销售额"),
        ("reveune", "revenue"),
        ("categroy", "category"),
        ("septmber", "september"),
    ],
)
def test_misspelling_has_one_meaning(written: str, meant: str, retail: Any, clock: Clock) -> None:
    changes = _changes(f"上个月 {written}" if not written.isascii() else written, retail, clock)

    assert [new for _, new in changes] == [meant]


@pytest.mark.parametrize("written", ["净利润", "低价值客户", "mars customers", "story", "employee"])
def test_another_word_is_no_misspelling(written: str, retail: Any, clock: Clock) -> None:
    assert _changes(written, retail, clock) == ()


def test_nearest_names_come_from_the_vocabulary(retail: Any) -> None:
    found = near(index_of(retail)).nearest("复购")

    assert "repeat_rate" in [term.name for term in found]
