-- products: one row is a product. Prices in minor units of CNY; price_band compares with the
-- products of its own category: the cheapest third is low, the dearest third is high.

CREATE TABLE marts.products AS
SELECT product_id, coalesce(name_zh, name_en, product_id) AS name_zh,
       coalesce(name_en, name_zh, product_id) AS name_en, category, subcategory, brand,
       list_price, unit_cost, launched_on,
       CASE WHEN list_price IS NULL THEN NULL
            WHEN products = 1 THEN 'mid'
            WHEN rank < 1.0 / 3 THEN 'low'
            WHEN rank < 2.0 / 3 THEN 'mid'
            ELSE 'high' END AS price_band
FROM (
    SELECT *, count(list_price) OVER (PARTITION BY category) AS products,
           percent_rank() OVER (PARTITION BY category ORDER BY list_price NULLS LAST) AS rank
    FROM source.products
) AS ranked
ORDER BY product_id;

-- stores: one row is a shop.
CREATE TABLE marts.stores AS
SELECT store_id, coalesce(name, store_id) AS store_name, plain_city(city) AS city,
       plain_province(province) AS province, opened_on
FROM source.stores
ORDER BY store_id;
