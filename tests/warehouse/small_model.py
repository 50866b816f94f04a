"""A semantic model that fits on a page, for tests of what loads and compiles it."""

from pathlib import Path

from warehouse.semantic_model import SemanticModel, load_semantic_model

YAML = """
entities:
  customers:
    key: customer_id
    time: registered_at
    customer: customer_id
    label: {zh: 客户, en: Customers}
  orders:
    key: order_id
    time: ordered_at
    customer: customer_id
    label: {zh: 订单, en: Orders}
    joins: [{to: customers, on: customer_id}]
  order_lines:
    key: line_id
    time: ordered_at
    customer: customer_id
    label: {zh: 明细, en: Lines}
    joins: [{to: orders, on: order_id}, {to: products, on: product_id}]
  products:
    key: product_id
    label: {zh: 商品, en: Products}
  visits:
    table: web_visits
    key: visit_id
    time: visited_at
    customer: customer_id
    label: {zh: 访问, en: Visits}
    joins: [{to: customers, on: customer_id}]

dimensions:
  city: {entity: customers, column: city, label: {zh: 城市, en: City}}
  age: {entity: customers, column: age, type: number, unit: count, personal: true,
        label: {zh: 年龄, en: Age}}
  joined_on: {entity: customers, column: registered_at, type: date, unit: date,
              label: {zh: 注册日期, en: Joined on}}
  level:
    entity: customers
    column: level
    label: {zh: 等级, en: Level}
    personal: true
    ordered: true
    values:
      - {value: silver, label: {zh: 银卡, en: Silver}}
      - {value: gold, label: {zh: 金卡, en: Gold}, synonyms: {zh: [黄金], en: [golden]}}
      - {value: unknown, label: {zh: 未知, en: Unknown}, ranked: false}
  channel: {entity: orders, column: sales_channel, label: {zh: 渠道, en: Channel}}
  paid_with_card: {entity: orders, column: is_card, type: boolean,
                   label: {zh: 刷卡, en: Paid with card}}
  order_value: {entity: orders, column: paid_amount, type: number, unit: currency,
                label: {zh: 单笔金额, en: Amount of the order}}
  category: {entity: products, column: category, label: {zh: 品类, en: Category}}

metrics:
  revenue:
    label: {zh: 销售额, en: Revenue}
    definition: {zh: 有效订单的金额。, en: Amount of valid orders.}
    unit: currency
    measures:
      - {entity: order_lines, aggregate: sum, column: paid_amount,
         where: {field: is_valid, values: [true]}}
  orders:
    label: {zh: 订单数, en: Orders}
    synonyms: {zh: [单量]}
    definition: {zh: 有效订单数。, en: Valid orders.}
    unit: count
    measures:
      - {entity: orders, aggregate: count, where: {field: is_valid, values: [true]}}
      - {entity: order_lines, aggregate: count_distinct, column: order_id,
         where: {field: is_valid, values: [true]}}
  buyers:
    label: {zh: 买家数, en: Buyers}
    definition: {zh: 去重买家。, en: Distinct buyers.}
    unit: count
    measures: [{entity: orders, aggregate: count_distinct, column: customer_id}]
  repeat_buyers:
    label: {zh: 复购人数, en: Repeat buyers}
    definition: {zh: 至少两单的买家。, en: Buyers with two orders.}
    unit: count
    measures:
      - {entity: orders, aggregate: count, per: {key: customer_id, op: ">=", value: 2}}
  followed_orders:
    label: {zh: 有后续的订单, en: Followed orders}
    definition: {zh: 30天内有后续的订单。, en: Orders followed within 30 days.}
    unit: count
    measures:
      - {entity: orders, aggregate: count, mature_days: 30,
         where: {field: days_to_next, op: "<=", values: [30]}}
  customers:
    label: {zh: 客户数, en: Customers}
    definition: {zh: 累计客户。, en: Customers so far.}
    unit: count
    measures: [{entity: customers, aggregate: count, cumulative: true}]
  visits:
    label: {zh: 访问次数, en: Visits}
    definition: {zh: 访问次数。, en: Visits.}
    unit: count
    measures: [{entity: visits, aggregate: count}]
  stay:
    label: {zh: 平均停留, en: Average stay}
    definition: {zh: 平均停留分钟。, en: Average minutes of a visit.}
    unit: minutes
    measures: [{entity: visits, aggregate: average, column: minutes}]
  aov:
    label: {zh: 客单价, en: Average order value}
    definition: {zh: 销售额 ÷ 订单数。, en: Revenue ÷ orders.}
    unit: currency
    numerator: revenue
    denominator: orders
  visits_per_order:
    label: {zh: 每单访问, en: Visits per order}
    definition: {zh: 访问次数 ÷ 订单数。, en: Visits ÷ orders.}
    unit: ratio
    numerator: visits
    denominator: orders
  doubled:
    label: {zh: 双倍, en: Doubled}
    definition: {zh: 两倍销售额。, en: Twice the revenue.}
    unit: currency
    expression: 2 * (revenue + revenue) / 2

segments:
  gold:
    label: {zh: 金卡客户, en: Gold customers}
    definition: {zh: 金卡。, en: Level gold.}
    where: {field: level, values: [gold]}
  busy:
    label: {zh: 常客, en: Busy customers}
    definition: {zh: 至少三单的金卡客户。, en: Gold customers with three orders.}
    where: {all: [{segment: gold}, {customer_metric: orders, op: ">=", values: [3]}]}
"""


def small_model(folder: Path, *more: str) -> SemanticModel:
    """Load the model, with further texts laid over it one after the other."""
    folders = []
    for number, text in enumerate((YAML, *more)):
        own = folder / f"layer{number}"
        own.mkdir(exist_ok=True)
        (own / "model.yml").write_text(text, encoding="utf-8")
        folders.append(own)
    return load_semantic_model(folders)
