WITH "orders_of_customers" AS (
  SELECT "orders"."customer_id" AS "customer",
    count(*) AS "orders"
  FROM "orders"
  WHERE "orders"."ordered_at" < ?
    AND "orders"."customer_id" IS NOT NULL
    AND "orders"."is_valid" = ?
  GROUP BY 1
), "customer_values" AS (
  SELECT "customer",
    "orders" AS "value"
  FROM "orders_of_customers"
), "orders_now" AS (
  SELECT "customers"."level" AS "level",
    count(*) AS "orders",
    count(DISTINCT "orders"."customer_id") AS "__people"
  FROM "orders"
  LEFT JOIN "customers" ON "customers"."customer_id" = "orders"."customer_id"
  LEFT JOIN "customer_values" ON "customer_values"."customer" = "orders"."customer_id"
  WHERE "orders"."ordered_at" < ?
    AND ("customers"."level" = ? AND ("orders"."customer_id" IS NOT NULL AND coalesce("customer_values"."value", 0) >= ?))
    AND "orders"."is_valid" = ?
  GROUP BY 1
), "small" AS (
  SELECT *,
    "__people" > 0 AND "__people" < 20 AS "__hidden_0"
  FROM "orders_now"
), "small_2" AS (
  SELECT *,
    "__hidden_0" OR ("__people" > 0 AND count(*) FILTER (WHERE "__hidden_0") OVER circle > 0
      AND (count(*) FILTER (WHERE "__hidden_0") OVER circle = 1 OR coalesce(sum("__people") FILTER (WHERE "__hidden_0") OVER circle, 0) < 20) AND row_number() OVER ( ORDER BY "__hidden_0" DESC, "__people" = 0, "__people", "level") = 1 + count(*) FILTER (WHERE "__hidden_0") OVER circle) AS "__hidden_1"
  FROM "small"
  WINDOW circle AS ()
), "ranked" AS (
  SELECT "small_2"."level",
    "small_2"."orders",
    "small_2"."__people",
    row_number() OVER (ORDER BY CASE "small_2"."level" WHEN ? THEN 0 WHEN ? THEN 1 WHEN ? THEN 2 END NULLS LAST, "small_2"."level" NULLS LAST) AS "__place"
  FROM "small_2"
  WHERE NOT "small_2"."__hidden_1"
    AND ("small_2"."level" IS NOT NULL OR (coalesce("small_2"."orders", 0) <> 0))
), "answer" AS (
  SELECT "level",
    "orders",
    "__people",
    "__place"
  FROM "ranked"
  WHERE "__place" <= ?
  UNION ALL
  SELECT NULL,
    NULL,
    -count(*),
    NULL
  FROM "small_2"
  WHERE "__hidden_1"
  HAVING count(*) > 0
)
SELECT "level", "orders", "__people"
FROM "answer"
ORDER BY "__place" NULLS LAST
-- values: 2026-11-01, True, 2026-11-01, 'gold', 3, True, 'silver', 'gold', 'unknown', 1000
