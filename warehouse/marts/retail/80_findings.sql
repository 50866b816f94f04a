-- What only shows once everything stands side by side: one row is a finding of the manifest.
CREATE TABLE finding (
    source VARCHAR, "check" VARCHAR, "column" VARCHAR, count BIGINT, action VARCHAR,
    examples VARCHAR[]
);

INSERT INTO finding
SELECT account_type || ' accounts', 'test_account', 'name', count(*), 'excluded',
       list_sort(list(account_id))[1:5]
FROM account_owner
WHERE is_test
GROUP BY account_type
ORDER BY account_type;

INSERT INTO finding
SELECT 'orders', 'missing_rate', 'currency', count(*), 'emptied',
       list_sort(list(order_id))[1:5]
FROM kept_order
WHERE rate IS NULL;

INSERT INTO finding
SELECT 'orders', 'order_without_lines', 'order_id', count(*), 'reported',
       list_sort(list(order_id))[1:5]
FROM kept_order
ANTI JOIN marts.order_lines USING (order_id);

INSERT INTO finding
SELECT 'order_lines', 'line_without_order', 'order_id', count(*), 'excluded',
       list_sort(list(DISTINCT order_id))[1:5]
FROM source.order_lines
ANTI JOIN source.orders USING (order_id);

-- The header of an order and its lines tell two amounts: the lines are believed.
INSERT INTO finding
SELECT 'orders', 'amounts_disagree', 'paid_amount', count(*), 'changed',
       list_sort(list(order_id))[1:5]
FROM (
    SELECT o.order_id
    FROM kept_order AS o
    JOIN source.order_lines AS l USING (order_id)
    GROUP BY o.order_id, o.paid_amount, o.shipping_fee
    HAVING o.paid_amount <> sum(l.paid_amount) + coalesce(o.shipping_fee, 0)
) AS unequal;

INSERT INTO finding
SELECT 'orders', 'impossible_order', 'delivered_at', count(*), 'emptied',
       list_sort(list(order_id))[1:5]
FROM kept_order
WHERE delivered_at < ordered_at;

-- A session of several customers is counted as the first one's, by id. Hashes, because sessions are
-- many and numbers are quickly compared.
INSERT INTO finding
SELECT 'events', 'session_of_several_customers', 'session_id', count(*), 'changed', []
FROM (
    SELECT hash(session_id) AS session
    FROM marts.events
    WHERE session_id IS NOT NULL AND customer_id IS NOT NULL
    GROUP BY session
    HAVING min(hash(customer_id)) <> max(hash(customer_id))
) AS several;

INSERT INTO finding
SELECT 'reviews', 'masked_text', 'text', count(*), 'changed', list_sort(list(review_id))[1:5]
FROM source.reviews
WHERE masked(text) <> text;

INSERT INTO finding
SELECT 'tickets', 'masked_text', 'message', count(*), 'changed', list_sort(list(ticket_id))[1:5]
FROM source.tickets
WHERE masked(message) <> message;

DELETE FROM finding WHERE count = 0;
