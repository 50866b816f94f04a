import re
from pathlib import Path

import pytest

from warehouse.compiler import reach, validate_against
from warehouse.errors import SemanticModelError, UnknownName
from warehouse.query import Condition
from warehouse.semantic_model import load_semantic_model, packaged_folder

from .small_model import small_model

PACKAGED = load_semantic_model()
WRONG = (
    ("metrics: {revenue: {unit: curency}}",
     "metrics.revenue.unit: Input should be 'currency', 'count'"),
    ("metric: {}", "unknown part 'metric'. Did you mean 'metrics'?"),
    ("metrics: []", "'metrics' must hold blocks by name."),
    ("metrics: {revenue: 5}", "metrics.revenue must be a block."),
    ("metrics: {revenue: {unit: count, unit: count}}", "key 'unit' stands twice"),
    ("metrics: {revenue: {colour: red}}", "metrics.revenue.colour: Extra inputs are not permitted"),
    ("metrics: {Revenue: {expression: orders, unit: count, label: {zh: a, en: b}, "
     "definition: {zh: a, en: b}}}", "metrics.Revenue is no name that can be used."),
    ("metrics: {city: {expression: orders, unit: count, label: {zh: a, en: b}, "
     "definition: {zh: a, en: b}}}", "dimensions.city is also the name of a metric."),
    ("metrics: {aov: {numerator: revenu, denominator: orders}}",
     "metrics.aov names unknown metric 'revenu'. Did you mean 'revenue'?"),
    ("metrics: {aov: {numerator: revenue}}", "metrics.aov is a ratio of one part."),
    ("metrics: {visits_per_order: {numerator: visits_per_order, denominator: orders}}",
     "metrics.visits_per_order is a ratio of the ratio 'visits_per_order'."),
    ("metrics: {doubled: {expression: __import__('os')}}",
     "metrics.doubled.expression it may hold only metrics, numbers, + - * / and ()"),
    ("metrics: {doubled: {expression: revenue ** 2}}", "it may hold only metrics"),
    ("metrics: {doubled: {expression: revenue +}}", "it cannot be read as arithmetic"),
    ("metrics: {doubled: {expression: doubled + revenue}}",
     "metrics.doubled contains itself: doubled > doubled."),
    ("metrics: {doubled: {expression: revenue + orders}}",
     "metrics.doubled it adds amounts and plain numbers."),
    ("metrics: {doubled: {expression: orders + visits}}",
     "metrics.doubled is not an amount of money, but its unit says otherwise."),
    ("metrics: {orders: {unit: currency}}", "metrics.orders is a count in units of money."),
    ("metrics: {orders: {measures: [{entity: order, aggregate: count}]}}",
     "metrics.orders has a measure at unknown entity 'order'. Did you mean 'orders'?"),
    ("metrics: {orders: {measures: [{entity: orders, aggregate: sum}]}}",
     "metrics.orders has a sum of no column."),
    ("metrics: {customers: {measures: [{entity: customers, aggregate: average, column: age, "
     "cumulative: true}]}}", "metrics.customers has a cumulative average."),
    ("metrics: {orders: {measures: [{entity: products, aggregate: count, cumulative: true}]}}",
     "metrics.orders has a measure without a time column."),
    ("metrics: {orders: {measures: [{entity: orders, aggregate: count, "
     "where: {field: visits.minutes, values: [1]}}]}}",
     "metrics.orders reads visits.minutes, which cannot be reached from 'orders'."),
    ("metrics: {orders: {measures: [{entity: orders, aggregate: count, "
     "where: {segment: gold}}]}}", "metrics.orders has a measure over a segment"),
    ("metrics: {orders: {measures: [{entity: orders, aggregate: count, "
     "where: {field: 'a b', values: [1]}}]}}", "metrics.orders 'a b' is no name of a column."),
    ("metrics: {orders: {label: {zh: 订单数, en: ' '}}}", "metrics.orders has no en label."),
    ("metrics: {visits: {synonyms: {zh: [单量]}}}",
     "metrics.visits '单量' is also claimed by 'metrics.orders'."),
    ("metrics: {visits: {synonyms: {en: [average  ORDER value]}}}",
     "is also claimed by 'metrics.visits'."),
    ("dimensions: {city: {entity: customer}}",
     "dimensions.city has unknown entity 'customer'. Did you mean 'customers'?"),
    ("dimensions: {city: {ordered: true}}", "dimensions.city is ordered but lists no values."),
    ("dimensions: {age: {values: [{value: old, label: {zh: 老, en: Old}}]}}",
     "dimensions.age.values 'old' is not a number."),
    ("dimensions: {city: {values_of: levels}}",
     "dimensions.city.values_of: unknown dimension 'levels'. Did you mean 'level'?"),
    ("dimensions: {level: {values: [{value: a, label: {zh: 甲, en: A}}, "
     "{value: b, label: {zh: 乙, en: a}}]}}", "dimensions.level.values.b 'a' is also claimed by"),
    ("entities: {customers: {joins: [{to: order, on: order_id}]}}",
     "entities.customers joins unknown entity 'order'."),
    ("entities: {customers: {joins: [{to: orders, on: last_order_id}]}}",
     "which leads back to it."),
    ("entities: {products: {joins: [{to: customers, on: maker_id}]}}",
     "entities.order_lines has two ways of the same length to 'customers'"),
    ("segments: {gold: {where: {field: levle, values: [gold]}}}",
     "segments.gold Unknown dimension 'levle'. Nearest: 'level'"),
    ("segments: {gold: {where: {field: channel, values: [app]}}}",
     "segments.gold 'channel' describes 'orders', not customers."),
    ("segments: {gold: {where: {segment: busy}}}",
     "segments.gold Segment 'gold' contains itself: gold > busy > gold."),
    ("segments: {gold: {where: {field: age, op: '>', values: [old]}}}",
     "segments.gold 'age' takes a number. Got 'old'."),
    ("segments: {gold: {where: {customer_metric: order, values: [1]}}}",
     "segments.gold Unknown metric 'order'."),
    ("a: [", "model.yml: is not valid YAML"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected_error"), WRONG)
def test_a_wrong_block_is_named_with_its_file(
    text: str, expected_error: str, tmp_path: Path
) -> None:
    with pytest.raises(SemanticModelError, match=re.escape(expected_error)) as raised:
        small_model(tmp_path, text)

    assert str(raised.value).startswith("Semantic model model.yml: ")
    assert raised.value.params["next"]


def test_packaged_model_covers_the_retail_marts() -> None:
    assert sum(not metric.hidden for metric in PACKAGED.metrics) >= 55
    assert len(PACKAGED.dimensions) >= 50
    assert len(PACKAGED.segments) >= 15


def test_packaged_metrics_are_explained_in_both_languages() -> None:
    for metric in PACKAGED.metrics:
        assert metric.definition.zh.endswith("。"), metric.name
        assert metric.definition.en.endswith("."), metric.name
        assert re.search("[一-鿿]", metric.label.zh) or metric.label.zh.isascii()
        assert not re.search("[一-鿿]", metric.label.en + metric.definition.en), metric.name


def test_active_customers_are_an_open_question() -> None:
    group = [metric for metric in PACKAGED.metrics if metric.group == "active_customers"]

    assert {m.name for m in group} == {"active_by_login", "active_by_visit", "active_by_purchase"}
    assert all("活跃客户" in m.synonyms.zh and "active customers" in m.synonyms.en for m in group)


def test_personal_dimensions_are_marked() -> None:
    personal = {dimension.name for dimension in PACKAGED.dimensions if dimension.personal}

    assert {"gender", "age", "age_band", "member_level", "lifetime_revenue"} <= personal
    assert not personal & {"city", "category", "sales_channel", "campaign"}


def test_layers_add_change_and_take_away(tmp_path: Path) -> None:
    model = small_model(
        tmp_path,
        "metrics: {revenue: {label: {zh: 流水, en: Takings}}, doubled: null}",
        "metrics: {orders_twice: {expression: 2 * orders, unit: count, "
        "label: {zh: 两倍订单, en: Orders twice}, definition: {zh: 两倍。, en: Twice.}}}",
    )

    assert model.metric("revenue").label.en == "Takings"
    assert model.metric("revenue").unit == "currency"
    assert model.metric("orders_twice").kind == "derived"
    with pytest.raises(UnknownName, match=r"Unknown metric 'doubled'\. Nearest: "):
        model.metric("doubled")


def test_a_layer_can_change_how_a_metric_is_computed(tmp_path: Path) -> None:
    model = small_model(tmp_path, "metrics: {revenue: {expression: 2 * aov, unit: currency}}",
                        "metrics: {aov: {expression: 3 * doubled}, doubled: {measures: "
                        "[{entity: orders, aggregate: sum, column: paid_amount}]}}")  # fmt: skip

    assert model.metric("revenue").kind == "derived"
    assert model.metric("revenue").measures == ()
    assert model.metric("doubled").kind == "simple"


def test_hash_follows_the_content_alone(tmp_path: Path) -> None:
    first = small_model(tmp_path)
    commented = small_model(tmp_path, "# nothing but a comment\n")
    changed = small_model(tmp_path, "metrics: {revenue: {direction: up}}")

    assert first.hash == commented.hash != changed.hash
    assert re.fullmatch("[0-9a-f]{16}", first.hash)


def test_plain_words_of_yaml_stay_words(tmp_path: Path) -> None:
    values = "[{value: %s, label: {zh: 甲, en: A}}]"
    for text in ("18_24", "no", "on", "2026-10-31", "0123", "1e5"):
        model = small_model(tmp_path, f"dimensions: {{city: {{values: {values % text}}}}}")
        assert model.dimension("city").values[0].value == text


def test_values_of_another_dimension_are_shared(tmp_path: Path) -> None:
    model = small_model(tmp_path, "dimensions: {city: {values_of: level}}")

    assert model.dimension("city").values == model.dimension("level").values


def test_groups_may_share_a_word(tmp_path: Path) -> None:
    shared = "synonyms: {zh: [单量]}, group: sizes"
    model = small_model(tmp_path, f"metrics: {{orders: {{{shared}}}, visits: {{{shared}}}}}")

    assert model.metric("visits").group == model.metric("orders").group == "sizes"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SemanticModelError, match="nowhere: is no folder"):
        load_semantic_model([packaged_folder(), tmp_path / "nowhere"])


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "brand.yml").write_bytes("# 品牌".encode("gbk"))

    with pytest.raises(SemanticModelError, match=r"brand\.yml: is not UTF-8"):
        load_semantic_model([tmp_path])


