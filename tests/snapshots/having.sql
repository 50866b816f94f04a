WITH "orders_now" AS (
  SELECT "orders"."sales_channel" AS "channel",
    count(*) AS "orders"
  FROM "orders"
  WHERE "orders"."ordered_at" < ?
    AND "orders"."is_valid" = ?
  GROUP BY 1
), "order_lines_now" AS (
  SELECT "orders"."sales_channel" AS "channel",
    coalesce(CAST(sum("order_lines"."paid_amount") AS BIGINT), 0) AS "revenue"
  FROM "order_lines"
  LEFT JOIN "orders" ON "orders"."order_id" = "order_lines"."order_id"
  WHERE "order_lines"."ordered_at" < ?
    AND "order_lines"."is_valid" = ?
  GROUP BY 1
), "keys" AS (
  SELECT "channel" FROM "orders_now"
  UNION
  SELECT "channel" FROM "order_lines_now"
), "groups" AS (
  SELECT "keys"."channel" AS "channel",
    coalesce("orders_now"."orders", 0) AS "orders",
    coalesce("order_lines_now"."revenue", 0) AS "revenue"
  FROM "keys"
  LEFT JOIN "orders_now" ON "orders_now"."channel" IS NOT DISTINCT FROM "keys"."channel"
  LEFT JOIN "order_lines_now" ON "order_lines_now"."channel" IS NOT DISTINCT FROM "keys"."channel"
)
SELECT "groups"."channel",
  "groups"."orders"
FROM "groups"
WHERE ("groups"."channel" IS NOT NULL OR (coalesce("groups"."orders", 0) <> 0))
  AND "groups"."revenue" > ?
ORDER BY "groups"."orders" DESC NULLS LAST, "groups"."channel" NULLS LAST
LIMIT ?
-- values: 2026-11-01, True, 2026-11-01, True, 100050, 1000
