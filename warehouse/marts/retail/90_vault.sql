-- Contact data, read only by the build and by who sends. One row is one identifier of one account.
CREATE TABLE vault.people AS
SELECT p.customer_id, p.account_type, p.account_id, i.identifier_type, i.identifier
FROM person_account AS p
JOIN person_identifier AS i USING (account_type, account_id)
ORDER BY p.customer_id;

-- One row is one account with the name it goes by.
CREATE TABLE vault.accounts AS
SELECT p.customer_id, p.account_type, p.account_id, coalesce(a.name, a.nickname) AS name
FROM person_account AS p
JOIN account AS a USING (account_type, account_id)
ORDER BY p.customer_id;

-- One row is one word of a person on being contacted, the latest last.
CREATE TABLE vault.consents AS
SELECT p.customer_id, c.account_type, c.account_id, c.channel, c.purpose, c.status, c.changed_at
FROM source.consents AS c
JOIN person_account AS p USING (account_type, account_id)
ORDER BY p.customer_id, c.changed_at;
