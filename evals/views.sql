-- The data in its own terms, for the hand-written SQL of the cases. Amounts in major units.
CREATE TEMP VIEW sales AS
SELECT l.order_id, l.product_id, l.customer_id, l.ordered_at, l.quantity,
       l.paid_amount / 100.0 AS paid, l.refund_amount / 100.0 AS refund,
       l.discount_amount / 100.0 AS discount, l.cost_amount / 100.0 AS cost,
       o.sales_channel, o.payment_method, o.warehouse, o.store_name, o.is_first_order,
       o.has_discount, o.ship_province, c.gender, c.age, c.age_band, c.city, c.province, c.region,
       c.city_tier, c.country, c.acquisition_channel, c.member_level, c.is_member,
       c.revenue_365d / 100.0 AS revenue_365d, c.recency_days, c.order_count,
       p.category, p.subcategory, p.brand, p.name_zh
FROM order_lines l
JOIN orders o USING (order_id)
LEFT JOIN customers c ON c.customer_id = l.customer_id
LEFT JOIN products p ON p.product_id = l.product_id
WHERE l.is_valid;

CREATE TEMP VIEW bought AS
SELECT o.*, c.gender, c.age_band, c.city, c.province, c.region, c.city_tier, c.country,
       c.acquisition_channel, c.member_level, c.is_member
FROM orders o LEFT JOIN customers c USING (customer_id)
WHERE o.is_valid;
