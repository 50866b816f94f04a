"""The files a brand would export, column by column."""

from __future__ import annotations

from warehouse.demo.browsing import EVENT_TYPES, PLATFORMS, SOURCES
from warehouse.demo.geography import CURRENCIES, WAREHOUSES
from warehouse.demo.orders import COUPONS, PAYMENTS, STATUSES
from warehouse.demo.scenario import CATEGORIES, CHANNELS
from warehouse.demo.writing import SourceFile, moment, money, padded, pick

ACCOUNT_TYPES = ("crm", "member", "app", "marketplace")
CRM, MEMBER, APP, MARKETPLACE = range(4)
MARKETPLACES = ("tmall", "jd", "douyin")

ACCOUNT_TYPE = pick("account_type", ACCOUNT_TYPES)
ACCOUNT_ID = f"({pick('account_type', ('C', 'M', 'U', 'B'))} || lpad(account::VARCHAR, 10, '0'))"


def _same(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in names)


CRM_CUSTOMERS = SourceFile(
    "crm_customers",
    "csv",
    (
        ("crm_id", padded("C", "account")),
        *_same("name", "gender", "birth_date", "phone", "email", "city", "province", "country"),
        *_same("acquisition_channel", "language"),
        ("created_at", moment("created_at")),
    ),
    "account, name, phone, row",
    encoding="gbk",
)
MEMBERS = SourceFile(
    "members",
    "csv",
    (
        ("member_no", padded("M", "account")),
        *_same("name", "phone", "email", "wechat_openid", "level"),
        ("joined_at", moment("joined_at")),
        *_same("points", "gender", "birthday", "city"),
    ),
    "account, row",
    encoding="utf-8-sig",
)
APP_USERS = SourceFile(
    "app_users",
    "csv",
    (
        ("user_id", padded("U", "account")),
        *_same("phone", "device_id", "wechat_openid", "platform"),
        ("registered_at", moment("registered_at")),
        *_same("sms_opt_in", "push_opt_in", "email_opt_in"),
    ),
    "account, row",
)
MARKETPLACE_BUYERS = SourceFile(
    "marketplace_buyers",
    "csv",
    (
        ("buyer_id", padded("B", "account")),
        ("marketplace", pick("marketplace", MARKETPLACES)),
        *_same("phone", "nickname", "city", "province"),
        ("first_seen_at", moment("first_seen_at")),
    ),
    "account, row",
)
ORDERS = SourceFile(
    "orders",
    "csv",
    (
        ("order_id", padded("SO", "number")),
        ("ordered_at", moment("ordered_at")),
        ("paid_at", moment("paid_at")),
        ("status", pick("status", STATUSES)),
        ("sales_channel", pick("channel", CHANNELS)),
        ("store_id", "CASE WHEN store >= 0 THEN 'S' || lpad((store + 1)::VARCHAR, 3, '0') END"),
        ("account_type", ACCOUNT_TYPE),
        ("account_id", ACCOUNT_ID),
        ("currency", pick("currency", CURRENCIES)),
        ("goods_amount", money("goods")),
        ("discount_amount", money("discount")),
        ("shipping_fee", money("shipping")),
        ("paid_amount", money("paid")),
        ("refund_amount", money("refund")),
        ("coupon_code", pick("coupon", COUPONS)),
        ("payment_method", pick("payment", PAYMENTS)),
        *_same("ship_city", "ship_province", "ship_country"),
        ("warehouse", pick("warehouse", [w.code for w in WAREHOUSES])),
        ("shipped_at", moment("shipped_at")),
        ("delivered_at", moment("delivered_at")),
    ),
    "ordered_at, number, row",
)
ORDER_LINES = SourceFile(
    "order_lines",
    "csv",
    (
        ("order_id", padded("SO", "number")),
        *_same("line_no"),
        ("product_id", padded("P", "product + 1", 4)),
        *_same("quantity"),
        ("unit_price", money("unit_price")),
        ("discount_amount", money("discount")),
        ("paid_amount", money("paid")),
        ("refund_amount", money("refund")),
    ),
    "ordered_at, number, line_no",
)
PRODUCTS = SourceFile(
    "products",
    "csv",
    (
        ("product_id", padded("P", "product + 1", 4)),
        *_same("name_zh", "name_en"),
        ("category", pick("category", CATEGORIES)),
        *_same("subcategory", "brand"),
        ("list_price", money("list_price")),
        ("unit_cost", money("unit_cost")),
        ("launched_on", "launched_on::DATE"),
    ),
    "product",
)
STORES = SourceFile(
    "stores",
    "csv",
    (
        ("store_id", padded("S", "store + 1", 3)),
        *_same("name", "city", "province"),
        ("opened_on", "opened_on::DATE"),
    ),
    "store",
)
EXCHANGE_RATES = SourceFile(
    "exchange_rates",
    "csv",
    (("month", "month::DATE"), ("currency", "currency"), ("rate_to_cny", "rate_to_cny")),
    "month, currency",
)
EVENTS_COLUMNS = (
    ("event_id", "'E' || lpad(session::VARCHAR, 10, '0') || lpad(step::VARCHAR, 2, '0')"),
    ("event_at", "event_at::TIMESTAMP"),
    ("session_id", padded("S", "session")),
    ("account_type", ACCOUNT_TYPE),
    ("account_id", ACCOUNT_ID),
    ("device_id", "CASE WHEN device >= 0 THEN " + padded("D", "device", 11) + " END"),
    ("platform", pick("platform", PLATFORMS)),
    ("event_type", pick("kind", EVENT_TYPES)),
    ("product_id", "CASE WHEN product >= 0 THEN " + padded("P", "product + 1", 4) + " END"),
    ("traffic_source", pick("source", SOURCES)),
)


