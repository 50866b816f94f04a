"""Past campaigns: who was sent what, who was held out, and what it really changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.consents import Permissions
from warehouse.demo.draws import Bools, Floats, Ints, number_rows, stream
from warehouse.demo.people import FEMALE, People
from warehouse.demo.plans import CAMPAIGNS, CampaignPlan
from warehouse.demo.purchases import Purchases, Routes, travel_days
from warehouse.demo.scenario import CATEGORIES, STORE, Scenario
from warehouse.demo.seasons import HOURS_OFFICE, hours

WINDOW_DAYS = 7.0
TREATMENT, HOLDOUT = 0, 1
DELIVERED = {"sms": 0.965, "email": 0.93, "push": 0.88, "wecom": 0.985}
OPENED = {"sms": 0.0, "email": 0.23, "push": 0.09, "wecom": 0.37}
CLICKED = {"sms": 0.035, "email": 0.14, "push": 0.30, "wecom": 0.17}
"""Of those who opened; an SMS has no opening, its link is clicked by these of all delivered."""

_FAR = 1e6
"""More than any time: keys ``person * _FAR + time`` sort by person, then time."""


@dataclass(frozen=True)
class Touches:
    """One row per person and campaign; times are days since the origin or not a number."""

    number: Ints
    campaign: Ints
    person: Ints
    account_type: Ints
    holdout: Bools
    sent: Floats
    delivered: Bools
    opened: Floats
    clicked: Floats
    unsubscribed: Floats


@dataclass(frozen=True)
class Outcome:
    """What one campaign did to one group in one chunk."""

    campaign: int
    group: str
    treated: int
    held_out: int
    delivered: int
    treated_converted: int
    held_out_converted: int
    orders_added: int
    buyers_kept_away: int


class PastPurchases:
    """Purchases as people made them without campaigns, for looking up windows of time."""

    def __init__(self, purchases: Purchases, size: int) -> None:
        kept = purchases.take(~purchases.lost)
        self._keys = kept.person * _FAR + kept.time
        self._size = size

    def count(self, people: Ints, begin: Floats, end: Floats) -> Ints:
        """Count each person's purchases within [begin, end)."""
        low = np.searchsorted(self._keys, people * _FAR + begin)
        return np.searchsorted(self._keys, people * _FAR + end) - low

    def recency(self, moment: float) -> Floats:
        """Days since each person's last purchase before ``moment``; infinity if there is none."""
        everyone = np.arange(self._size)
        at = np.searchsorted(self._keys, everyone * _FAR + moment) - 1
        last = self._keys[np.maximum(at, 0)] - everyone * _FAR
        return np.where((at >= 0) & (last >= 0), moment - last, np.inf)


def run_campaigns(
    scenario: Scenario,
    people: People,
    purchases: Purchases,
    permissions: Permissions,
    seed: int,
    chunk: int,
) -> tuple[Purchases, Touches, list[Outcome]]:
    """Send all past campaigns; return purchases with their effects, the touches, the outcomes."""
    rng = stream(seed, chunk, "campaigns")
    past = PastPurchases(purchases, len(people))
    parts, added, outcomes = [], [], []
    removed = np.zeros(len(purchases), dtype=bool)
    for number, plan in enumerate(CAMPAIGNS):
        if scenario.month_start(plan.month, plan.day) > scenario.as_of:
            continue
        touches = _send(scenario, rng, people, past, permissions, number, plan)
        permissions.withdraw(
            plan.channel, touches.account_type, touches.person, touches.unsubscribed
        )
        gain, loss, results = _effects(
            scenario, rng, people, purchases, past, touches, number, plan
        )
        removed[loss] = True
        added.append(gain)
        parts.append(touches)
        outcomes += results
    merged = _merge([purchases.take(~removed), *added], scenario)
    return merged, _joined(parts, chunk), outcomes


def _audience(people: People, past: PastPurchases, plan: CampaignPlan, start: float) -> Bools:
    recency = past.recency(start)
    if plan.audience in CATEGORIES:
        return np.asarray(people.category == CATEGORIES.index(plan.audience))
    chosen = {
        "all": np.ones(len(people), dtype=bool),
        "lapsed": (recency > 90) & (recency < np.inf),
        "recent": recency <= 60,
        "new": people.joined >= start - 90,
        "overseas": people.overseas,
    }[plan.audience]
    return np.asarray(chosen)


def _send(
    scenario: Scenario,
    rng: np.random.Generator,
    people: People,
    past: PastPurchases,
    permissions: Permissions,
    number: int,
    plan: CampaignPlan,
) -> Touches:
    start = float(scenario.day(scenario.month_start(plan.month, plan.day)))
    through = permissions.accounts(plan.channel, start)
    chosen = _audience(people, past, plan, start)
    person = np.flatnonzero(chosen & (through >= 0))
    size = len(person)
    holdout = rng.random(size) < plan.holdout
    sent = np.where(holdout, np.nan, start + np.clip(hours(rng, HOURS_OFFICE, size), 0.375, 0.86))
    delivered = ~holdout & (rng.random(size) < DELIVERED[plan.channel])
    opens = delivered & (rng.random(size) < OPENED[plan.channel])
    reads = delivered if plan.channel == "sms" else opens
    clicks = reads & (rng.random(size) < CLICKED[plan.channel])
    leaves = delivered & (rng.random(size) < (0.035 if _effect_is_bad(plan) else 0.004))
    opened = np.where(opens, sent + rng.exponential(0.25, size), np.nan)
    return Touches(
        number=np.zeros(size, dtype=np.int64),
        campaign=np.full(size, number),
        person=person,
        account_type=through[person],
        holdout=holdout,
        sent=sent,
        delivered=delivered,
        opened=opened,
        clicked=np.where(
            clicks, np.where(opens, opened, sent) + rng.exponential(0.01, size), np.nan
        ),
        unsubscribed=np.where(leaves, sent + rng.exponential(0.4, size), np.nan),
    )


