"""What is planted can be found: in a few thousand people, from what they did."""

from datetime import date

import numpy as np
import pytest

from warehouse.demo.brand import Brand
from warehouse.demo.browsing import PLATFORMS
from warehouse.demo.chunk import Chunk, make_chunk
from warehouse.demo.geography import CITIES
from warehouse.demo.grammar import ASPECTS
from warehouse.demo.layout import MARKETPLACES
from warehouse.demo.orders import PAYMENT_MIX
from warehouse.demo.people import ACQUISITION_WEIGHTS
from warehouse.demo.plans import CAMPAIGNS
from warehouse.demo.reviews import INTEREST
from warehouse.demo.scenario import (
    ACQUISITION,
    CATEGORIES,
    CHANNEL_MIX,
    CHANNEL_MIX_ABROAD,
    CHANNELS,
    FIRST_MARKETPLACE,
    OWN_ONLINE,
    STORE,
    scenario_at,
)
from warehouse.demo.seasons import HOURS_STORE, Seasons, festival_factor, hours

PEOPLE = 6_000


@pytest.fixture(scope="module")
def brand() -> Brand:
    return Brand.build(scenario_at(date(2026, 10, 31)), seed=11)


@pytest.fixture(scope="module")
def chunk(brand: Brand) -> Chunk:
    return make_chunk(brand, 0, 0, PEOPLE)


def _region(chunk: Chunk, name: str) -> np.ndarray:
    inside = np.array([city.region == name for city in CITIES])
    return inside[chunk.people.city][chunk.orders.person]


def test_totals_are_those_of_a_brand_this_size(chunk: Chunk):
    per_person = {
        "orders": len(chunk.orders) / PEOPLE,
        "events": len(chunk.events.time) / PEOPLE,
        "reviews": len(chunk.reviews.text) / PEOPLE,
        "touches": len(chunk.touches.person) / PEOPLE,
        "tickets": len(chunk.tickets.message) / PEOPLE,
    }

    assert per_person == {
        "orders": pytest.approx(6.0, rel=0.10),
        "events": pytest.approx(75.0, rel=0.10),
        "reviews": pytest.approx(0.5, rel=0.15),
        "touches": pytest.approx(9.0, rel=0.15),
        "tickets": pytest.approx(0.16, rel=0.25),
    }


def test_orders_look_like_a_shop(chunk: Chunk):
    orders = chunk.orders
    yuan = orders.paid[(orders.currency == 0) & np.isfinite(orders.paid_at)]

    assert 30_000 < yuan.mean() < 60_000
    assert (orders.status == 1).mean() == pytest.approx(0.031, abs=0.008)
    assert np.isin(orders.status, (2, 3)).mean() == pytest.approx(0.048, abs=0.01)
    assert orders.guest.mean() == pytest.approx(0.044, abs=0.012)
    assert chunk.people.overseas.mean() == pytest.approx(0.06, abs=0.01)


def test_sessions_convert_like_a_shop(chunk: Chunk):
    sessions = chunk.sessions
    carts = sessions.depth >= 3

    assert 0.03 < (sessions.order >= 0).mean() < 0.065
    assert 0.62 < 1 - (sessions.order[carts] >= 0).mean() < 0.78
    assert 0.30 < 1 - sessions.known.mean() < 0.42


def test_deliveries_slow_down_in_one_region_only(brand: Brand, chunk: Chunk):
    slow = brand.scenario.slow
    days = chunk.orders.delivered - chunk.orders.shipped
    late = chunk.orders.ordered >= brand.scenario.day(slow.start)
    inside = _region(chunk, slow.region)

    ratio = np.nanmean(days[inside & late]) / np.nanmean(days[inside & ~late])
    elsewhere = np.nanmean(days[~inside & late]) / np.nanmean(days[~inside & ~late])

    assert ratio == pytest.approx(slow.factor, rel=0.1)
    assert elsewhere == pytest.approx(1.0, abs=0.05)


def test_slow_parcels_cost_repurchases(chunk: Chunk):
    orders = chunk.orders
    sent = (orders.channel != STORE) & np.isfinite(orders.delivered)
    same = np.r_[orders.person[1:] == orders.person[:-1], False]
    gap = np.where(same, np.r_[orders.ordered[1:], 0.0] - orders.ordered, np.inf)
    old = orders.ordered < orders.ordered.max() - 60
    back = (gap <= 60)[sent & old]
    slow = orders.slow[sent & old]

    assert back[slow].mean() < back[~slow].mean() - 0.05


