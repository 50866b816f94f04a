"""A build of a brand small enough to compute by hand, and everything that may stop a build."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from warehouse.build_folder import BuildFolders
from warehouse.errors import (
    BuildError,
    SemanticModelError,
    SourceError,
    StoreUnavailable,
    WorkspaceFileError,
)
from warehouse.manifest import load_manifest
from warehouse.pipeline import STAGES, open_build

from ..tiny_brand.writing import read_marts, write_tiny_brand

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def build(workspace, progress=lambda step: None, now=NOW):
    with open_build(workspace, progress, now) as under_way:
        under_way.run()
        return under_way.publish()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    workspace = write_tiny_brand(tmp_path_factory.mktemp("built"))
    return workspace, build(workspace)


@pytest.fixture
def tiny(tmp_path):
    return write_tiny_brand(tmp_path / "tiny")


@pytest.fixture
def rebuilt(built, tmp_path):
    """Give a workspace with a published build, and the id of that build."""
    workspace = Path(shutil.copytree(built[0], tmp_path / "rebuilt", symlinks=True))
    return workspace, built[1].build_id


@pytest.fixture(scope="module")
def marts(built):
    def query(sql):
        return read_marts(built[0], sql)

    return query


def change(workspace, name, old, new):
    file = workspace / "data" / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


CONTRACT = {
    "customers": (
        "customer_id gender age age_band city province region city_tier country language"
        " acquisition_channel registered_at is_member member_level member_since first_order_at"
        " last_order_at order_count lifetime_revenue revenue_365d orders_365d recency_days"
        " first_sales_channel first_category favourite_category last_visit_at days_since_visit"
        " ticket_count open_ticket_count feedback_count last_stars sms_opt_in email_opt_in"
        " push_opt_in account_count"
    ),
    "orders": (
        "order_id customer_id ordered_at paid_at status is_valid sales_channel store_id store_name"
        " payment_method currency goods_amount discount_amount shipping_fee paid_amount"
        " refund_amount cost_amount has_discount has_coupon coupon_code is_refunded ship_city"
        " ship_province ship_country warehouse shipped_at delivered_at delivery_days"
        " is_first_order order_number days_since_previous days_to_next order_hour order_weekday"
        " units"
    ),
    "order_lines": (
        "line_id order_id line_no product_id customer_id ordered_at is_valid quantity list_amount"
        " discount_amount paid_amount refund_amount cost_amount"
    ),
    "products": (
        "product_id name_zh name_en category subcategory brand list_price unit_cost launched_on"
        " price_band"
    ),
    "stores": "store_id store_name city province opened_on",
    "sessions": (
        "session_id customer_id session_at platform traffic_source event_count has_login"
        " has_product_view has_search has_cart has_checkout has_purchase"
    ),
    "events": (
        "event_id customer_id session_id event_at event_type platform product_id traffic_source"
    ),
    "tickets": (
        "ticket_id customer_id order_id opened_at channel category priority status is_open"
        " first_response_minutes resolution_hours satisfaction"
    ),
    "feedback": (
        "feedback_id customer_id order_id product_id created_at source language stars polarity"
        " text text_length"
    ),
    "campaigns": "campaign_id name_zh name_en channel objective started_on ended_on",
    "campaign_touches": (
        "touch_id campaign_id customer_id channel assigned sent_at is_sent is_delivered is_opened"
        " is_clicked is_unsubscribed converted_7d"
    ),
    "build_info": "as_of first_day build_id built_at currency time_zone",
}


def test_marts_have_the_columns_that_were_agreed(marts):
    rows = marts(
        "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns()"
        " WHERE NOT internal GROUP BY table_name"
    )

    assert {name: " ".join(columns) for name, columns in rows} == CONTRACT


def test_marts_hold_no_type_that_surprises(marts):
    rows = marts("SELECT DISTINCT data_type FROM duckdb_columns() WHERE NOT internal")

    assert {kind for (kind,) in rows} == {
        "VARCHAR", "BIGINT", "INTEGER", "BOOLEAN", "DATE", "TIMESTAMP", "DOUBLE",
    }  # fmt: skip


def test_span_is_that_of_the_orders(built, marts):
    assert marts("SELECT as_of, first_day FROM build_info") == [
        (date(2026, 10, 31), date(2026, 10, 1))
    ]
    assert (built[1].as_of, built[1].first_day) == (date(2026, 10, 31), date(2026, 10, 1))


def test_accounts_of_one_person_are_one_customer(marts):
    rows = marts("SELECT account_count FROM customers ORDER BY account_count")

    assert rows == [(1,), (2,), (3,)]


def test_customer_is_described_by_all_accounts(marts):
    (row,) = marts(
        "SELECT gender, age, age_band, city, province, region, city_tier, country, language,"
        " acquisition_channel, registered_at, is_member, member_level, member_since"
        " FROM customers WHERE account_count = 3"
    )

    assert row == (
        "male", 36, "35_44", "上海", "上海", "east", "tier_1", "CN", "zh", "search",
        datetime(2024, 12, 30, 12), True, "gold", date(2025, 2, 1),
    )  # fmt: skip


def test_customer_adds_up_what_the_person_did(marts):
    (row,) = marts(
        "SELECT order_count, lifetime_revenue, revenue_365d, orders_365d, recency_days,"
        " first_sales_channel, first_category, favourite_category, days_since_visit,"
        " ticket_count, open_ticket_count, feedback_count, last_stars, sms_opt_in, push_opt_in"
        " FROM customers WHERE account_count = 3"
    )

    # 19.00 + 5.50 + 3 x 3.33 USD at 7.1234; the cancelled order counts nowhere.
    assert row == (
        2, 1900 + 550 + 7116, 1900 + 550 + 7116, 2, 26, "app", "coffee", "coffee", 29, 1, 0, 3, 2,
        False, True,
    )  # fmt: skip


def test_unknown_home_comes_from_the_other_account(marts):
    (row,) = marts(
        "SELECT city, province, region, city_tier, country, age, age_band, gender"
        " FROM customers WHERE account_count = 2"
    )

    assert row == ("南京", "江苏", "east", "new_tier_1", "CN", None, "unknown", "female")


def test_orders_carry_amounts_of_the_reporting_currency(marts):
    rows = marts(
        "SELECT order_id, goods_amount, discount_amount, shipping_fee, paid_amount,"
        " refund_amount, cost_amount, units FROM orders ORDER BY order_id"
    )

    assert rows == [
        ("O1", 2550, 100, 800, 3250, 0, 1475, 3),
        # USD at 7.1234, rounded half up line by line: 71.162766, 42.7404, 23.720922.
        ("O2", 7116, 0, 4274, 11390, 2372, 1800, 3),
        ("O3", 1000, 0, 0, 0, 0, 600, 1),
        ("O4", 1000, 0, 0, 1000, 0, 600, 1),
        # No rate of the Singapore dollar, and no product: empty, not zero.
        ("O5", None, None, None, None, None, 600, 1),
        ("O6", 3000, 0, 0, 3000, 0, None, 3),
    ]


def test_orders_are_numbered_per_customer(marts):
    rows = marts(
        "SELECT order_id, order_number, is_first_order, days_since_previous, days_to_next,"
        " is_valid FROM orders ORDER BY order_id"
    )

    assert rows == [
        ("O1", 1, True, None, 4, True),
        ("O2", 2, False, 4, None, True),
        ("O3", None, False, None, None, False),
        ("O4", None, False, None, None, True),
        ("O5", 1, True, None, None, True),
        ("O6", 1, True, None, None, True),
    ]


def test_days_are_calendar_days(marts):
    rows = marts(
        "SELECT order_id, delivery_days, order_hour, order_weekday FROM orders"
        " WHERE delivery_days IS NOT NULL ORDER BY order_id"
    )

    assert rows == [("O1", 2, 23, 4), ("O2", 10, 10, 1)]


def test_flags_of_orders(marts):
    rows = marts(
        "SELECT order_id FROM orders WHERE has_discount AND has_coupon UNION ALL"
        " SELECT order_id FROM orders WHERE is_refunded"
    )

    assert rows == [("O1",), ("O2",)]


def test_sessions_belong_to_who_is_signed_in_or_owns_the_device(marts):
    rows = marts(
        "SELECT session_id, account_count, event_count, has_login, has_product_view, traffic_source"
        " FROM sessions LEFT JOIN customers USING (customer_id) ORDER BY session_id"
    )

    assert rows == [
        ("S1", 3, 2, True, True, "push"),
        ("S2", 3, 1, False, False, "direct"),
        ("S3", None, 1, False, False, "search"),
    ]


def test_tickets_are_timed(marts):
    rows = marts(
        "SELECT ticket_id, customer_id IS NULL, is_open, first_response_minutes, resolution_hours,"
        " satisfaction FROM tickets ORDER BY ticket_id"
    )

    assert rows == [("T1", False, False, 10, 3.0, 4), ("T2", True, True, None, None, None)]


def test_feedback_is_masked(marts):
    rows = marts("SELECT feedback_id, source, language, stars, polarity, text FROM feedback")

    assert sorted(rows) == [
        ("R1", "app", "zh", 5, "positive", "很香，打我电话 [phone] 或 [email]"),
        ("R2", "web", "en", 2, "negative", "Late."),
        ("R3", "tmall", "zh", None, None, "三星"),
        ("ticket-T1", "ticket", "zh", None, None, "到哪了? 微信 [id]"),
    ]


def test_conversion_is_a_valid_order_within_seven_days(marts):
    rows = marts(
        "SELECT touch_id, channel, is_sent, is_delivered, is_clicked, converted_7d"
        " FROM campaign_touches ORDER BY touch_id"
    )

    # X3 was sent on the 13th at nine and followed by an order on the 20th at nine: too late by
    # nothing, because the seven days end there.
    assert rows == [
        ("X1", "sms", True, True, True, True),
        ("X2", "sms", False, False, False, False),
        ("X3", "sms", True, False, False, False),
    ]


def test_contact_data_is_in_the_vault_alone(built):
    workspace, manifest = built
    current = workspace / "var" / "current"
    secrets = [
        b"13800138000",
        b"13900139000",
        b"oLIWEI01",
        "李伟".encode(),
        b"li.wei",
        b"liwei_1990",
    ]

    marts = (current / "marts.duckdb").read_bytes()
    said = manifest.model_dump_json().encode()

    assert [s for s in secrets if s in marts or s in said] == []
    with duckdb.connect(str(current / "vault.duckdb"), read_only=True) as vault:
        phones = vault.execute(
            "SELECT account_id, identifier FROM people WHERE identifier_type = 'phone' ORDER BY 1"
        ).fetchall()
    assert phones == [
        ("B2", "13900139000"), ("C1", "13800138000"), ("C2", "13900139000"), ("M1", "13800138000"),
    ]  # fmt: skip


def test_every_oddity_is_a_finding(built):
    found = {(f.source, f.check, f.column): f.count for f in built[1].findings}

    assert found == {
        ("crm_customers", "recoded", "gender"): 2,
        ("crm_customers", "out_of_range", "birth_date"): 1,
        ("crm_customers", "missing_value", "city"): 1,
        ("members", "recoded", "level"): 3,
        ("members", "duplicate_key", "member_no"): 1,
        ("marketplace accounts", "invalid_identifier", "phone"): 1,
        ("orders", "future_time", "delivered_at"): 1,
        ("orders", "duplicate_key", "order_id"): 1,
        ("orders", "missing_rate", "currency"): 1,
        ("order_lines", "unknown_reference", "product_id"): 1,
        ("events", "future_time", "event_at"): 1,
        ("events", "duplicate_key", "event_id"): 1,
        ("reviews", "out_of_range", "stars"): 1,
        ("reviews", "masked_text", "text"): 1,
        ("tickets", "unknown_reference", "order_id"): 1,
        ("tickets", "unknown_account", "account_id"): 1,
        ("tickets", "masked_text", "message"): 1,
        ("member accounts", "test_account", "name"): 1,
        ("app accounts", "test_account", "name"): 1,
    }


def test_manifest_tells_sources_and_rows(built):
    workspace, _ = built

    manifest = load_manifest(workspace / "var" / "current")

    orders = next(s for s in manifest.sources if s.source == "orders")
    assert (orders.rows_read, orders.rows_staged, orders.rows_used) == (8, 8, 7)
    assert orders.files[0].file == "orders.csv"
    assert manifest.rows["orders"] == 6
    assert manifest.built_at == NOW
    assert len(manifest.semantic_hash) == 16


def test_build_folder_holds_what_is_read_and_nothing_else(built):
    folder = (built[0] / "var" / "current").resolve()

    assert sorted(f.name for f in folder.iterdir()) == [
        "manifest.json", "marts.duckdb", "vault.duckdb",
    ]  # fmt: skip


def test_progress_tells_every_stage_in_order(tiny):
    steps = []

    build(tiny, steps.append)

    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages == [s for s in STAGES if s != "index"]
    assert [s.number for s in steps] == sorted(s.number for s in steps)
    assert {s.of for s in steps} == {len(STAGES)}


def dump(workspace):
    marts = workspace / "var" / "current" / "marts.duckdb"
    with duckdb.connect(str(marts), read_only=True) as connection:
        names = [n for (n,) in connection.execute("SHOW TABLES").fetchall() if n != "build_info"]
        # Rows of a table have no order: events are written as their threads come.
        return {name: sorted(connection.table(name).fetchall(), key=repr) for name in names}


def test_same_sources_give_equal_marts(built, rebuilt):
    workspace, _ = rebuilt

    build(workspace, now=datetime(2027, 1, 1, tzinfo=UTC))

    assert dump(workspace) == dump(built[0])


def test_two_builds_are_kept_and_readers_of_older_ones_go_on(rebuilt):
    workspace, _ = rebuilt
    marts = (workspace / "var" / "current" / "marts.duckdb").resolve()
    with duckdb.connect(str(marts), read_only=True) as reader:
        ids = [build(workspace, now=NOW.replace(minute=m)).build_id for m in (31, 32)]

        assert sorted(f.name for f in (workspace / "var" / "builds").iterdir()) == ids
        assert os.readlink(workspace / "var" / "current") == f"builds/{ids[1]}"
        assert not marts.exists()
        assert reader.execute("SELECT count(*) FROM orders").fetchall() == [(6,)]


def test_builds_of_one_second_do_not_share_a_folder(tmp_path):
    folders = BuildFolders(tmp_path)

    assert folders.new("one") != folders.new("one")


def only_build(workspace):
    (folder,) = (workspace / "var" / "builds").iterdir()
    return folder.name


STOPS = (
    (
        "source missing",
        lambda w: (w / "data" / "orders.csv").unlink(),
        SourceError,
        "orders.csv: no such file",
    ),
    (
        "source without rows",
        lambda w: change(
            w, "orders.csv", (w / "data/orders.csv").read_text("utf-8"), "order_id,ordered_at\n"
        ),
        BuildError,
        "Build stopped at sources: no row of 'orders' has a time in 'ordered_at'.",
    ),
    (
        "key column missing",
        lambda w: change(w, "products.csv", "product_id,", "productid,"),
        SourceError,
        "products.csv: column 'product_id' is missing. Nearest: 'productid'.",
    ),
    (
        "clock missing",
        lambda w: change(w, "orders.csv", ",ordered_at,", ",orderd_at,"),
        SourceError,
        "orders.csv: column 'ordered_at' is missing. Nearest: 'orderd_at'",
    ),
    (
        "unknown source",
        lambda w: (w / "workspace.yml").write_text(
            (w / "workspace.yml").read_text("utf-8").replace("  orders:", "  ordres:"), "utf-8"
        ),
        WorkspaceFileError,
        "unknown source 'ordres'. Nearest: 'orders'",
    ),
    (
        "broken semantic model",
        lambda w: (
            (w / "semantic").mkdir(),
            (w / "semantic" / "own.yml").write_text("dimensions:\n  city: {column: town}\n"),
        ),
        SemanticModelError,
        "table 'customers' has no column 'town'.",
    ),
)


@pytest.mark.parametrize(
    ("break_it", "error", "expected_error"), [s[1:] for s in STOPS], ids=[s[0] for s in STOPS]
)
def test_build_that_stops_leaves_the_old_one(rebuilt, break_it, error, expected_error):
    tiny, old = rebuilt
    break_it(tiny)

    with pytest.raises(error) as caught:
        build(tiny)

    assert expected_error in str(caught.value)
    assert (tiny / "var" / "current").resolve().name == only_build(tiny) == old


def test_failed_check_stops_the_build(tiny, monkeypatch, tmp_path):
    failing = tmp_path / "checks.sql"
    failing.write_text("SELECT 'orders are whole', 3", "utf-8")
    monkeypatch.setattr("warehouse.pipeline.checks_file", lambda marts: failing)

    with pytest.raises(BuildError) as caught:
        build(tiny)

    assert str(caught.value) == (
        "Build stopped at check: not true that orders are whole (3 rows). The previous build stays."
    )
    assert list((tiny / "var" / "builds").iterdir()) == []


def test_leaving_without_publishing_changes_nothing(rebuilt):
    tiny, old = rebuilt

    with open_build(tiny) as under_way:
        under_way.run()

    assert (tiny / "var" / "current").resolve().name == only_build(tiny) == old


def test_too_little_room_is_said_before_the_work(tiny, monkeypatch):
    usage = shutil.disk_usage(tiny)
    monkeypatch.setattr(
        "warehouse.pipeline.shutil.disk_usage", lambda path: usage._replace(free=5 << 20)
    )

    with pytest.raises(BuildError) as caught:
        build(tiny)

    assert str(caught.value).startswith("Build stopped at sources: the disk is full (5 MB free): ")
    assert "Make room and build again; the previous build stays." in str(caught.value)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (duckdb.IOException("Could not write file: No space left on device"), "the disk is full"),
        (duckdb.OutOfMemoryException("could not allocate"), "the memory is full"),
        (MemoryError(), "the memory is full"),
        (duckdb.InternalException("odd"), "odd. The previous build stays; please report this."),
    ],
)
def test_failures_of_the_machine_are_one_clear_error(tiny, error, said):
    def fail(step):
        raise error

    with pytest.raises(BuildError, match=r"Build stopped at sources: .*") as caught:
        build(tiny, fail)

    assert said in str(caught.value)
    assert list((tiny / "var" / "builds").iterdir()) == []


def test_second_build_at_once_is_refused(tiny):
    with (
        BuildFolders(tiny).locked(),
        pytest.raises(BuildError, match=f"another build .* is running .process {os.getpid()}"),
    ):
        build(tiny)


KILLED = """
import sys, time
from pathlib import Path
from warehouse.pipeline import open_build

