-- person_account: one row is one account of a customer. A person with a test account is none.

CREATE TABLE test_account AS
SELECT account_type, account_id
FROM linked_account
WHERE customer_id IN (
    SELECT customer_id
    FROM linked_account
    JOIN account USING (account_type, account_id)
    WHERE regexp_matches(lower(coalesce(name, nickname)), '测试|(^|[^a-z])test([^a-z]|$)')
);

CREATE TABLE person_account AS
SELECT account_type, account_id, customer_id
FROM linked_account
ANTI JOIN test_account USING (account_type, account_id);
