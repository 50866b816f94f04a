"""Reviews: who writes one, what it mentions and how it feels, following what really happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.catalogue import Products
from warehouse.demo.draws import Bools, Floats, Ints, number_rows, starts_of, stream
from warehouse.demo.orders import PARTIALLY, REFUNDED, Lines, Orders
from warehouse.demo.people import People
from warehouse.demo.scenario import CATEGORIES, FIRST_MARKETPLACE, OWN_ONLINE, STORE, Scenario
from warehouse.demo.texts import ASPECTS, Mention, Writer

SOURCES = ("app", "tmall", "jd", "douyin", "web", "survey")
REVIEWED = 0.092
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
    "freshness": (0.08, 0.30, 0.04, 0.0, 0.22, 0.0),
    "scent": (0.12, 0.0, 0.38, 0.0, 0.34, 0.06),
    "texture": (0.30, 0.0, 0.48, 0.0, 0.0, 0.42),
    "effect": (0.22, 0.0, 0.48, 0.36, 0.16, 0.0),
    "fit": (0.16, 0.0, 0.0, 0.0, 0.0, 0.58),
    "appearance": (0.14, 0.06, 0.12, 0.28, 0.05, 0.34),
    "noise": (0.0, 0.0, 0.0, 0.40, 0.0, 0.0),
    "ease_of_use": (0.20, 0.04, 0.14, 0.40, 0.14, 0.0),
    "authenticity": (0.12, 0.0, 0.16, 0.03, 0.0, 0.03),
}
"""How often reviews of each category speak of an aspect, if nothing special happened."""

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


def make_reviews(
    scenario: Scenario,
    people: People,
    orders: Orders,
    lines: Lines,
    products: Products,
    likings: Floats,
    writer: Writer,
    seed: int,
    chunk: int,
) -> Reviews:
    """Write the reviews of one chunk."""
    rng = stream(seed, chunk, "reviews")
    row, created = _reviewers(scenario, rng, people, orders)
    size = len(row)
    product = _reviewed_product(rng, lines, orders, row)
    category = products.category[product]
    feeling = _feelings(rng, people, orders, row, likings[product])
    mentioned = _mentioned(rng, orders, row, category, feeling)
    polarity = np.digitize(feeling, (-0.45, 0.02)) - 1
    stars = _stars(rng, people, orders, row, feeling, mentioned)
    english = people.english[orders.person[row]] | (rng.random(size) < 0.17)
    texts, mentions = [], []
    for i in range(size):
        aspects = [(ASPECTS[a], int(polarity[i, a])) for a in np.flatnonzero(mentioned[i])]
        order_of = np.argsort(rng.random(len(aspects)))
        language = "en" if english[i] else "zh"
        name = (products.name_en if english[i] else products.name_zh)[product[i]]
        text, said = writer.review(
            language,
            CATEGORIES[category[i]],
            [aspects[k] for k in order_of],
            int(stars[i]),
            {"item": name.split(" ", 1)[1].split(" ")[0] if not english[i] else "it"},
        )
        texts.append(text)
        mentions.append(said)
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
    rng: np.random.Generator, orders: Orders, row: Ints, category: Ints, feeling: Floats
) -> Bools:
    interest = np.array([INTEREST[a] for a in ASPECTS]).T[category]
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
    score = 3.85 + 1.55 * mean + 0.45 * np.minimum(worst, 0.3) + rng.normal(0, 0.55, len(row))
    return np.clip(np.round(score), 1, 5).astype(np.int64)


def _sources(rng: np.random.Generator, channel: Ints) -> Ints:
    own = np.where(channel == 2, 4, 0)
    market = channel - FIRST_MARKETPLACE + 1
    source = np.where(channel >= FIRST_MARKETPLACE, market, np.where(channel == STORE, 5, own))
    asked = rng.random(len(channel)) < 0.08
    return np.where(asked, 5, source)
