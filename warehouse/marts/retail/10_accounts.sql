-- account: one row is one account of a person in one system.
-- account_identifier: one row is one identifier of an account, as it came. One ID reads both.

CREATE TABLE account AS
SELECT 'crm' AS account_type, crm_id AS account_id, name, NULL AS nickname, created_at
FROM source.crm_customers
UNION ALL
SELECT 'member', member_no, name, NULL, joined_at FROM source.members
UNION ALL
SELECT 'app', user_id, NULL, NULL, registered_at FROM source.app_users
UNION ALL
SELECT 'marketplace', buyer_id, NULL, nickname, first_seen_at FROM source.marketplace_buyers;

CREATE TABLE account_identifier AS
SELECT account_type, account_id, identifier_type, identifier
FROM (
    SELECT 'crm' AS account_type, crm_id AS account_id, 'phone' AS identifier_type, phone AS identifier
    FROM source.crm_customers
    UNION ALL
    SELECT 'crm', crm_id, 'email', email FROM source.crm_customers
    UNION ALL
    SELECT 'member', member_no, 'member_no', member_no FROM source.members
    UNION ALL
    SELECT 'member', member_no, 'phone', phone FROM source.members
    UNION ALL
    SELECT 'member', member_no, 'email', email FROM source.members
    UNION ALL
    SELECT 'member', member_no, 'wechat_openid', wechat_openid FROM source.members
    UNION ALL
    SELECT 'app', user_id, 'phone', phone FROM source.app_users
    UNION ALL
    SELECT 'app', user_id, 'device_id', device_id FROM source.app_users
    UNION ALL
    SELECT 'app', user_id, 'wechat_openid', wechat_openid FROM source.app_users
    UNION ALL
    SELECT 'marketplace', buyer_id, 'phone', phone FROM source.marketplace_buyers
) AS identifiers
WHERE identifier IS NOT NULL;