def test_reach_lists_what_a_metric_can_be_split_by(tmp_path: Path) -> None:
    found = reach(small_model(tmp_path))

    assert found["visits"] == ("city", "age", "joined_on", "level")
    assert "category" in found["orders"]
    assert "category" not in found["buyers"]
    assert found["visits_per_order"] == found["visits"]
    assert found["aov"] == found["revenue"]


CATALOGUE = {
    "customers": {"customer_id": "VARCHAR", "registered_at": "TIMESTAMP", "city": "VARCHAR",
                  "age": "INTEGER", "level": "VARCHAR"},
    "orders": {"order_id": "VARCHAR", "customer_id": "VARCHAR", "ordered_at": "TIMESTAMP",
               "is_valid": "BOOLEAN", "sales_channel": "VARCHAR", "is_card": "BOOLEAN",
               "paid_amount": "BIGINT", "days_to_next": "INTEGER"},
    "order_lines": {"line_id": "VARCHAR", "order_id": "VARCHAR", "product_id": "VARCHAR",
                    "customer_id": "VARCHAR", "ordered_at": "TIMESTAMP", "is_valid": "BOOLEAN",
                    "paid_amount": "BIGINT"},
    "products": {"product_id": "VARCHAR", "category": "VARCHAR"},
    "web_visits": {"visit_id": "VARCHAR", "customer_id": "VARCHAR", "visited_at": "TIMESTAMP",
                   "minutes": "DOUBLE"},
}  # fmt: skip


