"""Sessions and their events: every own online order has one, and most sessions end without.

A session is a chain of stages (login, pages, searches, products, cart, checkout, purchase); how far
it goes decides how many events of each stage it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.catalogue import Shelf
from warehouse.demo.draws import (
    Bools,
    Floats,
    Ints,
    choose,
    choose_by_row,
    number_rows,
    starts_of,
    stream,
)
from warehouse.demo.orders import Lines, Orders
from warehouse.demo.people import People
from warehouse.demo.purchases import Clocks, Purchases
from warehouse.demo.scenario import OWN_ONLINE, Scenario
from warehouse.demo.seasons import HOURS_ONLINE, hours

EVENT_TYPES = (
    "login",
    "page_view",
    "search",
    "product_view",
    "add_to_cart",
    "checkout",
    "purchase",
)
LOGIN, PAGE, SEARCH, PRODUCT, CART, CHECKOUT, PURCHASE = range(7)
PLATFORMS = ("app", "mini_program", "web")
SOURCES = ("direct", "search", "paid_social", "kol", "email", "sms", "push", "referral")
SOURCE_MIX = np.array(
    [  # app, mini_program, web
        [0.62, 0.06, 0.09, 0.06, 0.01, 0.05, 0.09, 0.02],
        [0.34, 0.07, 0.23, 0.19, 0.01, 0.05, 0.0, 0.11],
        [0.22, 0.37, 0.14, 0.05, 0.12, 0.04, 0.0, 0.06],
    ]
)

BOUNCE, LOOK, BROWSE, TO_CART, TO_CHECKOUT, BUY = range(6)
DEPTHS = (0.56, 0.18, 0.135, 0.090, 0.035)
"""How far a session that does not buy goes."""

DEPTHS_BEFORE = (0.10, 0.25, 0.30, 0.30, 0.05)
"""The same for visits in the days before a purchase."""

VISITS = 2.9
"""Idle visits per unit of a person's visit rate."""

STRANGERS = 0.15
"""Visits of people nobody knows, per idle visit of those who are known."""

BEFORE_BUYING = 1.1
"""Mean visits in the days before an own online order, besides the one that buys."""


@dataclass(frozen=True)
class Sessions:
    """Sessions of one chunk. ``person`` is -1 for visitors nobody knows.

    ``known`` says that the account was signed in; an unknown session may still come from a device
    that is known. ``order`` is the row of the order bought, or -1.
    """

    number: Ints
    person: Ints
    known: Bools
    start: Floats
    platform: Ints
    source: Ints
    depth: Ints
    order: Ints

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True)
class Events:
    """Events in order of session and time; ``session`` is the row of the session."""

    session: Ints
    step: Ints
    time: Floats
    kind: Ints
    product: Ints


def make_sessions(
    scenario: Scenario,
    clocks: Clocks,
    people: People,
    purchases: Purchases,
    orders: Orders,
    seed: int,
    chunk: int,
) -> Sessions:
    """Make all sessions of one chunk, in no particular order."""
    rng = stream(seed, chunk, "browsing")
    bought = np.flatnonzero((orders.channel < OWN_ONLINE) & np.isfinite(orders.paid_at))
    unpaid = np.flatnonzero((orders.channel < OWN_ONLINE) & np.isnan(orders.paid_at))
    lost = np.flatnonzero(purchases.lost)
    before = np.repeat(bought, rng.poisson(BEFORE_BUYING, len(bought)))
    earlier = orders.ordered[before] - rng.exponential(1.6, len(before)) - 0.02
    idle_person, idle_time = _idle_visits(scenario, clocks, rng, people, orders)
    checkout = np.full(len(unpaid), TO_CHECKOUT), np.full(len(lost), TO_CHECKOUT)
    person, time, channel = orders.person, orders.ordered, orders.channel
    parts = (
        _Visits(
            person[bought],
            orders.paid_at[bought],
            np.full(len(bought), BUY),
            channel[bought],
            bought,
        ),
        _Visits(person[unpaid], time[unpaid], checkout[0], channel[unpaid]),
        _Visits(purchases.person[lost], purchases.time[lost], checkout[1], purchases.channel[lost]),
        _Visits(person[before], earlier, choose(rng, DEPTHS_BEFORE, len(before)), channel[before]),
        _Visits(idle_person, idle_time, choose(rng, DEPTHS, len(idle_person))),
        _strangers(scenario, clocks, rng, int(len(idle_person) * STRANGERS)),
    )
    return _assemble(scenario, rng, people, orders, parts, chunk)


