-- What is worth knowing about the brand's own file of sales: one row is a finding of the manifest.
CREATE TABLE finding (
    source VARCHAR, "check" VARCHAR, "column" VARCHAR, count BIGINT, action VARCHAR,
    examples VARCHAR[]
);

INSERT INTO finding
SELECT r.source, 'repeated_row', NULL, r.repeated_rows, 'reported', []
FROM own_rule AS r;

INSERT INTO finding
SELECT any_value(r.source), 'missing_customer', 'customer_id', count(*), 'reported',
       list_sort(list(DISTINCT l.order_id))[1:5]
FROM marts.order_lines AS l CROSS JOIN own_rule AS r
WHERE l.customer_id IS NULL AND r.has_customers;

INSERT INTO finding
SELECT any_value(r.source), 'cancelled_line', NULL, count(*), 'reported',
       list_sort(list(DISTINCT l.order_id))[1:5]
FROM marts.order_lines AS l CROSS JOIN own_rule AS r
WHERE l.is_cancelled;

INSERT INTO finding
SELECT any_value(r.source), 'negative_not_cancelled', NULL, count(*), 'reported',
       list_sort(list(DISTINCT l.order_id))[1:5]
FROM marts.order_lines AS l CROSS JOIN own_rule AS r
WHERE NOT l.is_cancelled AND (l.amount < 0 OR l.quantity < 0);

INSERT INTO finding
SELECT any_value(r.source), 'free_line', 'amount', count(*), 'reported',
       list_sort(list(DISTINCT l.order_id))[1:5]
FROM marts.order_lines AS l CROSS JOIN own_rule AS r
WHERE l.amount = 0;

INSERT INTO finding
SELECT any_value(r.source), 'not_a_product', 'product_id', count(*), 'reported',
       list_sort(list(DISTINCT l.product_id))[1:5]
FROM marts.order_lines AS l CROSS JOIN own_rule AS r
WHERE NOT l.is_product;

INSERT INTO finding
SELECT any_value(r.source), 'order_of_several_customers', 'customer_id', count(*), 'changed',
       list_sort(list(order_id))[1:5]
FROM (SELECT order_id FROM marts.order_lines GROUP BY order_id
      HAVING count(DISTINCT customer_id) > 1) AS several
CROSS JOIN own_rule AS r;

INSERT INTO finding
SELECT any_value(r.source), 'product_of_several_names', 'product_name', count(*), 'reported',
       list_sort(list(product_id))[1:5]
FROM (SELECT product_id FROM marts.order_lines WHERE product_id IS NOT NULL GROUP BY product_id
      HAVING count(DISTINCT product_name) > 1) AS several
CROSS JOIN own_rule AS r;

DELETE FROM finding WHERE count = 0 OR source IS NULL;
