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
class CampaignPlan:
    """A campaign of the past with its true effect.

    Attributes
    ----------
    month, day : int
        Start: months after the first month of the data, and the day of that month.
    audience : str
        ``all``, ``buyers``, ``lapsed`` (last order more than 90 days ago), ``recent`` (within 60),
        ``new`` (registered within 90 days); a category means people who favour it.
    effects : pairs of group and effect, the first matching group counts
        The added chance that a person who was sent the message and would not have bought in the
        following seven days does buy; a negative one is the chance that a buyer stays away.
    """

    name_zh: str
    name_en: str
    channel: str
    objective: str
    month: int
    day: int
    audience: str
    reach: float
    holdout: float
    effects: tuple[tuple[str, float], ...]
    days: int = 7


CAMPAIGNS: tuple[CampaignPlan, ...] = (
    CampaignPlan(
        "双11预热短信", "Double 11 Warm-Up SMS", "sms", "promotion", 0, 8, "all", 0.9, 0.10,
        (("price_sensitive", 0.060), ("others", 0.004)),
    ),
    CampaignPlan(
        "双12返场邮件", "Double 12 Encore Email", "email", "promotion", 1, 10, "buyers", 0.9, 0.10,
        (("price_sensitive", 0.035), ("others", 0.0)),
    ),
    CampaignPlan(
        "年货节推送", "New Year Goods Push", "push", "promotion", 2, 8, "all", 0.95, 0.10,
        (("others", 0.018),),
    ),
    CampaignPlan(
        "新春问候企微", "Spring Greeting WeCom", "wecom", "loyalty", 2, 24, "buyers", 0.8, 0.0,
        (("others", 0.0),),
    ),
    CampaignPlan(
        "开春唤回短信", "Spring Win-Back SMS", "sms", "win_back", 4, 6, "lapsed", 1.0, 0.20,
        (("price_sensitive", 0.050), ("others", 0.010)),
    ),
    CampaignPlan(
        "母婴会员日企微", "Mother and Baby Member Day WeCom", "wecom", "repurchase", 5, 12,
        "mother_baby", 1.0, 0.20, (("others", 0.045),),
    ),
    CampaignPlan(
        "新品咖啡邮件", "New Coffee Email", "email", "new_product", 6, 9, "all", 0.7, 0.20,
        (("coffee", 0.055), ("others", 0.0)),
    ),
    CampaignPlan(
        "618大促推送", "618 Sale Push", "push", "promotion", 7, 14, "all", 1.0, 0.10,
        (("price_sensitive", 0.045), ("others", 0.006)),
    ),
    CampaignPlan(
        "夏季美妆短信", "Summer Beauty SMS", "sms", "repurchase", 8, 10, "beauty", 1.0, 0.20,
        (("under_35", 0.040), ("others", 0.005)),
    ),
    CampaignPlan(
        "新客礼邮件", "Welcome Gift Email", "email", "welcome", 9, 5, "new", 1.0, 0.20,
        (("others", 0.030),),
    ),
    CampaignPlan(
        "秋季唤回短信", "Autumn Win-Back SMS", "sms", "win_back", 10, 15, "lapsed", 1.0, 0.20,
        (("price_sensitive", 0.055), ("others", 0.012)),
    ),
    CampaignPlan(
        "国庆门店邀约企微", "National Day Store Invitation", "wecom", "store_traffic", 10, 27,
        "buyers", 0.8, 0.15, (("store_buyers", 0.050), ("others", 0.0)),
    ),
    CampaignPlan(
        "双11狂欢短信", "Double 11 Carnival SMS", "sms", "promotion", 12, 9, "all", 0.9, 0.10,
        (("price_sensitive", 0.065), ("others", 0.003)),
    ),
    CampaignPlan(
        "黑五海外邮件", "Black Friday Overseas Email", "email", "promotion", 12, 26, "overseas", 1.0,
        0.20, (("others", 0.060),),
    ),
    CampaignPlan(
        "年终回馈推送", "Year-End Thanks Push", "push", "loyalty", 13, 20, "buyers", 1.0, 0.20,
        (("others", 0.0),),
    ),
    CampaignPlan(
        "年货节短信", "New Year Goods SMS", "sms", "promotion", 14, 22, "all", 0.85, 0.10,
        (("price_sensitive", 0.040), ("others", 0.008)),
    ),
    CampaignPlan(
        "每日催购推送", "Daily Nudge Push", "push", "repurchase", 16, 3, "recent", 1.0, 0.20,
        (("others", -0.180),),
    ),
    CampaignPlan(
        "春季焕新邮件", "Spring Wardrobe Email", "email", "new_product", 16, 18, "clothing", 1.0, 0.20,
        (("female", 0.050), ("others", 0.0)),
    ),
    CampaignPlan(
        "高客单唤回企微", "Premium Win-Back WeCom", "wecom", "win_back", 17, 14, "lapsed", 1.0, 0.30,
        (("not_price_sensitive", 0.035), ("others", 0.035)),
    ),
    CampaignPlan(
        "618抢先购短信", "618 Early Access SMS", "sms", "promotion", 19, 12, "all", 0.9, 0.10,
        (("price_sensitive", 0.055), ("others", 0.005)),
    ),
    CampaignPlan(
        "七夕礼遇邮件", "Qixi Gift Email", "email", "promotion", 21, 14, "all", 0.6, 0.15,
        (("age_25_44", 0.025), ("others", 0.0)),
    ),
    CampaignPlan(
        "开学季推送", "Back to School Push", "push", "promotion", 21, 25, "all", 0.9, 0.15,
        (("others", 0.0),),
    ),
    CampaignPlan(
        "免邮唤回短信", "Free Delivery Win-Back SMS", "sms", "win_back", 22, 10, "lapsed", 1.0, 0.20,
        (("others", 0.030),),
    ),
    CampaignPlan(
        "会员日满减企微", "Member Day WeCom Offer", "wecom", "promotion", 23, 12, "buyers", 1.0, 0.20,
        (("price_sensitive", 0.060), ("others", 0.0)),
    ),
)  # fmt: skip


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
    registered_before: float = 0.30
    never_buy: float = 0.10
    rate_shape: float = 0.85
    rate_per_day: float = 0.0235
    dropout_a: float = 0.9
    dropout_b: float = 6.5
    cancelled_share: float = 0.031
    refunded_share: float = 0.050
    guest_share_store: float = 0.10
    guest_share_web: float = 0.12
    anonymous_share: float = 0.35

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
