WITH "orders_now" AS (
  SELECT CAST(date_trunc('week', "orders"."ordered_at") AS DATE) AS "period",
    count(*) AS "orders"
  FROM "orders"
  WHERE "orders"."ordered_at" >= ?
    AND "orders"."ordered_at" < ?
    AND "orders"."is_valid" = ?
  GROUP BY 1
), "periods" AS (
  SELECT "day" AS "period"
  FROM (
    SELECT CAST("day" AS DATE) AS "day", row_number() OVER (ORDER BY "day") AS "nth"
    FROM generate_series(CAST(? AS TIMESTAMP), CAST(? AS TIMESTAMP), INTERVAL 7 DAY) AS series("day")
  ) AS "now"
), "groups" AS (
  SELECT "periods"."period" AS "period",
    coalesce("orders_now"."orders", 0) AS "orders"
  FROM "periods"
  LEFT JOIN "orders_now" ON "orders_now"."period" = "periods"."period"
)
SELECT "groups"."period",
  "groups"."orders"
FROM "groups"
ORDER BY "groups"."period"
LIMIT ?
-- values: 2026-10-01, 2026-11-01, True, 2026-09-28, 2026-10-26, 1000