def _effect_is_bad(plan: CampaignPlan) -> bool:
    return any(effect < 0 for _, effect in plan.effects)


def _effects(
    scenario: Scenario,
    rng: np.random.Generator,
    people: People,
    purchases: Purchases,
    past: PastPurchases,
    touches: Touches,
    number: int,
    plan: CampaignPlan,
) -> tuple[Purchases, Ints, list[Outcome]]:
    start = np.nanmin(touches.sent) if np.isfinite(touches.sent).any() else 0.0
    begin = np.where(touches.holdout, start, touches.sent)
    converted = past.count(touches.person, begin, begin + WINDOW_DAYS) > 0
    group = _group(people, past, plan, touches.person)
    effect = np.array([e for _, e in plan.effects])[group]
    luck = rng.random(len(group))
    gains = touches.delivered & ~converted & (luck < effect)
    stays_away = touches.delivered & converted & (luck < -effect)
    added = _added(scenario, rng, people, touches, gains, plan)
    lost = _rows_within(purchases, touches.person[stays_away], begin[stays_away])
    outcomes = []
    for code, (name, _) in enumerate(plan.effects):
        here = group == code
        treated = here & ~touches.holdout
        after = (converted | gains) & ~stays_away
        outcomes.append(
            Outcome(
                campaign=number,
                group=name,
                treated=int(treated.sum()),
                held_out=int((here & touches.holdout).sum()),
                delivered=int((here & touches.delivered).sum()),
                treated_converted=int((treated & after).sum()),
                held_out_converted=int((here & touches.holdout & converted).sum()),
                orders_added=int((here & gains).sum()),
                buyers_kept_away=int((here & stays_away).sum()),
            )
        )
    return added, lost, outcomes


def _group(people: People, past: PastPurchases, plan: CampaignPlan, person: Ints) -> Ints:
    """Find the first group of the plan that each person belongs to."""
    group = np.full(len(person), len(plan.effects) - 1)
    for code in reversed(range(len(plan.effects))):
        group[_belongs(people, plan.effects[code][0])[person]] = code
    return group


def _belongs(people: People, group: str) -> Bools:
    if group in CATEGORIES:
        return np.asarray(people.category == CATEGORIES.index(group))
    members = {
        "price_sensitive": people.price_sensitive,
        "not_price_sensitive": ~people.price_sensitive,
        "under_35": people.age < 35,
        "age_25_44": (people.age >= 25) & (people.age < 45),
        "female": people.gender == FEMALE,
        "store_buyers": people.channel == STORE,
        "overseas": people.overseas,
        "others": np.ones(len(people), dtype=bool),
    }[group]
    return np.asarray(members)


def _added(
    scenario: Scenario,
    rng: np.random.Generator,
    people: People,
    touches: Touches,
    gains: Bools,
    plan: CampaignPlan,
) -> Purchases:
    person = touches.person[gains]
    size = len(person)
    wait = -1.6 * np.log(1 - rng.random(size) * (1 - np.exp(-6.8 / 1.6)))
    channel = people.channel[person]
    if plan.objective == "store_traffic":
        channel = np.full(size, STORE)
    time = touches.sent[gains] + 0.01 + wait
    spread = rng.gamma(5.5, 1 / 5.5, size)
    return Purchases(
        person=person,
        time=time,
        channel=channel,
        handling=rng.gamma(2.0, 0.28, size),
        travel=travel_days(scenario, Routes.build(), people.city[person], time, spread),
        lost=np.zeros(size, dtype=bool),
        campaign=touches.campaign[gains],
    )


def _rows_within(purchases: Purchases, person: Ints, begin: Floats) -> Ints:
    keys = purchases.person * _FAR + purchases.time
    low = np.searchsorted(keys, person * _FAR + begin)
    high = np.searchsorted(keys, person * _FAR + begin + WINDOW_DAYS)
    rows = [np.arange(a, b) for a, b in zip(low, high, strict=True)]
    return np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)


def _merge(parts: list[Purchases], scenario: Scenario) -> Purchases:
    whole = Purchases(
        **{name: np.concatenate([vars(p)[name] for p in parts]) for name in vars(parts[0])}
    )
    whole = whole.take(whole.time < scenario.day(scenario.as_of) + 1)
    return whole.take(np.lexsort((whole.time, whole.person)))


def _joined(parts: list[Touches], chunk: int) -> Touches:
    columns = {name: np.concatenate([vars(p)[name] for p in parts]) for name in vars(parts[0])}
    columns["number"] = number_rows(chunk, len(columns["number"]), 5)
    return Touches(**columns)
