"""Reviews: who writes one, what it mentions and how it feels, following what really happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.catalogue import Products
from warehouse.demo.dirt import DirtCounter
from warehouse.demo.draws import Bools, Floats, Ints, number_rows, starts_of, stream
from warehouse.demo.grammar import ASPECTS
from warehouse.demo.orders import PARTIALLY, REFUNDED, Lines, Orders
from warehouse.demo.people import People
from warehouse.demo.scenario import CATEGORIES, FIRST_MARKETPLACE, OWN_ONLINE, STORE, Scenario
from warehouse.demo.texts import Goods, Mention, Writer

SOURCES = ("app", "tmall", "jd", "douyin", "web", "survey")
REVIEWED = 0.102
"""Chance that a delivered order is reviewed."""

INTEREST = {
    "delivery": (0.20, 0.22, 0.16, 0.22, 0.20, 0.18),
    "packaging": (0.10, 0.22, 0.16, 0.14, 0.15, 0.08),
    "quality": (0.45, 0.16, 0.15, 0.45, 0.12, 0.45),
    "price": (0.22, 0.26, 0.20, 0.24, 0.22, 0.25),
    "service": (0.12, 0.08, 0.12, 0.18, 0.09, 0.14),
    "after_sales": (0.04, 0.03, 0.04, 0.10, 0.03, 0.07),
    "app": (0.05, 0.05, 0.05, 0.05, 0.06, 0.05),
    "taste": (0.0, 0.75, 0.0, 0.0, 0.72, 0.0),
    "freshness": (0.35, 0.30, 0.04, 0.0, 0.22, 0.0),
    "scent": (0.25, 0.0, 0.38, 0.0, 0.34, 0.06),
    "texture": (0.45, 0.0, 0.48, 0.0, 0.0, 0.42),
    "effect": (0.45, 0.0, 0.48, 0.36, 0.16, 0.0),
    "fit": (0.30, 0.0, 0.0, 0.0, 0.0, 0.58),
    "appearance": (0.14, 0.06, 0.12, 0.28, 0.05, 0.34),
    "noise": (0.0, 0.0, 0.0, 0.40, 0.0, 0.0),
    "ease_of_use": (0.30, 0.0, 0.0, 0.40, 0.22, 0.0),
    "authenticity": (0.28, 0.0, 0.16, 0.03, 0.0, 0.03),
}
"""How often reviews of each category speak of an aspect, if nothing special happened."""

ONLY = {
    "taste": ("beans", "drip_bags", "instant", "capsules", "tea"),
    "freshness": ("infant_formula", "beans", "drip_bags", "instant", "capsules", "tea"),
    "scent": ("diapers", "baby_care", "beans", "drip_bags", "tea"),
    "texture": ("diapers", "baby_care", "skincare", "masks", "sunscreen", "makeup", "hair_care"),
    "effect": ("diapers", "baby_care", "skincare", "masks", "sunscreen", "makeup", "hair_care",
               "beans", "drip_bags", "instant", "capsules"),
    "fit": ("diapers",),
    "ease_of_use": ("feeding", "toys", "strollers", "capsules", "gear"),
    "authenticity": ("infant_formula", "skincare", "masks", "sunscreen", "makeup", "fragrance"),
}  # fmt: skip
"""Subcategories of mother and baby, beauty and coffee of which an aspect can be said at all."""

PARTIAL = ("mother_baby", "beauty", "coffee")

STAR_EDGES = (-0.95, -0.60, -0.25, 0.15)
"""Overall feeling from which two, three, four and five stars are given."""

CONTACT_SHARE, INSTRUCTION_SHARE = 0.008, 0.003
"""Reviews that give away a phone or address, and that try to command a machine."""

LIKING_SPREAD = 0.75
"""How much products differ in how one aspect of them is liked."""


@dataclass(frozen=True)
class Reviews:
    """Reviews of one chunk; ``order`` is the row of the order, ``mentions`` one list a review."""

    number: Ints
    order: Ints
    product: Ints
    created: Floats
    source: Ints
    stars: Ints
    text: list[str]
    mentions: list[list[Mention]]


def product_likings(rng: np.random.Generator, products: Products) -> Floats:
    """Draw how each aspect of each product is liked; the product's quality shifts them all."""
    spread = rng.normal(0.55, LIKING_SPREAD, (len(products), len(ASPECTS)))
    return spread + 0.45 * products.quality[:, None]


