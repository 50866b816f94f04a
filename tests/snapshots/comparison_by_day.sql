WITH "orders_now" AS (
  SELECT CAST(date_trunc('day', "orders"."ordered_at") AS DATE) AS "period",
    count(*) AS "orders"
  FROM "orders"
  WHERE "orders"."ordered_at" >= ?
    AND "orders"."ordered_at" < ?
    AND "orders"."is_valid" = ?
  GROUP BY 1
), "orders_then" AS (
  SELECT CAST(date_trunc('day', "orders"."ordered_at") AS DATE) AS "period",
    count(*) AS "orders"
  FROM "orders"
  WHERE "orders"."ordered_at" >= ?
    AND "orders"."ordered_at" < ?
    AND "orders"."is_valid" = ?
  GROUP BY 1
), "periods" AS (
  SELECT "now"."day" AS "period", "then"."day" AS "compared_period"
  FROM (
    SELECT CAST("day" AS DATE) AS "day", row_number() OVER (ORDER BY "day") AS "nth"
    FROM generate_series(CAST(? AS TIMESTAMP), CAST(? AS TIMESTAMP), INTERVAL 1 DAY) AS series("day")
  ) AS "now"
  LEFT JOIN (
    SELECT CAST("day" AS DATE) AS "day", row_number() OVER (ORDER BY "day") AS "nth"
    FROM generate_series(CAST(? AS TIMESTAMP), CAST(? AS TIMESTAMP), INTERVAL 1 DAY) AS series("day")
  ) AS "then" ON "then"."nth" = "now"."nth"
), "groups" AS (
  SELECT "periods"."period" AS "period",
    coalesce("orders_now"."orders", 0) AS "orders",
    CASE WHEN "periods"."compared_period" IS NOT NULL THEN coalesce("orders_then"."orders", 0) END AS "orders__compared"
  FROM "periods"
  LEFT JOIN "orders_now" ON "orders_now"."period" = "periods"."period"
  LEFT JOIN "orders_then" ON "orders_then"."period" = "periods"."compared_period"
), "changes" AS (
  SELECT "groups".*,
    "groups"."orders" - "groups"."orders__compared" AS "orders__change",
    CAST("groups"."orders" - "groups"."orders__compared" AS DOUBLE) / nullif(abs("groups"."orders__compared"), 0) AS "orders__change_rate"
  FROM "groups"
)
SELECT "changes"."period",
  "changes"."orders",
  "changes"."orders__compared",
  "changes"."orders__change",
  "changes"."orders__change_rate"
FROM "changes"
ORDER BY "changes"."period"
LIMIT ?
-- values: 2026-10-01, 2026-11-01, True, 2025-10-01, 2025-11-01, True, 2026-10-01, 2026-10-31, 2025-10-01, 2025-10-31, 1000
