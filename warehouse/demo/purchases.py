"""When people buy, through which channel, and how the parcel fares: the purchase process.

Each person buys at a gamma distributed rate and may drop out after any purchase with a beta
distributed chance (the BG/NBD model of Fader, Hardie and Lee 2005, with more regular gaps for what
runs out), on a clock that follows the seasons. A slow parcel delays the next purchase and adds to
the dropout. Purchases of one person depend on each other, those of different people do not: the
loop runs over purchase numbers and each step is vectorised over people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from warehouse.demo.draws import Bools, Floats, Ints, stream
from warehouse.demo.geography import CITIES, REGIONS, WAREHOUSES
from warehouse.demo.people import People
from warehouse.demo.scenario import CATEGORIES, OWN_ONLINE, STORE, Scenario
from warehouse.demo.seasons import HOURS_ONLINE, HOURS_STORE, Seasons, hours

MOST_PURCHASES = 160
REGULARITY = (2.4, 1.4, 1.2, 1.0, 2.0, 1.0)
"""Shape of the gamma distributed gaps by favourite category; 1 is the exponential of the model,
more is the rhythm of what runs out and is bought again."""

PRICE_SENSITIVE_SPIKE = 1.5
GROWTH = 0.06
AHEAD = 400
"""Days after ``as_of`` for which the seasons are known."""


@dataclass(frozen=True)
class Purchases:
    """What people did, sorted by person and time, within the days of the data.

    ``lost`` marks purchases that ended at checkout because of the planted fall; ``campaign`` is
    the number of the campaign that caused the purchase, or -1.
    """

    person: Ints
    time: Floats
    channel: Ints
    handling: Floats
    travel: Floats
    lost: Bools
    campaign: Ints

    def __len__(self) -> int:
        return len(self.person)

    def take(self, rows: Ints | Bools) -> Purchases:
        """Select rows."""
        return Purchases(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True)
class LastState:
    """Where each person stands at ``as_of``, so that the process can go on.

    ``next_purchase`` is when the person will buy next if nothing changes; missing for those who
    dropped out or will not within ``AHEAD`` days.
    """

    dropped_out: Bools
    last_slow: Bools
    next_purchase: Floats


@dataclass(frozen=True)
class Routes:
    """Warehouse and mean travel days of a city."""

    warehouse: Ints
    days: Floats

    @classmethod
    def build(cls) -> Routes:
        """Look each city's region up among the warehouses."""
        of_region = {
            region: (number, days)
            for number, warehouse in enumerate(WAREHOUSES)
            for region, days in warehouse.days
        }
        pairs = [of_region[c.region] for c in CITIES]
        return cls(np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs]))


@dataclass(frozen=True)
class Clocks:
    """The seasons of ordinary and of price-sensitive buyers."""

    ordinary: Seasons
    sensitive: Seasons

    @classmethod
    def build(cls, scenario: Scenario) -> Clocks:
        """Build both from the origin to ``as_of``."""
        args = (scenario.origin, scenario.as_of + timedelta(days=AHEAD))
        return cls(
            Seasons.build(*args, growth=GROWTH),
            Seasons.build(*args, spike=PRICE_SENSITIVE_SPIKE, growth=GROWTH),
        )

    def after(self, sensitive: Bools, times: Floats, gaps: Floats) -> Floats:
        """Find the times at which ``gaps`` of demand have passed since ``times``."""
        ordinary = self.ordinary.to_time(self.ordinary.to_clock(times) + gaps)
        waiting = self.sensitive.to_time(self.sensitive.to_clock(times) + gaps)
        return np.where(sensitive, waiting, ordinary)


