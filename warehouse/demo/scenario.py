"""What is true about the demo brand: the parameters of its people and the changes planted in them.

Nothing here is read by the product. Tests and evals ask whether the analyst finds it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

CATEGORIES = ("mother_baby", "snacks", "beauty", "appliances", "coffee", "clothing")
CHANNELS = ("app", "mini_program", "web", "store", "tmall", "jd", "douyin")
"""Sales channels; the first three are the brand's own and have sessions."""

OWN_ONLINE = 3
STORE = CHANNELS.index("store")
FIRST_MARKETPLACE = CHANNELS.index("tmall")

CHANNEL_MIX = (0.125, 0.10, 0.035, 0.28, 0.22, 0.135, 0.105)
"""First choice of a buyer in China."""

CHANNEL_MIX_ABROAD = (0.30, 0.05, 0.45, 0.02, 0.14, 0.04, 0.0)

ACQUISITION = (
    "organic",
    "paid_social",
    "search",
    "kol",
    "referral",
    "store",
    "marketplace",
    "email",
)


@dataclass(frozen=True)
class SlowDeliveries:
    """Deliveries of one region take longer from a day on, and slow parcels cost repurchases.

    ``felt_days`` is the delivery time from which a buyer in China calls it slow; a slow parcel
    adds ``dropout`` to the chance of never returning and multiplies the rate of the next order
    by ``rate_factor``, in every region alike.
    """

    region: str = "southwest"
    start: date = date(2026, 8, 1)
    factor: float = 1.8
    felt_days: float = 4.5
    dropout: float = 0.16
    rate_factor: float = 0.60


@dataclass(frozen=True)
class FallenConversion:
    """Buyers of one favourite category stop at checkout more often from a day on."""

    category: str = "mother_baby"
    start: date = date(2026, 9, 1)
    kept: float = 0.58


@dataclass(frozen=True)
class DriftedFeature:
    """The share of orders with a discount rises for everybody from a day on."""

    feature: str = "discounted_order_share"
    start: date = date(2026, 8, 1)
    added: float = 0.22


@dataclass(frozen=True)
class Scenario:
    """All parameters of the brand at one ``as_of``; equal scenarios and seeds give equal bytes."""

    as_of: date = date(2026, 10, 31)
    years: int = 2
    slow: SlowDeliveries = field(default_factory=SlowDeliveries)
    conversion: FallenConversion = field(default_factory=FallenConversion)
    drift: DriftedFeature = field(default_factory=DriftedFeature)
    price_sensitive_share: float = 0.30
    overseas_share: float = 0.06
    registered_before: float = 0.33
    never_buy: float = 0.10
    rate_shape: float = 0.85
    rate_per_day: float = 0.0395
    dropout_a: float = 0.9
    dropout_b: float = 6.5
    cancelled_share: float = 0.031
    refunded_share: float = 0.050
    guest_share_store: float = 0.075
    guest_share_web: float = 0.10

    @property
    def first_day(self) -> date:
        """First day of the data: ``years`` before the day after ``as_of``."""
        after = self.as_of + timedelta(days=1)
        return after.replace(year=after.year - self.years)

    @property
    def origin(self) -> date:
        """Day 0 of the simulation: early customers bought before the data begins."""
        return self.first_day - timedelta(days=730)

    def day(self, when: date) -> int:
        """Days from the origin to the start of a date."""
        return (when - self.origin).days

    def month_start(self, month: int, day: int = 1) -> date:
        """Start of a campaign: ``month`` months after the first, on ``day``."""
        total = self.first_day.year * 12 + self.first_day.month - 1 + month
        return date(total // 12, total % 12 + 1, day)


def scenario_at(as_of: date) -> Scenario:
    """Build the brand's truth with its changes placed in the last months before ``as_of``."""
    base = Scenario(as_of=as_of)
    last = base.years * 12 - 1
    return Scenario(
        as_of=as_of,
        slow=SlowDeliveries(start=base.month_start(last - 2)),
        conversion=FallenConversion(start=base.month_start(last - 1)),
        drift=DriftedFeature(start=base.month_start(last - 2)),
    )