@dataclass(frozen=True)
class _Visits:
    """Visits of one kind; without a platform it is drawn, without an order there is none."""

    person: Ints
    start: Floats
    depth: Ints
    platform: Ints | None = None
    order: Ints | None = None


def _assemble(
    scenario: Scenario,
    rng: np.random.Generator,
    people: People,
    orders: Orders,
    parts: tuple[_Visits, ...],
    chunk: int,
) -> Sessions:
    person = np.concatenate([p.person for p in parts])
    start = np.concatenate([p.start for p in parts])
    depth = np.concatenate([p.depth for p in parts])
    order = np.concatenate(
        [np.full(len(p.person), -1) if p.order is None else p.order for p in parts]
    )
    platform = np.concatenate(
        [_platforms(rng, people, p.person) if p.platform is None else p.platform for p in parts]
    )
    guest = np.where(order >= 0, orders.guest[order], False)
    signed_in = rng.random(len(person)) < np.where(depth >= TO_CHECKOUT, 1.0, 0.86)
    kept = (start >= scenario.day(scenario.first_day)) & (
        start < scenario.day(scenario.as_of) + 1 - 0.01
    )
    sessions = Sessions(
        number=number_rows(chunk, len(person), 2),
        person=person,
        known=(person >= 0) & people.has_app[np.maximum(person, 0)] & signed_in & ~guest,
        start=start,
        platform=platform,
        source=choose_by_row(rng, SOURCE_MIX, platform),
        depth=depth,
        order=order,
    )
    kept |= order >= 0
    return Sessions(**{name: values[kept] for name, values in vars(sessions).items()})


def _idle_visits(
    scenario: Scenario, clocks: Clocks, rng: np.random.Generator, people: People, orders: Orders
) -> tuple[Ints, Floats]:
    """Visits that have no purchase behind them: while a person is a customer, and a while after."""
    begin = np.maximum(people.joined, scenario.day(scenario.first_day))
    last = np.full(len(people), -np.inf)
    np.maximum.at(last, orders.person, orders.ordered)
    end = np.maximum(last, people.joined) + rng.exponential(75.0, len(people))
    end = np.minimum(end, float(scenario.day(scenario.as_of) + 1))
    season = clocks.ordinary
    low, high = season.to_clock(begin), season.to_clock(np.maximum(end, begin))
    online = people.has_app | (people.channel < OWN_ONLINE)
    counts = rng.poisson(people.visit_rate * np.where(online, 1.0, 0.35) * (high - low) * VISITS)
    person = np.repeat(np.arange(len(people)), np.minimum(counts, 3000))
    clock = low[person] + (high - low)[person] * rng.random(len(person))
    day = np.floor(np.minimum(season.to_time(clock), scenario.day(scenario.as_of)))
    return person, day + hours(rng, HOURS_ONLINE, len(person))


def _strangers(scenario: Scenario, clocks: Clocks, rng: np.random.Generator, size: int) -> _Visits:
    season = clocks.ordinary
    ends = np.array([scenario.day(scenario.first_day), scenario.day(scenario.as_of) + 1.0])
    low, high = season.to_clock(ends)
    day = np.floor(season.to_time(low + (high - low) * rng.random(size)))
    start = np.minimum(day, scenario.day(scenario.as_of)) + hours(rng, HOURS_ONLINE, size)
    return _Visits(np.full(size, -1), start, choose(rng, DEPTHS, size))


