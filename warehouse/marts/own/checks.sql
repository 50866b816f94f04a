-- What must hold before a build is published: one row is a check that failed, with how many rows.

WITH checks (name, failures) AS (
    SELECT 'every row of the sales is a line',
           abs((SELECT count(*) FROM own_transactions) - (SELECT count(*) FROM marts.order_lines))
    UNION ALL
    SELECT 'orders are unique', count(*) - count(DISTINCT order_id) FROM marts.orders
    UNION ALL
    SELECT 'customers are unique', count(*) - count(DISTINCT customer_id) FROM marts.customers
    UNION ALL
    SELECT 'products are unique', count(*) - count(DISTINCT product_id) FROM marts.products
    UNION ALL
    SELECT 'orders hold the amount of their lines',
           CAST((SELECT coalesce(sum(amount), 0) FROM marts.orders)
                IS DISTINCT FROM (SELECT coalesce(sum(amount), 0) FROM marts.order_lines) AS INTEGER)
    UNION ALL
    SELECT 'every customer of an order is known', count(*)
    FROM marts.orders ANTI JOIN marts.customers USING (customer_id) WHERE customer_id IS NOT NULL
    UNION ALL
    SELECT 'the first orders are as many as the buyers',
           abs((SELECT count(*) FROM marts.orders WHERE is_first_order)
               - (SELECT count(*) FROM marts.customers WHERE order_count > 0))
)
SELECT name, failures FROM checks WHERE failures > 0 ORDER BY name
