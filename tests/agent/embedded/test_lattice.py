"""Every character has one owner, and a word is never found inside another."""

from typing import Any

import pytest

from agent.embedded.atoms import cut, key_of, stem
from agent.embedded.index import index_of
from agent.embedded.lattice import cover
from knowledge.languages import Clock
from tools.vocabulary import Form, Term, Vocabulary


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mini-program", "mini program"),
        ("mini_program", "mini programs"),
        ("销售 额", "销售额"),
        ("categories", "category"),
        ("canceled order", "cancelled orders"),
        ("without a discount", "without discount"),
    ],
)
def test_forms_of_a_name_have_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("word", "kept"),
    [("status", "status"), ("business", "business"), ("analysis", "analysis"), ("bus", "bus")],
)
def test_singular_words_stay(word: str, kept: str) -> None:
    assert stem(word) == kept


def test_atoms_point_into_the_text() -> None:
    text = "top5 mini-programs 的销售额"

    assert [text[atom.begin : atom.end] for atom in cut(text)] == [
        "top", "5", "mini", "programs", "的", "销", "售", "额",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [
        "上个月各渠道的销售额",
        "revenue by channel last month",
        "administrator 的订单",
        "xyz 上海 abc",
    ],
)
def test_every_character_has_one_owner(question: str, retail: Any, clock: Clock) -> None:
    found = cover(question, index_of(retail), clock, question)

    owners = [0] * len(question)
    spans = [(n.begin, n.end) for n in found.nodes] + [(r.begin, r.end) for r in found.residue]
    for begin, end in spans:
        for i in range(begin, end):
            owners[i] += 1
    assert max(owners) == 1
    assert all(owners[i] for i, letter in enumerate(question) if letter.isalnum())


def test_latin_word_is_never_found_inside_another(retail: Any, clock: Clock) -> None:
    found = cover("administrator summer", index_of(retail), clock)

    assert [residue.text for residue in found.residue] == ["administrator summer"]


def test_longest_name_wins(retail: Any, clock: Clock) -> None:
    found = cover("净销售额", index_of(retail), clock)

    assert [term.name for term in found.nodes[0].of("metric")] == ["net_revenue"]


def test_word_is_what_its_capitals_say(clock: Clock) -> None:
    us = Term(
        kind="value", name="us", label_zh="美国", label_en="US", field="country", value="US",
        forms=(Form(text="US", language="en", source="label"),),
    )  # fmt: skip
    words = Vocabulary(terms=(us,), reach={}, first_day="2026-01-01", as_of="2026-02-01", hash="us")
    index = index_of(words)

    assert cover("in the us", index, clock, "in the US").nodes[-1].terms
    assert not cover("show us", index, clock, "show us").nodes[-1].terms


def test_index_is_built_once_for_a_vocabulary(retail: Vocabulary) -> None:
    assert index_of(retail) is index_of(retail.model_copy())
