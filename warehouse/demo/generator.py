"""Generates the demo brand: people first, then all they do, then the files a brand would export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from warehouse.demo import layout
from warehouse.demo.accounts import AccountWriter, account_number, order_accounts
from warehouse.demo.browsing import Events, Sessions, make_events, make_sessions
from warehouse.demo.campaigns import Outcome, Touches, run_campaigns
from warehouse.demo.catalogue import (
    Products,
    Shelf,
    Stores,
    make_products,
    make_rates,
    make_stores,
    store_of_city,
)
from warehouse.demo.consents import Permissions, consent_rows, make_permissions
from warehouse.demo.dirt import DirtCounter, repeat_rows
from warehouse.demo.draws import Bools, Floats, Ints, moments, scramble, stream
from warehouse.demo.geography import CITIES
from warehouse.demo.identities import Identities, make_identities
from warehouse.demo.orders import Lines, Orders, make_orders
from warehouse.demo.people import FEMALE, People, make_people
from warehouse.demo.plans import CAMPAIGNS
from warehouse.demo.purchases import Clocks, LastState, Purchases, Routes, simulate
from warehouse.demo.reviews import SOURCES, Reviews, make_reviews, product_likings
from warehouse.demo.scenario import (
    ACQUISITION,
    CATEGORIES,
    CHANNELS,
    STORE,
    Scenario,
    scenario_at,
)
from warehouse.demo.grammar import POLARITIES, Grammar
from warehouse.demo.texts import Writer
from warehouse.demo.tickets import (
    PRIORITIES,
    TICKET_CATEGORIES,
    TICKET_CHANNELS,
    Tickets,
    make_tickets,
)
from warehouse.demo.truth import write_truth, write_workspace
from warehouse.demo.writing import Column, Staging, month_of

CHUNK = 10_000
"""People made at a time; each chunk has its own random streams, so memory stays flat."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class DemoReport:
    """What was written: rows by file, as paths inside the workspace."""

    folder: Path
    customers: int
    seed: int
    as_of: date
    rows: dict[str, int]


def generate_demo(
    folder: Path,
    customers: int = 20_000,
    seed: int = 20261031,
    as_of: date = date(2026, 10, 31),
    progress: Progress | None = None,
) -> DemoReport:
    """Write the demo brand's workspace: source files, workspace.yml and the truth beside them.

    Parameters
    ----------
    folder : Path
        Workspace folder; made if missing. Files of an earlier demo are replaced.
    customers : int
        Number of people; everything else grows in proportion.
    seed : int
        Equal seeds and other arguments give equal bytes.
    as_of : date
        Last day of the data, which spans two years.
    progress : callable, optional
        Told what is being done and the share that is finished, from 0 to 1.

    Returns
    -------
    DemoReport
        Rows written by file.
    """
    tell = progress or (lambda text, share: None)
    brand = Brand.build(scenario_at(as_of), seed)
    staging = Staging(folder)
    tally = Tally(DirtCounter(), [])
    chunks = [(i, first) for i, first in enumerate(range(0, customers, CHUNK))]
    for chunk, first in chunks:
        tell("people", 0.75 * chunk / len(chunks))
        ChunkMaker(brand, staging, tally, chunk).make(first, min(CHUNK, customers - first))
    _add_fixed_files(brand, staging)
    rows = _write_files(brand, staging, tell)
    staging.close()
    write_truth(folder, brand.scenario, seed, customers, CHUNK, tally.outcomes, tally.dirt)
    write_workspace(folder)
    tell("done", 1.0)
    return DemoReport(folder, customers, seed, as_of, rows)


@dataclass(frozen=True)
class Brand:
    """What all people share: the scenario, the seasons, the goods, the shops, the words."""

    scenario: Scenario
    seed: int
    clocks: Clocks
    products: Products
    stores: Stores
    shelf: Shelf
    likings: Floats
    grammars: dict[str, Grammar]

    @classmethod
    def build(cls, scenario: Scenario, seed: int) -> Brand:
        """Set the brand up."""
        products = make_products(scenario, seed)
        months = range(scenario.years * 12)
        starts = np.array([scenario.day(scenario.month_start(m)) for m in months])
        return cls(
            scenario=scenario,
            seed=seed,
            clocks=Clocks.build(scenario),
            products=products,
            stores=make_stores(scenario, seed),
            shelf=Shelf(products, starts),
            likings=product_likings(stream(seed, 3, "catalogue"), products),
            grammars={language: Grammar(language) for language in ("zh", "en")},
        )


