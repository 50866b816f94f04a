"""What is counted over all chunks of people, to be told as truth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from warehouse.demo.brand import Brand
from warehouse.demo.chunk import Chunk
from warehouse.demo.scenario import CATEGORIES, OWN_ONLINE


@dataclass
class Tally:
    """Sums over chunks.

    Attributes
    ----------
    dirt : cases by file and kind of dirt
    outcomes : people and orders by campaign, group and what is counted
    facts : people, price-sensitive people, purchases lost and kept since conversion fell
    """

    dirt: Counter[tuple[str, str]] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, brand: Brand, chunk: Chunk) -> Tally:
        """Count one chunk, after its rows were made."""
        tally = cls(dirt=chunk.dirt.counts)
        for outcome in chunk.outcomes:
            counts = asdict(outcome)
            campaign, group = str(counts.pop("campaign")), counts.pop("group")
            tally.outcomes.update({(campaign, group, name): n for name, n in counts.items()})
        tally.facts["people"] = len(chunk.people)
        tally.facts["price_sensitive"] = int(chunk.people.price_sensitive.sum())
        fall, purchases = brand.scenario.conversion, chunk.purchases
        touched = (
            (purchases.time >= brand.scenario.day(fall.start))
            & (purchases.channel < OWN_ONLINE)
            & (chunk.people.category[purchases.person] == CATEGORIES.index(fall.category))
        )
        tally.facts["lost"] = int((touched & purchases.lost).sum())
        tally.facts["kept"] = int((touched & ~purchases.lost).sum())
        return tally

    def merge(self, other: Tally) -> None:
        """Add another tally's counts."""
        self.dirt.update(other.dirt)
        self.outcomes.update(other.outcomes)
        self.facts.update(other.facts)

    def dump(self) -> str:
        """Write as one line of JSON."""
        return json.dumps(
            {
                "dirt": [[*key, n] for key, n in self.dirt.items()],
                "outcomes": [[*key, n] for key, n in self.outcomes.items()],
                "facts": dict(self.facts),
            }
        )

    @classmethod
    def load(cls, line: str) -> Tally:
        """Read what ``dump`` wrote."""
        raw = json.loads(line)
        return cls(
            dirt=Counter({(a, b): n for a, b, n in raw["dirt"]}),
            outcomes=Counter({(a, b, c): n for a, b, c, n in raw["outcomes"]}),
            facts=Counter(raw["facts"]),
        )

    def dirt_by_file(self) -> Mapping[str, Mapping[str, int]]:
        """Cases of dirt by file, then kind, both sorted."""
        files: dict[str, dict[str, int]] = {}
        for (file, kind), count in sorted(self.dirt.items()):
            files.setdefault(file, {})[kind] = count
        return files