def test_slow_parcels_cost_stars(chunk: Chunk):
    slow = chunk.orders.slow[chunk.reviews.order]
    delivery = [
        mention.polarity
        for mentions, late in zip(chunk.reviews.mentions, slow.tolist(), strict=True)
        for mention in mentions
        if late and mention.aspect == ASPECTS[0]
    ]

    assert chunk.reviews.stars[slow].mean() < chunk.reviews.stars[~slow].mean() - 0.7
    assert np.mean(np.array(delivery) < 0) > 0.8


def test_conversion_falls_for_one_group(brand: Brand, chunk: Chunk):
    fall, purchases = brand.scenario.conversion, chunk.purchases
    late = purchases.time >= brand.scenario.day(fall.start)
    hit = chunk.people.category[purchases.person] == CATEGORIES.index(fall.category)
    own = purchases.channel < OWN_ONLINE

    assert purchases.lost[late & hit & own].mean() == pytest.approx(1 - fall.kept, abs=0.12)
    assert not purchases.lost[~(late & hit & own)].any()


def test_discounts_drift(brand: Brand, chunk: Chunk):
    drift = brand.scenario.drift
    reduced = chunk.orders.discount > 0
    now = chunk.orders.ordered >= brand.scenario.day(drift.start)
    year_ago = (chunk.orders.ordered < brand.scenario.day(drift.start) - 365 + 92) & (
        chunk.orders.ordered >= brand.scenario.day(drift.start) - 365
    )

    rise = reduced[now].mean() - reduced[year_ago].mean()

    assert rise == pytest.approx(drift.added, abs=0.06)


def test_price_sensitive_people_buy_with_discounts(chunk: Chunk):
    sensitive = chunk.people.price_sensitive[chunk.orders.person]
    reduced = chunk.orders.discount > 0

    assert chunk.people.price_sensitive.mean() == pytest.approx(0.30, abs=0.03)
    assert reduced[sensitive].mean() > reduced[~sensitive].mean() + 0.15


def test_campaign_effects_are_those_of_their_plans(brand: Brand, chunk: Chunk):
    added = expected = 0.0
    for outcome in chunk.outcomes:
        effect = dict(CAMPAIGNS[outcome.campaign].effects)[outcome.group]
        if effect > 0:
            base = 1 - outcome.held_out_converted / max(outcome.held_out, 1)
            expected += effect * outcome.delivered * base
            added += outcome.orders_added
        else:
            assert outcome.orders_added == 0
        assert (outcome.buyers_kept_away > 0) <= (effect < 0)

    assert added == pytest.approx(expected, rel=0.2)


def test_products_differ_in_what_is_disliked(brand: Brand):
    noise = brand.likings[brand.products.category == 3, ASPECTS.index("noise")]

    assert noise.min() < -0.5
    assert noise.max() > 1.0


def test_festivals_are_busy_and_new_year_is_quiet():
    assert festival_factor(date(2025, 11, 11)) > 3
    assert festival_factor(date(2026, 6, 18)) > 2
    assert festival_factor(date(2026, 2, 17)) < 0.6
    assert festival_factor(date(2026, 4, 14)) == 1.0


def test_seasons_turn_clock_into_time_and_back():
    seasons = Seasons.build(date(2025, 1, 1), date(2025, 12, 31))
    times = np.array([0.0, 10.5, 200.25])

    assert seasons.to_time(seasons.to_clock(times)) == pytest.approx(times)
    assert np.isinf(seasons.to_time(seasons.clock[-1:] + 1)).all()


def test_shops_are_closed_at_night():
    drawn = hours(np.random.default_rng(1), HOURS_STORE, 2_000) * 24

    assert drawn.min() >= 10
    assert drawn.max() < 22


def test_mixes_name_every_channel():
    assert len(ACQUISITION) == len(ACQUISITION_WEIGHTS)
    assert len(CHANNELS) == len(CHANNEL_MIX) == len(CHANNEL_MIX_ABROAD) == len(PAYMENT_MIX) - 1
    assert CHANNELS[:OWN_ONLINE] == PLATFORMS
    assert CHANNELS[FIRST_MARKETPLACE:] == MARKETPLACES
    assert set(INTEREST) == set(ASPECTS)
