-- Which account speaks for its person where several do: the earliest registered of each system.
CREATE TABLE crm_profile AS
SELECT customer_id, gender, birth_date, city, province, country, acquisition_channel, language
FROM (
    SELECT p.customer_id, c.*,
           row_number() OVER (PARTITION BY p.customer_id
                              ORDER BY c.created_at NULLS LAST, c.crm_id) AS place
    FROM source.crm_customers AS c
    JOIN person_account AS p ON p.account_type = 'crm' AND p.account_id = c.crm_id
) AS ranked
WHERE place = 1;

CREATE TABLE member_profile AS
SELECT customer_id,
       min(joined_at) AS joined_at,
       max(CASE level WHEN 'regular' THEN 1 WHEN 'silver' THEN 2 WHEN 'gold' THEN 3
                      WHEN 'diamond' THEN 4 ELSE 1 END) AS level,
       min(gender) FILTER (WHERE gender IN ('female', 'male') AND place = 1) AS gender,
       min(birthday) FILTER (WHERE place = 1) AS birthday,
       min(city) FILTER (WHERE place = 1) AS city
FROM (
    SELECT p.customer_id, m.*,
           row_number() OVER (PARTITION BY p.customer_id
                              ORDER BY m.joined_at NULLS LAST, m.member_no) AS place
    FROM source.members AS m
    JOIN person_account AS p ON p.account_type = 'member' AND p.account_id = m.member_no
) AS ranked
GROUP BY customer_id;

CREATE TABLE marketplace_profile AS
SELECT customer_id, city, province
FROM (
    SELECT p.customer_id, b.city, b.province,
           row_number() OVER (PARTITION BY p.customer_id
                              ORDER BY b.first_seen_at NULLS LAST, b.buyer_id) AS place
    FROM source.marketplace_buyers AS b
    JOIN person_account AS p ON p.account_type = 'marketplace' AND p.account_id = b.buyer_id
    WHERE b.city IS NOT NULL
) AS ranked
WHERE place = 1;

-- Where most of a customer's parcels went.
CREATE TABLE ship_profile AS
SELECT customer_id, ship_city AS city, ship_province AS province, ship_country AS country
FROM (
    SELECT customer_id, ship_city, ship_province, ship_country,
           row_number() OVER (PARTITION BY customer_id
                              ORDER BY count(*) DESC, ship_city, ship_province NULLS LAST,
                                       ship_country NULLS LAST) AS place
    FROM marts.orders
    WHERE customer_id IS NOT NULL AND ship_city IS NOT NULL
    GROUP BY customer_id, ship_city, ship_province, ship_country
) AS ranked
WHERE place = 1;

-- The whole address comes from one place: CRM, member card, marketplace, parcels, in this order.
CREATE TABLE home AS
SELECT person.customer_id, person.city, coalesce(person.province, city.province) AS province,
       CASE WHEN province.province IS NULL THEN coalesce(person.country, city.country)
            ELSE 'CN' END AS country,
       province.region, city.city_tier
FROM (
    SELECT customer_id, plain_city(city) AS city, plain_province(province) AS province, country,
           row_number() OVER (PARTITION BY customer_id ORDER BY preference) AS place
    FROM (
        SELECT customer_id, city, province, country, 1 AS preference FROM crm_profile
        WHERE city IS NOT NULL
        UNION ALL
        SELECT customer_id, city, NULL, NULL, 2 FROM member_profile WHERE city IS NOT NULL
        UNION ALL
        SELECT customer_id, city, province, NULL, 3 FROM marketplace_profile
        UNION ALL
        SELECT customer_id, city, province, country, 4 FROM ship_profile
        UNION ALL
        SELECT customer_id, NULL, province, country, 5 FROM crm_profile WHERE city IS NULL
    ) AS known
) AS person
LEFT JOIN city ON city.city = person.city
LEFT JOIN province ON province.province = coalesce(person.province, city.province)
WHERE person.place = 1;

CREATE TABLE account_profile AS
SELECT p.customer_id, count(*) AS account_count, min(a.created_at) AS created_at
FROM person_account AS p
JOIN account AS a USING (account_type, account_id)
GROUP BY p.customer_id;

CREATE TABLE order_profile AS
SELECT o.customer_id, count(*) AS order_count, min(o.ordered_at) AS first_order_at,
       max(o.ordered_at) AS last_order_at,
       min(o.sales_channel) FILTER (WHERE o.order_number = 1) AS first_sales_channel,
       min(o.order_id) FILTER (WHERE o.order_number = 1) AS first_order_id,
       count(*) FILTER (WHERE o.ordered_at >= b.as_of + INTERVAL 1 DAY - INTERVAL 365 DAY)
           AS orders_365d
