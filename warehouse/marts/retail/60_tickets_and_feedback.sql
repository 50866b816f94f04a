-- tickets: one row is one request to customer service.
CREATE TABLE marts.tickets AS
SELECT t.ticket_id, a.customer_id, t.order_id, t.opened_at, t.channel, t.category, t.priority,
       t.status, coalesce(t.status = 'open', false) AS is_open,
       CASE WHEN t.first_response_at >= t.opened_at
            THEN date_diff('second', t.opened_at, t.first_response_at) // 60 END
           AS first_response_minutes,
       CASE WHEN t.resolved_at >= t.opened_at
            THEN date_diff('second', t.opened_at, t.resolved_at) / 3600.0 END AS resolution_hours,
       CAST(t.satisfaction AS INTEGER) AS satisfaction
FROM source.tickets AS t
LEFT JOIN account_owner AS a ON a.account_type = t.account_type AND a.account_id = t.account_id
WHERE a.is_test IS NOT TRUE
ORDER BY t.opened_at, t.ticket_id;

CREATE TABLE said AS
SELECT review_id AS feedback_id, account_type, account_id, order_id, product_id, created_at,
       coalesce(source, 'unknown') AS source, CAST(stars AS INTEGER) AS stars, text
FROM source.reviews
WHERE text IS NOT NULL OR stars IS NOT NULL
UNION ALL
SELECT 'ticket-' || ticket_id, account_type, account_id, order_id, NULL, opened_at, 'ticket', NULL,
       message
FROM source.tickets
WHERE message IS NOT NULL;

-- feedback: one row is something a customer said: a review, a survey answer (with stars), or the
-- message of a ticket (source ticket, no stars, no polarity). Contact data in texts is masked.
CREATE TABLE marts.feedback AS
SELECT s.feedback_id, a.customer_id, s.order_id, s.product_id, s.created_at, s.source,
       language_of(s.text) AS language, s.stars,
       CASE WHEN s.stars <= 2 THEN 'negative' WHEN s.stars = 3 THEN 'neutral'
            WHEN s.stars >= 4 THEN 'positive' END AS polarity,
       coalesce(masked(s.text), '') AS text,
       CAST(length(coalesce(s.text, '')) AS INTEGER) AS text_length
FROM said AS s
LEFT JOIN account_owner AS a ON a.account_type = s.account_type AND a.account_id = s.account_id
WHERE a.is_test IS NOT TRUE
ORDER BY s.created_at, s.feedback_id;
