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

-- sessions: one row is one visit, with the stages it reached.
CREATE TABLE marts.sessions AS
SELECT session_id, min(customer_id) AS customer_id, min(event_at) AS session_at,
       min(platform) AS platform, min(traffic_source) AS traffic_source, count(*) AS event_count,
       bool_or(event_type = 'login') AS has_login,
       bool_or(event_type = 'product_view') AS has_product_view,
       bool_or(event_type = 'search') AS has_search,
       bool_or(event_type = 'add_to_cart') AS has_cart,
       bool_or(event_type = 'checkout') AS has_checkout,
       bool_or(event_type = 'purchase') AS has_purchase
FROM marts.events
WHERE session_id IS NOT NULL
GROUP BY session_id
ORDER BY session_at, session_id;
