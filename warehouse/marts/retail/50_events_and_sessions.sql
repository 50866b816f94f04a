-- Whose a device is: the one customer whose accounts use it. Shared devices belong to nobody.
CREATE TABLE device_owner AS
SELECT i.identifier AS device_id, min(a.customer_id) AS customer_id
FROM person_identifier AS i
JOIN person_account AS a USING (account_type, account_id)
ANTI JOIN shared_identifier AS s USING (identifier_type, identifier)
WHERE i.identifier_type = 'device_id'
GROUP BY i.identifier
HAVING count(DISTINCT a.customer_id) = 1;

-- events: one row is one event on the brand's own app, mini program or web shop. The customer is
-- the one signed in; else the one whose device it is; else nobody.
CREATE TABLE marts.events AS
SELECT e.event_id, coalesce(a.customer_id, d.customer_id) AS customer_id, e.session_id, e.event_at,
       e.event_type, e.platform, e.product_id, e.traffic_source
FROM source.events AS e
LEFT JOIN account_owner AS a ON a.account_type = e.account_type AND a.account_id = e.account_id
LEFT JOIN device_owner AS d
    ON d.device_id = CASE WHEN e.account_id IS NULL THEN lower(e.device_id) END
WHERE a.is_test IS NOT TRUE;

-- sessions: one row is one visit, with the stages it reached. Stages are bits of one number first,
-- because one state a session is what makes millions of sessions fit into memory.
CREATE TABLE marts.sessions AS
SELECT session_id, customer_id, session_at, platform, traffic_source, event_count,
       stages & 1 > 0 AS has_login, stages & 2 > 0 AS has_product_view,
       stages & 4 > 0 AS has_search, stages & 8 > 0 AS has_cart,
       stages & 16 > 0 AS has_checkout, stages & 32 > 0 AS has_purchase
FROM (
    SELECT session_id, min(customer_id) AS customer_id, min(event_at) AS session_at,
           min(platform) AS platform, min(traffic_source) AS traffic_source,
           count(*) AS event_count,
           bit_or(CASE event_type WHEN 'login' THEN 1 WHEN 'product_view' THEN 2
                                  WHEN 'search' THEN 4 WHEN 'add_to_cart' THEN 8
                                  WHEN 'checkout' THEN 16 WHEN 'purchase' THEN 32
                                  ELSE 0 END) AS stages
    FROM marts.events
    WHERE session_id IS NOT NULL
    GROUP BY session_id
) AS visit
ORDER BY session_at, session_id;