def linger(step):
    if step.stage == sys.argv[2]:
        print("there", flush=True)
        time.sleep(60)

with open_build(Path(sys.argv[1]), linger) as build:
    build.run()
    build.publish()
"""


@pytest.mark.parametrize("stage", ["marts", "publish"])
def test_killed_build_leaves_the_old_one_and_no_lock(rebuilt, stage):
    tiny, old = rebuilt
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tiny), stage], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"there\n"

    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    assert (tiny / "var" / "current").resolve().name == old
    assert read_marts(tiny, "SELECT count(*) FROM orders") == [(6,)]
    assert len(list((tiny / "var" / "builds").iterdir())) == 2
    with open_build(tiny) as under_way:
        assert {f.name for f in (tiny / "var" / "builds").iterdir()} == {old, under_way.build_id}


def test_absent_sources_are_empty_marts(tiny):
    text = (tiny / "workspace.yml").read_text("utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("  ") or "  orders:" in line]
    (tiny / "workspace.yml").write_text("\n".join(kept) + "\n", "utf-8")

    manifest = build(tiny)

    assert manifest.rows["orders"] == 7
    assert manifest.rows["customers"] == manifest.rows["events"] == 0
    absent = [f.source for f in manifest.findings if f.check == "missing_source"]
    assert len(absent) == 14
    # Without lines, the header's amounts count; test accounts cannot be told.
    assert read_marts(tiny, "SELECT paid_amount FROM orders WHERE order_id = 'O1'") == [(3250,)]


def test_missing_manifest_says_what_to_do(tmp_path):
    with pytest.raises(
        StoreUnavailable, match=r"there is no finished build\. Run 'sextant build'."
    ):
        load_manifest(tmp_path)


def test_damaged_manifest_says_what_to_do(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"build_id": 3}))

    with pytest.raises(StoreUnavailable, match=r"the manifest is damaged\. Run 'sextant build'."):
        load_manifest(tmp_path)