def _platforms(rng: np.random.Generator, people: People, person: Ints) -> Ints:
    size = len(person)
    anything = choose(rng, (0.42, 0.40, 0.18), size)
    own = np.where(people.channel < OWN_ONLINE, people.channel, people.second_channel)
    home = np.where(own < OWN_ONLINE, own, -1)[np.maximum(person, 0)]
    faithful = (person >= 0) & (home >= 0) & (rng.random(size) < 0.85)
    return np.where(faithful, home, anything)


def make_events(
    scenario: Scenario,
    people: People,
    sessions: Sessions,
    orders: Orders,
    lines: Lines,
    shelf: Shelf,
    seed: int,
    chunk: int,
) -> Events:
    """Spell the sessions out into events; the last event of a buying session is the payment."""
    rng = stream(seed, chunk, "events")
    counts = _stage_counts(rng, sessions)
    kind = np.repeat(np.tile(np.arange(7), len(sessions)), counts.ravel())
    per_session = counts.sum(axis=1)
    session = np.repeat(np.arange(len(sessions)), per_session)
    first = np.concatenate([[0], np.cumsum(per_session)[:-1]])
    step = np.arange(len(session)) - first[session]
    gaps = np.where(step == 0, 0.0, rng.gamma(0.9, 38 / 86_400, len(session)))
    passed = np.cumsum(gaps)
    passed -= passed[first][session]
    buys = sessions.order >= 0
    length = passed[first + per_session - 1]
    begin = np.where(buys, sessions.start - length, sessions.start)
    product = _products(rng, people, sessions, orders, lines, shelf, session, kind)
    times = np.maximum(begin[session] + passed, float(scenario.day(scenario.first_day)))
    return Events(session, step, times, kind, product)


def _stage_counts(rng: np.random.Generator, sessions: Sessions) -> Ints:
    depth, size = sessions.depth, len(sessions)
    counts = np.zeros((size, 7), dtype=np.int64)
    counts[:, LOGIN] = sessions.known & (
        (rng.random(size) < 0.22) | ((depth >= TO_CHECKOUT) & (rng.random(size) < 0.35))
    )
    counts[:, PAGE] = 1 + (depth >= LOOK) * rng.poisson(0.25, size)
    counts[:, SEARCH] = (depth >= LOOK) & (rng.random(size) < 0.27)
    more = np.where(depth >= TO_CART, 0.7, np.where(depth == BROWSE, 1.3, 0.0))
    counts[:, PRODUCT] = (depth >= LOOK) * (1 + rng.poisson(more))
    counts[:, CART] = (depth >= TO_CART) * (1 + rng.poisson(0.15, size))
    counts[:, CHECKOUT] = depth >= TO_CHECKOUT
    counts[:, PURCHASE] = depth == BUY
    return counts


def _products(
    rng: np.random.Generator,
    people: People,
    sessions: Sessions,
    orders: Orders,
    lines: Lines,
    shelf: Shelf,
    session: Ints,
    kind: Ints,
) -> Ints:
    shown = np.flatnonzero((kind >= PRODUCT) & (kind != CHECKOUT))
    at = session[shown]
    person = sessions.person[at]
    known = person >= 0
    size = len(shown)
    favoured = np.where(
        rng.random(size) < 0.6, people.category[person], people.second_category[person]
    )
    category = np.where(known, favoured, rng.integers(0, 6, size))
    taste = np.where(known, people.taste[person], rng.integers(0, 4, size))
    tier = np.where(known, people.price_tier[person], rng.integers(0, 3, size))
    seen = shelf.draw(rng, np.floor(sessions.start[at]).astype(np.int64), category, taste, tier)
    order = sessions.order[at]
    first_line = lines.product[
        np.minimum(starts_of(lines.order, len(orders)), len(lines.product) - 1)
    ]
    bought = (order >= 0) & ((kind[shown] >= CART) | (rng.random(size) < 0.5))
    product = np.full(len(kind), -1)
    product[shown] = np.where(bought, first_line[np.maximum(order, 0)], seen)
    return product
