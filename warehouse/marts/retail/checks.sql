-- What must hold before a build is published: one row is a check that failed, with how many rows.
-- Keys of big marts are compared by hash; sessions are unique by the way they are made.

WITH checks (name, failures) AS (
    SELECT 'customers are unique', count(*) - count(DISTINCT customer_id) FROM marts.customers
    UNION ALL
    SELECT 'orders are unique', count(*) - count(DISTINCT hash(order_id)) FROM marts.orders
    UNION ALL
    SELECT 'order lines are unique', count(*) - count(DISTINCT hash(order_id, line_no)) FROM marts.order_lines
    UNION ALL
    SELECT 'products are unique', count(*) - count(DISTINCT product_id) FROM marts.products
    UNION ALL
    SELECT 'stores are unique', count(*) - count(DISTINCT store_id) FROM marts.stores
    UNION ALL
    SELECT 'tickets are unique', count(*) - count(DISTINCT ticket_id) FROM marts.tickets
    UNION ALL
    SELECT 'feedback is unique', count(*) - count(DISTINCT feedback_id) FROM marts.feedback
    UNION ALL
    SELECT 'touches are unique', count(*) - count(DISTINCT hash(touch_id)) FROM marts.campaign_touches
    UNION ALL
    SELECT 'every kept order is in the marts',
           abs((SELECT count(*) FROM kept_order) - (SELECT count(*) FROM marts.orders))
    UNION ALL
    SELECT 'every event is in the marts or of a test account',
           abs((SELECT count(*) FROM source.events)
               - (SELECT count(*) FROM source.events
                  JOIN account_owner USING (account_type, account_id) WHERE is_test)
               - (SELECT count(*) FROM marts.events))
    UNION ALL
    SELECT 'every event with a session is in one session',
           abs((SELECT count(session_id) FROM marts.events)
               - (SELECT coalesce(sum(event_count), 0) FROM marts.sessions))
    UNION ALL
    SELECT 'every line has an order', count(*)
    FROM marts.order_lines ANTI JOIN marts.orders USING (order_id)
    UNION ALL
    SELECT 'every customer of an order is known', count(*)
    FROM marts.orders ANTI JOIN marts.customers USING (customer_id) WHERE customer_id IS NOT NULL
    UNION ALL
    SELECT 'every customer of a session is known', count(*)
    FROM marts.sessions ANTI JOIN marts.customers USING (customer_id)
    WHERE customer_id IS NOT NULL
    UNION ALL
    SELECT 'lines and shipping add up to the order', count(*)
    FROM (
        SELECT o.order_id
        FROM marts.orders AS o JOIN marts.order_lines AS l USING (order_id)
        GROUP BY o.order_id, o.paid_amount, o.shipping_fee
        HAVING count(*) = count(l.paid_amount)
            AND sum(l.paid_amount) + o.shipping_fee IS DISTINCT FROM o.paid_amount
    ) AS unequal
    UNION ALL
    SELECT 'the first orders are as many as the buyers',
           abs((SELECT count(*) FROM marts.orders WHERE is_first_order)
               - (SELECT count(*) FROM marts.customers WHERE order_count > 0))
    UNION ALL
    SELECT 'customers hold the revenue of known customers',
           abs((SELECT coalesce(sum(lifetime_revenue), 0) FROM marts.customers)
               - (SELECT coalesce(sum(paid_amount), 0) FROM marts.order_lines
                  WHERE is_valid AND customer_id IS NOT NULL))
    UNION ALL
    SELECT 'nothing lies after the end of the data',
           (SELECT count(*) FROM marts.orders, marts.build_info
            WHERE ordered_at >= as_of + INTERVAL 1 DAY)
           + (SELECT count(*) FROM marts.sessions, marts.build_info
              WHERE session_at >= as_of + INTERVAL 1 DAY)
)
SELECT name, failures FROM checks WHERE failures > 0 ORDER BY name
