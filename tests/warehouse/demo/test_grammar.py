"""The grammar can speak of every aspect of all goods it is asked about, in both languages."""

import doctest
from itertools import product

import duckdb
import numpy as np
import pytest

from warehouse.demo import grammar
from warehouse.demo.catalogue import make_products
from warehouse.demo.grammar import ASPECTS, NEGATIVE, NEUTRAL, POSITIVE, Grammar, Luck, expand
from warehouse.demo.reviews import SOURCES, interests
from warehouse.demo.scenario import CATEGORIES, Scenario
from warehouse.demo.texts import FULL_WIDTH_MARKS, Goods, Writer
from warehouse.demo.tickets import TICKET_CATEGORIES

LANGUAGES = ("zh", "en")
PARTS = (
    "opener",
    "contrast",
    "contrast_up",
    "contrast_down",
    "addition",
    "closer_good",
    "closer_middling",
    "closer_bad",
    "filler",
    "general_good",
    "general_middling",
    "general_bad",
    "contact",
    "injection",
    "plea",
)


def test_expand_examples_hold():
    assert doctest.testmod(grammar).failed == 0


def test_expand_lists_all_ways():
    assert expand("a[b|c[d|]]e") == ("abe", "acde", "ace")


@pytest.mark.parametrize("text", ["[a|b", "a]b", "[a|[b]"])
def test_expand_refuses_unbalanced_brackets(text: str):
    with pytest.raises(ValueError, match="Unbalanced bracket"):
        expand(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_aspect_of_all_goods_can_be_said(language: str):
    words = Grammar(language)
    products = make_products(Scenario(), seed=1)
    said = interests(products)

    for number, aspect in product(range(len(products)), range(len(ASPECTS))):
        if said[number, aspect] == 0:
            continue
        category = CATEGORIES[products.category[number]]
        for polarity in (POSITIVE, NEUTRAL, NEGATIVE):
            found = words.clauses(ASPECTS[aspect], category, products.subcategory[number], polarity)
            assert found, (ASPECTS[aspect], products.subcategory[number], polarity)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sections_are_those_that_are_used(language: str):
    goods = {"any", *CATEGORIES, *make_products(Scenario(), seed=1).subcategory}
    expected = {("part", part) for part in PARTS}
    expected |= {("ticket", category) for category in TICKET_CATEGORIES}

    for section in Grammar(language).sections():
        if len(section) == 3:
            assert section[0] in ASPECTS
            assert section[1] in goods
            assert section[2] in ("positive", "neutral", "negative")
        else:
            assert section in expected
    assert expected <= set(Grammar(language).sections())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_feelings_share_a_wording(language: str):
    seen: dict[str, tuple[str, ...]] = {}
    for section, templates in Grammar(language).sections().items():
        if len(section) < 3:
            continue
        for way in (way for template in templates for way in template):
            clash = seen.setdefault(way, section)
            assert clash[0] == section[0] and clash[2] == section[2], (way, clash, section)


def test_reviews_are_many_different_texts(sql: duckdb.DuckDBPyConnection):
    different, total = sql.execute("SELECT count(DISTINCT text), count(*) FROM reviews").fetchall()[
        0
    ]

    assert total > 300
    assert different / total > 0.95


def test_reviews_are_in_both_languages(sql: duckdb.DuckDBPyConnection):
    chinese = sql.execute(
        "SELECT avg(regexp_matches(text, '[\u4e00-\u9fa5]')::INT) FROM reviews"
    ).fetchall()[0][0]

    assert 0.62 < chinese < 0.78


def test_reviews_come_from_every_source(sql: duckdb.DuckDBPyConnection):
    assert sql.execute("SELECT count(DISTINCT source) FROM reviews").fetchall() == [(len(SOURCES),)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_review_holds_its_quotes(language: str):
    writer = Writer(np.random.default_rng(1), {language: Grammar(language)})
    goods = Goods("coffee", "beans", "beans", "coffee")

    for stars in (1, 3, 5) * 60:
        aspects = [("delivery", NEGATIVE), ("taste", POSITIVE), ("price", NEUTRAL)]
        text, mentions = writer.review(language, goods, aspects, stars)
        assert "{" not in text and "[" not in text
        assert [m.aspect for m in mentions] in ([], ["delivery", "taste", "price"])
        assert all(m.quote and m.quote in text for m in mentions)


def test_luck_fills_numbers_within_their_range():
    luck = Luck(np.random.default_rng(2))

    drawn = {luck.say([("{3-5} days",)]) for _ in range(100)}

    assert drawn == {"3 days", "4 days", "5 days"}


def test_chinese_marks_become_full_width():
    assert "a,b!".translate(FULL_WIDTH_MARKS) == "a\uff0cb\uff01"
