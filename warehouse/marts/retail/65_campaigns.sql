-- campaigns: one row is one campaign of the past.
CREATE TABLE marts.campaigns AS
SELECT campaign_id, coalesce(name_zh, name_en, campaign_id) AS name_zh,
       coalesce(name_en, name_zh, campaign_id) AS name_en, channel, objective, started_on, ended_on
FROM source.campaigns
ORDER BY campaign_id;

CREATE TABLE touch AS
SELECT t.touch_id, t.campaign_id, a.customer_id, c.channel, t.assigned, t.sent_at, t.delivered,
       t.opened_at, t.clicked_at, t.unsubscribed_at,
       -- Who was held out is watched from the start of the campaign.
       coalesce(t.sent_at, CAST(c.started_on AS TIMESTAMP)) AS watched_from
FROM source.campaign_touches AS t
LEFT JOIN account_owner AS a ON a.account_type = t.account_type AND a.account_id = t.account_id
LEFT JOIN source.campaigns AS c USING (campaign_id)
WHERE a.is_test IS NOT TRUE;

CREATE TABLE converted_touch AS
SELECT DISTINCT t.touch_id
FROM touch AS t
JOIN marts.orders AS o ON o.customer_id = t.customer_id
WHERE o.is_valid AND o.ordered_at >= t.watched_from
    AND o.ordered_at < t.watched_from + INTERVAL 7 DAY;

-- campaign_touches: one row is one customer in one campaign, reached or held out. converted_7d: a
-- valid order within seven days of sending; of who was held out, within seven days of the start.
CREATE TABLE marts.campaign_touches AS
SELECT t.touch_id, t.campaign_id, t.customer_id, t.channel, t.assigned, t.sent_at,
       t.sent_at IS NOT NULL AS is_sent,
       coalesce(t.delivered, false) AS is_delivered,
       t.opened_at IS NOT NULL AS is_opened, t.clicked_at IS NOT NULL AS is_clicked,
       t.unsubscribed_at IS NOT NULL AS is_unsubscribed,
       c.touch_id IS NOT NULL AS converted_7d
FROM touch AS t
LEFT JOIN converted_touch AS c USING (touch_id)
ORDER BY t.touch_id;

DROP TABLE touch;
DROP TABLE converted_touch;
