"""What the demo brand sells and where: products, stores, exchange rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import yaml

from warehouse.demo.draws import Bools, Floats, Ints, choose, stream
from warehouse.demo.geography import CITIES, CURRENCIES, PRICE_LIST_RATES
from warehouse.demo.people import TASTES
from warehouse.demo.scenario import CATEGORIES, Scenario

QUANTITIES = (1.35, 1.75, 1.25, 1.03, 1.45, 1.15)
"""Mean pieces per line, by category."""

REORDER = (0.50, 0.35, 0.30, 0.04, 0.50, 0.06)
"""Chance that a line repeats what the person always buys in that category."""

LINES = (1.9, 2.5, 1.8, 1.15, 1.9, 1.7)
"""Mean lines per order, by first category."""

RATE_GAP_MONTHS_BACK = 15
"""Months before the last one of which Singapore's rate is missing."""


class Words(NamedTuple):
    """The same words in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Products:
    """The catalogue, one entry per product; prices in minor units of yuan."""

    name_zh: list[str]
    name_en: list[str]
    category: Ints
    subcategory: list[str]
    brand: list[str]
    item: list[Words]
    noun: list[Words]
    list_price: Ints
    unit_cost: Ints
    launched: Ints
    quality: Floats
    tier: Ints
    taste: Ints
    popularity: Floats

    def __len__(self) -> int:
        return len(self.name_zh)


@dataclass(frozen=True)
class Stores:
    """The brand's shops."""

    name: list[str]
    city: Ints
    opened: list[date]

    def __len__(self) -> int:
        return len(self.name)


class Shelf:
    """Draws products: by month (nothing before its launch), category, taste and price tier."""

    def __init__(self, products: Products, origin_month_days: Ints) -> None:
        self.products = products
        self.months = len(origin_month_days)
        self._starts = origin_month_days
        blocks, self._members, self._offsets = [], [], []
        offset = 0
        for month_start in origin_month_days:
            for category in range(len(CATEGORIES)):
                members = np.flatnonzero(products.category == category)
                on_sale = products.launched[members] <= month_start
                for taste in range(TASTES):
                    for tier in range(3):
                        weights = self._weights(members, taste, tier) * on_sale
                        blocks.append(np.cumsum(weights) / weights.sum())
                        self._members.append(members)
                        self._offsets.append(offset)
                        offset += len(members)
        self._cdf = np.concatenate([b + i for i, b in enumerate(blocks)])
        self._product = np.concatenate(self._members)

    def _weights(self, members: Ints, taste: int, tier: int) -> Floats:
        products = self.products
        distance = np.abs(products.tier[members] - tier)
        liking = np.where(products.taste[members] == taste, 4.0, 1.0)
        nearness = np.array([1.0, 0.40, 0.10])[distance]
        return np.asarray(products.popularity[members] * liking * nearness)

    def draw(
        self, rng: np.random.Generator, day: Ints, category: Ints, taste: Ints, tier: Ints
    ) -> Ints:
        """Draw one product per entry."""
        month = np.clip(np.searchsorted(self._starts, day, side="right") - 1, 0, self.months - 1)
        key = ((month * len(CATEGORIES) + category) * TASTES + taste) * 3 + tier
        at = np.searchsorted(self._cdf, key + rng.random(len(key)), side="right")
        return self._product[np.minimum(at, len(self._product) - 1)]


class _Entry(NamedTuple):
    category: int
    subcategory: str
    noun: Words
    brand: str
    item: Words
    variant: Words
    number: int
    low: float
    high: float
    margin: float


