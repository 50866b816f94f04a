WITH "order_lines_now" AS (
  SELECT coalesce(CAST(sum("order_lines"."paid_amount") AS BIGINT), 0) AS "revenue"
  FROM "order_lines"
  WHERE "order_lines"."ordered_at" >= ?
    AND "order_lines"."ordered_at" < ?
    AND "order_lines"."is_valid" = ?
)
SELECT "order_lines_now"."revenue" / 100.0 AS "revenue"
FROM "order_lines_now"
-- values: 2026-10-01, 2026-11-01, True
