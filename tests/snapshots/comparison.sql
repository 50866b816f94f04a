WITH "order_lines_now" AS (
  SELECT "orders"."sales_channel" AS "channel",
    coalesce(CAST(sum("order_lines"."paid_amount") AS BIGINT), 0) AS "revenue"
  FROM "order_lines"
  LEFT JOIN "orders" ON "orders"."order_id" = "order_lines"."order_id"
  WHERE "order_lines"."ordered_at" >= ?
    AND "order_lines"."ordered_at" < ?
    AND "order_lines"."is_valid" = ?
  GROUP BY 1
), "orders_now" AS (
  SELECT "orders"."sales_channel" AS "channel",
    count(*) AS "orders"
  FROM "orders"
  WHERE "orders"."ordered_at" >= ?
    AND "orders"."ordered_at" < ?
    AND "orders"."is_valid" = ?
  GROUP BY 1
), "order_lines_then" AS (
  SELECT "orders"."sales_channel" AS "channel",
    coalesce(CAST(sum("order_lines"."paid_amount") AS BIGINT), 0) AS "revenue"
  FROM "order_lines"
  LEFT JOIN "orders" ON "orders"."order_id" = "order_lines"."order_id"
  WHERE "order_lines"."ordered_at" >= ?
    AND "order_lines"."ordered_at" < ?
    AND "order_lines"."is_valid" = ?
  GROUP BY 1
), "orders_then" AS (
  SELECT "orders"."sales_channel" AS "channel",
    count(*) AS "orders"
  FROM "orders"
  WHERE "orders"."ordered_at" >= ?
    AND "orders"."ordered_at" < ?
    AND "orders"."is_valid" = ?
  GROUP BY 1
), "keys" AS (
  SELECT "channel" FROM "order_lines_now"
  UNION
  SELECT "channel" FROM "orders_now"
  UNION
  SELECT "channel" FROM "order_lines_then"
  UNION
  SELECT "channel" FROM "orders_then"
), "groups" AS (
  SELECT "keys"."channel" AS "channel",
    coalesce("order_lines_now"."revenue", 0) AS "revenue",
    coalesce("orders_now"."orders", 0) AS "orders",
    coalesce("order_lines_then"."revenue", 0) AS "revenue__compared",
    coalesce("orders_then"."orders", 0) AS "orders__compared"
  FROM "keys"
  LEFT JOIN "order_lines_now" ON "order_lines_now"."channel" IS NOT DISTINCT FROM "keys"."channel"
  LEFT JOIN "orders_now" ON "orders_now"."channel" IS NOT DISTINCT FROM "keys"."channel"
  LEFT JOIN "order_lines_then" ON "order_lines_then"."channel" IS NOT DISTINCT FROM "keys"."channel"
  LEFT JOIN "orders_then" ON "orders_then"."channel" IS NOT DISTINCT FROM "keys"."channel"
), "metrics" AS (
  SELECT "channel",
    (CAST("revenue" AS DOUBLE) / nullif("orders", 0)) AS "aov",
    (CAST("revenue__compared" AS DOUBLE) / nullif("orders__compared", 0)) AS "aov__compared"
  FROM "groups"
), "changes" AS (
  SELECT "metrics".*,
    "metrics"."aov" - "metrics"."aov__compared" AS "aov__change",
    CAST("metrics"."aov" - "metrics"."aov__compared" AS DOUBLE) / nullif(abs("metrics"."aov__compared"), 0) AS "aov__change_rate"
  FROM "metrics"
)
SELECT "changes"."channel",
  "changes"."aov" / 100.0 AS "aov",
  "changes"."aov__compared" / 100.0 AS "aov__compared",
  "changes"."aov__change" / 100.0 AS "aov__change",
  "changes"."aov__change_rate"
FROM "changes"
WHERE ("changes"."channel" IS NOT NULL OR (coalesce("changes"."aov", 0) <> 0))
ORDER BY "changes"."aov" DESC NULLS LAST, "changes"."channel" NULLS LAST
LIMIT ?
-- values: 2026-10-01, 2026-11-01, True, 2026-10-01, 2026-11-01, True, 2026-09-01, 2026-10-01, True, 2026-09-01, 2026-10-01, True, 1000
