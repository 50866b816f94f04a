"""Questions that people held apart from the grammar's own: what a calm wrong answer would hide."""

from typing import Any

import pytest

YEAR = "2026-01-01..2026-11-01"


def _bought(value: str, field: str = "category", when: str | None = None) -> dict[str, Any]:
    own: dict[str, Any] = {"customer_metric": "orders", "op": ">=", "values": [1]}
    own |= {"where": {"field": field, "op": "=", "values": [value]}}
    return own | ({"time_range": when} if when else {})


def _is(field: str, *values: object) -> dict[str, Any]:
    return {"field": field, "op": "=" if len(values) == 1 else "in", "values": list(values)}


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("customers who bought both coffee and snacks", [_bought("coffee"), _bought("snacks")]),
        (
            "people who ordered from both Tmall and JD this year",
            [_bought("tmall", "sales_channel", YEAR), _bought("jd", "sales_channel", YEAR)],
        ),
        (
            "customers who bought coffee but never snacks",
            [_bought("coffee"), {"not": _bought("snacks")}],
        ),
        (
            "customers who bought beauty but not coffee this year",
            [_bought("beauty", when=YEAR), {"not": _bought("coffee", when=YEAR)}],
        ),
        ("没买过咖啡但买过零食的客户有多少", [_bought("snacks"), {"not": _bought("coffee")}]),
        ("既买过美妆又买过零食的客户数", [_bought("beauty"), _bought("snacks")]),
        (
            "没在天猫买过东西的流失客户有多少",
            [{"segment": "lapsed"}, {"not": _bought("tmall", "sales_channel")}],
        ),
    ],
)
def test_each_purchase_is_a_condition_of_its_own(
    question: str, parts: list[dict[str, Any]], ask: Any, compact: Any
) -> None:
    call = compact(ask(question).calls[0])

    assert call["tool"] == "size_segment"
    found = call["where"]["all"]
    assert len(found) == len(parts)
    assert all(part in found for part in parts), found


@pytest.mark.parametrize(
    "question",
    ["how many customers bought in 2025 but not in 2026", "2025年买过但2026年没买的客户有多少"],
)
def test_an_act_said_once_is_meant_of_both_times(question: str, ask: Any, compact: Any) -> None:
    found = compact(ask(question).calls[0])["where"]["all"]
    inside = [part for part in found if "not" not in part]
    outside = [part["not"] for part in found if "not" in part]

    assert [part["time_range"] for part in inside] == ["2025-01-01..2026-01-01"]
    assert [part["time_range"] for part in outside] == [YEAR]


def test_alternatives_of_a_purchase_are_one_condition(ask: Any, compact: Any) -> None:
    call = compact(ask("买过咖啡或零食的客户有多少").calls[0])

    assert call["where"] == _is("category", "coffee", "snacks")


@pytest.mark.parametrize(
    "questions",
    [
        ["流失客户里女性占多少"],
        ["of our lapsed customers, what share is female"],
        ["流失客户有多少", "其中女性占多少"],
        ["how many lapsed customers do we have", "of those, what share is female"],
    ],
)
def test_a_share_inside_a_subset_has_the_subset_as_its_base(
    questions: list[str], ask: Any, compact: Any
) -> None:
    call = compact(ask(*questions).calls[0])

    assert call["metrics"] == ["customers"]
    assert call["where"] == {"segment": "lapsed"}
    assert call["share"] == {"part": _is("gender", "female")}


def test_a_share_after_its_whole_is_no_metric_of_that_name(ask: Any, compact: Any) -> None:
    call = compact(ask("会员中钻石会员占比").calls[0])

    assert call["metrics"] == ["customers"]
    assert call["share"] == {"part": _is("member_level", "diamond")}


@pytest.mark.parametrize(
    "follow", ["其中女性有多少人", "其中女性呢", "of those, how many are women"]
)
def test_of_those_narrows_what_was_asked_before(follow: str, ask: Any, compact: Any) -> None:
    call = compact(ask("流失客户有多少", follow).calls[0])

    assert call["where"] == {"all": [{"segment": "lapsed"}, _is("gender", "female")]}


@pytest.mark.parametrize(
    ("question", "metric"),
    [
        ("门店一共多少家", "store_count"),
        ("线下门店有多少家", "store_count"),
        ("我们有几家店", "store_count"),
        ("how many stores are there", "store_count"),
        ("商品有多少个", "product_count"),
        ("小程序订单占全部订单的比例", "orders"),
        ("小程序销售额占总销售额的比例", "revenue"),
        ("which 5 subcategories have the worst return rate with at least 50 orders",
         "refunded_order_rate"),
    ],
)  # fmt: skip
def test_the_noun_that_is_asked_for_is_counted(
    question: str, metric: str, ask: Any, compact: Any
) -> None:
    assert compact(ask(question).calls[0])["metrics"] == [metric]