def test_marts_that_fit_are_accepted(tmp_path: Path) -> None:
    model = small_model(tmp_path)

    validate_against(model, CATALOGUE)
    validate_against(model, {table: list(columns) for table, columns in CATALOGUE.items()})


@pytest.mark.parametrize(
    ("table", "column", "kind", "expected_error"),
    [
        ("web_visits", None, None, "entities.visits there is no table 'web_visits' in the marts."),
        ("products", "category", None, "dimensions.category table 'products' has no column"),
        ("orders", "is_valid", None, "metrics.orders table 'orders' has no column 'is_valid'."),
        ("customers", "age", "VARCHAR", "dimensions.age column 'age' is VARCHAR, which is not a"),
        ("orders", "ordered_at", "VARCHAR", "entities.orders column 'ordered_at' is VARCHAR"),
        ("orders", "is_valid", "VARCHAR", "metrics.orders column 'is_valid' is VARCHAR"),
        ("order_lines", "paid_amount", "VARCHAR", "metrics.revenue column 'paid_amount' is"),
    ],
)  # fmt: skip
def test_marts_that_do_not_fit_are_refused(
    table: str, column: str | None, kind: str | None, expected_error: str, tmp_path: Path
) -> None:
    catalogue = {name: dict(columns) for name, columns in CATALOGUE.items()}
    if column is None:
        del catalogue[table]
    elif kind is None:
        del catalogue[table][column]
    else:
        catalogue[table][column] = kind

    with pytest.raises(SemanticModelError, match=re.escape(expected_error)):
        validate_against(small_model(tmp_path), catalogue)


def test_a_copy_with_other_metrics_looks_up_its_own(tmp_path: Path) -> None:
    model = small_model(tmp_path)
    model.metric("revenue")

    fewer = model.model_copy(update={"metrics": model.metrics[1:]})

    with pytest.raises(UnknownName):
        fewer.metric("revenue")


def test_relative_days_in_segments_are_checked(tmp_path: Path) -> None:
    where = Condition(field="joined_on", op=">=", values=("start of quarter",))
    text = "segments: {gold: {where: {field: joined_on, op: '>=', values: [%s]}}}"

    assert small_model(tmp_path, text % "start of quarter").segment("gold").where == where
    with pytest.raises(SemanticModelError, match=r"'joined_on' takes a date\. Got 'start of"):
        small_model(tmp_path, text % "start of time")
