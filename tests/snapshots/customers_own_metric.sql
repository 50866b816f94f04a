WITH "order_lines_of_customers" AS (
  SELECT "order_lines"."customer_id" AS "customer",
    coalesce(CAST(sum("order_lines"."paid_amount") AS BIGINT), 0) AS "revenue"
  FROM "order_lines"
  WHERE "order_lines"."ordered_at" >= ?
    AND "order_lines"."ordered_at" < ?
    AND "order_lines"."customer_id" IS NOT NULL
    AND "order_lines"."is_valid" = ?
  GROUP BY 1
), "orders_of_customers" AS (
  SELECT "orders"."customer_id" AS "customer",
    count(*) AS "orders"
  FROM "orders"
  WHERE "orders"."ordered_at" >= ?
    AND "orders"."ordered_at" < ?
    AND "orders"."customer_id" IS NOT NULL
    AND "orders"."is_valid" = ?
  GROUP BY 1
), "keys" AS (
  SELECT "customer" FROM "order_lines_of_customers"
  UNION
  SELECT "customer" FROM "orders_of_customers"
), "groups" AS (
  SELECT "keys"."customer" AS "customer",
    coalesce("order_lines_of_customers"."revenue", 0) AS "revenue",
    coalesce("orders_of_customers"."orders", 0) AS "orders"
  FROM "keys"
  LEFT JOIN "order_lines_of_customers" ON "order_lines_of_customers"."customer" = "keys"."customer"
  LEFT JOIN "orders_of_customers" ON "orders_of_customers"."customer" = "keys"."customer"
), "customer_values" AS (
  SELECT "customer",
    (CAST("revenue" AS DOUBLE) / nullif("orders", 0)) AS "value"
  FROM "groups"
), "visits_now" AS (
  SELECT count(*) AS "visits",
    count(DISTINCT "visits"."customer_id") AS "__people"
  FROM "web_visits" AS "visits"
  LEFT JOIN "customer_values" ON "customer_values"."customer" = "visits"."customer_id"
  WHERE "visits"."visited_at" < ?
    AND ("visits"."customer_id" IS NOT NULL AND "customer_values"."value" >= ?)
), "small" AS (
  SELECT *,
    "__people" > 0 AND "__people" < 20 AS "__hidden_0"
  FROM "visits_now"
), "ranked" AS (
  SELECT "small"."visits",
    "small"."__people",
    row_number() OVER (ORDER BY TRUE) AS "__place"
  FROM "small"
  WHERE NOT "small"."__hidden_0"
), "answer" AS (
  SELECT "visits",
    "__people",
    "__place"
  FROM "ranked"
  WHERE "__place" <= ?
  UNION ALL
  SELECT NULL,
    -count(*),
    NULL
  FROM "small"
  WHERE "__hidden_0"
  HAVING count(*) > 0
)
SELECT "visits", "__people"
FROM "answer"
ORDER BY "__place" NULLS LAST
-- values: 2026-10-01, 2026-11-01, True, 2026-10-01, 2026-11-01, True, 2026-11-01, 25000, 1000
