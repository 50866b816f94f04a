"""What customers do, as metrics: "bought three times" is a count of orders.

Each act lists conventional names of metrics, best first; the first one that a brand's vocabulary
has is taken. A brand whose metrics are named otherwise still understands the noun ("customers with
more than 3 invoices"), which needs no act.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from agent.embedded.atoms import key_of
from agent.embedded.index import VocabularyIndex
from agent.embedded.lexicon import lexicon
from knowledge.languages import normalise
from tools.vocabulary import Term


@dataclass(frozen=True)
class Act:
    """Metrics that measure an act: how often, who, how much money, how many pieces.

    ``since``: dimensions that hold the days since it was last done.
    """

    counts: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    since: tuple[str, ...] = ()


_ORDERS = ("orders", "purchases", "invoices", "payments", "transactions", "bookings")
_MONEY = ("revenue", "sales", "spend", "amount", "payments_amount", "billings", "gmv")
_BUYERS = ("buyers", "paying_customers", "purchasers", "payers")

ACTS: dict[str, Act] = {
    "buy": Act(_ORDERS, _BUYERS, _MONEY, ("units", "items", "quantity"), ("recency_days",)),
    "spend": Act(_ORDERS, _BUYERS, _MONEY),
    "sell": Act(_ORDERS, (), _MONEY, ("units", "items", "quantity")),
    "visit": Act(
        ("sessions", "visits"), ("visitors", "active_by_visit"), (), (), ("days_since_visit",)
    ),
    "login": Act(
        ("logins", "sign_ins"),
        ("active_by_login",),
        (),
        (),
        ("days_since_login", "days_since_visit"),
    ),
    "refund": Act(("refunded_orders", "refunds", "returns"), ("refunding_customers",), ()),
    "complain": Act(("tickets", "complaints", "support_tickets"), (), ()),
    "review": Act(("feedback_count", "reviews", "ratings_count"), (), ()),
    "register": Act((), ("new_customers", "signups", "registrations", "new_accounts"), ()),
}


def measuring(act: str, unit: str | None, index: VocabularyIndex) -> tuple[str, ...]:
    """Metrics that a number after the act is compared with: times, money or pieces."""
    found = ACTS[act]
    if unit == "money" or (act == "spend" and unit != "times"):
        names = found.amounts
    elif unit == "items":
        names = found.pieces or found.counts
    else:
        names = found.counts or found.amounts
    return known(names, index)[:1]


def amount_of(act: str, counted_in: str | None, index: VocabularyIndex) -> tuple[str, ...]:
    """Metrics that "how much, how many" after the act may ask for."""
    found = ACTS[act]
    if counted_in == "money" or (act == "spend" and counted_in is None):
        return known(found.amounts, index)[:1]
    if counted_in in ("orders", "times"):
        return known(found.counts, index)[:1]
    if counted_in == "items":
        return known(found.pieces, index)[:1]
    return known(found.pieces, index)[:1] + known(found.amounts, index)[:1]


def people_metric(act: str, index: VocabularyIndex) -> str | None:
    """Metric that counts who did it."""
    return next(iter(known(ACTS[act].people, index)), None)


def is_told_by(metric: Term, act: str) -> bool:
    """Tell whether a metric already says what was done: refund amount says "refunded"."""
    found = ACTS[act]
    if metric.name in (*found.counts, *found.people, *found.amounts, *found.pieces):
        return True
    keys = [key_of(normalise(form.text).text) for form in metric.forms]
    return any(f" {word} " in f" {key} " for word in content_of(act) for key in keys)


@cache
def content_of(act: str) -> frozenset[str]:
    """Words of an act without what stands around them: refund, of "got a refund"."""
    return frozenset(_content(key) for key in lexicon().kind(f"act:{act}"))


def _content(key: str) -> str:
    pieces = key.split()
    if not key.isascii():
        return key
    return max(pieces, key=lambda piece: (len(piece), pieces.index(piece)))


def known(names: tuple[str, ...], index: VocabularyIndex) -> tuple[str, ...]:
    """Those names that are metrics of this vocabulary."""
    return tuple(name for name in names if index.term("metric", name))
