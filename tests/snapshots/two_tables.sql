WITH "visits_now" AS (
  SELECT "customers"."city" AS "city",
    count(*) AS "visits",
    avg("visits"."minutes") AS "stay"
  FROM "web_visits" AS "visits"
  LEFT JOIN "customers" ON "customers"."customer_id" = "visits"."customer_id"
  WHERE "visits"."visited_at" < ?
  GROUP BY 1
), "orders_now" AS (
  SELECT "customers"."city" AS "city",
    count(*) AS "orders"
  FROM "orders"
  LEFT JOIN "customers" ON "customers"."customer_id" = "orders"."customer_id"
  WHERE "orders"."ordered_at" < ?
    AND "orders"."is_valid" = ?
  GROUP BY 1
), "keys" AS (
  SELECT "city" FROM "visits_now"
  UNION
  SELECT "city" FROM "orders_now"
), "groups" AS (
  SELECT "keys"."city" AS "city",
    coalesce("visits_now"."visits", 0) AS "visits",
    "visits_now"."stay" AS "stay",
    coalesce("orders_now"."orders", 0) AS "orders"
  FROM "keys"
  LEFT JOIN "visits_now" ON "visits_now"."city" IS NOT DISTINCT FROM "keys"."city"
  LEFT JOIN "orders_now" ON "orders_now"."city" IS NOT DISTINCT FROM "keys"."city"
), "metrics" AS (
  SELECT "city",
    (CAST("visits" AS DOUBLE) / nullif("orders", 0)) AS "visits_per_order",
    "stay" AS "stay"
  FROM "groups"
)
SELECT "metrics"."city",
  "metrics"."visits_per_order",
  "metrics"."stay"
FROM "metrics"
WHERE ("metrics"."city" IS NOT NULL OR (coalesce("metrics"."visits_per_order", 0) <> 0 OR coalesce("metrics"."stay", 0) <> 0))
ORDER BY "metrics"."visits_per_order" DESC NULLS LAST, "metrics"."city" NULLS LAST
LIMIT ?
-- values: 2026-11-01, 2026-11-01, True, 1000
