WITH "customers_now" AS (
  SELECT greatest(CAST(date_trunc('month', "customers"."registered_at") AS DATE), CAST(? AS DATE)) AS "period",
    "customers"."city" AS "city",
    count(*) AS "customers"
  FROM "customers"
  WHERE "customers"."registered_at" < ?
  GROUP BY 1, 2
), "keys" AS (
  SELECT DISTINCT "city" FROM "customers_now"
), "periods" AS (
  SELECT "day" AS "period"
  FROM (
    SELECT CAST("day" AS DATE) AS "day", row_number() OVER (ORDER BY "day") AS "nth"
    FROM generate_series(CAST(? AS TIMESTAMP), CAST(? AS TIMESTAMP), INTERVAL 1 MONTH) AS series("day")
  ) AS "now"
), "spine" AS (
  SELECT *
  FROM "periods"
  CROSS JOIN "keys"
), "groups" AS (
  SELECT "spine"."period" AS "period",
    "spine"."city" AS "city",
    sum(coalesce("customers_now"."customers", 0)) OVER (PARTITION BY "spine"."city" ORDER BY "spine"."period") AS "customers"
  FROM "spine"
  LEFT JOIN "customers_now" ON "customers_now"."period" = "spine"."period" AND "customers_now"."city" IS NOT DISTINCT FROM "spine"."city"
), "counting" AS (
  SELECT *,
    bool_or((coalesce("groups"."customers", 0) <> 0)) OVER (PARTITION BY "groups"."city") AS "__counts"
  FROM "groups"
)
SELECT "counting"."period",
  "counting"."city",
  "counting"."customers"
FROM "counting"
WHERE ("counting"."city" IS NOT NULL OR "counting"."__counts")
ORDER BY "counting"."period", "counting"."city" NULLS LAST
LIMIT ?
-- values: 2026-10-01, 2026-11-01, 2026-10-01, 2026-10-01, 1000