def interests(products: Products) -> Floats:
    """How often reviews of each product speak of each aspect."""
    table = np.array([INTEREST[a] for a in ASPECTS]).T[products.category]
    partial = np.isin(products.category, [CATEGORIES.index(c) for c in PARTIAL])
    for aspect, goods in ONLY.items():
        impossible = partial & ~np.isin(products.subcategory, goods)
        table[impossible, ASPECTS.index(aspect)] = 0.0
    return np.asarray(table)


def make_reviews(
    scenario: Scenario,
    people: People,
    orders: Orders,
    lines: Lines,
    products: Products,
    likings: Floats,
    writer: Writer,
    dirt: DirtCounter,
    seed: int,
    chunk: int,
) -> Reviews:
    """Write the reviews of one chunk."""
    rng = stream(seed, chunk, "reviews")
    row, created = _reviewers(scenario, rng, people, orders)
    size = len(row)
    product = _reviewed_product(rng, lines, orders, row)
    feeling = _feelings(rng, people, orders, row, likings[product])
    mentioned = _mentioned(rng, orders, row, interests(products)[product], feeling)
    polarity = np.digitize(feeling, (-0.45, 0.02)) - 1
    stars = _stars(rng, people, orders, row, feeling, mentioned)
    english = people.english[orders.person[row]] | (rng.random(size) < 0.235)
    texts, mentions = _write(rng, writer, products, product, mentioned, polarity, stars, english)
    _append(rng, dirt, writer, texts, english, "contact", CONTACT_SHARE)
    _append(rng, dirt, writer, texts, english, "injection", INSTRUCTION_SHARE)
    return Reviews(
        number=number_rows(chunk, size, 7),
        order=row,
        product=product,
        created=created,
        source=_sources(rng, orders.channel[row]),
        stars=stars,
        text=texts,
        mentions=mentions,
    )


def _write(
    rng: np.random.Generator,
    writer: Writer,
    products: Products,
    product: Ints,
    mentioned: Bools,
    polarity: Ints,
    stars: Ints,
    english: Bools,
) -> tuple[list[str], list[list[Mention]]]:
    """Write the texts, with the aspects of each in a random order."""
    size = len(product)
    shuffled = np.argsort(rng.random((size, len(ASPECTS))), axis=1)
    order, rank = np.nonzero(np.take_along_axis(mentioned, shuffled, axis=1))
    aspect = shuffled[order, rank]
    said = list(zip([ASPECTS[a] for a in aspect], polarity[order, aspect].tolist(), strict=True))
    ends = np.cumsum(np.bincount(order, minlength=size)).tolist()
    texts, mentions, begin = [], [], 0
    for i, p in enumerate(product.tolist()):
        language = "en" if english[i] else "zh"
        goods = _goods(products, p, language)
        text, found = writer.review(language, goods, said[begin : ends[i]], int(stars[i]))
        texts.append(text)
        mentions.append(found)
        begin = ends[i]
    return texts, mentions


def _append(
    rng: np.random.Generator,
    dirt: DirtCounter,
    writer: Writer,
    texts: list[str],
    english: Bools,
    part: str,
    share: float,
) -> None:
    """Add a contact or an instruction to some texts, and count them."""
    chosen = np.flatnonzero(rng.random(len(texts)) < share).tolist()
    for i in chosen:
        texts[i] += writer.addition("en" if english[i] else "zh", part)
    dirt.add("reviews", f"{part}_in_text", len(chosen))


def _goods(products: Products, product: int, language: str) -> Goods:
    item, noun = products.item[product], products.noun[product]
    category = CATEGORIES[products.category[product]]
    subcategory = products.subcategory[product]
    if language == "zh":
        return Goods(category, subcategory, item.zh, noun.zh)
    return Goods(category, subcategory, item.en.lower(), noun.en)


def _reviewers(
    scenario: Scenario, rng: np.random.Generator, people: People, orders: Orders
) -> tuple[Ints, Floats]:
    arrived = np.where(orders.channel == STORE, orders.ordered, orders.delivered)
    chance = REVIEWED * np.where(orders.slow, 1.8, 0.9) * np.where(_refunded(orders), 1.6, 1.0)
    chance *= np.where(people.overseas[orders.person], 2.2, 1.0)
    chance *= np.where(orders.channel == STORE, 0.45, 1.0)
    created = arrived + rng.exponential(3.0, len(orders)) + 0.05
    end = scenario.day(scenario.as_of) + 1 - 0.01
    writes = np.isfinite(arrived) & ~orders.guest & (rng.random(len(orders)) < chance)
    row = np.flatnonzero(writes & (np.where(np.isfinite(created), created, end) < end))
    return row, created[row]


