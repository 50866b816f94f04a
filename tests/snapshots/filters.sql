WITH "order_lines_now" AS (
  SELECT coalesce(CAST(sum("order_lines"."paid_amount") AS BIGINT), 0) AS "revenue"
  FROM "order_lines"
  LEFT JOIN "orders" ON "orders"."order_id" = "order_lines"."order_id"
  LEFT JOIN "customers" ON "customers"."customer_id" = "orders"."customer_id"
  LEFT JOIN "products" ON "products"."product_id" = "order_lines"."product_id"
  WHERE "order_lines"."ordered_at" < ?
    AND (NOT coalesce("customers"."city" IN (?, ?), FALSE) OR (lower("products"."category") LIKE lower(?) ESCAPE '!' AND "orders"."paid_amount" BETWEEN ? AND ? AND CAST("customers"."registered_at" AS DATE) < ?))
    AND "order_lines"."is_valid" = ?
)
SELECT "order_lines_now"."revenue" / 100.0 AS "revenue"
FROM "order_lines_now"
-- values: 2026-11-01, '上海', '杭州', '%50!%!_%', 9990, 30000, 2026-10-01, True