FROM marts.orders AS o
CROSS JOIN marts.build_info AS b
WHERE o.is_valid AND o.customer_id IS NOT NULL
GROUP BY o.customer_id;

-- Revenue is what was paid for goods, without shipping, before refunds; as the metric has it.
CREATE TABLE line_profile AS
SELECT l.customer_id, sum(l.paid_amount) AS lifetime_revenue,
       sum(l.paid_amount) FILTER (
           WHERE l.ordered_at >= b.as_of + INTERVAL 1 DAY - INTERVAL 365 DAY) AS revenue_365d
FROM marts.order_lines AS l
CROSS JOIN marts.build_info AS b
WHERE l.is_valid AND l.customer_id IS NOT NULL
GROUP BY l.customer_id;

CREATE TABLE favourite AS
SELECT customer_id, category
FROM (
    SELECT l.customer_id, p.category,
           row_number() OVER (PARTITION BY l.customer_id
                              ORDER BY count(DISTINCT l.order_id) DESC,
                                       sum(l.paid_amount) DESC NULLS LAST, p.category) AS place
    FROM marts.order_lines AS l
    JOIN marts.products AS p USING (product_id)
    WHERE l.is_valid AND l.customer_id IS NOT NULL AND p.category IS NOT NULL
    GROUP BY l.customer_id, p.category
) AS ranked
WHERE place = 1;

-- The category of the first order is that of its dearest line.
CREATE TABLE first_basket AS
SELECT customer_id, category
FROM (
    SELECT f.customer_id, p.category,
           row_number() OVER (PARTITION BY f.customer_id
                              ORDER BY l.paid_amount DESC NULLS LAST, l.line_no) AS place
    FROM order_profile AS f
    JOIN marts.order_lines AS l ON l.order_id = f.first_order_id
    JOIN marts.products AS p USING (product_id)
) AS ranked
WHERE place = 1;

CREATE TABLE visit_profile AS
SELECT customer_id, max(session_at) AS last_visit_at
FROM marts.sessions
WHERE customer_id IS NOT NULL
GROUP BY customer_id;

CREATE TABLE ticket_profile AS
SELECT customer_id, count(*) AS ticket_count, count(*) FILTER (WHERE is_open) AS open_ticket_count
FROM marts.tickets
WHERE customer_id IS NOT NULL
GROUP BY customer_id;

CREATE TABLE feedback_profile AS
SELECT customer_id, count(*) AS feedback_count,
       max(CASE WHEN place = 1 THEN stars END) AS last_stars
FROM (
    SELECT customer_id, stars,
           row_number() OVER (PARTITION BY customer_id
                              ORDER BY stars IS NULL, created_at DESC, feedback_id) AS place
    FROM marts.feedback
    WHERE customer_id IS NOT NULL
) AS ranked
GROUP BY customer_id;

-- Consent: the latest word for a channel over all of a person's accounts; without one, what the
-- apps have, and one refusal counts for all.
CREATE TABLE consent_profile AS
SELECT customer_id,
       bool_or(status = 'granted') FILTER (WHERE channel = 'sms') AS sms,
       bool_or(status = 'granted') FILTER (WHERE channel = 'email') AS email,
       bool_or(status = 'granted') FILTER (WHERE channel = 'push') AS push
FROM (
    SELECT p.customer_id, c.channel, c.status,
           row_number() OVER (PARTITION BY p.customer_id, c.channel
                              ORDER BY c.changed_at DESC, c.status DESC, c.purpose) AS place
    FROM source.consents AS c
    JOIN person_account AS p USING (account_type, account_id)
    WHERE coalesce(c.purpose, 'marketing') = 'marketing'
) AS ranked
WHERE place = 1
GROUP BY customer_id;

CREATE TABLE app_profile AS
SELECT p.customer_id, bool_and(coalesce(u.sms_opt_in, false)) AS sms,
       bool_and(coalesce(u.email_opt_in, false)) AS email,
       bool_and(coalesce(u.push_opt_in, false)) AS push
FROM source.app_users AS u
JOIN person_account AS p ON p.account_type = 'app' AND p.account_id = u.user_id
GROUP BY p.customer_id;

CREATE MACRO years_between(born, day) AS
    CAST(date_part('year', day) - date_part('year', born)
         - CASE WHEN strftime(day, '%m%d') < strftime(born, '%m%d') THEN 1 ELSE 0 END AS INTEGER);