@dataclass
class Tally:
    """What is counted over all chunks."""

    dirt: DirtCounter
    outcomes: list[Outcome]


class ChunkMaker:
    """Makes one chunk of people and stages all their rows."""

    def __init__(self, brand: Brand, staging: Staging, tally: Tally, chunk: int) -> None:
        self._brand = brand
        self._staging = staging
        self._tally = tally
        self._chunk = chunk
        self._dirt_rng = stream(brand.seed, chunk, "dirt")

    def make(self, first: int, size: int) -> None:
        """Make the people numbered ``first`` to ``first + size`` and stage their rows."""
        brand, chunk, seed = self._brand, self._chunk, self._brand.seed
        scenario = brand.scenario
        people = make_people(scenario, seed, chunk, first, size, len(brand.stores))
        rng = stream(seed, chunk, "accounts")
        people.store[:] = store_of_city(rng, brand.stores, people.city)
        purchases, last = simulate(scenario, brand.clocks, people, seed, chunk)
        opened = _openings(rng, people, purchases)
        permissions = make_permissions(scenario, people, opened, seed, chunk)
        purchases, touches, outcomes = run_campaigns(
            scenario, people, purchases, permissions, seed, chunk
        )
        self._tally.outcomes += outcomes
        orders, lines = make_orders(
            scenario, brand.clocks, people, purchases, brand.shelf, seed, chunk
        )
        sessions = make_sessions(scenario, brand.clocks, people, purchases, orders, seed, chunk)
        events = make_events(people, sessions, orders, lines, brand.shelf, seed, chunk)
        identities = make_identities(rng, people)
        writer = Writer(stream(seed, 100_000 + chunk, "reviews"), brand.grammars)
        dirt = self._tally.dirt
        reviews = make_reviews(
            scenario, people, orders, lines, brand.products, brand.likings, writer, dirt, seed, chunk
        )
        tickets = make_tickets(
            scenario, people, orders, lines, brand.products, writer, seed, chunk
        )
        self._stage_accounts(rng, people, identities, opened, orders, permissions)
        self._stage_orders(people, orders, lines)
        self._stage_events(people, identities, sessions, events)
        self._stage_campaigns(people, touches, permissions)
        self._stage_texts(people, orders, reviews, tickets)
        self._stage_persons(people, identities, orders, last)

    def _stage_accounts(
        self,
        rng: np.random.Generator,
        people: People,
        identities: Identities,
        opened: dict[int, Floats],
        orders: Orders,
        permissions: Permissions,
    ) -> None:
        scenario = self._brand.scenario
        recent = orders.ordered >= scenario.day(scenario.as_of) - 365
        spend = np.bincount(
            orders.person, (orders.paid - orders.refund) * recent, minlength=len(people)
        ).astype(np.int64)
        writer = AccountWriter(scenario, rng, self._tally.dirt, people, identities, opened)
        accounts = writer.write(spend, _opt_ins(scenario, permissions))
        add = self._staging.add
        add(layout.CRM_CUSTOMERS, self._chunk, accounts.crm)
        add(layout.MEMBERS, self._chunk, accounts.members)
        add(layout.APP_USERS, self._chunk, accounts.app)
        add(layout.MARKETPLACE_BUYERS, self._chunk, accounts.buyers)
        add(layout.TRUTH_PEOPLE, self._chunk, accounts.truth)

    def _stage_orders(self, people: People, orders: Orders, lines: Lines) -> None:
        when = self._moments
        kind, account = order_accounts(people, orders)
        unknown = (kind >= 0) & (self._dirt_rng.random(len(orders)) < 0.0008)
        account = np.where(unknown, 9_999_999_970 + account % 30, account)
        self._tally.dirt.add("orders", "unknown_account_id", int(unknown.sum()))
        city = people.city[orders.person]
        sent = orders.channel != STORE
        columns: dict[str, Column] = {
            "number": orders.number,
            "ordered_at": when(orders.ordered),
            "paid_at": when(orders.paid_at),
            "status": orders.status,
            "channel": orders.channel,
            "store": orders.store,
            "account_type": kind,
            "account": account,
            "currency": orders.currency,
            "goods": orders.goods,
            "discount": orders.discount,
            "shipping": orders.shipping,
            "paid": orders.paid,
            "refund": orders.refund,
            "coupon": orders.coupon,
            "payment": orders.payment,
            "ship_city": np.where(sent, _CITY_NAMES[city], None),
            "ship_province": np.where(sent, _PROVINCES[city], None),
            "ship_country": np.where(sent, _COUNTRIES[city], None),
            "warehouse": np.where(sent, Routes.build().warehouse[city], -1),
            "shipped_at": when(orders.shipped),
            "delivered_at": when(orders.delivered),
        }
        columns = repeat_rows(self._dirt_rng, self._tally.dirt, "orders", columns, 0.002)
        self._staging.add(layout.ORDERS, self._chunk, columns)
        self._staging.add(
            layout.ORDER_LINES,
            self._chunk,
            {
                "number": orders.number[lines.order],
                "ordered_at": when(orders.ordered)[lines.order],
                "line_no": lines.line,
                "product": lines.product,
                "quantity": lines.quantity,
                "unit_price": lines.unit_price,
                "discount": lines.discount,
                "paid": lines.paid,
                "refund": lines.refund,
            },
        )

    def _stage_events(
        self, people: People, identities: Identities, sessions: Sessions, events: Events
    ) -> None:
        scenario, rng = self._brand.scenario, self._dirt_rng
        kind, account, device = _visitors(rng, people, identities, sessions)
        begin = float(scenario.day(scenario.first_day))
        times = np.maximum(events.time, begin)
        month = month_of(scenario.origin, times)
        future = rng.random(len(times)) < 0.00002
        self._tally.dirt.add("events", "timestamp_in_the_future", int(future.sum()))
        stamps = self._moments(np.where(future, times + 365 * rng.integers(2, 11), times))
        at = events.session
        columns: dict[str, Column] = {
            "session": sessions.number[at],
            "step": events.step,
            "event_at": stamps,
            "account_type": kind[at].astype(np.int8),
            "account": account[at],
            "device": device[at],
            "platform": sessions.platform[at].astype(np.int8),
            "kind": events.kind.astype(np.int8),
            "product": events.product.astype(np.int16),
            "source": sessions.source[at].astype(np.int8),
        }
        for number in np.unique(month):
            rows = month == number
            source = layout.events_file(str(np.datetime64(int(number), "M")))
            self._staging.add(source, self._chunk, {n: v[rows] for n, v in columns.items()})

    def _stage_campaigns(self, people: People, touches: Touches, permissions: Permissions) -> None:
        when = self._moments
        consents = consent_rows(self._brand.scenario, permissions)
        self._staging.add(
            layout.TOUCHES,
            self._chunk,
            {
                "number": touches.number,
                "campaign": touches.campaign,
                "account_type": touches.account_type,
                "account": _accounts_of(people, touches.account_type, touches.person),
                "holdout": touches.holdout.astype(np.int64),
                "sent_at": when(touches.sent),
                "delivered": touches.delivered,
                "opened_at": when(touches.opened),
                "clicked_at": when(touches.clicked),
                "unsubscribed_at": when(touches.unsubscribed),
            },
        )
        self._staging.add(
            layout.CONSENTS,
            self._chunk,
            {
                "account_type": consents.account_type,
                "account": _accounts_of(people, consents.account_type, consents.person),
                "channel": consents.channel,
                "purpose": ["marketing"] * len(consents.person),
                "status": consents.status,
                "changed_at": when(consents.changed),
            },
        )

    def _stage_texts(
        self, people: People, orders: Orders, reviews: Reviews, tickets: Tickets
    ) -> None:
        kind, account = order_accounts(people, orders)
        when = self._moments
        columns: dict[str, Column] = {
            "number": reviews.number,
            "created_at": when(reviews.created),
            "account_type": kind[reviews.order],
            "account": account[reviews.order],
            "order_number": orders.number[reviews.order],
            "product": reviews.product,
            "source": np.array(SOURCES, dtype=object)[reviews.source],
            "stars": reviews.stars,
            "text": np.array(reviews.text, dtype=object),
        }
        columns = repeat_rows(self._dirt_rng, self._tally.dirt, "reviews", columns, 0.002)
        self._staging.add(layout.REVIEWS, self._chunk, columns)
        said = [
            (n, i, m)
            for n, mentions in zip(reviews.number.tolist(), reviews.mentions, strict=True)
            for i, m in enumerate(mentions)
        ]
        self._staging.add(
            layout.TRUTH_REVIEWS,
            self._chunk,
            {
                "number": np.array([n for n, _, _ in said], dtype=np.int64),
                "position": np.array([i for _, i, _ in said], dtype=np.int64),
                "aspect": [m.aspect for _, _, m in said],
                "polarity": [POLARITIES[m.polarity] for _, _, m in said],
                "quote": [m.quote for _, _, m in said],
            },
        )
        row = np.maximum(tickets.order, 0)
        kind, account = _ticket_accounts(people, orders, tickets, kind, account)
        self._staging.add(
            layout.TICKETS,
            self._chunk,
            {
                "number": tickets.number,
                "opened_at": when(tickets.opened),
                "account_type": kind,
                "account": account,
                "order_number": np.where(tickets.order >= 0, orders.number[row], -1),
                "channel": _names(TICKET_CHANNELS, tickets.channel),
                "category": _names(TICKET_CATEGORIES, tickets.category),
                "priority": _names(PRIORITIES, tickets.priority),
                "first_response_at": when(tickets.responded),
                "resolved_at": when(tickets.resolved),
                "status": _names(("resolved", "open"), np.isnan(tickets.resolved).astype(np.int64)),
                "satisfaction": tickets.satisfaction,
                "message": tickets.message,
            },
        )

    def _stage_persons(
        self, people: People, identities: Identities, orders: Orders, last: LastState
    ) -> None:
        city = people.city
        self._staging.add(
            layout.TRUTH_PERSONS,
            self._chunk,
            {
                "person": people.first + np.arange(len(people)),
                "gender": np.where(people.gender == FEMALE, "female", "male").astype(object),
                "age": people.age,
                "city": _CITY_NAMES[city],
                "province": _PROVINCES[city],
                "region": np.array([c.region for c in CITIES], dtype=object)[city],
                "country": _COUNTRIES[city],
                "language": np.where(people.english, "en", "zh").astype(object),
                "acquisition_channel": _names(ACQUISITION, people.acquisition),
                "joined_at": self._moments(people.joined),
                "favourite_category": _names(CATEGORIES, people.category),
                "second_category": _names(CATEGORIES, people.second_category),
                "main_channel": _names(CHANNELS, people.channel),
                "second_channel": _names(CHANNELS, people.second_channel),
                "taste": people.taste,
                "price_tier": people.price_tier,
                "price_sensitive": people.price_sensitive,
                "never_buys": people.never_buys,
                "dropped_out": last.dropped_out,
                "last_slow": last.last_slow,
                "purchase_rate": np.round(people.rate, 8),
                "dropout_chance": np.round(people.dropout, 8),
                "visit_rate": np.round(people.visit_rate, 8),
                "orders": np.bincount(orders.person, minlength=len(people)),
                "is_test": identities.test,
            },
        )

    def _moments(self, times: Floats) -> Column:
        return moments(self._brand.scenario.origin, times)


