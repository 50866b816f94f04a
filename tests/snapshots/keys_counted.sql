WITH "orders_by_key" AS (
  SELECT "orders"."sales_channel" AS "channel",
    "orders"."customer_id" AS "key",
    nullif(count(*), 0) AS "repeat_buyers"
  FROM "orders"
  WHERE "orders"."ordered_at" < ?
    AND "orders"."customer_id" IS NOT NULL
  GROUP BY 1, 2
), "orders_now" AS (
  SELECT "channel",
    count(*) FILTER (WHERE "repeat_buyers" >= ?) AS "repeat_buyers"
  FROM "orders_by_key"
  GROUP BY 1
)
SELECT "orders_now"."channel",
  "orders_now"."repeat_buyers"
FROM "orders_now"
WHERE ("orders_now"."channel" IS NOT NULL OR (coalesce("orders_now"."repeat_buyers", 0) <> 0))
ORDER BY "orders_now"."repeat_buyers" DESC NULLS LAST, "orders_now"."channel" NULLS LAST
LIMIT ?
-- values: 2026-11-01, 2.0, 1000
