-- province: one row is a province of China with its region.
-- city: one row is a city with its province, country and commercial tier. Where a city that is not
-- listed lies is what the brand's own addresses say most often; in China it is tier 3 or smaller.

CREATE TABLE province (province VARCHAR, region VARCHAR);
INSERT INTO province VALUES
('上海', 'east'), ('江苏', 'east'), ('浙江', 'east'), ('安徽', 'east'), ('福建', 'east'),
('江西', 'east'), ('山东', 'east'),
('广东', 'south'), ('广西', 'south'), ('海南', 'south'),
('北京', 'north'), ('天津', 'north'), ('河北', 'north'), ('山西', 'north'), ('内蒙古', 'north'),
('河南', 'central'), ('湖北', 'central'), ('湖南', 'central'),
('重庆', 'southwest'), ('四川', 'southwest'), ('贵州', 'southwest'), ('云南', 'southwest'),
('西藏', 'southwest'),
('陕西', 'northwest'), ('甘肃', 'northwest'), ('青海', 'northwest'), ('宁夏', 'northwest'),
('新疆', 'northwest'),
('辽宁', 'northeast'), ('吉林', 'northeast'), ('黑龙江', 'northeast');

CREATE TABLE listed_city (city VARCHAR, province VARCHAR, city_tier VARCHAR);
INSERT INTO listed_city VALUES
('北京', '北京', 'tier_1'), ('上海', '上海', 'tier_1'), ('广州', '广东', 'tier_1'),
('深圳', '广东', 'tier_1'),
('成都', '四川', 'new_tier_1'), ('杭州', '浙江', 'new_tier_1'), ('重庆', '重庆', 'new_tier_1'),
('武汉', '湖北', 'new_tier_1'), ('苏州', '江苏', 'new_tier_1'), ('西安', '陕西', 'new_tier_1'),
('南京', '江苏', 'new_tier_1'), ('长沙', '湖南', 'new_tier_1'), ('天津', '天津', 'new_tier_1'),
('郑州', '河南', 'new_tier_1'), ('东莞', '广东', 'new_tier_1'), ('青岛', '山东', 'new_tier_1'),
('宁波', '浙江', 'new_tier_1'), ('合肥', '安徽', 'new_tier_1'), ('佛山', '广东', 'new_tier_1'),
('无锡', '江苏', 'tier_2'), ('沈阳', '辽宁', 'tier_2'), ('昆明', '云南', 'tier_2'),
('济南', '山东', 'tier_2'), ('厦门', '福建', 'tier_2'), ('福州', '福建', 'tier_2'),
('温州', '浙江', 'tier_2'), ('大连', '辽宁', 'tier_2'), ('哈尔滨', '黑龙江', 'tier_2'),
('长春', '吉林', 'tier_2'), ('石家庄', '河北', 'tier_2'), ('金华', '浙江', 'tier_2'),
('南宁', '广西', 'tier_2'), ('泉州', '福建', 'tier_2'), ('常州', '江苏', 'tier_2'),
('南昌', '江西', 'tier_2'), ('贵阳', '贵州', 'tier_2'), ('南通', '江苏', 'tier_2'),
('嘉兴', '浙江', 'tier_2'), ('太原', '山西', 'tier_2'), ('徐州', '江苏', 'tier_2'),
('惠州', '广东', 'tier_2'), ('珠海', '广东', 'tier_2'), ('中山', '广东', 'tier_2'),
('台州', '浙江', 'tier_2'), ('烟台', '山东', 'tier_2'), ('绍兴', '浙江', 'tier_2'),
('海口', '海南', 'tier_2'), ('兰州', '甘肃', 'tier_2'), ('潍坊', '山东', 'tier_2'),
('扬州', '江苏', 'tier_2'),
('保定', '河北', 'tier_3_plus'), ('唐山', '河北', 'tier_3_plus'), ('廊坊', '河北', 'tier_3_plus'),
('呼和浩特', '内蒙古', 'tier_3_plus'), ('包头', '内蒙古', 'tier_3_plus'),
('洛阳', '河南', 'tier_3_plus'), ('宜昌', '湖北', 'tier_3_plus'), ('襄阳', '湖北', 'tier_3_plus'),
('衡阳', '湖南', 'tier_3_plus'), ('株洲', '湖南', 'tier_3_plus'), ('芜湖', '安徽', 'tier_3_plus'),
('赣州', '江西', 'tier_3_plus'), ('临沂', '山东', 'tier_3_plus'), ('淄博', '山东', 'tier_3_plus'),
('漳州', '福建', 'tier_3_plus'), ('汕头', '广东', 'tier_3_plus'), ('湛江', '广东', 'tier_3_plus'),
('桂林', '广西', 'tier_3_plus'), ('柳州', '广西', 'tier_3_plus'), ('三亚', '海南', 'tier_3_plus'),
('绵阳', '四川', 'tier_3_plus'), ('宜宾', '四川', 'tier_3_plus'), ('遵义', '贵州', 'tier_3_plus'),
('大理', '云南', 'tier_3_plus'), ('拉萨', '西藏', 'tier_3_plus'), ('咸阳', '陕西', 'tier_3_plus'),
('银川', '宁夏', 'tier_3_plus'), ('西宁', '青海', 'tier_3_plus'), ('乌鲁木齐', '新疆', 'tier_3_plus'),
('鞍山', '辽宁', 'tier_3_plus'), ('吉林', '吉林', 'tier_3_plus'), ('大庆', '黑龙江', 'tier_3_plus');

-- Official endings say nothing: 上海市 is 上海, 广西壮族自治区 is 广西.
CREATE MACRO plain_city(name) AS
    CASE WHEN length(name) > 2 THEN regexp_replace(name, '市$', '') ELSE name END;
CREATE MACRO plain_province(name) AS
    CASE WHEN length(name) > 2
    THEN regexp_replace(name, '(省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)$', '')
    ELSE name END;

CREATE TABLE address AS
SELECT plain_city(city) AS city, plain_province(province) AS province, country
FROM source.crm_customers
UNION ALL
SELECT plain_city(city), plain_province(province), NULL FROM source.marketplace_buyers
UNION ALL
SELECT plain_city(ship_city), plain_province(ship_province), ship_country FROM source.orders
UNION ALL
SELECT plain_city(city), plain_province(province), NULL FROM source.stores;

CREATE TABLE city AS
SELECT city, province, 'CN' AS country, city_tier FROM listed_city
UNION ALL
SELECT city, province, country, CASE WHEN country = 'CN' THEN 'tier_3_plus' ELSE 'overseas' END
FROM (
    SELECT a.city, a.province, CASE WHEN p.province IS NULL THEN a.country ELSE 'CN' END AS country,
           row_number() OVER (PARTITION BY a.city
                              ORDER BY count(*) DESC, a.province NULLS LAST,
                                       a.country NULLS LAST) AS place
    FROM address AS a
    LEFT JOIN province AS p USING (province)
    ANTI JOIN listed_city AS l ON l.city = a.city
    WHERE a.city IS NOT NULL AND (p.province IS NOT NULL OR a.country <> 'CN')
    GROUP BY a.city, a.province, a.country, p.province
) AS counted
WHERE place = 1;

DROP TABLE address;