def simulate(
    scenario: Scenario, clocks: Clocks, people: People, seed: int, chunk: int
) -> tuple[Purchases, LastState]:
    """Let the people of one chunk buy until ``as_of``."""
    rng = stream(seed, chunk, "purchases")
    routes = Routes.build()
    size = len(people)
    dropped, slow = people.never_buys.copy(), np.zeros(size, dtype=bool)
    active = np.flatnonzero(~dropped)
    at = people.joined.copy()
    next_purchase = np.full(size, np.nan)
    steps: list[Purchases] = []
    for number in range(MOST_PURCHASES):
        gaps = _gaps(scenario, rng, people, active, slow[active], first=number == 0)
        times = clocks.after(people.price_sensitive[active], at[active], gaps)
        bought = times < scenario.day(scenario.as_of) + 1
        next_purchase[active[~bought]] = times[~bought]
        active, times = active[bought], times[bought]
        if not len(active):
            break
        step = _buy(scenario, rng, routes, people, active, times)
        steps.append(step)
        at[active] = step.time
        slow[active] = is_slow(scenario, people, step)
        leaves = people.dropout[active] + scenario.slow.dropout * slow[active]
        gone = rng.random(len(active)) < leaves
        dropped[active[gone]] = True
        active = active[~gone]
    return _within(scenario, _joined(steps)), LastState(dropped, slow, next_purchase)


def _gaps(
    scenario: Scenario,
    rng: np.random.Generator,
    people: People,
    active: Ints,
    slow: Bools,
    first: bool,
) -> Floats:
    size = len(active)
    if first:
        at_once = rng.random(size) < 0.55
        return np.where(at_once, rng.exponential(0.05, size), rng.exponential(18.0, size))
    rate = people.rate[active] * np.where(slow, scenario.slow.rate_factor, 1.0)
    shape = np.array(REGULARITY)[people.category[active]]
    return np.asarray(rng.gamma(shape) / shape / np.maximum(rate, 1e-7))


def _buy(
    scenario: Scenario,
    rng: np.random.Generator,
    routes: Routes,
    people: People,
    active: Ints,
    times: Floats,
) -> Purchases:
    size = len(active)
    loyal = rng.random(size) < 0.78
    channel = np.where(loyal, people.channel[active], people.second_channel[active])
    own = channel < OWN_ONLINE
    city = people.city[active]
    start = scenario.day(scenario.conversion.start)
    hit = people.category[active] == CATEGORIES.index(scenario.conversion.category)
    lost = own & hit & (times >= start) & (rng.random(size) >= scenario.conversion.kept)
    handling = rng.gamma(2.0, 0.28, size)
    spread = rng.gamma(5.5, 1 / 5.5, size)
    day = np.floor(times)
    return Purchases(
        person=active,
        time=day + _hours(rng, channel),
        channel=channel,
        handling=handling,
        travel=travel_days(scenario, routes, city, times, spread),
        lost=lost,
        campaign=np.full(size, -1),
    )


def travel_days(
    scenario: Scenario, routes: Routes, city: Ints, times: Floats, spread: Floats
) -> Floats:
    """Days a parcel travels; longer in the planted region from the planted day on."""
    region = np.array([REGIONS.index(c.region) for c in CITIES])[city]
    slowed = (region == REGIONS.index(scenario.slow.region)) & (
        times >= scenario.day(scenario.slow.start)
    )
    return routes.days[city] * spread * np.where(slowed, scenario.slow.factor, 1.0)


def is_slow(scenario: Scenario, people: People, purchases: Purchases) -> Bools:
    """Tell which parcels their buyers felt to be slow; abroad people expect to wait."""
    patience = np.where(people.overseas[purchases.person], 2.6, 1.0) * scenario.slow.felt_days
    shipped = (purchases.channel != STORE) & ~purchases.lost
    return np.asarray(shipped & (purchases.handling + purchases.travel > patience))


def _hours(rng: np.random.Generator, channel: Ints) -> Floats:
    online, store = (hours(rng, p, len(channel)) for p in (HOURS_ONLINE, HOURS_STORE))
    return np.where(channel == STORE, store, online)


def _joined(steps: list[Purchases]) -> Purchases:
    return Purchases(
        **{name: np.concatenate([vars(s)[name] for s in steps]) for name in vars(steps[0])}
    )


def _within(scenario: Scenario, purchases: Purchases) -> Purchases:
    seen = purchases.take(purchases.time >= scenario.day(scenario.first_day))
    return seen.take(np.lexsort((seen.time, seen.person)))
