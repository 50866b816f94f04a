WITH "order_lines_now" AS (
  SELECT coalesce(CAST(sum("order_lines"."paid_amount") FILTER (WHERE "customers"."city" = ?) AS BIGINT), 0) AS "revenue",
    coalesce(CAST(sum("order_lines"."paid_amount") AS BIGINT), 0) AS "revenue__whole"
  FROM "order_lines"
  LEFT JOIN "orders" ON "orders"."order_id" = "order_lines"."order_id"
  LEFT JOIN "customers" ON "customers"."customer_id" = "orders"."customer_id"
  WHERE "order_lines"."ordered_at" < ?
    AND "order_lines"."is_valid" = ?
), "changes" AS (
  SELECT "order_lines_now".*,
    CAST("order_lines_now"."revenue" AS DOUBLE) / nullif("order_lines_now"."revenue__whole", 0) AS "revenue__share"
  FROM "order_lines_now"
)
SELECT "changes"."revenue" / 100.0 AS "revenue",
  "changes"."revenue__share"
FROM "changes"
-- values: '上海', 2026-11-01, True
