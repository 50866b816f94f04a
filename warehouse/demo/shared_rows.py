"""Rows of the files that do not depend on people: goods, shops, rates, campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from warehouse.demo import layout
from warehouse.demo.brand import Brand
from warehouse.demo.catalogue import make_rates
from warehouse.demo.draws import moments
from warehouse.demo.geography import CITIES
from warehouse.demo.grammar import ASPECTS
from warehouse.demo.plans import CAMPAIGNS
from warehouse.demo.scenario import Scenario
from warehouse.demo.writing import Columns, SourceFile


def shared_rows(brand: Brand) -> Iterator[tuple[SourceFile, Columns]]:
    """List the rows file by file."""
    yield layout.PRODUCTS, _products(brand)
    yield layout.STORES, _stores(brand)
    yield layout.EXCHANGE_RATES, _rates(brand)
    yield layout.CAMPAIGNS_FILE, _campaigns(brand.scenario)
    yield layout.TRUTH_PRODUCTS, _likings(brand)


def _products(brand: Brand) -> Columns:
    products = brand.products
    return {
        "product": np.arange(len(products)),
        "name_zh": products.name_zh,
        "name_en": products.name_en,
        "category": products.category,
        "subcategory": products.subcategory,
        "brand": products.brand,
        "list_price": products.list_price,
        "unit_cost": products.unit_cost,
        "launched_on": moments(brand.scenario.origin, products.launched.astype(float)),
    }


def _stores(brand: Brand) -> Columns:
    stores = brand.stores
    return {
        "store": np.arange(len(stores)),
        "name": stores.name,
        "city": [CITIES[c].name for c in stores.city],
        "province": [CITIES[c].province for c in stores.city],
        "opened_on": np.array(stores.opened, dtype="datetime64[s]"),
    }


def _rates(brand: Brand) -> Columns:
    rates = make_rates(brand.scenario, brand.seed)
    return {
        "month": np.array([r[0] for r in rates], dtype="datetime64[s]"),
        "currency": [r[1] for r in rates],
        "rate_to_cny": np.array([r[2] for r in rates]),
    }


def _campaigns(scenario: Scenario) -> Columns:
    starts = [scenario.month_start(c.month, c.day) for c in CAMPAIGNS]
    ends = [s + timedelta(days=c.days - 1) for s, c in zip(starts, CAMPAIGNS, strict=True)]
    return {
        "campaign": np.arange(len(CAMPAIGNS)),
        "name_zh": [c.name_zh for c in CAMPAIGNS],
        "name_en": [c.name_en for c in CAMPAIGNS],
        "channel": [c.channel for c in CAMPAIGNS],
        "objective": [c.objective for c in CAMPAIGNS],
        "started_on": np.array(starts, dtype="datetime64[s]"),
        "ended_on": np.array(ends, dtype="datetime64[s]"),
        "holdout_share": np.array([c.holdout for c in CAMPAIGNS]),
    }


def _likings(brand: Brand) -> Columns:
    size = len(brand.products)
    return {
        "product": np.repeat(np.arange(size), len(ASPECTS)),
        "position": np.tile(np.arange(len(ASPECTS)), size),
        "aspect": list(ASPECTS) * size,
        "liking": np.round(brand.likings.ravel(), 4),
    }
