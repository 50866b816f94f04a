"""What all people of the demo brand share: its truth, seasons, goods, shops and words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.catalogue import Products, Shelf, Stores, make_products, make_stores
from warehouse.demo.draws import Floats, stream
from warehouse.demo.grammar import Grammar
from warehouse.demo.purchases import Clocks
from warehouse.demo.reviews import product_likings
from warehouse.demo.scenario import Scenario


@dataclass(frozen=True)
class Brand:
    """The brand as it was set up from a scenario and a seed."""

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
