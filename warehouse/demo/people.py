"""Who the demo brand's people are: the traits that all they do follows from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.draws import Bools, Floats, Ints, choose, choose_by_row, stream
from warehouse.demo.geography import CITIES
from warehouse.demo.scenario import (
    CATEGORIES,
    CHANNEL_MIX,
    CHANNEL_MIX_ABROAD,
    FIRST_MARKETPLACE,
    OWN_ONLINE,
    STORE,
    Scenario,
)

FEMALE, MALE = 0, 1
TASTES = 4
"""Hidden tastes: products of one taste are bought by the same people."""

CATEGORY_BY_LIFE = np.array(
    [  # mother_baby, snacks, beauty, appliances, coffee, clothing
        [0.06, 0.22, 0.32, 0.06, 0.12, 0.22],  # women to 24
        [0.27, 0.14, 0.25, 0.09, 0.11, 0.14],  # women 25-39
        [0.10, 0.18, 0.20, 0.19, 0.11, 0.22],  # women from 40
        [0.03, 0.30, 0.06, 0.18, 0.22, 0.21],  # men to 24
        [0.17, 0.16, 0.05, 0.24, 0.23, 0.15],  # men 25-39
        [0.06, 0.19, 0.04, 0.33, 0.20, 0.18],  # men from 40
    ]
)
ACQUISITION_WEIGHTS = (0.24, 0.20, 0.13, 0.10, 0.08, 0.13, 0.09, 0.03)


@dataclass(frozen=True)
class People:
    """Traits of the people of one chunk, one entry each. Times are days since the origin."""

    first: int
    gender: Ints
    age: Ints
    city: Ints
    overseas: Bools
    english: Bools
    acquisition: Ints
    joined: Floats
    category: Ints
    second_category: Ints
    taste: Ints
    price_tier: Ints
    price_sensitive: Bools
    rate: Floats
    dropout: Floats
    never_buys: Bools
    channel: Ints
    second_channel: Ints
    store: Ints
    has_crm: Bools
    has_member: Bools
    has_app: Bools
    visit_rate: Floats
    grumpiness: Floats

    def __len__(self) -> int:
        return len(self.gender)


def make_people(scenario: Scenario, seed: int, chunk: int, first: int, size: int) -> People:
    """Draw the people numbered ``first`` to ``first + size``."""
    rng = stream(seed, chunk, "people")
    gender = (rng.random(size) >= 0.63).astype(np.int64)
    age = np.clip(np.round(17 + rng.gamma(4.2, 4.6, size)), 16, 78).astype(np.int64)
    city = _cities(rng, scenario.overseas_share, size)
    overseas = np.array([c.region == "overseas" for c in CITIES])[city]
    tier = np.array([c.tier for c in CITIES])[city]
    country = np.array([c.country for c in CITIES])[city]
    price_tier = _price_tiers(rng, tier, age)
    category = choose_by_row(rng, CATEGORY_BY_LIFE, _life_stage(gender, age))
    channel, second_channel = _channels(rng, overseas)
    rate = rng.gamma(scenario.rate_shape, scenario.rate_per_day / scenario.rate_shape, size)
    return People(
        first=first,
        gender=gender,
        age=age,
        city=city,
        overseas=overseas,
        english=overseas & (rng.random(size) < np.where(country == "HK", 0.35, 0.85)),
        acquisition=choose(rng, ACQUISITION_WEIGHTS, size),
        joined=_joined(rng, scenario, size),
        category=category,
        second_category=(category + rng.integers(1, len(CATEGORIES), size)) % len(CATEGORIES),
        taste=rng.integers(0, TASTES, size),
        price_tier=price_tier,
        price_sensitive=_price_sensitive(rng, scenario.price_sensitive_share, price_tier),
        rate=rate,
        dropout=rng.beta(scenario.dropout_a, scenario.dropout_b, size),
        never_buys=rng.random(size) < scenario.never_buy,
        channel=channel,
        second_channel=second_channel,
        store=np.zeros(size, dtype=np.int64),
        **_accounts(rng, channel, second_channel),
        visit_rate=rate * rng.gamma(2.0, 0.5, size) + rng.gamma(0.6, 0.010, size),
        grumpiness=rng.normal(0.0, 0.5, size),
    )


def _cities(rng: np.random.Generator, overseas_share: float, size: int) -> Ints:
    weights = np.array([c.weight for c in CITIES])
    abroad = np.array([c.region == "overseas" for c in CITIES])
    weights[abroad] *= overseas_share / weights[abroad].sum()
    weights[~abroad] *= (1 - overseas_share) / weights[~abroad].sum()
    return choose(rng, weights, size)


def _price_tiers(rng: np.random.Generator, city_tier: Ints, age: Ints) -> Ints:
    score = rng.normal(0, 1, len(age)) - 0.35 * (city_tier - 2) + 0.02 * np.minimum(age - 32, 15)
    return np.digitize(score, (-0.55, 0.75)).astype(np.int64)


def _price_sensitive(rng: np.random.Generator, share: float, price_tier: Ints) -> Bools:
    odds = share * np.array([1.45, 1.0, 0.50])[price_tier]
    return np.asarray(rng.random(len(price_tier)) < odds)


def _life_stage(gender: Ints, age: Ints) -> Ints:
    return gender * 3 + np.digitize(age, (25, 40))


def _channels(rng: np.random.Generator, overseas: Bools) -> tuple[Ints, Ints]:
    mix = np.array([CHANNEL_MIX, CHANNEL_MIX_ABROAD])
    rows = overseas.astype(np.int64)
    return choose_by_row(rng, mix, rows), choose_by_row(rng, mix, rows)


def _joined(rng: np.random.Generator, scenario: Scenario, size: int) -> Floats:
    begin = float(scenario.day(scenario.first_day))
    end = float(scenario.day(scenario.as_of) + 1)
    early = rng.random(size) < scenario.registered_before
    # A growing brand: the density of registrations rises by half over the window.
    within = begin + (end - begin) * (np.sqrt(1 + 1.25 * rng.random(size)) - 1) / 0.5
    before = begin * np.sqrt(rng.random(size))
    return np.where(early, before, np.minimum(within, end - 1e-3))


def _accounts(rng: np.random.Generator, channel: Ints, second: Ints) -> dict[str, Bools]:
    size = len(channel)
    online = (channel < OWN_ONLINE) | (second < OWN_ONLINE)
    store = (channel == STORE) | (second == STORE)
    market = (channel >= FIRST_MARKETPLACE) | (second >= FIRST_MARKETPLACE)
    has_app = online | (rng.random(size) < 0.22)
    has_member = rng.random(size) < np.where(store, 0.82, np.where(online, 0.62, 0.30))
    has_crm = rng.random(size) < np.where(store, 0.55, 0.36)
    # Who shops only in stores and left no card there is known to the CRM at least.
    has_crm |= ~has_app & ~has_member & ~market
    return {"has_crm": has_crm, "has_member": has_member, "has_app": has_app}
