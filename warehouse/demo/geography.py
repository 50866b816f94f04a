"""Where the demo brand's people live, where it has shops and warehouses, and what money costs."""

from __future__ import annotations

from dataclasses import dataclass

REGIONS = (
    "east",
    "south",
    "north",
    "central",
    "southwest",
    "northwest",
    "northeast",
    "overseas",
)
"""Regions as the marts name them; the demo's own map of provinces to regions agrees with it."""


@dataclass(frozen=True)
class City:
    """A city with its share of people (not normalised) and tier 1 (largest) to 3."""

    name: str
    province: str
    region: str
    country: str
    tier: int
    weight: float


def _china(region: str, *rows: tuple[str, str, int, float]) -> tuple[City, ...]:
    return tuple(City(name, province, region, "CN", tier, w) for name, province, tier, w in rows)


def _abroad(*rows: tuple[str, str, str, float]) -> tuple[City, ...]:
    return tuple(City(name, province, "overseas", cc, 1, w) for name, province, cc, w in rows)


CITIES: tuple[City, ...] = (
    *_china(
        "east",
        ("上海", "上海", 1, 9.5),
        ("杭州", "浙江", 2, 5.2),
        ("宁波", "浙江", 2, 1.9),
        ("温州", "浙江", 3, 1.2),
        ("南京", "江苏", 2, 3.6),
        ("苏州", "江苏", 2, 3.8),
        ("无锡", "江苏", 2, 1.6),
        ("徐州", "江苏", 3, 1.0),
        ("合肥", "安徽", 2, 2.0),
        ("芜湖", "安徽", 3, 0.7),
        ("济南", "山东", 2, 1.7),
        ("青岛", "山东", 2, 2.1),
        ("临沂", "山东", 3, 0.9),
        ("厦门", "福建", 3, 1.3),
        ("福州", "福建", 3, 1.3),
        ("南昌", "江西", 3, 1.0),
    ),
    *_china(
        "south",
        ("广州", "广东", 1, 6.0),
        ("深圳", "广东", 1, 6.4),
        ("佛山", "广东", 2, 2.0),
        ("东莞", "广东", 2, 2.2),
        ("惠州", "广东", 3, 0.9),
        ("南宁", "广西", 3, 1.1),
        ("海口", "海南", 3, 0.6),
    ),
    *_china(
        "north",
        ("北京", "北京", 1, 7.6),
        ("天津", "天津", 2, 2.0),
        ("石家庄", "河北", 3, 1.1),
        ("保定", "河北", 3, 0.7),
        ("太原", "山西", 3, 0.9),
        ("呼和浩特", "内蒙古", 3, 0.5),
    ),
    *_china(
        "central",
        ("武汉", "湖北", 2, 3.3),
        ("宜昌", "湖北", 3, 0.6),
        ("长沙", "湖南", 2, 2.5),
        ("衡阳", "湖南", 3, 0.5),
        ("郑州", "河南", 2, 2.3),
        ("洛阳", "河南", 3, 0.8),
    ),
    *_china(
        "southwest",
        ("成都", "四川", 2, 5.0),
        ("绵阳", "四川", 3, 0.9),
        ("重庆", "重庆", 2, 3.6),
        ("昆明", "云南", 3, 1.6),
        ("贵阳", "贵州", 3, 1.1),
        ("拉萨", "西藏", 3, 0.2),
    ),
    *_china(
        "northwest",
        ("西安", "陕西", 2, 2.7),
        ("兰州", "甘肃", 3, 0.6),
        ("银川", "宁夏", 3, 0.3),
        ("西宁", "青海", 3, 0.2),
        ("乌鲁木齐", "新疆", 3, 0.6),
    ),
    *_china(
        "northeast",
        ("沈阳", "辽宁", 2, 1.5),
        ("大连", "辽宁", 3, 1.3),
        ("长春", "吉林", 3, 0.8),
        ("哈尔滨", "黑龙江", 3, 1.0),
    ),
    *_abroad(
        ("Hong Kong", "Hong Kong", "HK", 2.3),
        ("Singapore", "Singapore", "SG", 1.6),
        ("New York", "New York", "US", 0.6),
        ("Los Angeles", "California", "US", 0.5),
        ("San Francisco", "California", "US", 0.3),
        ("Kuala Lumpur", "Kuala Lumpur", "MY", 0.4),
        ("Sydney", "New South Wales", "AU", 0.4),
        ("London", "England", "GB", 0.3),
    ),
)

CURRENCIES = ("CNY", "USD", "HKD", "SGD")
CURRENCY_OF_COUNTRY = {"CN": "CNY", "HK": "HKD", "SG": "SGD"}
"""Countries not named pay in US dollars."""

PRICE_LIST_RATES = (1.0, 7.2, 0.92, 5.4)
"""Yuan per unit at which the brand converts its price list, in the order of ``CURRENCIES``."""


@dataclass(frozen=True)
class Warehouse:
    """A warehouse, the regions it serves and how many days a parcel travels to each."""

    code: str
    days: tuple[tuple[str, float], ...]


WAREHOUSES: tuple[Warehouse, ...] = (
    Warehouse("hangzhou", (("east", 1.8), ("central", 2.4))),
    Warehouse("guangzhou", (("south", 2.0),)),
    Warehouse("tianjin", (("north", 2.1), ("northeast", 2.9))),
    Warehouse("chengdu", (("southwest", 2.4), ("northwest", 3.3))),
    Warehouse("hongkong", (("overseas", 6.5),)),
)
