"""Orders add up, and everything else agrees with them."""

import duckdb
import pytest


@pytest.mark.parametrize("column", ["discount_amount", "paid_amount", "refund_amount"])
def test_lines_add_up_to_their_order(sql: duckdb.DuckDBPyConnection, column: str):
    shipping = "- o.shipping_fee::DECIMAL(14, 2)" if column == "paid_amount" else ""
    wrong = sql.execute(
        f"SELECT o.order_id FROM orders o JOIN order_lines l USING (order_id) "
        f"GROUP BY o.order_id, o.{column}, o.shipping_fee "
        f"HAVING sum(l.{column}::DECIMAL(14, 2)) <> o.{column}::DECIMAL(14, 2) {shipping}"
    ).fetchall()

    assert wrong == []


def test_every_order_has_lines_and_every_line_an_order(sql: duckdb.DuckDBPyConnection):
    apart = sql.execute(
        "SELECT count(*) FILTER (l.order_id IS NULL), count(*) FILTER (o.order_id IS NULL) "
        "FROM orders o FULL JOIN (SELECT DISTINCT order_id FROM order_lines) l USING (order_id)"
    ).fetchone()

    assert apart == (0, 0)


def test_goods_are_prices_times_quantities(sql: duckdb.DuckDBPyConnection):
    wrong = sql.execute(
        "SELECT o.order_id FROM orders o JOIN order_lines l USING (order_id) "
        "GROUP BY o.order_id, o.goods_amount "
        "HAVING sum(l.quantity::INT * l.unit_price::DECIMAL(14, 2)) "
        "<> o.goods_amount::DECIMAL(14, 2)"
    ).fetchall()

    assert wrong == []


def test_paid_is_goods_less_discount_plus_shipping(sql: duckdb.DuckDBPyConnection):
    wrong = sql.execute(
        "SELECT order_id FROM orders WHERE paid_amount::DECIMAL(14, 2) <> "
        "CASE WHEN paid_at IS NULL THEN 0 ELSE goods_amount::DECIMAL(14, 2) "
        "- discount_amount::DECIMAL(14, 2) + shipping_fee::DECIMAL(14, 2) END"
    ).fetchall()

    assert wrong == []


def test_refunds_follow_the_status(sql: duckdb.DuckDBPyConnection):
    wrong = sql.execute(
        "SELECT order_id, status FROM orders WHERE CASE status "
        "WHEN 'refunded' THEN refund_amount::DECIMAL(14, 2) <> "
        "paid_amount::DECIMAL(14, 2) - shipping_fee::DECIMAL(14, 2) "
        "WHEN 'partially_refunded' THEN refund_amount::DOUBLE <= 0 "
        "OR refund_amount::DOUBLE >= paid_amount::DOUBLE "
        "WHEN 'cancelled' THEN refund_amount <> paid_amount "
        "ELSE refund_amount::DOUBLE <> 0 END"
    ).fetchall()

    assert wrong == []


def test_amounts_are_never_negative(sql: duckdb.DuckDBPyConnection):
    lowest = sql.execute(
        "SELECT min(least(discount_amount::DOUBLE, paid_amount::DOUBLE, refund_amount::DOUBLE, "
        "quantity::DOUBLE - 1, unit_price::DOUBLE)) FROM order_lines"
    ).fetchone()

    assert lowest == (0.0,)


def test_one_purchase_event_per_paid_own_order(sql: duckdb.DuckDBPyConnection):
    apart = sql.execute(
        "WITH own AS (SELECT paid_at, sales_channel, order_id FROM orders "
        "WHERE sales_channel IN ('app', 'mini_program', 'web') AND paid_at IS NOT NULL), "
        "bought AS (SELECT strftime(event_at, '%Y-%m-%d %H:%M:%S') AS paid_at, "
        "platform AS sales_channel, event_id FROM events WHERE event_type = 'purchase' "
        "AND event_at < '2026-11-01') "
        "SELECT count(*) FILTER (order_id IS NULL), count(*) FILTER (event_id IS NULL), count(*) "
        "FROM own FULL JOIN bought USING (paid_at, sales_channel)"
    ).fetchall()[0]
    future = sql.execute("SELECT count(*) FROM events WHERE event_at >= '2026-11-01'").fetchall()

    assert apart[0] == 0
    assert apart[1] <= future[0][0]
    assert apart[2] > 800


