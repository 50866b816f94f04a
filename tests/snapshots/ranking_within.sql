WITH "order_lines_now" AS (
  SELECT "orders"."sales_channel" AS "channel",
    "products"."category" AS "category",
    coalesce(CAST(sum("order_lines"."paid_amount") AS BIGINT), 0) AS "revenue"
  FROM "order_lines"
  LEFT JOIN "orders" ON "orders"."order_id" = "order_lines"."order_id"
  LEFT JOIN "products" ON "products"."product_id" = "order_lines"."product_id"
  WHERE "order_lines"."ordered_at" < ?
    AND "order_lines"."is_valid" = ?
  GROUP BY 1, 2
), "ranked" AS (
  SELECT "order_lines_now"."channel",
    "order_lines_now"."category",
    "order_lines_now"."revenue" / 100.0 AS "revenue",
    row_number() OVER (ORDER BY "order_lines_now"."channel" NULLS LAST, "order_lines_now"."revenue" DESC NULLS LAST, "order_lines_now"."channel" NULLS LAST, "order_lines_now"."category" NULLS LAST) AS "__place",
    row_number() OVER (PARTITION BY "order_lines_now"."channel" ORDER BY "order_lines_now"."channel" NULLS LAST, "order_lines_now"."revenue" DESC NULLS LAST, "order_lines_now"."channel" NULLS LAST, "order_lines_now"."category" NULLS LAST) AS "__rank"
  FROM "order_lines_now"
  WHERE "order_lines_now"."channel" IS NOT NULL
    AND "order_lines_now"."category" IS NOT NULL
)
SELECT "channel",
  "category",
  "revenue"
FROM "ranked"
WHERE "__rank" BETWEEN ? AND ?
ORDER BY "__place"
LIMIT ?
-- values: 2026-11-01, True, 1, 2, 1000
