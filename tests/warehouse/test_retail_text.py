"""What the retail marts take out of customers' texts, and what they leave."""

from importlib import resources

import duckdb
import pytest


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        file = resources.files("warehouse.marts") / "retail" / "25_text.sql"
        connection.execute(file.read_text("utf-8"))
        yield connection


MASKED = (
    ("打我13800138000吧", "打我[phone]吧"),
    ("打我 138 0013 8000 吧", "打我 [phone] 吧"),
    ("138-0013-8000", "[phone]"),
    ("+86 13800138000", "[phone]"),
    ("8613800138000", "[phone]"),
    ("电话１３８００１３８０００", "电话[phone]"),
    ("call +65 9123 4567 please", "call [phone] please"),
    ("call (555) 123-4567", "call [phone]"),
    ("座机 021-62345678", "座机 [phone]"),
    ("mail li.wei+x@ex-ample.com.cn!", "mail [email]!"),
    ("li.wei @ ex.com", "[email]"),
    ("微信:li_wei1990 加我", "微信:[id] 加我"),
    ("加微信号 liwei1990", "加微信号 [id]"),
    ("身份证11010519491231002X", "身份证[id]"),
    ("身份证110105194912310021", "身份证[id]"),
    ("卡号 6222 0212 3456 7890", "卡号 [id]"),
    ("order SO0004679149 is late", "order SO[id] is late"),
)
KEPT = (
    "等了30天, 2026-10-01 下单, 10月5日 12:30 才到",
    "买了3件, 99.90元, 打8折, 满300减40",
    "20261001 到货",
    "2024 2025 2026 每年都买",
    "价格1000-2000之间",
    "iPhone 15 Pro 256G",
    "@客服 在吗",
    "微信支付失败",
    "Ordered 2, got 1. Size 36-38.",
    "",
)


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_what_reaches_a_person_is_masked(connection, text, masked):
    assert connection.execute("SELECT masked(?)", [text]).fetchall() == [(masked,)]


@pytest.mark.parametrize("text", KEPT)
def test_what_reaches_nobody_is_kept(connection, text):
    assert connection.execute("SELECT masked(?)", [text]).fetchall() == [(text,)]


@pytest.mark.parametrize(
    ("text", "language"),
    [("很好", "zh"), ("Good", "en"), ("iPhone 很好", "zh"), ("5", None), ("", None), (None, None)],
)
def test_language_is_told_by_script(connection, text, language):
    assert connection.execute("SELECT language_of(?)", [text]).fetchall() == [(language,)]