-- customers: one row is one person, whatever accounts the person has. Age, recency and the last 365
-- days count to the end of the data.
CREATE TABLE marts.customers AS
SELECT customer_id, gender, age,
       CASE WHEN age IS NULL THEN 'unknown'
            WHEN age < 18 THEN 'under_18' WHEN age < 25 THEN '18_24' WHEN age < 35 THEN '25_34'
            WHEN age < 45 THEN '35_44' WHEN age < 55 THEN '45_54' ELSE '55_plus' END AS age_band,
       city, province,
       CASE WHEN country <> 'CN' THEN 'overseas' ELSE region END AS region,
       CASE WHEN country <> 'CN' THEN 'overseas'
            WHEN country = 'CN' AND city IS NOT NULL
            THEN coalesce(nullif(city_tier, 'overseas'), 'tier_3_plus') END AS city_tier,
       country, language, acquisition_channel, registered_at, is_member, member_level,
       member_since, first_order_at, last_order_at, order_count, lifetime_revenue, revenue_365d,
       orders_365d, recency_days, first_sales_channel, first_category, favourite_category,
       last_visit_at, days_since_visit, ticket_count, open_ticket_count, feedback_count,
       last_stars, sms_opt_in, email_opt_in, push_opt_in, account_count
FROM (
    SELECT a.customer_id,
           coalesce(CASE WHEN crm.gender IN ('female', 'male') THEN crm.gender END,
                    member.gender, 'unknown') AS gender,
           CASE WHEN years_between(coalesce(crm.birth_date, member.birthday), b.as_of)
                     BETWEEN 0 AND 110
                THEN years_between(coalesce(crm.birth_date, member.birthday), b.as_of) END AS age,
           home.city, home.province, home.region, home.city_tier, home.country,
           crm.language, crm.acquisition_channel,
           coalesce(least(a.created_at, o.first_order_at), CAST(b.first_day AS TIMESTAMP))
               AS registered_at,
           member.customer_id IS NOT NULL AS is_member,
           CASE member.level WHEN 1 THEN 'regular' WHEN 2 THEN 'silver' WHEN 3 THEN 'gold'
                             WHEN 4 THEN 'diamond' ELSE 'none' END AS member_level,
           CAST(member.joined_at AS DATE) AS member_since,
           o.first_order_at, o.last_order_at,
           coalesce(o.order_count, 0) AS order_count,
           CAST(coalesce(l.lifetime_revenue, 0) AS BIGINT) AS lifetime_revenue,
           CAST(coalesce(l.revenue_365d, 0) AS BIGINT) AS revenue_365d,
           coalesce(o.orders_365d, 0) AS orders_365d,
           CAST(date_diff('day', CAST(o.last_order_at AS DATE), b.as_of) AS INTEGER)
               AS recency_days,
           o.first_sales_channel, basket.category AS first_category,
           favourite.category AS favourite_category,
           v.last_visit_at,
           CAST(date_diff('day', CAST(v.last_visit_at AS DATE), b.as_of) AS INTEGER)
               AS days_since_visit,
           coalesce(t.ticket_count, 0) AS ticket_count,
           coalesce(t.open_ticket_count, 0) AS open_ticket_count,
           coalesce(f.feedback_count, 0) AS feedback_count,
           f.last_stars,
           coalesce(consent.sms, app.sms, false) AS sms_opt_in,
           coalesce(consent.email, app.email, false) AS email_opt_in,
           coalesce(consent.push, app.push, false) AS push_opt_in,
           a.account_count
    FROM account_profile AS a
    CROSS JOIN marts.build_info AS b
    LEFT JOIN crm_profile AS crm USING (customer_id)
    LEFT JOIN member_profile AS member USING (customer_id)
    LEFT JOIN home USING (customer_id)
    LEFT JOIN order_profile AS o USING (customer_id)
    LEFT JOIN line_profile AS l USING (customer_id)
    LEFT JOIN first_basket AS basket USING (customer_id)
    LEFT JOIN favourite USING (customer_id)
    LEFT JOIN visit_profile AS v USING (customer_id)
    LEFT JOIN ticket_profile AS t USING (customer_id)
    LEFT JOIN feedback_profile AS f USING (customer_id)
    LEFT JOIN consent_profile AS consent USING (customer_id)
    LEFT JOIN app_profile AS app USING (customer_id)
) AS person
ORDER BY customer_id;
