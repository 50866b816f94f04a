"""Normal form: what is folded, and that every character knows where it came from."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.languages import normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("VIP Churn", "vip churn"),
        ("Ｑ３ ＧＭＶ", "q3 gmv"),
        ("１，２３４．５％", "1,234.5%"),
        ("高價值客戶的複購率", "高价值客户的复购率"),
        ("餅乾和乾隆", "饼干和乾隆"),
        ("後天的訂單", "后天的订单"),
        ("著名的髮膜", "著名的发膜"),
        ("a\u200bb\u202ec\ufeff", "abc"),
        ("a\tb\r\nc\u3000d\u00a0e", "a b  c d e"),
        ("\x00\x07ok", "ok"),
        ("“引号”‘单’「角」", '"引号"\'单\'"角"'),
        ("9月1日—9月5日~10–12", "9月1日-9月5日~10-12"),
        ("￥200", "¥200"),
        ("（A）：B；C！D？", "(a):b;c!d?"),
        ("cafe\u0301 café", "café café"),
        ("①½㎡", "11/2m2"),
        ("👩\u200d👧 好", "👩👧 好"),
        ("\ud800x", "x"),
        ("ＶＩＰ\u3000客戶", "vip 客户"),
        ("", ""),
    ],
)
def test_texts_are_folded(text: str, folded: str) -> None:
    assert normalise(text).text == folded


@pytest.mark.parametrize(
    "text", ["Ｑ３ 的複購率", "a\u200bb", "①½㎡x", "cafe\u0301!", "餅乾", "上個月 VIP", "…ﬁx"]
)
def test_origin_points_at_the_character_it_came_from(text: str) -> None:
    normal = normalise(text)

    assert len(normal.origin) == len(normal.text)
    for char, index in zip(normal.text, normal.origin, strict=True):
        assert (
            char in normalise(text[index]).text or char in normalise(text[index : index + 2]).text
        )


@given(st.text())
def test_any_text_keeps_its_origin(text: str) -> None:
    normal = normalise(text)

    assert len(normal.origin) == len(normal.text)
    assert list(normal.origin) == sorted(normal.origin)
    assert all(0 <= index < len(text) for index in normal.origin)


@given(st.text())
def test_normal_form_is_final(text: str) -> None:
    once = normalise(text).text

    assert normalise(once).text == once


def test_simplified_texts_load_no_converter() -> None:
    code = (
        "import sys; from knowledge.languages import *;"
        "normalise('上个月高价值客户的复购率,VIP ＧＭＶ'); detect('x'); find_numbers('三个');"
        "print(sorted({'opencc', 'yaml', 'pandas', 'pydantic'} & set(sys.modules)))"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"
