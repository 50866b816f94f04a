-- customers: one row is one customer id, of the sales, of the brand's file of customers, or of both.
-- Lifetime revenue is over all lines that count, so that what was returned is taken off; orders are
-- those that were not cancelled.
CREATE TABLE own_buyer AS
SELECT customer_id, count(*) AS order_count, min(ordered_at) AS first_order_at,
       max(ordered_at) AS last_order_at
FROM marts.orders
WHERE NOT is_cancelled AND customer_id IS NOT NULL
GROUP BY customer_id;

CREATE TABLE own_seen AS
SELECT customer_id, min(ordered_at) AS first_seen_at,
       CAST(sum(amount) FILTER (WHERE rule.taken_off OR NOT is_cancelled) AS DECIMAL(18, 4))
           AS lifetime_revenue
FROM marts.order_lines
CROSS JOIN own_rule AS rule
WHERE customer_id IS NOT NULL
GROUP BY customer_id;

CREATE TABLE marts.customers AS
SELECT customer_id, c.registered_at, coalesce(c.registered_at, s.first_seen_at) AS known_at,
       s.first_seen_at, b.first_order_at, b.last_order_at,
       coalesce(b.order_count, 0) AS order_count, coalesce(s.lifetime_revenue, 0) AS lifetime_revenue,
       CAST(date_diff('day', b.last_order_at, i.as_of) AS INTEGER) AS recency_days,
       c.* EXCLUDE (row_id, customer_id, registered_at)
FROM own_customers AS c
FULL JOIN own_seen AS s USING (customer_id)
LEFT JOIN own_buyer AS b USING (customer_id)
CROSS JOIN marts.build_info AS i
ORDER BY customer_id;