_CITY_NAMES = np.array([c.name for c in CITIES], dtype=object)
_PROVINCES = np.array([c.province for c in CITIES], dtype=object)
_COUNTRIES = np.array([c.country for c in CITIES], dtype=object)


def _names(names: tuple[str, ...], codes: Ints) -> Column:
    return np.array(names, dtype=object)[codes]


def _openings(
    rng: np.random.Generator, people: People, purchases: Purchases
) -> dict[int, Floats]:
    """Draw when each person's accounts were opened: all before the first purchase.

    The time of joining is moved before the first purchase too, which fell on an hour of that day.
    """
    first = np.full(len(people), np.inf)
    np.minimum.at(first, purchases.person, purchases.time)
    people.joined[:] = np.minimum(people.joined, first - 0.02)
    openings = {}
    for account_type in (layout.CRM, layout.MEMBER, layout.APP):
        size = len(people)
        later = np.where(rng.random(size) < 0.4, rng.exponential(40.0, size), 0.0)
        openings[account_type] = np.minimum(
            people.joined + later + rng.uniform(0, 0.01, size), first - 0.005
        )
    return openings


def _opt_ins(scenario: Scenario, permissions: Permissions) -> dict[str, Bools]:
    end = float(scenario.day(scenario.as_of) + 1)
    return {c: permissions.opted_in(layout.APP, c, end) for c in ("sms", "push", "email")}


