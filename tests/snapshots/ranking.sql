WITH "order_lines_now" AS (
  SELECT "products"."category" AS "category",
    coalesce(CAST(sum("order_lines"."paid_amount") AS BIGINT), 0) AS "revenue",
    count(DISTINCT "order_lines"."order_id") AS "orders"
  FROM "order_lines"
  LEFT JOIN "products" ON "products"."product_id" = "order_lines"."product_id"
  WHERE "order_lines"."ordered_at" < ?
    AND "order_lines"."is_valid" = ?
  GROUP BY 1
)
SELECT "order_lines_now"."category",
  "order_lines_now"."revenue" / 100.0 AS "revenue"
FROM "order_lines_now"
WHERE "order_lines_now"."category" IS NOT NULL
ORDER BY "order_lines_now"."orders" ASC NULLS LAST, "order_lines_now"."category" NULLS LAST
LIMIT ? OFFSET ?
-- values: 2026-11-01, True, 3, 6
