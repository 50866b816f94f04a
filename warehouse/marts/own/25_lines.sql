-- order_lines: one row is one line of the brand's own file of sales, in the order of the file, exact
-- repetitions included. amount is what the line says, or quantity times unit price, in hundredths
-- of the currency and parts of them: what a price of three decimals is worth is rounded only when
-- sums are shown.
CREATE TABLE marts.order_lines AS
SELECT row_id AS line_id,
       coalesce(order_id, 'line ' || row_id) AS order_id, order_id IS NULL AS has_no_order_id,
       ordered_at, customer_id, product_id, product_name, quantity,
       CAST(round(unit_price * 100, 4) AS DECIMAL(18, 4)) AS unit_price,
       TRY_CAST(round(100 * CASE WHEN (SELECT has_amount FROM own_rule) THEN amount
            ELSE CAST(quantity AS DECIMAL(38, 6)) * unit_price END, 4) AS DECIMAL(18, 4)) AS amount,
       status,
       CASE WHEN rule.cancelled_prefix IS NOT NULL
            THEN coalesce(starts_with(order_id, rule.cancelled_prefix), false)
            WHEN rule.cancelled_status IS NOT NULL
            THEN coalesce(list_contains(rule.cancelled_status, lower(status)), false)
            WHEN rule.negative_cancelled THEN coalesce(quantity < 0, false) OR coalesce(amount < 0, false)
            ELSE false END AS is_cancelled,
       list_contains(rule.not_products, product_id) IS NOT TRUE AS is_product,
       CAST(hour(ordered_at) AS INTEGER) AS order_hour,
       CAST(isodow(ordered_at) AS INTEGER) AS order_weekday,
       own_transactions.* EXCLUDE (row_id, order_id, ordered_at, customer_id, product_id,
                                   product_name, quantity, unit_price, amount, status)
FROM own_transactions
CROSS JOIN own_rule AS rule
ORDER BY row_id;

-- orders: one row is one order id, or one line where the file has none. An order is cancelled when
-- all of its lines are. order_number counts the orders of a known customer that were not cancelled.
CREATE TABLE own_order AS
SELECT order_id, min(ordered_at) AS ordered_at, arg_min(customer_id, line_id) AS customer_id,
       bool_and(is_cancelled) AS is_cancelled, sum(quantity) AS units,
       CAST(sum(amount) AS DECIMAL(18, 4)) AS amount, count(*) AS line_count
FROM marts.order_lines
GROUP BY order_id;

CREATE TABLE own_place AS
SELECT order_id,
       CAST(row_number() OVER person AS INTEGER) AS order_number,
       CAST(date_diff('day', lag(ordered_at) OVER person, ordered_at) AS INTEGER)
           AS days_since_previous,
       CAST(date_diff('day', ordered_at, lead(ordered_at) OVER person) AS INTEGER) AS days_to_next
FROM own_order
WHERE NOT is_cancelled AND customer_id IS NOT NULL
WINDOW person AS (PARTITION BY customer_id ORDER BY ordered_at, order_id);

CREATE TABLE marts.orders AS
SELECT o.*, coalesce(p.order_number = 1, false) AS is_first_order, p.order_number,
       p.days_since_previous, p.days_to_next
FROM own_order AS o
LEFT JOIN own_place AS p USING (order_id)
ORDER BY o.ordered_at, o.order_id;
