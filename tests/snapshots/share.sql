WITH "order_lines_now" AS (
  SELECT "products"."category" AS "category",
    coalesce(CAST(sum("order_lines"."paid_amount") AS BIGINT), 0) AS "revenue"
  FROM "order_lines"
  LEFT JOIN "products" ON "products"."product_id" = "order_lines"."product_id"
  WHERE "order_lines"."ordered_at" < ?
    AND "order_lines"."is_valid" = ?
  GROUP BY 1
), "changes" AS (
  SELECT "order_lines_now".*,
    CAST("order_lines_now"."revenue" AS DOUBLE) / nullif(sum("order_lines_now"."revenue") OVER (), 0) AS "revenue__share"
  FROM "order_lines_now"
)
SELECT "changes"."category",
  "changes"."revenue" / 100.0 AS "revenue",
  "changes"."revenue__share"
FROM "changes"
WHERE ("changes"."category" IS NOT NULL OR (coalesce("changes"."revenue", 0) <> 0))
ORDER BY "changes"."revenue" DESC NULLS LAST, "changes"."category" NULLS LAST
LIMIT ?
-- values: 2026-11-01, True, 1000
