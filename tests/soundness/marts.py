"""Small marts made by hand and by a seeded generator, with everything that can go wrong in them.

Guests, cancelled orders, missing cities, categories, amounts and dates; ties; orders in the last
second of a day, at month ends and on a leap day; products that never sold, customers who never
bought.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

AS_OF = date(2026, 6, 30)
FIRST_DAY = date(2024, 1, 1)
EDGES = (
    "2024-02-29 00:00:00", "2024-02-29 23:59:59", "2024-03-01 00:00:00", "2025-12-31 23:59:59",
    "2026-01-01 00:00:00", "2026-05-31 23:59:59", "2026-06-01 00:00:00", "2026-06-30 23:59:59",
)  # fmt: skip


class Frames(dict[str, pd.DataFrame]):
    """Tables by name."""

    def __repr__(self) -> str:
        return f"<frames of {', '.join(self)}>"


def make_frames(seed: int = 7, customers: int = 420, orders: int = 2600) -> Frames:
    """Make all tables of the retail marts as frames."""
    rng = np.random.default_rng(seed)
    frames = Frames(products=_products(), stores=_stores(), campaigns=_campaigns())
    people = _people(rng, customers)
    frames["orders"] = _orders(rng, orders, customers)
    frames["order_lines"] = _lines(rng, frames["orders"], frames["products"])
    _sum_up(frames["orders"], frames["order_lines"])
    frames["sessions"], frames["events"] = _visits(rng, customers, frames["products"])
    frames["tickets"] = _tickets(rng, frames["orders"])
    frames["feedback"] = _feedback(rng, frames["orders"], frames["products"])
    frames["campaign_touches"] = _touches(rng, customers, frames["campaigns"])
    frames["customers"] = _profiles(people, frames)
    return frames


def write_marts(path: Path, frames: Frames) -> Path:
    """Write frames as a DuckDB file like one that a build publishes."""
    with duckdb.connect(str(path)) as connection:
        for name, frame in frames.items():
            connection.register("frame", frame)
            connection.execute(f"CREATE TABLE {name} AS SELECT {_typed(frame)} FROM frame")
            connection.unregister("frame")
        connection.execute(
            "CREATE TABLE build_info AS SELECT ?::DATE AS as_of, ?::DATE AS first_day, "
            "'small' AS build_id, now()::TIMESTAMP AS built_at, 'CNY' AS currency, "
            "'Asia/Shanghai' AS time_zone",
            [AS_OF, FIRST_DAY],
        )
    return path


def _typed(frame: pd.DataFrame) -> str:
    kinds = {"int64": "BIGINT", "Int64": "BIGINT", "float64": "DOUBLE", "bool": "BOOLEAN"}
    columns = []
    for name, dtype in frame.dtypes.items():
        kind = kinds.get(str(dtype), "VARCHAR")
        if str(dtype).startswith("datetime"):
            kind = "DATE" if str(name).endswith(("_on", "_since")) else "TIMESTAMP"
        columns.append(f'"{name}"::{kind} AS "{name}"')
    return ", ".join(columns)


def _pick(rng: np.random.Generator, values: list[object], size: int, weights: list[float]) -> list:
    shares = np.array(weights) / sum(weights)
    return [values[i] for i in rng.choice(len(values), size=size, p=shares)]


def _moments(rng: np.random.Generator, size: int) -> pd.Series:
    seconds = int((datetime.combine(AS_OF, datetime.max.time()) - _start()).total_seconds())
    return pd.Series([_start() + timedelta(seconds=int(s)) for s in rng.integers(0, seconds, size)])


def _start() -> datetime:
    return datetime.combine(FIRST_DAY, datetime.min.time())


def _products() -> pd.DataFrame:
    rows = []
    categories = ["snacks", "beauty", "coffee", "clothing", None]
    for number in range(24):
        category = categories[number % 5]
        price = [1990, 5900, 12900, 29900][number % 4]
        rows.append({
            "product_id": f"P{number:02}",
            "name_zh": f"商品{number}", "name_en": f"Product {number}",
            "category": category, "subcategory": f"{category}_{number % 2}" if category else None,
            "brand": ["Alpha", "贝塔", "Gamma"][number % 3], "list_price": price,
            "unit_cost": None if number % 11 == 10 else price // 2,
            "launched_on": pd.Timestamp(2023, 1 + number % 12, 1),
            "price_band": ["low", "mid", "mid", "high"][number % 4],
        })  # fmt: skip
    return pd.DataFrame(rows).astype({"unit_cost": "Int64"})


def _stores() -> pd.DataFrame:
    return pd.DataFrame({
        "store_id": ["S1", "S2", "S3"], "store_name": ["南京路店", "西湖店", "天河店"],
        "city": ["上海", "杭州", "广州"], "province": ["上海", "浙江", "广东"],
        "opened_on": pd.to_datetime(["2023-05-01", "2024-05-01", "2026-02-01"]),
    })  # fmt: skip


def _campaigns() -> pd.DataFrame:
    return pd.DataFrame({
        "campaign_id": ["C1", "C2", "C3"], "name_zh": ["双11短信", "唤回邮件", "新品推送"],
        "name_en": ["Double 11 SMS", "Win-back email", "Launch push"],
        "channel": ["sms", "email", "push"], "objective": ["promotion", "win_back", "new_product"],
        "started_on": pd.to_datetime(["2025-11-01", "2026-03-10", "2026-06-05"]),
        "ended_on": pd.to_datetime(["2025-11-11", "2026-03-20", "2026-06-15"]),
    })  # fmt: skip


def _people(rng: np.random.Generator, size: int) -> pd.DataFrame:
    cities = [("上海", "上海", "east", "tier_1"), ("杭州", "浙江", "east", "new_tier_1"),
              ("广州", "广东", "south", "tier_1"), ("西安", "陕西", "northwest", "new_tier_1"),
              ("拉萨", "西藏", "southwest", "tier_3_plus"), (None, None, None, None),
              ("Singapore", "Singapore", "overseas", "overseas")]  # fmt: skip
    homes = _pick(rng, cities, size, [30, 20, 20, 12, 1, 10, 7])
    ages = rng.integers(14, 80, size)
    members = rng.random(size) < 0.55
    registered = _moments(rng, size) - pd.to_timedelta(rng.integers(0, 500, size), unit="D")
    levels = _pick(rng, ["regular", "silver", "gold", "diamond"], size, [60, 25, 12, 3])
    return pd.DataFrame({
        "customer_id": [f"K{n:04}" for n in range(size)],
        "gender": _pick(rng, ["female", "male", "unknown"], size, [60, 35, 5]),
        "age": pd.array(np.where(rng.random(size) < 0.1, None, ages), dtype="Int64"),
        "city": [h[0] for h in homes], "province": [h[1] for h in homes],
        "region": [h[2] for h in homes], "city_tier": [h[3] for h in homes],
        "country": ["SG" if h[0] == "Singapore" else "CN" if h[0] else None for h in homes],
        "language": _pick(rng, ["zh", "en", None], size, [80, 15, 5]),
        "acquisition_channel": _pick(rng, ["organic", "kol", "search", None], size, [4, 3, 2, 1]),
        "registered_at": registered.dt.floor("s"),
        "is_member": members,
        "member_level": [lv if m else "none" for lv, m in zip(levels, members, strict=True)],
        "member_since": pd.to_datetime(registered.where(members)).dt.normalize(),
        "sms_opt_in": rng.random(size) < 0.7, "email_opt_in": rng.random(size) < 0.4,
        "push_opt_in": rng.random(size) < 0.5, "account_count": rng.integers(1, 4, size),
    })  # fmt: skip


def _orders(rng: np.random.Generator, size: int, customers: int) -> pd.DataFrame:
    weights = 1 / np.arange(1, customers + 1)
    weights[-60:] = 0  # who never bought
    buyers = rng.choice(customers, size=size, p=weights / weights.sum())
    guests = rng.random(size) < 0.08
    moments = _moments(rng, size)
    moments.iloc[: len(EDGES)] = pd.to_datetime(list(EDGES))
    status = _pick(rng, ["completed", "cancelled", "refunded", "partially_refunded", "shipped"],
                   size, [75, 8, 5, 4, 8])  # fmt: skip
    channel = _pick(rng, ["app", "mini_program", "web", "store", "tmall", "jd", "douyin"],
                    size, [25, 25, 8, 12, 15, 8, 7])  # fmt: skip
    frame = pd.DataFrame({
        "order_id": [f"O{n:05}" for n in range(size)],
        "customer_id": [None if g else f"K{b:04}" for b, g in zip(buyers, guests, strict=True)],
        "ordered_at": moments, "paid_at": moments + pd.Timedelta(minutes=3), "status": status,
        "is_valid": [s != "cancelled" for s in status], "sales_channel": channel,
        "store_id": [f"S{1 + n % 3}" if c == "store" else None for n, c in enumerate(channel)],
        "payment_method": _pick(rng, ["alipay", "wechat_pay", "card"], size, [5, 4, 1]),
        "currency": _pick(rng, ["CNY", "USD"], size, [95, 5]),
        "shipping_fee": rng.choice([0, 0, 800, 1500], size=size),
        "coupon_code": _pick(rng, [None, "NEW10", "VIP_50%"], size, [80, 15, 5]),
        "ship_city": _pick(rng, ["上海", "杭州", "广州", None], size, [4, 3, 3, 1]),
        "ship_province": _pick(rng, ["上海", "浙江", "广东", None], size, [4, 3, 3, 1]),
        "ship_country": "CN", "warehouse": _pick(rng, ["hangzhou", "guangzhou"], size, [6, 4]),
    })  # fmt: skip
    travel = pd.Series(rng.integers(1, 9, size))
    sent = frame["is_valid"] & (rng.random(size) < 0.85)
    frame["shipped_at"] = (moments + pd.Timedelta(hours=20)).where(sent)
    frame["delivered_at"] = (moments + pd.to_timedelta(travel, unit="D")).where(sent)
    frame["delivery_days"] = travel.where(sent).astype("Int64")
    names = dict(zip(["S1", "S2", "S3"], ["南京路店", "西湖店", "天河店"], strict=True))
    frame["store_name"] = frame["store_id"].map(names)
    frame["has_coupon"] = frame["coupon_code"].notna()
    frame["order_hour"] = moments.dt.hour.astype("int64")
    frame["order_weekday"] = (moments.dt.day_of_week + 1).astype("int64")
    return _numbered(frame)


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    counted = frame[frame["is_valid"] & frame["customer_id"].notna()]
    counted = counted.sort_values(["ordered_at", "order_id"])
    grouped = counted.groupby("customer_id")
    day = counted["ordered_at"].dt.normalize()
    frame["order_number"] = (grouped.cumcount() + 1).astype("Int64")
    frame["days_since_previous"] = (day - day.groupby(counted["customer_id"]).shift()).dt.days
    frame["days_to_next"] = (day.groupby(counted["customer_id"]).shift(-1) - day).dt.days
    frame["is_first_order"] = (frame["order_number"] == 1).fillna(False).astype(bool)
    whole = {"days_since_previous": "Int64", "days_to_next": "Int64"}
    return frame.astype(whole)


def _lines(rng: np.random.Generator, orders: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    rows = []
    price = dict(zip(products["product_id"], products["list_price"], strict=True))
    cost = dict(zip(products["product_id"], products["unit_cost"], strict=True))
    for order in orders.itertuples():
        for number, product in enumerate(rng.choice(20, size=rng.integers(1, 4), replace=False)):
            product_id, quantity = f"P{product:02}", int(rng.integers(1, 4))
            listed = int(price[product_id]) * quantity
            discount = int(rng.choice([0, 0, 0, listed // 10]))
            paid = listed - discount
            refund = paid if order.status == "refunded" else 0
            if order.status == "partially_refunded" and number == 0:
                refund = paid // 3
            unknown = rng.random() < 0.01  # no exchange rate
            unit_cost = cost[product_id]
            rows.append({
                "line_id": f"{order.order_id}-{number + 1}", "order_id": order.order_id,
                "line_no": number + 1, "product_id": product_id, "customer_id": order.customer_id,
                "ordered_at": order.ordered_at, "is_valid": order.is_valid, "quantity": quantity,
                "list_amount": listed, "discount_amount": discount,
                "paid_amount": None if unknown else paid, "refund_amount": refund,
                "cost_amount": None if pd.isna(unit_cost) else int(unit_cost) * quantity,
            })  # fmt: skip
    return pd.DataFrame(rows).astype({"paid_amount": "Int64", "cost_amount": "Int64"})


def _sum_up(orders: pd.DataFrame, lines: pd.DataFrame) -> None:
    sums = lines.groupby("order_id").agg(
        units=("quantity", "sum"), goods_amount=("list_amount", "sum"),
        discount_amount=("discount_amount", "sum"), refund_amount=("refund_amount", "sum"),
        paid=("paid_amount", lambda s: s.sum(skipna=False)),
        cost_amount=("cost_amount", lambda s: s.sum(skipna=False)),
    )  # fmt: skip
    found = sums.reindex(orders["order_id"]).reset_index(drop=True)
    for name in ("units", "goods_amount", "discount_amount", "refund_amount"):
        orders[name] = found[name].astype("int64")
    orders["paid_amount"] = (found["paid"] + orders["shipping_fee"]).astype("Int64")
    orders["cost_amount"] = found["cost_amount"].astype("Int64")
    orders["has_discount"] = orders["discount_amount"] > 0
    orders["is_refunded"] = orders["refund_amount"] > 0


def _visits(
    rng: np.random.Generator, customers: int, products: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    size = 3200
    who = rng.integers(0, customers, size)
    known = rng.random(size) < 0.8
    stage = rng.random(size)
    sessions = pd.DataFrame({
        "session_id": [f"V{n:05}" for n in range(size)],
        "customer_id": [f"K{w:04}" if k else None for w, k in zip(who, known, strict=True)],
        "session_at": _moments(rng, size),
        "platform": _pick(rng, ["app", "mini_program", "web"], size, [5, 4, 1]),
        "traffic_source": _pick(rng, ["direct", "kol", "sms", None], size, [5, 3, 2, 1]),
        "event_count": rng.integers(1, 9, size),
        "has_login": known & (rng.random(size) < 0.6), "has_product_view": stage > 0.3,
        "has_search": rng.random(size) < 0.3, "has_cart": stage > 0.6, "has_checkout": stage > 0.8,
        "has_purchase": stage > 0.9,
    })  # fmt: skip
    rows = sessions.loc[np.repeat(sessions.index.to_numpy(), 2)].reset_index(drop=True)
    events = pd.DataFrame({
        "event_id": [f"E{n:06}" for n in range(len(rows))], "customer_id": rows["customer_id"],
        "session_id": rows["session_id"], "event_at": rows["session_at"],
        "event_type": _pick(rng, ["page_view", "product_view", "add_to_cart", "login"],
                            len(rows), [4, 4, 2, 1]),
        "platform": rows["platform"],
        "product_id": _pick(rng, [*products["product_id"], None], len(rows), [1.0] * 25),
        "traffic_source": rows["traffic_source"],
    })  # fmt: skip
    return sessions, events


def _tickets(rng: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    size = 260
    about = orders.iloc[rng.integers(0, len(orders), size)].reset_index(drop=True)
    open_ = rng.random(size) < 0.15
    hours = np.where(open_, np.nan, rng.random(size) * 72)
    return pd.DataFrame({
        "ticket_id": [f"T{n:04}" for n in range(size)], "customer_id": about["customer_id"],
        "order_id": about["order_id"].where(rng.random(size) < 0.8),
        "opened_at": _moments(rng, size),
        "channel": _pick(rng, ["phone", "chat", "email"], size, [2, 6, 2]),
        "category": _pick(rng, ["delivery", "quality", "refund"], size, [5, 3, 2]),
        "priority": _pick(rng, ["low", "normal", "high", "urgent"], size, [2, 5, 2, 1]),
        "status": np.where(open_, "open", "resolved"), "is_open": open_,
        "first_response_minutes": pd.array(
            np.where(rng.random(size) < 0.1, None, rng.integers(1, 300, size)), dtype="Int64"),
        "resolution_hours": hours,
        "satisfaction": pd.array(
            np.where(rng.random(size) < 0.5, None, rng.integers(1, 6, size)), dtype="Int64"),
    })  # fmt: skip


def _feedback(
    rng: np.random.Generator, orders: pd.DataFrame, products: pd.DataFrame
) -> pd.DataFrame:
    size = 420
    about = orders.iloc[rng.integers(0, len(orders), size)].reset_index(drop=True)
    stars = np.where(rng.random(size) < 0.1, None, rng.integers(1, 6, size))
    polarity = [None if s is None else "negative" if s <= 2 else "neutral" if s == 3 else "positive"
                for s in stars]  # fmt: skip
    return pd.DataFrame({
        "feedback_id": [f"F{n:04}" for n in range(size)], "customer_id": about["customer_id"],
        "order_id": about["order_id"],
        "product_id": _pick(rng, list(products["product_id"]), size, [1.0] * 24),
        "created_at": _moments(rng, size),
        "source": _pick(rng, ["app", "tmall", "survey"], size, [5, 3, 2]),
        "language": _pick(rng, ["zh", "en"], size, [8, 2]), "stars": pd.array(stars, dtype="Int64"),
        "polarity": polarity, "text": "…", "text_length": rng.integers(0, 200, size),
    })  # fmt: skip


def _touches(rng: np.random.Generator, customers: int, campaigns: pd.DataFrame) -> pd.DataFrame:
    size = 700
    campaign = campaigns.iloc[rng.integers(0, 3, size)].reset_index(drop=True)
    treated = rng.random(size) < 0.8
    sent = campaign["started_on"] + pd.to_timedelta(rng.integers(0, 8 * 86400, size), unit="s")
    stage = rng.random(size)
    return pd.DataFrame({
        "touch_id": [f"X{n:04}" for n in range(size)], "campaign_id": campaign["campaign_id"],
        "customer_id": [f"K{n:04}" for n in rng.integers(0, customers, size)],
        "channel": campaign["channel"], "assigned": np.where(treated, "treatment", "holdout"),
        "sent_at": sent.where(treated), "is_sent": treated,
        "is_delivered": treated & (stage > 0.05),
        "is_opened": treated & (stage > 0.5), "is_clicked": treated & (stage > 0.8),
        "is_unsubscribed": treated & (stage > 0.97), "converted_7d": rng.random(size) < 0.1,
    })  # fmt: skip


def _profiles(people: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    frame = people.copy()
    ids = frame["customer_id"]
    end = pd.Timestamp(AS_OF)
    bands = [("under_18", 18), ("18_24", 25), ("25_34", 35), ("35_44", 45), ("45_54", 55)]
    frame["age_band"] = [
        "unknown" if pd.isna(age) else next((b for b, top in bands if age < top), "55_plus")
        for age in frame["age"]
    ]
    orders = frames["orders"][frames["orders"]["is_valid"]]
    lines = frames["order_lines"][frames["order_lines"]["is_valid"]]
    grouped = orders.groupby("customer_id")["ordered_at"]
    frame["first_order_at"] = ids.map(grouped.min())
    frame["last_order_at"] = ids.map(grouped.max())
    frame["order_count"] = ids.map(grouped.size()).fillna(0).astype("int64")
    frame["lifetime_revenue"] = _spent(ids, lines)
    recent = lines[lines["ordered_at"] >= end - pd.Timedelta(days=364)]
    frame["revenue_365d"] = _spent(ids, recent)
    late = orders[orders["ordered_at"] >= end - pd.Timedelta(days=364)]
    frame["orders_365d"] = ids.map(late.groupby("customer_id").size()).fillna(0).astype("int64")
    frame["recency_days"] = (end - frame["last_order_at"].dt.normalize()).dt.days.astype("Int64")
    first = orders.sort_values(["ordered_at", "order_id"]).groupby("customer_id").first()
    frame["first_sales_channel"] = ids.map(first["sales_channel"])
    frame["first_category"] = None
    frame.loc[frame["order_count"] > 0, "first_category"] = "snacks"
    frame["favourite_category"] = frame["first_category"].where(frame["order_count"] > 2)
    visits = frames["sessions"].groupby("customer_id")["session_at"].max()
    frame["last_visit_at"] = ids.map(visits)
    frame["days_since_visit"] = (end - frame["last_visit_at"].dt.normalize()).dt.days.astype(
        "Int64"
    )
    tickets = frames["tickets"]
    frame["ticket_count"] = ids.map(tickets.groupby("customer_id").size()).fillna(0).astype("int64")
    open_ = tickets[tickets["is_open"]].groupby("customer_id").size()
    frame["open_ticket_count"] = ids.map(open_).fillna(0).astype("int64")
    feedback = frames["feedback"]
    frame["feedback_count"] = (
        ids.map(feedback.groupby("customer_id").size()).fillna(0).astype("int64")
    )
    rated = feedback[feedback["stars"].notna()].sort_values("created_at")
    frame["last_stars"] = ids.map(rated.groupby("customer_id")["stars"].last()).astype("Int64")
    return frame


def _spent(ids: pd.Series, lines: pd.DataFrame) -> pd.Series:
    return ids.map(lines.groupby("customer_id")["paid_amount"].sum()).fillna(0).astype("int64")
