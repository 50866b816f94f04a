"""Orders and their lines: baskets, prices, discounts, payment, delivery, refunds.

All amounts are minor units of the order's currency, and the lines of an order always add up to its
goods, discount, paid (without shipping) and refunded amounts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.catalogue import LINES, QUANTITIES, Products, Shelf, is_favourite
from warehouse.demo.draws import (
    Bools,
    Floats,
    Ints,
    choose_by_row,
    number_rows,
    rank_in_group,
    split,
    starts_of,
    stream,
)
from warehouse.demo.geography import CITIES, CURRENCIES, CURRENCY_OF_COUNTRY, PRICE_LIST_RATES
from warehouse.demo.people import People
from warehouse.demo.purchases import Clocks, Purchases, is_slow
from warehouse.demo.scenario import CATEGORIES, OWN_ONLINE, STORE, Scenario

STATUSES = ("completed", "cancelled", "refunded", "partially_refunded", "shipped")
COMPLETED, CANCELLED, REFUNDED, PARTIALLY, SHIPPED = range(5)
PAYMENTS = ("alipay", "wechat_pay", "card", "cash")
PAYMENT_MIX = np.array(
    [
        [0.42, 0.50, 0.08, 0.0],  # app
        [0.02, 0.97, 0.01, 0.0],  # mini_program
        [0.52, 0.30, 0.18, 0.0],  # web
        [0.33, 0.46, 0.13, 0.08],  # store
        [0.95, 0.0, 0.05, 0.0],  # tmall
        [0.03, 0.62, 0.35, 0.0],  # jd
        [0.38, 0.57, 0.05, 0.0],  # douyin
        [0.10, 0.06, 0.84, 0.0],  # overseas
    ]
)
REFUND_RISK = np.array([0.7, 0.5, 0.9, 1.2, 0.5, 1.9])
"""How often an order is sent back, by category, against the average."""

COUPONS = (
    "NEW20",
    "SAVE10",
    "MEMBER8",
    "BABY15",
    "COFFEE12",
    "D11",
    "D12",
    "618",
    "BACK30",
    "FREESHIP",
)
FREE_SHIPPING_FROM = (9_900, 7_900, 60_000, 10_900)
SHIPPING_FEE = (800, 1_200, 6_000, 1_500)
"""By currency, in minor units."""


@dataclass(frozen=True)
class Orders:
    """Orders of one chunk, sorted by person and time. Times are days since the origin."""

    number: Ints
    person: Ints
    ordered: Floats
    paid_at: Floats
    status: Ints
    channel: Ints
    store: Ints
    guest: Bools
    currency: Ints
    goods: Ints
    discount: Ints
    shipping: Ints
    paid: Ints
    refund: Ints
    coupon: Ints
    payment: Ints
    shipped: Floats
    delivered: Floats
    slow: Bools
    campaign: Ints

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True)
class Lines:
    """Lines of the orders of one chunk; ``order`` is the row of the order."""

    order: Ints
    line: Ints
    product: Ints
    quantity: Ints
    unit_price: Ints
    discount: Ints
    paid: Ints
    refund: Ints


def make_orders(
    scenario: Scenario,
    clocks: Clocks,
    people: People,
    purchases: Purchases,
    shelf: Shelf,
    seed: int,
    chunk: int,
) -> tuple[Orders, Lines]:
    """Turn the purchases of one chunk that went through into orders with lines."""
    rng = stream(seed, chunk, "orders")
    bought = purchases.take(~purchases.lost)
    size = len(bought)
    person = bought.person
    reduced = _has_discount(scenario, clocks, rng, people, bought)
    order, product, quantity = _baskets(scenario, rng, people, bought, reduced, shelf)
    currency = _currency(rng, people, bought)
    unit_price = _prices(shelf.products, product, currency[order])
    listed = unit_price * quantity
    goods = np.bincount(order, listed, minlength=size).astype(np.int64)
    discount = _discount(rng, people, bought, reduced, goods)
    overseas = people.overseas[person]
    status, unpaid = _status(scenario, rng, people, bought, shelf.products, order, product)
    shipping = _shipping(bought, currency, goods - discount)
    shipping[status == CANCELLED] = 0
    line_discount = split(discount, listed, order)
    line_paid = np.where(unpaid[order], 0, listed - line_discount)
    paid_at = bought.time + (15 + rng.exponential(75, size)) / 86_400
    shipped, delivered, status = _delivery(scenario, bought, status, paid_at)
    line_refund = _refunds(rng, status, line_paid, order)
    orders = Orders(
        number=number_rows(chunk, size, 1),
        person=person,
        ordered=bought.time,
        paid_at=np.where(unpaid, np.nan, paid_at),
        status=status,
        channel=bought.channel,
        store=np.where(bought.channel == STORE, people.store[person], -1),
        guest=_guests(scenario, rng, people, bought),
        currency=currency,
        goods=goods,
        discount=discount,
        shipping=shipping,
        paid=np.bincount(order, line_paid, minlength=size).astype(np.int64) + shipping,
        refund=np.bincount(order, line_refund, minlength=size).astype(np.int64),
        coupon=_coupon(scenario, rng, bought, reduced),
        payment=choose_by_row(
            rng, PAYMENT_MIX, np.where(overseas & (bought.channel < OWN_ONLINE), 7, bought.channel)
        ),
        shipped=shipped,
        delivered=delivered,
        slow=is_slow(scenario, people, bought),
        campaign=bought.campaign,
    )
    lines = Lines(
        order,
        rank_in_group(order) + 1,
        product,
        quantity,
        unit_price,
        line_discount,
        line_paid,
        line_refund,
    )
    return orders, lines


def _has_discount(
    scenario: Scenario, clocks: Clocks, rng: np.random.Generator, people: People, bought: Purchases
) -> Bools:
    promotion = clocks.ordinary.is_promotion(np.floor(bought.time).astype(np.int64))
    drifted = bought.time >= scenario.day(scenario.drift.start)
    chance = (
        0.17
        + 0.30 * promotion
        + 0.24 * people.price_sensitive[bought.person]
        + scenario.drift.added * drifted
        + 0.35 * (bought.campaign >= 0)
    )
    return np.asarray(rng.random(len(bought)) < np.minimum(chance, 0.96))


def _baskets(
    scenario: Scenario,
    rng: np.random.Generator,
    people: People,
    bought: Purchases,
    reduced: Bools,
    shelf: Shelf,
) -> tuple[Ints, Ints, Ints]:
    main = _category(rng, people, bought.person, 0.64, 0.22)
    more = np.where(reduced & people.price_sensitive[bought.person], 0.5, 0.0)
    count = 1 + rng.poisson(np.array(LINES)[main] - 1 + more)
    order = np.repeat(np.arange(len(bought)), np.minimum(count, 9))
    other = _category(rng, people, bought.person[order], 0.45, 0.35)
    first = rank_in_group(order) == 0
    category = np.where(first | (rng.random(len(order)) < 0.74), main[order], other)
    person = bought.person[order]
    day = np.floor(bought.time[order]).astype(np.int64)
    drawn = shelf.draw(rng, day, category, people.taste[person], people.price_tier[person])
    usual = favourites(scenario, rng, people, shelf)[person, category]
    product = np.where(is_favourite(rng, category), usual, drawn)
    _, kept = np.unique(order * len(shelf.products) + product, return_index=True)
    kept = np.sort(kept)
    order, product = order[kept], product[kept]
    category = shelf.products.category[product]
    return order, product, 1 + rng.poisson(np.array(QUANTITIES)[category] - 1)


def favourites(scenario: Scenario, rng: np.random.Generator, people: People, shelf: Shelf) -> Ints:
    """Draw each person's usual product of each category, among those sold from the start."""
    size, kinds = len(people), len(CATEGORIES)
    day = np.full(size * kinds, scenario.day(scenario.first_day))
    category = np.tile(np.arange(kinds), size)
    taste, tier = np.repeat(people.taste, kinds), np.repeat(people.price_tier, kinds)
    return shelf.draw(rng, day, category, taste, tier).reshape(size, kinds)