def test_purchase_events_carry_the_account_and_product(sql: duckdb.DuckDBPyConnection):
    wrong = sql.execute(
        "SELECT o.order_id FROM orders o JOIN events e ON e.event_type = 'purchase' "
        "AND strftime(e.event_at, '%Y-%m-%d %H:%M:%S') = o.paid_at "
        "AND e.platform = o.sales_channel "
        "JOIN order_lines l ON l.order_id = o.order_id AND l.line_no = '1' "
        "WHERE e.product_id <> l.product_id OR (e.account_id IS DISTINCT FROM o.account_id "
        "AND o.account_id IN (SELECT account_id FROM accounts))"
    ).fetchall()

    assert wrong == []


def test_sessions_stand_on_one_device_and_platform(sql: duckdb.DuckDBPyConnection):
    torn = sql.execute(
        "SELECT session_id FROM events GROUP BY 1 HAVING count(DISTINCT platform) > 1 "
        "OR count(DISTINCT device_id) > 1 OR count(DISTINCT account_id) > 1"
    ).fetchall()

    assert torn == []


def test_parcels_arrive_after_they_were_sent(sql: duckdb.DuckDBPyConnection):
    wrong = sql.execute(
        "SELECT order_id FROM orders WHERE shipped_at < paid_at OR delivered_at <= shipped_at "
        "OR (status = 'shipped') <> (shipped_at IS NOT NULL AND delivered_at IS NULL) "
        "OR (sales_channel = 'store') <> (store_id IS NOT NULL) "
        "OR (sales_channel = 'store' AND shipped_at IS NOT NULL)"
    ).fetchall()

    assert wrong == []


def test_nothing_is_sold_before_its_launch(sql: duckdb.DuckDBPyConnection):
    wrong = sql.execute(
        "SELECT order_id FROM order_lines JOIN orders USING (order_id) "
        "JOIN products USING (product_id) WHERE ordered_at < launched_on"
    ).fetchall()

    assert wrong == []


def test_nobody_orders_before_registering(sql: duckdb.DuckDBPyConnection):
    early = sql.execute(
        "SELECT order_id FROM orders JOIN members ON account_id = member_no "
        "WHERE ordered_at < joined_at UNION ALL "
        "SELECT order_id FROM orders JOIN app_users ON account_id = user_id "
        "WHERE ordered_at < registered_at"
    ).fetchall()

    assert early == []


def test_reviews_and_tickets_name_real_orders(sql: duckdb.DuckDBPyConnection):
    lost = sql.execute(
        "SELECT review_id FROM reviews r WHERE order_id IS NOT NULL AND NOT EXISTS (FROM "
        "order_lines l WHERE l.order_id = r.order_id AND l.product_id = r.product_id) "
        "UNION ALL SELECT ticket_id FROM tickets WHERE order_id IS NOT NULL "
        "AND order_id NOT IN (SELECT order_id FROM orders)"
    ).fetchall()

    assert lost == []


def test_only_what_was_sent_is_delivered_and_only_with_consent(sql: duckdb.DuckDBPyConnection):
    wrong = sql.execute(
        "SELECT touch_id FROM campaign_touches t JOIN campaigns c USING (campaign_id) "
        "WHERE (assigned = 'holdout') <> (sent_at IS NULL) OR (opened_at < sent_at) "
        "OR (delivered <> 'true' AND coalesce(opened_at, clicked_at) IS NOT NULL) "
        "OR NOT EXISTS (FROM consents s WHERE s.account_id = t.account_id "
        "AND s.channel = c.channel AND s.status = 'granted' AND s.changed_at < started_on) "
        "OR EXISTS (FROM consents s WHERE s.account_id = t.account_id "
        "AND s.channel = c.channel AND s.status = 'withdrawn' AND s.changed_at < started_on)"
    ).fetchall()

    assert wrong == []


def test_opt_ins_follow_the_consents(sql: duckdb.DuckDBPyConnection):
    for channel in ("sms", "push", "email"):
        wrong = sql.execute(
            f"SELECT user_id FROM app_users u LEFT JOIN (SELECT account_id, "
            f"bool_and(status = 'granted') AS open FROM consents WHERE channel = '{channel}' "
            f"GROUP BY 1) ON user_id = account_id WHERE ({channel}_opt_in = 'true') "
            f"<> coalesce(open, false)"
        ).fetchall()
        assert wrong == [], channel
