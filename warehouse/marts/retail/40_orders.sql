-- Amounts are minor units of the reporting currency, converted line by line with the rate of the
-- order's month and rounded half up, so that the lines and the shipping fee of an order add up to
-- it exactly. Without a rate they are empty, never zero. Orders of test accounts are left out.

CREATE TABLE kept_order AS
SELECT o.* EXCLUDE (status), coalesce(o.status, 'unknown') AS status, a.customer_id,
       CASE WHEN o.currency = b.currency THEN 1
            WHEN b.currency = 'CNY' THEN r.rate_to_cny END AS rate
FROM source.orders AS o
CROSS JOIN marts.build_info AS b
LEFT JOIN account_owner AS a ON a.account_type = o.account_type AND a.account_id = o.account_id
LEFT JOIN source.exchange_rates AS r
    ON r.currency = o.currency AND r.month = date_trunc('month', o.ordered_at)
WHERE a.is_test IS NOT TRUE;

CREATE MACRO in_reporting(amount, rate) AS
    CASE WHEN rate = 1 THEN amount ELSE CAST(round(amount * rate, 0) AS BIGINT) END;

-- order_lines: one row is one product of one order. list_amount is what it costs without discount:
-- where price, discount and payment agree in the order's currency, they agree here.
CREATE TABLE marts.order_lines AS
SELECT order_id || '-' || line_no AS line_id, order_id, CAST(line_no AS INTEGER) AS line_no,
       product_id, customer_id, ordered_at, status <> 'cancelled' AS is_valid, quantity,
       CASE WHEN listed = paid + discount
            THEN in_reporting(paid, rate) + in_reporting(discount, rate)
            ELSE in_reporting(listed, rate) END AS list_amount,
       in_reporting(discount, rate) AS discount_amount,
       in_reporting(paid, rate) AS paid_amount,
       in_reporting(refund, rate) AS refund_amount,
       quantity * unit_cost AS cost_amount
FROM (
    SELECT l.order_id, l.line_no, l.product_id, o.customer_id, o.ordered_at, o.status, o.rate,
           l.quantity, l.quantity * l.unit_price AS listed, l.paid_amount AS paid,
           coalesce(l.discount_amount, 0) AS discount, coalesce(l.refund_amount, 0) AS refund,
           p.unit_cost
    FROM source.order_lines AS l
    JOIN kept_order AS o USING (order_id)
    LEFT JOIN marts.products AS p USING (product_id)
) AS line
ORDER BY ordered_at, order_id, line_no;

-- A sum with a gap in it is no sum: one empty line makes the order's amount empty.
CREATE TABLE order_sum AS
SELECT order_id, CAST(sum(quantity) AS BIGINT) AS units,
       CAST(CASE WHEN count(*) = count(list_amount) THEN sum(list_amount) END AS BIGINT)
           AS goods_amount,
       CAST(CASE WHEN count(*) = count(discount_amount) THEN sum(discount_amount) END AS BIGINT)
           AS discount_amount,
       CAST(CASE WHEN count(*) = count(paid_amount) THEN sum(paid_amount) END AS BIGINT)
           AS paid_amount,
       CAST(CASE WHEN count(*) = count(refund_amount) THEN sum(refund_amount) END AS BIGINT)
           AS refund_amount,
       CAST(CASE WHEN count(*) = count(cost_amount) THEN sum(cost_amount) END AS BIGINT)
           AS cost_amount
FROM marts.order_lines
GROUP BY order_id;

CREATE TABLE priced_order AS
SELECT o.order_id, o.customer_id, o.ordered_at, o.paid_at, o.status,
       o.status <> 'cancelled' AS is_valid, o.sales_channel, o.store_id, o.payment_method,
       o.currency, o.coupon_code, plain_city(o.ship_city) AS ship_city,
       plain_province(o.ship_province) AS ship_province, o.ship_country, o.warehouse,
       o.shipped_at, o.delivered_at, coalesce(s.units, 0) AS units,
       in_reporting(coalesce(o.shipping_fee, 0), o.rate) AS shipping_fee,
       CASE WHEN s.order_id IS NULL THEN in_reporting(o.goods_amount, o.rate)
            ELSE s.goods_amount END AS goods_amount,
       CASE WHEN s.order_id IS NULL THEN in_reporting(coalesce(o.discount_amount, 0), o.rate)
            ELSE s.discount_amount END AS discount_amount,
       CASE WHEN s.order_id IS NULL THEN in_reporting(coalesce(o.refund_amount, 0), o.rate)
            ELSE s.refund_amount END AS refund_amount,
       CASE WHEN s.order_id IS NULL THEN in_reporting(o.paid_amount, o.rate)
            ELSE s.paid_amount + in_reporting(coalesce(o.shipping_fee, 0), o.rate)
            END AS paid_amount,
       s.cost_amount
FROM kept_order AS o
LEFT JOIN order_sum AS s USING (order_id);

-- Places of valid orders of a known customer; cancelled and guest orders have none.
CREATE TABLE order_place AS
SELECT order_id,
       CAST(row_number() OVER person AS INTEGER) AS order_number,
       CAST(date_diff('day', lag(ordered_at) OVER person, ordered_at) AS INTEGER)
           AS days_since_previous,
       CAST(date_diff('day', ordered_at, lead(ordered_at) OVER person) AS INTEGER) AS days_to_next
FROM priced_order
WHERE is_valid AND customer_id IS NOT NULL
WINDOW person AS (PARTITION BY customer_id ORDER BY ordered_at, order_id);

-- orders: one row is one order, valid unless it was cancelled. order_number counts the valid orders
-- of its customer; delivery_days are calendar days from ordering to delivery, as are the days
-- since the previous and to the next order.
CREATE TABLE marts.orders AS
SELECT o.order_id, o.customer_id, o.ordered_at, o.paid_at, o.status, o.is_valid, o.sales_channel,
       o.store_id, s.store_name, o.payment_method, o.currency, o.goods_amount, o.discount_amount,
       o.shipping_fee, o.paid_amount, o.refund_amount, o.cost_amount,
       coalesce(o.discount_amount > 0, false) AS has_discount,
       o.coupon_code IS NOT NULL AS has_coupon, o.coupon_code,
       coalesce(o.refund_amount > 0, false) OR o.status IN ('refunded', 'partially_refunded')
           AS is_refunded,
       o.ship_city, o.ship_province, o.ship_country, o.warehouse, o.shipped_at, o.delivered_at,
       CASE WHEN o.delivered_at >= o.ordered_at
            THEN CAST(date_diff('day', o.ordered_at, o.delivered_at) AS INTEGER) END
           AS delivery_days,
       coalesce(p.order_number = 1, false) AS is_first_order, p.order_number,
       p.days_since_previous, p.days_to_next,
       CAST(hour(o.ordered_at) AS INTEGER) AS order_hour,
       CAST(isodow(o.ordered_at) AS INTEGER) AS order_weekday,
       o.units
FROM priced_order AS o
LEFT JOIN order_place AS p USING (order_id)
LEFT JOIN marts.stores AS s USING (store_id)
ORDER BY o.ordered_at, o.order_id;

DROP TABLE order_sum;
DROP TABLE order_place;
DROP TABLE priced_order;