def _category(
    rng: np.random.Generator, people: People, person: Ints, first: float, second: float
) -> Ints:
    luck = rng.random(len(person))
    anything = rng.integers(0, len(CATEGORIES), len(person))
    rest = np.where(luck < first + second, people.second_category[person], anything)
    return np.where(luck < first, people.category[person], rest)


def _currency(rng: np.random.Generator, people: People, bought: Purchases) -> Ints:
    codes = [CURRENCIES.index(CURRENCY_OF_COUNTRY.get(c.country, "USD")) for c in CITIES]
    home = np.array(codes)[people.city[bought.person]]
    foreign = (bought.channel < OWN_ONLINE) & (rng.random(len(bought)) < 0.93)
    return np.where(foreign, home, 0)


def _prices(products: Products, product: Ints, currency: Ints) -> Ints:
    price = products.list_price[product]
    abroad = np.round(price / np.array(PRICE_LIST_RATES)[currency] / 10).astype(np.int64) * 10
    return np.where(currency == 0, price, abroad)


def _discount(
    rng: np.random.Generator, people: People, bought: Purchases, reduced: Bools, goods: Ints
) -> Ints:
    depth = rng.uniform(0.05, 0.22, len(bought)) + 0.06 * people.price_sensitive[bought.person]
    amount = np.maximum((goods * depth / 100).astype(np.int64), 1) * 100
    return np.where(reduced, np.minimum(amount, goods // 2), 0)


def _status(
    scenario: Scenario,
    rng: np.random.Generator,
    people: People,
    bought: Purchases,
    products: Products,
    order: Ints,
    product: Ints,
) -> tuple[Ints, Bools]:
    """Decide on cancellations (some before paying) and refunds."""
    size = len(bought)
    first = product[starts_of(order, size)]
    cancelled = (rng.random(size) < scenario.cancelled_share * 1.38) & (bought.channel != STORE)
    unpaid = cancelled & (rng.random(size) < 0.6)
    risk = REFUND_RISK[products.category[first]] * np.exp(-0.7 * products.quality[first] + 0.15)
    risk *= np.where(is_slow(scenario, people, bought), 2.2, 1.0)
    sent_back = rng.random(size) < scenario.refunded_share * risk
    partly = rng.random(size) < 0.5
    status = np.where(sent_back, np.where(partly, PARTIALLY, REFUNDED), COMPLETED)
    return np.where(cancelled, CANCELLED, status), unpaid


def _shipping(bought: Purchases, currency: Ints, amount: Ints) -> Ints:
    own = bought.channel < OWN_ONLINE
    due = own & (amount < np.array(FREE_SHIPPING_FROM)[currency])
    return np.where(due, np.array(SHIPPING_FEE)[currency], 0)


def _refunds(rng: np.random.Generator, status: Ints, line_paid: Ints, order: Ints) -> Ints:
    state = status[order]
    # Paid and then cancelled gives all back; a partial refund returns part of the first line.
    whole = np.isin(state, (REFUNDED, CANCELLED))
    part = (state == PARTIALLY) & (rank_in_group(order) == 0)
    share = rng.choice([0.2, 0.3, 0.5, 0.8], len(order))
    return np.where(whole, line_paid, np.where(part, (line_paid * share).astype(np.int64), 0))


def _delivery(
    scenario: Scenario, bought: Purchases, status: Ints, paid_at: Floats
) -> tuple[Floats, Floats, Ints]:
    end = float(scenario.day(scenario.as_of) + 1) - 1 / 86_400
    sent = (bought.channel != STORE) & (status != CANCELLED)
    shipped = np.where(sent, np.minimum(paid_at + bought.handling, end), np.nan)
    arrival = paid_at + bought.handling + bought.travel
    # Couriers ring between nine and nine.
    arrival = np.floor(arrival) + 0.375 + 0.5 * (arrival - np.floor(arrival))
    arrival = np.maximum(arrival, shipped + 0.2)
    delivered = np.where(sent & (arrival < end), arrival, np.nan)
    under_way = sent & np.isnan(delivered)
    return shipped, delivered, np.where(under_way, SHIPPED, status)


def _guests(
    scenario: Scenario, rng: np.random.Generator, people: People, bought: Purchases
) -> Bools:
    luck = rng.random(len(bought))
    person = bought.person
    known = people.has_member[person] | people.has_crm[person]
    in_store = (bought.channel == STORE) & ((luck < scenario.guest_share_store) | ~known)
    on_web = (bought.channel == 2) & (luck < scenario.guest_share_web)
    return np.asarray(in_store | on_web)


def _coupon(
    scenario: Scenario, rng: np.random.Generator, bought: Purchases, reduced: Bools
) -> Ints:
    size = len(bought)
    origin = np.datetime64(scenario.origin)
    month = (origin + np.floor(bought.time).astype("timedelta64[D]")).astype("datetime64[M]")
    number = month.astype(np.int64) % 12 + 1
    usual = rng.choice([1, 2, 3, 4, 9], size)
    season = np.select([number == 11, number == 12, number == 6], [5, 6, 7], usual)
    code = np.where(rng.random(size) < 0.7, season, usual)
    code = np.where((rank_in_group(bought.person) == 0) & (rng.random(size) < 0.5), 0, code)
    code = np.where(bought.campaign >= 0, 8, code)
    return np.where(reduced & (rng.random(size) < 0.64), code, -1)
