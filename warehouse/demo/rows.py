"""Turns a chunk into rows of the brand's files."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from warehouse.demo import layout
from warehouse.demo.accounts import account_number, order_accounts
from warehouse.demo.brand import Brand
from warehouse.demo.browsing import Sessions
from warehouse.demo.chunk import Chunk
from warehouse.demo.consents import consent_rows
from warehouse.demo.dirt import repeat_rows
from warehouse.demo.draws import Floats, Ints, moments, scramble
from warehouse.demo.geography import CITIES
from warehouse.demo.grammar import POLARITIES
from warehouse.demo.people import FEMALE, People
from warehouse.demo.purchases import Routes
from warehouse.demo.reviews import SOURCES
from warehouse.demo.scenario import ACQUISITION, CATEGORIES, CHANNELS, STORE, Scenario
from warehouse.demo.tickets import PRIORITIES, TICKET_CATEGORIES, TICKET_CHANNELS
from warehouse.demo.writing import Column, Columns, SourceFile, month_of

UNKNOWN_ACCOUNTS = 9_999_999_970
"""Account numbers from here on belong to nobody."""

# One place more than there are cities: none.
_CITY_NAMES = np.array([*(c.name for c in CITIES), None], dtype=object)
_PROVINCES = np.array([*(c.province for c in CITIES), None], dtype=object)
_COUNTRIES = np.array([*(c.country for c in CITIES), None], dtype=object)
_REGIONS = np.array([c.region for c in CITIES], dtype=object)


def chunk_rows(brand: Brand, chunk: Chunk) -> Iterator[tuple[SourceFile, Columns]]:
    """List the rows of one chunk file by file."""
    for source, make in _ROWS:
        yield source, make(brand, chunk)
    yield from _events(brand, chunk)


def _account_rows(name: str) -> Callable[[Brand, Chunk], Columns]:
    def rows(brand: Brand, chunk: Chunk) -> Columns:
        columns: Columns = getattr(chunk.accounts, name)
        return columns

    return rows


def _orders(brand: Brand, chunk: Chunk) -> Columns:
    orders, when = chunk.orders, _clock(brand.scenario)
    kind, account = order_accounts(chunk.people, orders)
    unknown = (kind >= 0) & (chunk.rng.random(len(orders)) < 0.0008)
    chunk.dirt.add("orders", "unknown_account_id", int(unknown.sum()))
    city = chunk.people.city[orders.person]
    sent = orders.channel != STORE
    place = np.where(sent, city, len(CITIES))
    columns: dict[str, Column] = {
        "number": orders.number,
        "ordered_at": when(orders.ordered),
        "paid_at": when(orders.paid_at),
        "status": orders.status,
        "channel": orders.channel,
        "store": orders.store,
        "account_type": kind,
        "account": np.where(unknown, UNKNOWN_ACCOUNTS + account % 20, account),
        "currency": orders.currency,
        "goods": orders.goods,
        "discount": orders.discount,
        "shipping": orders.shipping,
        "paid": orders.paid,
        "refund": orders.refund,
        "coupon": orders.coupon,
        "payment": orders.payment,
        "ship_city": _CITY_NAMES[place],
        "ship_province": _PROVINCES[place],
        "ship_country": _COUNTRIES[place],
        "warehouse": np.where(sent, Routes.build().warehouse[city], -1),
        "shipped_at": when(orders.shipped),
        "delivered_at": when(orders.delivered),
    }
    return repeat_rows(chunk.rng, chunk.dirt, "orders", columns, 0.002)


def _order_lines(brand: Brand, chunk: Chunk) -> Columns:
    orders, lines = chunk.orders, chunk.lines
    return {
        "number": orders.number[lines.order],
        "ordered_at": _clock(brand.scenario)(orders.ordered)[lines.order],
        "line_no": lines.line,
        "product": lines.product,
        "quantity": lines.quantity,
        "unit_price": lines.unit_price,
        "discount": lines.discount,
        "paid": lines.paid,
        "refund": lines.refund,
    }


def _events(brand: Brand, chunk: Chunk) -> Iterator[tuple[SourceFile, Columns]]:
    scenario, sessions, events, rng = brand.scenario, chunk.sessions, chunk.events, chunk.rng
    kind, account, device = _visitors(rng, chunk.people, chunk.identities.device, sessions)
    month = month_of(scenario.origin, events.time)
    size = len(month)
    again = np.flatnonzero(rng.random(size) < 0.0002)
    chunk.dirt.add("events", "duplicated_row", len(again))
    future = np.where(rng.random(size) < 0.00002, 365.0 * rng.integers(2, 11, size), 0.0)
    chunk.dirt.add("events", "timestamp_in_the_future", int((future > 0).sum()))
    stamps = _clock(scenario)(events.time + future)
    rows = np.concatenate([np.arange(size), again])
    rows = rows[np.argsort(month[rows], kind="stable")]
    at = events.session[rows]
    columns: dict[str, Column] = {
        "session": sessions.number[at],
        "step": events.step[rows].astype(np.int16),
        "event_at": stamps[rows],
        "account_type": kind.astype(np.int8)[at],
        "account": account[at],
        "device": device[at],
        "platform": sessions.platform.astype(np.int8)[at],
        "kind": events.kind.astype(np.int8)[rows],
        "product": events.product.astype(np.int16)[rows],
        "source": sessions.source.astype(np.int8)[at],
    }
    months, begins = np.unique(month[rows], return_index=True)
    ends = [*begins[1:].tolist(), len(rows)]
    for number, begin, end in zip(months.tolist(), begins.tolist(), ends, strict=True):
        source = layout.events_file(str(np.datetime64(number, "M")))
        yield source, {name: values[begin:end] for name, values in columns.items()}


def _visitors(
    rng: np.random.Generator, people: People, devices: Ints, sessions: Sessions
) -> tuple[Ints, Ints, Ints]:
    """Account type, account and device of each session; -1 where there is none."""
    size = len(sessions)
    person = np.maximum(sessions.person, 0)
    known = sessions.known
    account = np.where(known, account_number(layout.APP, people.first + person), 0)
    own_device = (sessions.person >= 0) & (known | (rng.random(size) < 0.7))
    # People's devices have ten digits at most, so a stranger never meets one.
    strange = scramble(sessions.number, 34) + 10**10
    device = np.where(own_device, devices[person], strange)
    no_device = (sessions.platform == 2) & (rng.random(size) < 0.25)
    return np.where(known, layout.APP, -1), account, np.where(no_device, -1, device)


def _touches(brand: Brand, chunk: Chunk) -> Columns:
    touches, when = chunk.touches, _clock(brand.scenario)
    return {
        "number": touches.number,
        "campaign": touches.campaign,
        "account_type": touches.account_type,
        "account": _accounts_of(chunk.people, touches.account_type, touches.person),
        "holdout": touches.holdout.astype(np.int64),
        "sent_at": when(touches.sent),
        "delivered": touches.delivered,
        "opened_at": when(touches.opened),
        "clicked_at": when(touches.clicked),
        "unsubscribed_at": when(touches.unsubscribed),
    }


def _consents(brand: Brand, chunk: Chunk) -> Columns:
    consents = consent_rows(brand.scenario, chunk.permissions)
    return {
        "account_type": consents.account_type,
        "account": _accounts_of(chunk.people, consents.account_type, consents.person),
        "channel": consents.channel,
        "purpose": ["marketing"] * len(consents.person),
        "status": consents.status,
        "changed_at": _clock(brand.scenario)(consents.changed),
    }


def _accounts_of(people: People, account_type: Ints, person: Ints) -> Ints:
    number = np.zeros(len(person), dtype=np.int64)
    for kind in (layout.CRM, layout.MEMBER, layout.APP):
        rows = account_type == kind
        number[rows] = account_number(kind, people.first + person[rows])
    return number


def _reviews(brand: Brand, chunk: Chunk) -> Columns:
    reviews, orders = chunk.reviews, chunk.orders
    kind, account = order_accounts(chunk.people, orders)
    # A survey asks about the shop: half of its answers name no product.
    survey = reviews.source == SOURCES.index("survey")
    vague = survey & (chunk.rng.random(len(survey)) < 0.5)
    columns: dict[str, Column] = {
        "number": reviews.number,
        "created_at": _clock(brand.scenario)(reviews.created),
        "account_type": kind[reviews.order],
        "account": account[reviews.order],
        "order_number": np.where(vague, -1, orders.number[reviews.order]),
        "product": np.where(vague, -1, reviews.product),
        "source": _names(SOURCES, reviews.source),
        "stars": reviews.stars,
        "text": np.array(reviews.text, dtype=object),
    }
    return repeat_rows(chunk.rng, chunk.dirt, "reviews", columns, 0.002)


def _truth_reviews(brand: Brand, chunk: Chunk) -> Columns:
    said = [
        (number, position, mention)
        for number, mentions in zip(
            chunk.reviews.number.tolist(), chunk.reviews.mentions, strict=True
        )
        for position, mention in enumerate(mentions)
    ]
    return {
        "number": np.array([n for n, _, _ in said], dtype=np.int64),
        "position": np.array([p for _, p, _ in said], dtype=np.int64),
        "aspect": [m.aspect for _, _, m in said],
        "polarity": [POLARITIES[m.polarity] for _, _, m in said],
        "quote": [m.quote for _, _, m in said],
    }


def _tickets(brand: Brand, chunk: Chunk) -> Columns:
    tickets, orders, when = chunk.tickets, chunk.orders, _clock(brand.scenario)
    kind, account = order_accounts(chunk.people, orders)
    about = orders.number[tickets.order]
    return {
        "number": tickets.number,
        "opened_at": when(tickets.opened),
        "account_type": kind[tickets.order],
        "account": account[tickets.order],
        "order_number": np.where(tickets.names_order, about, -1),
        "channel": _names(TICKET_CHANNELS, tickets.channel),
        "category": _names(TICKET_CATEGORIES, tickets.category),
        "priority": _names(PRIORITIES, tickets.priority),
        "first_response_at": when(tickets.responded),
        "resolved_at": when(tickets.resolved),
        "status": _names(("resolved", "open"), np.isnan(tickets.resolved).astype(np.int64)),
        "satisfaction": tickets.satisfaction,
        "message": tickets.message,
    }


def _truth_persons(brand: Brand, chunk: Chunk) -> Columns:
    people, when = chunk.people, _clock(brand.scenario)
    city = people.city
    return {
        "person": people.first + np.arange(len(people)),
        "gender": np.where(people.gender == FEMALE, "female", "male").astype(object),
        "age": people.age,
        "city": _CITY_NAMES[city],
        "province": _PROVINCES[city],
        "region": _REGIONS[city],
        "country": _COUNTRIES[city],
        "language": np.where(people.english, "en", "zh").astype(object),
        "acquisition_channel": _names(ACQUISITION, people.acquisition),
        "joined_at": when(people.joined),
        "favourite_category": _names(CATEGORIES, people.category),
        "second_category": _names(CATEGORIES, people.second_category),
        "main_channel": _names(CHANNELS, people.channel),
        "second_channel": _names(CHANNELS, people.second_channel),
        "taste": people.taste,
        "price_tier": people.price_tier,
        "price_sensitive": people.price_sensitive,
        "never_buys": people.never_buys,
        "dropped_out": chunk.last.dropped_out,
        "last_slow": chunk.last.last_slow,
        "next_purchase_at": when(chunk.last.next_purchase),
        "purchase_rate": np.round(people.rate, 8),
        "dropout_chance": np.round(people.dropout, 8),
        "visit_rate": np.round(people.visit_rate, 8),
        "orders": np.bincount(chunk.orders.person, minlength=len(people)),
        "is_test": chunk.identities.test,
    }


def _clock(scenario: Scenario) -> Callable[[Floats], Column]:
    return lambda times: moments(scenario.origin, times)


def _names(names: tuple[str, ...], codes: Ints) -> Column:
    return np.array(names, dtype=object)[codes]


_ROWS: tuple[tuple[SourceFile, Callable[[Brand, Chunk], Columns]], ...] = (
    (layout.CRM_CUSTOMERS, _account_rows("crm")),
    (layout.MEMBERS, _account_rows("members")),
    (layout.APP_USERS, _account_rows("app")),
    (layout.MARKETPLACE_BUYERS, _account_rows("buyers")),
    (layout.ORDERS, _orders),
    (layout.ORDER_LINES, _order_lines),
    (layout.TICKETS, _tickets),
    (layout.REVIEWS, _reviews),
    (layout.TOUCHES, _touches),
    (layout.CONSENTS, _consents),
    (layout.TRUTH_PEOPLE, _account_rows("truth")),
    (layout.TRUTH_PERSONS, _truth_persons),
    (layout.TRUTH_REVIEWS, _truth_reviews),
)