def events_file(month: str) -> SourceFile:
    """Describe the file of one month's events."""
    return SourceFile(
        month, "parquet", EVENTS_COLUMNS, "event_at, session, step", folder="data/events"
    )


TICKETS = SourceFile(
    "tickets",
    "jsonl",
    (
        ("ticket_id", padded("T", "number")),
        ("opened_at", moment("opened_at")),
        ("account_type", ACCOUNT_TYPE),
        ("account_id", ACCOUNT_ID),
        ("order_id", "CASE WHEN order_number >= 0 THEN " + padded("SO", "order_number") + " END"),
        *_same("channel", "category", "priority"),
        ("first_response_at", moment("first_response_at")),
        ("resolved_at", moment("resolved_at")),
        *_same("status"),
        ("satisfaction", "CASE WHEN satisfaction > 0 THEN satisfaction END"),
        *_same("message"),
    ),
    "opened_at, number",
)
REVIEWS = SourceFile(
    "reviews",
    "csv",
    (
        ("review_id", padded("R", "number")),
        ("created_at", moment("created_at")),
        ("account_type", ACCOUNT_TYPE),
        ("account_id", ACCOUNT_ID),
        ("order_id", "CASE WHEN order_number >= 0 THEN " + padded("SO", "order_number") + " END"),
        ("product_id", "CASE WHEN product >= 0 THEN " + padded("P", "product + 1", 4) + " END"),
        *_same("source", "stars", "text"),
    ),
    "created_at, number, row",
)
CAMPAIGNS_FILE = SourceFile(
    "campaigns",
    "csv",
    (
        ("campaign_id", padded("K", "campaign + 1", 3)),
        *_same("name_zh", "name_en", "channel", "objective"),
        ("started_on", "started_on::DATE"),
        ("ended_on", "ended_on::DATE"),
        *_same("holdout_share"),
    ),
    "campaign",
)
TOUCHES = SourceFile(
    "campaign_touches",
    "csv",
    (
        ("touch_id", padded("X", "number")),
        ("campaign_id", padded("K", "campaign + 1", 3)),
        ("account_type", ACCOUNT_TYPE),
        ("account_id", ACCOUNT_ID),
        ("assigned", pick("holdout", ("treatment", "holdout"))),
        ("sent_at", moment("sent_at")),
        ("delivered", "CASE WHEN holdout = 0 THEN delivered END"),
        ("opened_at", moment("opened_at")),
        ("clicked_at", moment("clicked_at")),
        ("unsubscribed_at", moment("unsubscribed_at")),
    ),
    "campaign, number",
)
CONSENTS = SourceFile(
    "consents",
    "csv",
    (
        ("account_type", ACCOUNT_TYPE),
        ("account_id", ACCOUNT_ID),
        *_same("channel", "purpose", "status"),
        ("changed_at", moment("changed_at")),
    ),
    "changed_at, account_type, account, channel, status",
)
TRUTH_PEOPLE = SourceFile(
    "people",
    "csv",
    (
        ("account_type", ACCOUNT_TYPE),
        ("account_id", ACCOUNT_ID),
        ("person_id", padded("H", "person")),
    ),
    "account_type, account, person",
    folder="truth",
)
TRUTH_PERSONS = SourceFile(
    "persons",
    "csv",
    (
        ("person_id", padded("H", "person")),
        *_same("gender", "age", "city", "province", "region", "country", "language"),
        *_same("acquisition_channel"),
        ("joined_at", moment("joined_at")),
        *_same("favourite_category", "second_category", "main_channel", "second_channel"),
        *_same("taste", "price_tier", "price_sensitive", "never_buys", "dropped_out", "last_slow"),
        ("next_purchase_at", moment("next_purchase_at")),
        *_same("purchase_rate", "dropout_chance", "visit_rate", "orders", "is_test"),
    ),
    "person",
    folder="truth",
)
TRUTH_PRODUCTS = SourceFile(
    "products",
    "csv",
    (("product_id", padded("P", "product + 1", 4)), *_same("aspect", "liking")),
    "product, position",
    folder="truth",
)
TRUTH_REVIEWS = SourceFile(
    "reviews",
    "csv",
    (("review_id", padded("R", "number")), *_same("aspect", "polarity", "quote")),
    "number, position",
    folder="truth",
)

FILES: tuple[SourceFile, ...] = (
    CRM_CUSTOMERS,
    MEMBERS,
    APP_USERS,
    MARKETPLACE_BUYERS,
    ORDERS,
    ORDER_LINES,
    PRODUCTS,
    STORES,
    EXCHANGE_RATES,
    TICKETS,
    REVIEWS,
    CAMPAIGNS_FILE,
    TOUCHES,
    CONSENTS,
)
"""All but the events, which are one file a month."""

TRUTH_FILES: tuple[SourceFile, ...] = (
    TRUTH_PEOPLE,
    TRUTH_PERSONS,
    TRUTH_PRODUCTS,
    TRUTH_REVIEWS,
)
