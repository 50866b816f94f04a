"""Makes one chunk of people with all they do; chunks know nothing of each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.accounts import Accounts, AccountWriter
from warehouse.demo.brand import Brand
from warehouse.demo.browsing import Events, Sessions, make_events, make_sessions
from warehouse.demo.campaigns import Outcome, Touches, run_campaigns
from warehouse.demo.catalogue import store_of_city
from warehouse.demo.consents import Permissions, make_permissions
from warehouse.demo.dirt import DirtCounter
from warehouse.demo.draws import Bools, Floats, Ints, stream
from warehouse.demo.identities import Identities, make_identities
from warehouse.demo.layout import APP, CRM, MEMBER
from warehouse.demo.orders import Lines, Orders, make_orders
from warehouse.demo.people import People, make_people
from warehouse.demo.purchases import LastState, Purchases, simulate
from warehouse.demo.reviews import Reviews, make_reviews
from warehouse.demo.scenario import Scenario
from warehouse.demo.texts import Writer
from warehouse.demo.tickets import Tickets, make_tickets


@dataclass(frozen=True)
class Chunk:
    """A chunk of people and what they did. ``rng`` is for what is left: the dirt of the files."""

    number: int
    rng: np.random.Generator
    dirt: DirtCounter
    people: People
    identities: Identities
    accounts: Accounts
    permissions: Permissions
    purchases: Purchases
    last: LastState
    touches: Touches
    outcomes: list[Outcome]
    orders: Orders
    lines: Lines
    sessions: Sessions
    events: Events
    reviews: Reviews
    tickets: Tickets


def make_chunk(brand: Brand, number: int, first: int, size: int) -> Chunk:
    """Make the people numbered ``first`` to ``first + size`` and let them live until ``as_of``."""
    scenario, seed, dirt = brand.scenario, brand.seed, DirtCounter()
    rng = stream(seed, number, "accounts")
    people = make_people(scenario, seed, number, first, size)
    people.store[:] = store_of_city(rng, brand.stores, people.city)
    organic, last = simulate(scenario, brand.clocks, people, seed, number)
    opened = _openings(rng, people, organic)
    permissions = make_permissions(scenario, people, opened, seed, number)
    purchases, touches, outcomes = run_campaigns(
        scenario, people, organic, permissions, seed, number
    )
    orders, lines = make_orders(
        scenario, brand.clocks, people, purchases, brand.shelf, seed, number
    )
    sessions = make_sessions(scenario, brand.clocks, people, purchases, orders, seed, number)
    writer = Writer(stream(seed, number, "texts"), brand.grammars)
    identities = make_identities(rng, people)
    scribe = AccountWriter(scenario, rng, dirt, people, identities, opened)
    return Chunk(
        number=number,
        rng=stream(seed, number, "dirt"),
        dirt=dirt,
        people=people,
        identities=identities,
        accounts=scribe.write(
            _yearly_spend(scenario, people, orders), _opt_ins(scenario, permissions)
        ),
        permissions=permissions,
        purchases=purchases,
        last=last,
        touches=touches,
        outcomes=outcomes,
        orders=orders,
        lines=lines,
        sessions=sessions,
        events=make_events(scenario, people, sessions, orders, lines, brand.shelf, seed, number),
        reviews=make_reviews(
            scenario,
            people,
            orders,
            lines,
            brand.products,
            brand.likings,
            writer,
            dirt,
            seed,
            number,
        ),
        tickets=make_tickets(scenario, people, orders, lines, brand.products, writer, seed, number),
    )


def _openings(rng: np.random.Generator, people: People, purchases: Purchases) -> dict[int, Floats]:
    """Draw when each person's accounts were opened: all before the first purchase.

    The time of joining is moved before the first purchase too, which fell on an hour of that day.
    """
    size = len(people)
    first = np.full(size, np.inf)
    np.minimum.at(first, purchases.person, purchases.time)
    people.joined[:] = np.minimum(people.joined, first - 0.02)
    openings = {}
    for account_type in (CRM, MEMBER, APP):
        later = np.where(rng.random(size) < 0.4, rng.exponential(40.0, size), 0.0)
        due = people.joined + later + rng.uniform(0, 0.01, size)
        openings[account_type] = np.minimum(due, first - 0.005)
    return openings


def _opt_ins(scenario: Scenario, permissions: Permissions) -> dict[str, Bools]:
    end = float(scenario.day(scenario.as_of) + 1)
    return {c: permissions.opted_in(APP, c, end) for c in ("sms", "push", "email")}


def _yearly_spend(scenario: Scenario, people: People, orders: Orders) -> Ints:
    """Spend of the last year in minor units of whatever currency, as the loyalty system sums it."""
    recent = orders.ordered >= scenario.day(scenario.as_of) - 365
    spend = (orders.paid - orders.refund) * (recent & ~orders.guest)
    return np.bincount(orders.person, spend, minlength=len(people)).astype(np.int64)