@pytest.mark.parametrize(
    ("question", "part", "where"),
    [
        ("what percent of orders used a coupon", _is("has_coupon", True), None),
        (
            "what portion of Tmall orders had a discount",
            _is("has_discount", True),
            _is("sales_channel", "tmall"),
        ),
        ("有多少比例的订单用了优惠券", _is("has_coupon", True), None),
    ],
)
def test_having_a_thing_is_the_yes_of_its_dimension(
    question: str, part: dict[str, Any], where: dict[str, Any] | None, ask: Any, compact: Any
) -> None:
    call = compact(ask(question).calls[0])

    assert call["metrics"] == ["orders"]
    assert (call["share"], call.get("where")) == ({"part": part}, where)


@pytest.mark.parametrize(
    ("question", "dimensions"),
    [
        ("标价在200到500之间的商品卖了多少件", None),
        ("高价位商品上个月的销售额", None),
        ("click rate of SMS campaigns this year", None),
        ("click rate by SMS campaign this year", ["campaign"]),
        ("上个月各高价位商品的销量", ["product"]),
        ("高价位商品销量前5", ["product"]),
    ],
)
def test_a_name_after_its_values_splits_only_where_that_was_said(
    question: str, dimensions: list[str] | None, ask: Any, compact: Any
) -> None:
    call = compact(ask(question).calls[0])

    assert call.get("dimensions") == dimensions
    assert "where" in call


@pytest.mark.parametrize(
    ("question", "window"),
    [
        ("国庆期间(10.1-10.7)的销售额", "2026-10-01..2026-10-08"),
        ("上半年(1-6月)的订单数", "2026-01-01..2026-07-01"),
        ("Golden Week (Oct 1-7) orders", "2026-10-01..2026-10-08"),
        ("revenue in Q3, July to September", "2026-07-01..2026-10-01"),
        ("国庆七天的订单数", "2026-10-01..2026-10-08"),
    ],
)
def test_a_time_that_is_said_twice_is_one_time(
    question: str, window: str, ask: Any, compact: Any
) -> None:
    call = compact(ask(question).calls[0])

    assert call["time_range"] == window
    assert "comparison" not in call


@pytest.mark.parametrize(
    ("question", "window", "days"),
    [
        ("今年周末的销售额", YEAR, [6, 7]),
        ("orders on weekends this year", YEAR, [6, 7]),
        ("今年工作日的订单数", YEAR, [1, 2, 3, 4, 5]),
    ],
)
def test_weekends_of_a_period_are_a_filter(
    question: str, window: str, days: list[int], ask: Any, compact: Any
) -> None:
    call = compact(ask(question).calls[0])

    assert call["time_range"] == window
    assert call["where"] == _is("order_weekday", *days)


@pytest.mark.parametrize(
    ("question", "kind", "about"),
    [
        ("净销售额和销售额有什么区别", "metric", {"net_revenue", "revenue"}),
        ("what's the difference between open rate and click rate", "metric",
         {"open_rate", "click_rate"}),
        ("what counts as a lapsed customer?", "segments", {"lapsed"}),
        ("什么叫高价值客户", "segments", {"high_value"}),
        ("流失客户的标准是什么", "segments", {"lapsed"}),
    ],
)  # fmt: skip
def test_what_a_name_means_is_described(
    question: str, kind: str, about: set[str], ask: Any, compact: Any
) -> None:
    call = compact(ask(question).calls[0])

    assert (call["tool"], call["kind"]) == ("describe_data", kind)
    assert set(call["about"]) == about


def test_metrics_about_a_topic_are_listed(ask: Any, compact: Any) -> None:
    call = compact(ask("跟退款有关的指标有哪些").calls[0])

    assert (call["tool"], call["kind"]) == ("describe_data", "metric")
    assert {"refund_amount", "refund_rate"} <= set(call["about"])
    assert "revenue" not in call["about"]


@pytest.mark.parametrize(
    ("question", "word"), [("各渠道的客服人数", "客服人数"), ("客户的收入水平", "水平")]
)
def test_a_known_word_inside_an_unknown_noun_is_no_answer(
    question: str, word: str, ask: Any
) -> None:
    plan = ask(question)

    assert plan.kind != "calls"
    assert word in plan.text


@pytest.mark.parametrize(
    ("question", "op", "values"),
    [
        ("orders over ¥500 this year", ">", [500]),
        ("orders between 200 and 300 yuan this year", "between", [200, 300]),
        ("今年单笔超过1000元的订单数", ">", [1000]),
        ("今年订单金额在100元到200元之间的有几单", "between", [100, 200]),
    ],
)
def test_an_amount_of_orders_is_the_amount_of_each(
    question: str, op: str, values: list[int], ask: Any, compact: Any
) -> None:
    call = compact(ask(question).calls[0])

    assert call["metrics"] == ["orders"]
    assert call["where"] == {"field": "order_value", "op": op, "values": values}


