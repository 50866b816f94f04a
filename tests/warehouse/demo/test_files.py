"""The files are those a brand would export: names, columns, encodings, vocabulary."""

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest
import yaml

from warehouse.demo import DemoReport

COLUMNS = {
    "crm_customers": "crm_id name gender birth_date phone email city province country "
    "acquisition_channel language created_at",
    "members": "member_no name phone email wechat_openid level joined_at points gender birthday "
    "city",
    "app_users": "user_id phone device_id wechat_openid platform registered_at sms_opt_in "
    "push_opt_in email_opt_in",
    "marketplace_buyers": "buyer_id marketplace phone nickname city province first_seen_at",
    "orders": "order_id ordered_at paid_at status sales_channel store_id account_type account_id "
    "currency goods_amount discount_amount shipping_fee paid_amount refund_amount coupon_code "
    "payment_method ship_city ship_province ship_country warehouse shipped_at delivered_at",
    "order_lines": "order_id line_no product_id quantity unit_price discount_amount paid_amount "
    "refund_amount",
    "products": "product_id name_zh name_en category subcategory brand list_price unit_cost "
    "launched_on",
    "stores": "store_id name city province opened_on",
    "exchange_rates": "month currency rate_to_cny",
    "events": "event_id event_at session_id account_type account_id device_id platform event_type "
    "product_id traffic_source",
    "tickets": "ticket_id opened_at account_type account_id order_id channel category priority "
    "first_response_at resolved_at status satisfaction message",
    "reviews": "review_id created_at account_type account_id order_id product_id source stars text",
    "campaigns": "campaign_id name_zh name_en channel objective started_on ended_on holdout_share",
    "campaign_touches": "touch_id campaign_id account_type account_id assigned sent_at delivered "
    "opened_at clicked_at unsubscribed_at",
    "consents": "account_type account_id channel purpose status changed_at",
}

VALUES = {
    ("orders", "status"): "completed cancelled refunded partially_refunded shipped",
    ("orders", "sales_channel"): "app mini_program web store tmall jd douyin",
    ("orders", "account_type"): "crm member app marketplace",
    ("orders", "currency"): "CNY USD HKD SGD",
    ("orders", "payment_method"): "alipay wechat_pay card cash",
    ("app_users", "platform"): "ios android mini_program",
    ("members", "level"): "普通 银卡 金卡 钻石",
    ("marketplace_buyers", "marketplace"): "tmall jd douyin",
    ("events", "platform"): "app mini_program web",
    ("events", "event_type"): "login page_view product_view search add_to_cart checkout purchase",
    ("events", "traffic_source"): "direct search paid_social kol email sms push referral",
    ("tickets", "channel"): "phone chat email",
    ("tickets", "category"): "delivery quality refund account promotion other",
    ("tickets", "status"): "open resolved",
    ("reviews", "source"): "app tmall jd douyin web survey",
    ("campaigns", "channel"): "sms email push wecom",
    ("campaign_touches", "assigned"): "treatment holdout",
    ("consents", "status"): "granted withdrawn",
    ("products", "category"): "mother_baby snacks beauty appliances coffee clothing",
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_are_as_agreed(sql: duckdb.DuckDBPyConnection, name: str):
    described = sql.execute(f"DESCRIBE {name}").fetchall()

    assert [row[0] for row in described] == COLUMNS[name].split()


@pytest.mark.parametrize(("table", "column"), VALUES)
def test_codes_are_as_agreed(sql: duckdb.DuckDBPyConnection, table: str, column: str):
    found = sql.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")

    codes = {row[0] for row in found.fetchall()}
    assert codes <= set(VALUES[table, column].split())
    assert len(codes) > 1


def test_crm_file_is_gbk_only(data: Path):
    raw = (data / "crm_customers.csv").read_bytes()

    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(raw.decode("gbk"))))
    assert {"上海", "北京"} <= {row["city"] for row in rows}


def test_members_file_begins_with_a_mark(data: Path):
    assert (data / "members.csv").read_bytes().startswith(b"\xef\xbb\xbfmember_no,")


def test_other_files_are_plain_utf8(data: Path):
    for path in data.glob("*.csv"):
        if path.stem not in ("crm_customers", "members"):
            assert not path.read_text("utf-8").startswith("\ufeff"), path.name


def test_workspace_file_names_every_source(demo: DemoReport):
    declared = yaml.safe_load((demo.folder / "workspace.yml").read_text("utf-8"))

    assert set(declared["sources"]) == set(COLUMNS)
    for source in declared["sources"].values():
        assert list((demo.folder / "data").glob(source["file"])), source
    assert declared["sources"]["crm_customers"]["encoding"] == "gbk"
    assert declared["marts"] == "retail"


def test_events_lie_in_the_file_of_their_month(data: Path, demo: DemoReport):
    paths = sorted((data / "events").glob("*.parquet"))

    assert paths[0].stem == "2024-11"
    assert paths[-1].stem == "2026-10"
    assert len(paths) == 24
    stray = (
        duckdb.connect()
        .execute(
            f"SELECT count(*) FROM read_parquet('{data}/events/*.parquet', filename = true) "
            "WHERE strftime(event_at, '%Y-%m') <> parse_filename(filename, true)"
        )
        .fetchone()
    )
    future = json.loads((demo.folder / "truth/dirt.json").read_text("utf-8"))["events"]
    assert stray == (future.get("timestamp_in_the_future", 0),)


def test_times_stay_within_the_data(sql: duckdb.DuckDBPyConnection):
    for table, column in (
        ("orders", "ordered_at"),
        ("orders", "delivered_at"),
        ("reviews", "created_at"),
        ("tickets", "opened_at"),
        ("campaign_touches", "sent_at"),
    ):
        first, last = sql.execute(
            f"SELECT min({column})::VARCHAR, max({column})::VARCHAR FROM {table}"
        ).fetchall()[0]
        assert first >= "2024-11-01", (table, column)
        assert last < "2026-11-01", (table, column)


def test_report_counts_the_rows(demo: DemoReport, data: Path):
    for name in ("orders", "reviews", "consents"):
        with (data / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            assert demo.rows[f"data/{name}.csv"] == sum(1 for _ in csv.reader(lines)) - 1


def test_staging_is_removed(demo: DemoReport):
    assert sorted(p.name for p in demo.folder.iterdir() if p.is_dir()) == [
        "data",
        "semantic",
        "truth",
    ]
