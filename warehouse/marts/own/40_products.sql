-- products: one row is one product id, of the sales or of the brand's file of products. Its name is
-- the brand's, else the one that most lines give it; of equally frequent ones the first by spelling.
CREATE TABLE own_name AS
SELECT product_id, product_name
FROM (
    SELECT product_id, product_name,
           row_number() OVER (PARTITION BY product_id
                              ORDER BY count(*) FILTER (WHERE NOT is_cancelled) DESC, count(*) DESC,
                                       product_name) AS place
    FROM marts.order_lines
    WHERE product_id IS NOT NULL AND product_name IS NOT NULL
    GROUP BY product_id, product_name
) AS ranked
WHERE place = 1;

CREATE TABLE own_sold AS
SELECT product_id, min(ordered_at) AS first_sold_at, bool_and(is_product) AS is_product
FROM marts.order_lines
WHERE product_id IS NOT NULL
GROUP BY product_id;

CREATE TABLE marts.products AS
SELECT product_id, coalesce(p.product_name, n.product_name, product_id) AS product_name,
       coalesce(s.is_product, true) AS is_product, s.first_sold_at,
       p.* EXCLUDE (row_id, product_id, product_name)
FROM own_products AS p
FULL JOIN own_sold AS s USING (product_id)
LEFT JOIN own_name AS n USING (product_id)
ORDER BY product_id;