def test_money_is_never_compared_with_a_number_of_things(ask: Any) -> None:
    assert ask("customers with orders over ¥500").kind != "calls"


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("send an SMS to all lapsed customers", "send"),
        ("email all VIP customers", "email"),
        ("给所有流失客户发短信", "发短信"),
        ("delete all lapsed customers", "delete"),
        ("导出客户名单", "导出"),
        ("export the customers", "export"),
        ("give me the phone number of customer C10023", "phone number"),
    ],
)
def test_an_order_to_do_something_is_refused_by_its_verb(
    question: str, word: str, ask: Any
) -> None:
    plan = ask(question)

    assert (plan.kind, plan.reason) == ("refusal", "unsupported")
    assert word in plan.text


@pytest.mark.parametrize(
    ("question", "metric", "where"),
    [
        ("email open rate", "open_rate", _is("campaign_channel", "email")),
        ("conversion rate of the mini program", "conversion_rate", _is("platform", "mini_program")),
        ("orders on the app", "orders", _is("sales_channel", "app")),
        ("guangzhou revenue", "revenue", _is("city", "广州")),
        ("上月卖出多少件商品", "units", None),
        ("10月多少单", "orders", None),
    ],
)
def test_a_word_is_what_its_metric_reaches(
    question: str, metric: str, where: dict[str, Any] | None, ask: Any, compact: Any
) -> None:
    call = compact(ask(question).calls[0])

    assert (call["metrics"], call.get("where")) == ([metric], where)
    assert "dimensions" not in call


def test_a_part_of_a_name_is_the_one_of_the_metric(ask: Any, compact: Any) -> None:
    call = compact(ask("ticket backlog by category").calls[0])

    assert call["dimensions"] == ["ticket_category"]


def test_two_times_and_above_is_a_bound(ask: Any, compact: Any) -> None:
    call = compact(ask("上个月买了两次及以上的客户有多少").calls[0])

    assert (call["where"]["op"], call["where"]["values"]) == (">=", [2])


def test_women_customers_are_not_all_customers(ask: Any, compact: Any) -> None:
    assert compact(ask("女客户有多少").calls[0])["where"] == _is("gender", "female")


def test_a_thing_beside_unknown_words_belongs_to_the_topic(ask: Any, compact: Any) -> None:
    assert compact(ask("给我几条抱怨客服态度的评论").calls[0])["text"] == "客服态度"


@pytest.mark.parametrize(
    ("first", "follow"),
    [
        ("orders from Shanghai this year", "remove the city filter"),
        ("orders from women this year", "drop the gender filter"),
        ("今年女性的订单数", "把性别条件去掉"),
        ("今年女性的订单数", "去掉性别筛选"),
        ("今年上海的订单数", "不限上海了"),
        ("今年上海的订单数", "不限城市"),
        ("今年上海的订单数", "去掉上海"),
        ("orders on Tmall this year", "remove the filter"),
    ],
)
def test_a_filter_that_is_taken_away_is_gone(
    first: str, follow: str, ask: Any, compact: Any
) -> None:
    call = compact(ask(first, follow).calls[0])

    assert call == {"metrics": ["orders"], "time_range": YEAR}


@pytest.mark.parametrize(
    "questions",
    [
        ("今年的订单数", "去掉性别筛选"),
        ("orders this year", "remove the city filter"),
        ("去年各渠道的订单数", "只看天猫", "哪个最多"),
        ("9月销售额", "8月呢", "这两个月哪个高"),
    ],
)
def test_an_edit_that_changes_nothing_is_asked(questions: tuple[str, ...], ask: Any) -> None:
    assert ask(*questions).kind == "clarification"


@pytest.mark.parametrize(
    ("question", "inside", "outside"),
    [
        (
            "customers who bought coffee in 2025 but not in 2026",
            _bought("coffee", when="2025-01-01..2026-01-01"),
            _bought("coffee", when=YEAR),
        ),
        (
            "2025年买过咖啡2026年没买过咖啡的客户",
            _bought("coffee", when="2025-01-01..2026-01-01"),
            _bought("coffee", when=YEAR),
        ),
    ],
)
def test_each_purchase_keeps_its_own_time(
    question: str, inside: dict[str, Any], outside: dict[str, Any], ask: Any, compact: Any
) -> None:
    found = compact(ask(question).calls[0])["where"]["all"]

    assert inside in found
    assert {"not": outside} in found


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("各店员的销售额", "店员"),
        ("会员积分余额是多少", "积分余额"),
        ("各快递公司的平均配送天数", "快递公司"),
        ("net profit in September", "net profit"),
        ("客户的收入水平", "收入水平"),
        ("客户学历分布", "学历"),
    ],
)
def test_an_unknown_phrase_is_named_whole(question: str, phrase: str, ask: Any) -> None:
    plan = ask(question)

    assert (plan.kind, plan.reason) == ("refusal", "unknown_name")
    assert phrase in plan.text


def test_what_they_complain_about_is_asked_of_the_same_time(ask: Any, compact: Any) -> None:
    call = compact(ask("今年的差评数", "都在抱怨什么").calls[0])

    assert (call["tool"], call["time_range"]) == ("search_feedback", YEAR)