def _accounts_of(people: People, account_type: Ints, person: Ints) -> Ints:
    number = np.zeros(len(person), dtype=np.int64)
    for kind in (layout.CRM, layout.MEMBER, layout.APP):
        rows = account_type == kind
        number[rows] = account_number(kind, people.first + person[rows])
    return number


def _visitors(
    rng: np.random.Generator, people: People, identities: Identities, sessions: Sessions
) -> tuple[Ints, Ints, Ints]:
    """Account type, account and device of each session; -1 where there is none."""
    size = len(sessions)
    person = np.maximum(sessions.person, 0)
    known = sessions.known & people.has_app[person]
    account = np.where(known, account_number(layout.APP, people.first + person), 0)
    own_device = (sessions.person >= 0) & (known | (rng.random(size) < 0.7))
    strange = scramble(sessions.number, 34)
    # Even numbers of the sequence behind are people's devices, so strangers never meet one.
    device = np.where(own_device, identities.device[person], strange + 10**10)
    web = (sessions.platform == 2) & (rng.random(size) < 0.25)
    return np.where(known, layout.APP, -1), account, np.where(web, -1, device)


def _ticket_accounts(
    people: People, orders: Orders, tickets: Tickets, kind: Ints, account: Ints
) -> tuple[Ints, Ints]:
    """Tickets are filed under the account of the order they followed."""
    rows = np.searchsorted(orders.person, tickets.person)
    at = np.where(tickets.order >= 0, tickets.order, rows)
    return kind[at], account[at]


