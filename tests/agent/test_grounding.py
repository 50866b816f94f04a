from datetime import date

import pytest

from agent.grounding import ungrounded
from tools.evidence import Evidence, Quote, Table, TableColumn, ToolResult, Understood


def result(**changes: object) -> ToolResult:
    table = Table(
        columns=(
            TableColumn(name="product", label="商品", unit="text"),
            TableColumn(name="revenue", label="销售额", unit="currency", role="metric"),
            TableColumn(
                name="revenue__share", label="占比", unit="percent", role="share", metric="revenue"
            ),
        ),
        rows=(("3合1 咖啡", 1234.5, 0.2345), ("面霜", 900.0, 0.7655)),
    )
    evidence = Evidence(
        kind="query",
        row_count=2,
        as_of=date(2026, 10, 31),
        build_id="b",
        quotes=(
            Quote(
                feedback_id="F1", text="等了12天才到", language="zh", created_at=date(2026, 9, 3)
            ),
        ),
    )
    fields: dict[str, object] = {
        "tool": "query_metrics",
        "language": "zh",
        "table": table,
        "evidence": (evidence,),
        "understood": Understood(time_range=(date(2026, 9, 1), date(2026, 10, 1))),
        "facts": {"change_rate": -0.125, "row_count": 2},
    }
    return ToolResult.model_validate(fields | changes)


@pytest.mark.parametrize(
    "text",
    [
        "销售额为 ¥1,234.50。",
        "销售额约 1,235。",
        "占 23.5%,另一个占 76.6%。",
        "变化 -12.5%。",
        "3合1 咖啡卖得最好。",
        "2026-09-01 至 2026-09-30,共 2 行。",
        "2026年9月的销售额是 1234.5。",
        "In September 2026 it was 1,234.5.",
        "客户写道:“等了12天才到”。",
        "1. 面霜:900\n2. 3合1 咖啡:1,234.5",
    ],
)
def test_text_from_the_evidence_passes(text: str) -> None:
    assert ungrounded(text, [result()]) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("销售额为 1,235.50。", "1,235.50"),
        ("占 23.6%。", "23.6"),
        ("变化 -12.6%。", "-12.6"),
        ("2026-08-01 开始。", "2026-08-01"),
        ("2025年9月的销售额是 1234.5。", "2025-09"),
        ("客户写道:“等了15天才到”。", "等了15天才到"),
        ("共卖出3个国家。", "3"),
        ("It grew by 40%.", "40"),
    ],
)
def test_what_no_tool_returned_is_named(text: str, missing: str) -> None:
    assert missing in ungrounded(text, [result()])


def test_a_number_is_no_part_of_a_longer_word() -> None:
    assert ungrounded("见 E17 与 Q3plan", [result()]) == []


def test_chinese_before_a_number_does_not_hide_it() -> None:
    assert ungrounded("共有77人", [result()]) == ["77"]


def test_a_value_that_is_a_number_does_not_hide_others() -> None:
    table = Table(
        columns=(TableColumn(name="hour", label="小时", unit="count"),),
        rows=((20,),),
        labels={"hour": {"20": "20"}},
    )

    assert ungrounded("2026-09-01 至 2026-09-30，20 点", [result(table=table)]) == []
