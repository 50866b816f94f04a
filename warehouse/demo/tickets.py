"""Service tickets: slow parcels, refunds, poor products, and the questions of everyday."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.catalogue import Products
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
from warehouse.demo.orders import CANCELLED, PARTIALLY, REFUNDED, Lines, Orders
from warehouse.demo.people import People
from warehouse.demo.scenario import STORE, Scenario
from warehouse.demo.seasons import HOURS_OFFICE, hours
from warehouse.demo.texts import Writer

TICKET_CATEGORIES = ("delivery", "quality", "refund", "account", "promotion", "other")
TICKET_CHANNELS = ("phone", "chat", "email")
PRIORITIES = ("low", "normal", "high", "urgent")
PRIORITY_MIX = np.array(
    [
        [0.10, 0.60, 0.25, 0.05],
        [0.10, 0.55, 0.27, 0.08],
        [0.05, 0.50, 0.35, 0.10],
        [0.30, 0.60, 0.09, 0.01],
        [0.45, 0.50, 0.05, 0.00],
        [0.55, 0.40, 0.05, 0.00],
    ]
)
SATISFACTION_MIX = np.array(
    [  # 1 .. 5 stars after a slow and after a quick solution
        [0.24, 0.22, 0.26, 0.18, 0.10],
        [0.05, 0.07, 0.16, 0.34, 0.38],
    ]
)


@dataclass(frozen=True)
class Tickets:
    """Tickets of one chunk; ``order`` is the row of the order that led to it.

    ``names_order`` tells whether the ticket says so.
    """

    number: Ints
    order: Ints
    names_order: Bools
    opened: Floats
    channel: Ints
    category: Ints
    priority: Ints
    responded: Floats
    resolved: Floats
    satisfaction: Ints
    message: list[str]


def make_tickets(
    scenario: Scenario,
    people: People,
    orders: Orders,
    lines: Lines,
    products: Products,
    writer: Writer,
    seed: int,
    chunk: int,
) -> Tickets:
    """Open, answer and close the tickets of one chunk."""
    rng = stream(seed, chunk, "tickets")
    row, category, opened = _reasons(rng, orders)
    end = float(scenario.day(scenario.as_of) + 1) - 0.001
    seen = opened < end
    row, category, opened = row[seen], category[seen], opened[seen]
    size = len(row)
    person = orders.person[row]
    priority = choose_by_row(rng, PRIORITY_MIX, category)
    wait = rng.gamma(1.2, 0.09, size) * np.array([1.6, 1.0, 0.6, 0.3])[priority]
    responded = opened + wait
    solving = rng.gamma(1.3, np.array([0.9, 1.3, 1.6, 0.5, 0.3, 0.3])[category])
    resolved = responded + solving
    open_ = (resolved > end) | (rng.random(size) < 0.025)
    quick = (resolved - opened < 1.2).astype(np.int64)
    rated = ~open_ & (rng.random(size) < 0.46)
    stars = choose_by_row(rng, SATISFACTION_MIX, quick) + 1
    english = people.english[person] | (rng.random(size) < 0.06)
    first = lines.product[starts_of(lines.order, len(orders))][row]
    return Tickets(
        number=number_rows(chunk, size, 6),
        order=row,
        names_order=category < 3,
        opened=opened,
        channel=choose(rng, (0.27, 0.60, 0.13), size),
        category=category,
        priority=priority,
        responded=np.where(responded > end, np.nan, responded),
        resolved=np.where(open_, np.nan, resolved),
        satisfaction=np.where(rated, stars, 0),
        message=[
            writer.ticket(language, TICKET_CATEGORIES[c], getattr(products.noun[p], language))
            for language, c, p in zip(
                np.where(english, "en", "zh").tolist(),
                category.tolist(),
                first.tolist(),
                strict=True,
            )
        ],
    )


def _reasons(rng: np.random.Generator, orders: Orders) -> tuple[Ints, Ints, Floats]:
    """Decide which orders lead to which tickets, and when."""
    size = len(orders)
    signed = ~orders.guest
    slow = orders.slow & (orders.channel != STORE) & (orders.status != CANCELLED) & signed
    late = np.flatnonzero(slow & (rng.random(size) < 0.11))
    back = np.flatnonzero(_refunded(orders) & signed & (rng.random(size) < 0.18))
    poor = np.flatnonzero(signed & (rng.random(size) < 0.005))
    other = np.flatnonzero(signed & (rng.random(size) < 0.009))
    rows = np.concatenate([late, back, poor, other])
    category = np.concatenate(
        [
            np.zeros(len(late), dtype=np.int64),
            np.full(len(back), 2),
            np.ones(len(poor), dtype=np.int64),
            3 + choose(rng, (0.3, 0.4, 0.3), len(other)),
        ]
    )
    wait = np.where(category == 0, 4.0, 0.5) + rng.exponential(2.0, len(rows))
    arrived = np.where(np.isfinite(orders.delivered), orders.delivered, orders.ordered + 1.5)
    base = np.where((category == 1) | (category == 2), arrived[rows], orders.ordered[rows])
    opened = np.floor(base + wait) + hours(rng, HOURS_OFFICE, len(rows))
    return rows, category, np.maximum(opened, orders.ordered[rows] + 0.02)


def _refunded(orders: Orders) -> Bools:
    return np.isin(orders.status, (REFUNDED, PARTIALLY))