def _add_fixed_files(brand: Brand, staging: Staging) -> None:
    scenario, products, stores = brand.scenario, brand.products, brand.stores
    staging.add(
        layout.PRODUCTS,
        0,
        {
            "product": np.arange(len(products)),
            "name_zh": products.name_zh,
            "name_en": products.name_en,
            "category": products.category,
            "subcategory": products.subcategory,
            "brand": products.brand,
            "list_price": products.list_price,
            "unit_cost": products.unit_cost,
            "launched_on": moments(scenario.origin, products.launched.astype(float)),
        },
    )
    staging.add(
        layout.STORES,
        0,
        {
            "store": np.arange(len(stores)),
            "name": stores.name,
            "city": _CITY_NAMES[stores.city],
            "province": _PROVINCES[stores.city],
            "opened_on": np.array(stores.opened, dtype="datetime64[s]"),
        },
    )
    rates = make_rates(scenario, brand.seed)
    staging.add(
        layout.EXCHANGE_RATES,
        0,
        {
            "month": np.array([r[0] for r in rates], dtype="datetime64[s]"),
            "currency": [r[1] for r in rates],
            "rate_to_cny": np.array([r[2] for r in rates]),
        },
    )
    _add_campaigns(scenario, staging)


def _add_campaigns(scenario: Scenario, staging: Staging) -> None:
    starts = [scenario.month_start(c.month, c.day) for c in CAMPAIGNS]
    ends = [s + timedelta(days=c.days - 1) for s, c in zip(starts, CAMPAIGNS, strict=True)]
    columns: dict[str, Column] = {
        "campaign": np.arange(len(CAMPAIGNS)),
        "started_on": np.array(starts, dtype="datetime64[s]"),
        "ended_on": np.array(ends, dtype="datetime64[s]"),
        "holdout_share": np.array([c.holdout for c in CAMPAIGNS]),
    }
    for name in ("name_zh", "name_en", "channel", "objective"):
        columns[name] = np.array([asdict(c)[name] for c in CAMPAIGNS], dtype=object)
    staging.add(layout.CAMPAIGNS_FILE, 0, columns)


def _write_files(brand: Brand, staging: Staging, tell: Progress) -> dict[str, int]:
    scenario = brand.scenario
    months = [scenario.month_start(m).strftime("%Y-%m") for m in range(scenario.years * 12)]
    sources = [
        *layout.FILES,
        *layout.TRUTH_FILES,
        *(layout.events_file(m) for m in months),
    ]
    rows = {}
    for done, source in enumerate(sources):
        tell(source.name, 0.75 + 0.25 * done / len(sources))
        rows[source.path] = staging.write(source)
    return rows