def _refunded(orders: Orders) -> Bools:
    return np.isin(orders.status, (REFUNDED, PARTIALLY))


def _reviewed_product(rng: np.random.Generator, lines: Lines, orders: Orders, row: Ints) -> Ints:
    first = starts_of(lines.order, len(orders) + 1)
    count = np.diff(first)
    at = first[:-1][row] + (rng.random(len(row)) * count[row]).astype(np.int64)
    return lines.product[at]


def _feelings(
    rng: np.random.Generator, people: People, orders: Orders, row: Ints, liking: Floats
) -> Floats:
    """How the writer feels about each aspect; below -0.45 it is a complaint."""
    size = len(row)
    feeling = liking + rng.normal(0, 0.75, (size, len(ASPECTS)))
    person = orders.person[row]
    online = orders.channel[row] != STORE
    days = np.where(online, orders.delivered[row] - orders.ordered[row], 0.0)
    patience = np.where(people.overseas[person], 12.0, 4.8)
    delivery = 1.1 - 1.5 * np.maximum(days / patience - 0.45, 0) + rng.normal(0, 0.45, size)
    at = {name: i for i, name in enumerate(ASPECTS)}
    feeling[:, at["delivery"]] = np.where(
        orders.slow[row], np.minimum(delivery, 0.0) - 0.55, delivery
    )
    feeling[:, at["price"]] = (
        0.55
        + 0.5 * (orders.discount[row] > 0)
        - 0.5 * people.price_sensitive[person] * (orders.discount[row] == 0)
        + rng.normal(0, 0.7, size)
    )
    feeling[:, at["service"]] = 0.6 + rng.normal(0, 0.9, size)
    feeling[:, at["packaging"]] = 0.6 + rng.normal(0, 0.85, size)
    feeling[:, at["app"]] = 0.15 + rng.normal(0, 0.8, size)
    feeling[:, at["after_sales"]] = 0.1 - 0.2 * _refunded(orders)[row] + rng.normal(0, 1.0, size)
    feeling[_refunded(orders)[row]] -= 0.5
    return feeling - 0.25 * people.grumpiness[person][:, None]


def _mentioned(
    rng: np.random.Generator, orders: Orders, row: Ints, interest: Floats, feeling: Floats
) -> Bools:
    delivery, app = ASPECTS.index("delivery"), ASPECTS.index("app")
    after_sales = ASPECTS.index("after_sales")
    interest[:, delivery] = np.where(orders.slow[row], 0.78, interest[:, delivery])
    interest[orders.channel[row] == STORE, delivery] = 0.0
    interest[orders.channel[row] >= OWN_ONLINE, app] = 0.0
    interest[:, after_sales] = np.where(_refunded(orders)[row], 0.5, interest[:, after_sales])
    # What annoys is mentioned more than what is as expected.
    interest = np.where(interest > 0, interest + 0.10 * (np.abs(feeling) > 1.1), 0.0)
    mentioned = rng.random(interest.shape) < interest
    nothing = ~mentioned.any(axis=1)
    mentioned[nothing, np.argmax(interest[nothing], axis=1)] = True
    crowded = np.cumsum(mentioned, axis=1) > 6
    return mentioned & ~crowded


def _stars(
    rng: np.random.Generator,
    people: People,
    orders: Orders,
    row: Ints,
    feeling: Floats,
    mentioned: Bools,
) -> Ints:
    bounded = np.clip(feeling, -1.6, 1.2) * mentioned
    count = mentioned.sum(axis=1)
    mean = bounded.sum(axis=1) / count
    worst = np.where(mentioned, feeling, 9.0).min(axis=1)
    score = mean + 0.35 * np.minimum(worst, 0.3) + rng.normal(0, 0.28, len(row))
    return np.asarray(np.digitize(score, STAR_EDGES) + 1, dtype=np.int64)


def _sources(rng: np.random.Generator, channel: Ints) -> Ints:
    own = np.where(channel == 2, 4, 0)
    market = channel - FIRST_MARKETPLACE + 1
    source = np.where(channel >= FIRST_MARKETPLACE, market, np.where(channel == STORE, 5, own))
    asked = rng.random(len(channel)) < 0.08
    return np.where(asked, 5, source)
