WITH "order_lines_now" AS (
  SELECT "products"."category" AS "category",
    coalesce(CAST(sum("order_lines"."paid_amount") AS BIGINT), 0) AS "revenue",
    count(DISTINCT "order_lines"."order_id") AS "orders"
  FROM "order_lines"
  LEFT JOIN "products" ON "products"."product_id" = "order_lines"."product_id"
  WHERE "order_lines"."ordered_at" < ?
    AND "order_lines"."is_valid" = ?
  GROUP BY 1
), "metrics" AS (
  SELECT "category",
    "revenue" AS "revenue",
    (CAST("revenue" AS DOUBLE) / nullif("orders", 0)) AS "aov"
  FROM "order_lines_now"
)
SELECT "metrics"."category",
  "metrics"."revenue" / 100.0 AS "revenue",
  "metrics"."aov" / 100.0 AS "aov"
FROM "metrics"
WHERE ("metrics"."category" IS NOT NULL OR (coalesce("metrics"."revenue", 0) <> 0 OR coalesce("metrics"."aov", 0) <> 0))
ORDER BY "metrics"."revenue" DESC NULLS LAST, "metrics"."category" NULLS LAST
LIMIT ?
-- values: 2026-11-01, True, 1000