def make_products(scenario: Scenario, seed: int) -> Products:
    """Make the catalogue; names are fixed, prices, qualities and launches follow the seed."""
    rng = stream(seed, 0, "catalogue")
    rows = _entries()
    size = len(rows)
    low, high, margin = (np.array([getattr(r, n) for r in rows]) for n in ("low", "high", "margin"))
    new_item = np.array([r.number == 0 for r in rows])
    level = rng.random(size)[np.cumsum(new_item) - 1]
    dearer = 1 + 0.12 * np.array([r.number for r in rows])
    price = np.round(low * (high / low) ** level * dearer).astype(np.int64)
    price = np.maximum(price // 10 * 10 + 9, 9) * 100
    cost = np.round(price * (1 - margin) * rng.uniform(0.9, 1.1, size)).astype(np.int64)
    return Products(
        name_zh=[f"{r.brand} {r.item.zh} {r.variant.zh}" for r in rows],
        name_en=[f"{r.brand} {r.item.en} {r.variant.en}" for r in rows],
        category=np.array([r.category for r in rows], dtype=np.int64),
        subcategory=[r.subcategory for r in rows],
        brand=[r.brand for r in rows],
        item=[r.item for r in rows],
        noun=[r.noun for r in rows],
        list_price=price,
        unit_cost=np.minimum(cost, price - 100),
        launched=_launches(rng, scenario, size),
        quality=np.clip(rng.normal(0.3, 0.55, size), -1.4, 1.4),
        tier=np.digitize((price / 100 - low) / (high - low), (0.25, 0.6)).astype(np.int64),
        taste=np.arange(size) % TASTES,
        popularity=rng.permutation(1.0 / np.arange(1, size + 1) ** 0.65),
    )


def _entries() -> list[_Entry]:
    """Pair items with variants; each item is carried by one brand, the first also by a second."""
    text = files("warehouse.demo").joinpath("catalogue.yml").read_text(encoding="utf-8")
    blocks = yaml.safe_load(text)["categories"]
    entries = []
    for category, name in enumerate(CATEGORIES):
        brands, margin = blocks[name]["brands"], blocks[name]["margin"]
        for subcategory, spec in blocks[name]["subcategories"].items():
            noun = Words(*spec["noun"])
            low, high = map(float, spec["price"])
            for i, item in enumerate(spec["items"]):
                for brand in brands[:2] if i == 0 else [brands[(i + 1) % len(brands)]]:
                    entries += [
                        _Entry(
                            category, subcategory, noun, brand, Words(*item), Words(*variant),
                            number, low, high, margin,
                        )
                        for number, variant in enumerate(spec["variants"])
                    ]  # fmt: skip
    return entries


def _launches(rng: np.random.Generator, scenario: Scenario, size: int) -> Ints:
    begin, end = scenario.day(scenario.first_day), scenario.day(scenario.as_of)
    launched = rng.integers(-700, 1, size)
    later = rng.random(size) < 0.22
    later[::7] = False
    return np.where(later, rng.integers(begin, end - 60, size), launched)


def make_stores(scenario: Scenario, seed: int) -> Stores:
    """Make the shops, most of them in the largest cities."""
    rng = stream(seed, 1, "catalogue")
    weights = [c.weight if c.country == "CN" else 0.0 for c in CITIES]
    cities = np.sort(choose(rng, weights, 42))
    spots = ("万象天地", "大悦城", "天街", "环球港", "银泰", "吾悦广场", "中央广场", "恒隆")
    seen: dict[str, int] = {}
    names = []
    for city in cities:
        number = seen.get(CITIES[city].name, 0)
        seen[CITIES[city].name] = number + 1
        names.append(f"拾光优选{CITIES[city].name}{spots[(number + city) % len(spots)]}店")
    days = rng.integers(30, 1500, len(cities))
    opened = [scenario.first_day - timedelta(days=int(d)) for d in days]
    return Stores(name=names, city=cities, opened=opened)


def missing_rate(scenario: Scenario) -> tuple[date, str]:
    """Name the month and currency whose rate is missing, as if someone forgot to type it in."""
    return scenario.month_start(scenario.years * 12 - RATE_GAP_MONTHS_BACK), "SGD"


def make_rates(scenario: Scenario, seed: int) -> list[tuple[date, str, float]]:
    """Make the monthly exchange rates, but for the one that is missing."""
    rng = stream(seed, 2, "catalogue")
    rows = []
    months = scenario.years * 12
    for code, base in zip(CURRENCIES[1:], PRICE_LIST_RATES[1:], strict=True):
        walk = base * np.exp(np.cumsum(rng.normal(0, 0.006, months)))
        for month, rate in enumerate(walk):
            rows.append((scenario.month_start(month), code, round(float(rate), 4)))
    return sorted(row for row in rows if row[:2] != missing_rate(scenario))


def store_of_city(rng: np.random.Generator, stores: Stores, city: Ints) -> Ints:
    """Give each person a shop in the own city where there is one, any shop otherwise."""
    chosen = rng.integers(0, len(stores), len(city))
    for place in np.unique(stores.city):
        here = np.flatnonzero(stores.city == place)
        mask = city == place
        chosen[mask] = here[rng.integers(0, len(here), int(mask.sum()))]
    return chosen


def is_favourite(rng: np.random.Generator, category: Ints) -> Bools:
    """Decide for each line whether it repeats the person's usual product."""
    return np.asarray(rng.random(len(category)) < np.array(REORDER)[category])
