-- account_owner: one row is one account, and the customer whose it is. A person with a test account is
-- no customer; what such accounts do is left out of the marts.

CREATE TABLE account_owner AS
SELECT account_type, account_id, CASE WHEN NOT is_test THEN customer_id END AS customer_id, is_test
FROM (
    SELECT l.account_type, l.account_id, l.customer_id,
           bool_or(coalesce(regexp_matches(
               lower(coalesce(a.name, a.nickname)), '测试|(^|[^a-z])test([^a-z]|$)'), false))
               OVER (PARTITION BY l.customer_id) AS is_test
    FROM linked_account AS l
    JOIN account AS a USING (account_type, account_id)
) AS linked;

-- person_account: one row is one account of a customer.
CREATE TABLE person_account AS
SELECT account_type, account_id, customer_id
FROM account_owner
WHERE NOT is_test;
