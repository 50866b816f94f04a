"""From an empty folder and one file to checked answers, compared with pandas on the same file."""

import json
import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from agent.analyst import open_analyst
from agent.settings import Settings
from tools.build import build_workspace
from tools.loading import Wishes, new_workspace, read_file, store, written_as
from warehouse.errors import SourceError, WorkspaceFileError
from warehouse.semantic_model import load_semantic_model, model_folders

SAMPLE = Path(__file__).parents[1] / "data" / "online_retail" / "sample.csv"


def load(folder, path, name="sales", wishes=None, **written):
    declared = written_as(path, **written) if written else None
    return store(read_file(folder, path, name, wishes or Wishes(), declared))


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own") / "shop"
    new_workspace(folder, "Shop", "GBP", "Europe/London")
    load(folder, SAMPLE)
    build_workspace(folder)
    return folder


@pytest.fixture(scope="module")
def lines():
    found = pd.read_csv(SAMPLE, dtype={"CustomerID": "string"})
    at = pd.to_datetime(found["InvoiceDate"], format="%m/%d/%y %H:%M")
    revenue = (found["Quantity"] * found["UnitPrice"]).round(6)
    is_cancelled = found["InvoiceNo"].str.startswith("C")
    names = found["Description"].str.strip()  # blanks around a text are not part of it
    return found.assign(at=at, revenue=revenue, is_cancelled=is_cancelled, Description=names)


@pytest.fixture(scope="module")
def ask(shop):
    with open_analyst(shop, Settings(workspace=shop)) as analyst:
        yield analyst.ask


def rows(answer):
    assert answer.kind == "answer", answer.text
    return [tuple(row) for row in answer.table.rows]


@pytest.mark.parametrize("question", ["total revenue", "销售额是多少"])
def test_revenue_is_the_sum_of_all_lines(ask, lines, question):
    ((revenue,),) = rows(ask(question))

    assert revenue == pytest.approx(lines["revenue"].sum(), abs=0.005)


@pytest.mark.parametrize("question", ["revenue by country", "各国家的销售额"])
def test_revenue_by_country(ask, lines, question):
    expected = lines.groupby("Country")["revenue"].sum()

    assert dict(rows(ask(question))) == pytest.approx(expected.to_dict(), abs=0.005)


def test_monthly_revenue(ask, lines):
    by_month = lines.groupby(lines["at"].dt.strftime("%Y-%m-01"))["revenue"].sum()

    found = {str(month): value for month, value in rows(ask("monthly revenue"))}
    assert found == pytest.approx(by_month.to_dict(), abs=0.005)


@pytest.mark.parametrize(
    "question",
    ["top 10 products by revenue excluding cancellations", "不含取消的销售额最高的10个商品"],
)
def test_best_products_without_cancellations(ask, lines, question):
    sold = lines[~lines["is_cancelled"]].groupby("Description")["revenue"].sum()

    found = rows(ask(question))
    assert [value for _, value in found] == pytest.approx(list(sold.nlargest(10)), abs=0.005)
    assert all(sold[name] == pytest.approx(value, abs=0.005) for name, value in found)


@pytest.mark.parametrize("question", ["average order value", "客单价"])
def test_average_order_value_leaves_cancellations_out(ask, lines, question):
    sold = lines[~lines["is_cancelled"]]

    ((value,),) = rows(ask(question))
    assert value == pytest.approx(sold["revenue"].sum() / sold["InvoiceNo"].nunique(), abs=0.005)


@pytest.mark.parametrize("question", ["how many repeat buyers", "复购客户数"])
def test_repeat_buyers_have_two_orders(ask, lines, question):
    orders = lines[~lines["is_cancelled"]].groupby("CustomerID")["InvoiceNo"].nunique()

    assert rows(ask(question)) == [((orders >= 2).sum(),)]


@pytest.mark.parametrize("question", ["new customers per month", "每个月的新客户数"])
def test_new_customers_by_month(ask, lines, question):
    first = lines[~lines["is_cancelled"]].groupby("CustomerID")["at"].min()
    expected = first.dt.strftime("%Y-%m-01").value_counts().to_dict()

    found = {str(month): value for month, value in rows(ask(question)) if value}
    assert found == expected


@pytest.mark.parametrize("question", ["英国的销售额占比", "share of the UK in revenue"])
def test_a_country_is_found_by_its_other_names(ask, lines, question):
    part = lines[lines["Country"] == "United Kingdom"]["revenue"].sum() / lines["revenue"].sum()

    (row,) = rows(ask(question))
    assert row[-1] == pytest.approx(part, abs=0.0005)


def test_orders_that_were_cancelled_are_never_a_calm_zero(ask, lines):
    answer = ask("cancelled orders")

    cancelled = lines[lines["is_cancelled"]]["InvoiceNo"].nunique()
    assert rows(answer) == [(cancelled,)]


def test_every_row_of_the_file_is_in_the_marts(shop, lines):
    marts = shop / "var" / "current" / "marts.duckdb"
    with duckdb.connect(str(marts), read_only=True) as connection:
        count, customers, products = connection.execute(
            "SELECT count(*), count(DISTINCT customer_id), count(DISTINCT product_id)"
            " FROM order_lines"
        ).fetchall()[0]
        repeated = lines.drop(columns=["at", "revenue", "is_cancelled"]).duplicated().sum()

    assert count == len(lines)
    assert (customers, products) == (lines["CustomerID"].nunique(), lines["StockCode"].nunique())
    manifest = json.loads((shop / "var" / "current" / "manifest.json").read_text())
    found = {each["check"]: each["count"] for each in manifest["findings"]}
    assert found["repeated_row"] == repeated
    assert found["missing_customer"] == lines["CustomerID"].isna().sum()
    assert found["cancelled_line"] == lines["is_cancelled"].sum()


def test_a_price_of_three_decimals_is_rounded_in_the_sum_alone(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(
        "order id,date,qty,price\n" + "".join(f"{n},2026-01-15,1,0.005\n" for n in range(3))
    )
    new_workspace(tmp_path / "w", None, "CNY", "Asia/Shanghai")
    load(tmp_path / "w", file)
    build_workspace(tmp_path / "w")

    with open_analyst(tmp_path / "w", Settings(workspace=tmp_path / "w")) as analyst:
        ((revenue,),) = rows(analyst.ask("revenue"))
    assert revenue == 0.02


def test_metrics_rest_on_columns_that_are_there(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("order date,amount,product name\n2026-01-15,3,a\n2026-01-16,4,b\n")
    new_workspace(tmp_path / "w", None, "CNY", "Asia/Shanghai")
    load(tmp_path / "w", file)

    model = load_semantic_model(model_folders(tmp_path / "w", "own"))
    names = {metric.name for metric in model.metrics}
    assert {"revenue", "orders"} <= names
    assert not names & {"buyers", "repeat_rate", "units", "cancelled_orders", "gross_revenue"}
    assert {dimension.name for dimension in model.dimensions} >= {"product", "order_weekday"}


def test_contacts_are_in_the_vault_alone(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(
        "客户编号,姓名,手机号,等级,是否流失\n1,张三,13800000001,金,是\n2,李四,13800000002,银,否\n"
    )
    new_workspace(tmp_path / "w", None, "CNY", "Asia/Shanghai")
    load(tmp_path / "w", file, "crm")
    build_workspace(tmp_path / "w")

    current = tmp_path / "w" / "var" / "current"
    assert b"13800000001" not in (current / "marts.duckdb").read_bytes()
    with duckdb.connect(str(current / "vault.duckdb"), read_only=True) as vault:
        assert len(vault.execute("FROM crm").fetchall()) == 2


SIMPLE = "订单号,日期,金额,商品\nA1,2026-01-15,3,咖啡\nA2,2026-01-16,4,面膜\n"
TRADITIONAL = "訂單,日期,金額,商品\nA1,2026-01-15,3,咖啡\nA2,2026-01-16,4,面膜\n"
WESTERN = "order,date,amount,product\nA1,2026-01-15,3,café crème\nA2,2026-01-16,4,Süßes\n"


def test_customers_who_go_by_their_address_get_a_number(tmp_path):
    file = tmp_path / "a.csv"
    note = "call me on 13800000001 in the evening but please never before the office has closed"
    file.write_text(
        "customer,date,amount,note\n"
        f"x@example.com,2026-01-15,3,{note}\ny@example.com,2026-01-16,4,\n"
        "x@example.com,2026-01-17,5,\n,2026-01-17,6,\n"
    )
    new_workspace(tmp_path / "w", None, "CNY", "Asia/Shanghai")
    load(tmp_path / "w", file)
    build_workspace(tmp_path / "w")

    current = tmp_path / "w" / "var" / "current"
    marts = (current / "marts.duckdb").read_bytes()
    assert b"example.com" not in marts
    assert b"13800000001" not in marts
    with duckdb.connect(str(current / "marts.duckdb"), read_only=True) as connection:
        sums = connection.execute(
            "SELECT sum(amount) FROM order_lines GROUP BY customer_id ORDER BY 1"
        ).fetchall()
    assert [int(value) for (value,) in sums] == [400, 600, 800]


@pytest.mark.parametrize(
    ("name", "text", "encoding", "delimiter", "product"),
    [
        ("a.csv", SIMPLE, "gbk", ",", "咖啡"),
        ("a.csv", SIMPLE, "utf-8-sig", ";", "咖啡"),
        ("a.tsv", SIMPLE, "utf-16", "\t", "咖啡"),
        ("a.txt", TRADITIONAL, "big5", "|", "咖啡"),
        ("a.csv", WESTERN, "cp1252", ",", "café crème"),
    ],
)
def test_files_of_other_encodings_are_read(tmp_path, name, text, encoding, delimiter, product):
    file = tmp_path / name
    file.write_bytes(text.replace(",", delimiter).encode(encoding))
    new_workspace(tmp_path / "w", None, "CNY", "Asia/Shanghai")

    proposal = read_file(tmp_path / "w", file, "sales", Wishes(kind="records")).proposal

    examples = [line.examples for line in proposal.lines]
    assert proposal.rows == 2
    assert ("A1", "A2") in examples
    assert any(product in each for each in examples)


def test_excel_is_read_as_csv_is(tmp_path):
    sales = pd.DataFrame(
        {
            "Order ID": ["007", "008"],
            "Order date": pd.to_datetime(["2026-01-15 08:30", "2026-01-16 00:00"]),
            "Amount": [3.5, 4.0],
            "Customer ID": [17850.0, 17851.0],
        }
    )
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        sales.to_excel(book, sheet_name="Sales", index=False)
        sales.to_excel(book, sheet_name="Old", index=False)
    new_workspace(tmp_path / "w", None, "CNY", "Asia/Shanghai")

    with pytest.raises(SourceError, match=r"several sheets: 'Sales', 'Old'. Name one with --sheet"):
        load(tmp_path / "w", tmp_path / "a.xlsx")
    load(tmp_path / "w", tmp_path / "a.xlsx", sheet="Sales")
    build_workspace(tmp_path / "w")

    marts = tmp_path / "w" / "var" / "current" / "marts.duckdb"
    with duckdb.connect(str(marts), read_only=True) as connection:
        found = connection.execute(
            "SELECT order_id, customer_id, CAST(ordered_at AS VARCHAR), amount FROM order_lines"
        ).fetchall()
    assert [row[:3] for row in found] == [
        ("007", "17850", "2026-01-15 08:30:00"),
        ("008", "17851", "2026-01-16 00:00:00"),
    ]
    assert [row[3] for row in found] == [350, 400]


def test_an_edited_model_is_kept_and_an_untouched_one_is_replaced(shop, tmp_path):
    copy = Path(shutil.copytree(shop, tmp_path / "shop", symlinks=True))
    semantic = copy / "semantic" / "sales.yml"

    assert load(copy, SAMPLE).kept is None
    semantic.write_text(semantic.read_text("utf-8").replace("Revenue}", "Takings}"), "utf-8")
    report = load(copy, SAMPLE)

    assert report.kept == f"{semantic}.bak"
    assert "Takings}" in Path(report.kept).read_text("utf-8")


def test_records_named_like_a_table_of_ours_are_refused(shop, tmp_path):
    survey = tmp_path / "survey.csv"
    survey.write_text("segment,score\nA,3\nB,4\n", "utf-8")

    with pytest.raises(WorkspaceFileError, match="Take another name, such as 'customers_file'"):
        load(shop, survey, name="customers")


def test_second_file_of_sales_is_refused(shop):
    with pytest.raises(WorkspaceFileError, match="'sales' and 'more' are both of kind"):
        read_file(shop, SAMPLE, "more", Wishes())


def test_new_refuses_a_workspace_that_is_there(shop):
    with pytest.raises(WorkspaceFileError, match="is there already"):
        new_workspace(shop, None, "CNY", "Asia/Shanghai")


def test_new_refuses_an_unknown_time_zone_and_leaves_nothing(tmp_path):
    with pytest.raises(WorkspaceFileError, match="'time_zone' at line"):
        new_workspace(tmp_path, None, "CNY", "Asia/Shangai")
    assert not (tmp_path / "workspace.yml").exists()


def test_a_workspace_without_sources_says_what_to_do(tmp_path):
    new_workspace(tmp_path, None, "CNY", "Asia/Shanghai")

    with pytest.raises(WorkspaceFileError, match=r"no sources yet. Load a file: sextant load"):
        build_workspace(tmp_path)


def test_a_mapped_column_that_is_gone_stops_the_build(shop, tmp_path):
    copy = Path(shutil.copytree(shop, tmp_path / "shop", symlinks=True))
    file = copy / "data" / "sales" / "sample.csv"
    file.write_text(file.read_text("utf-8").replace("CustomerID", "Client", 1), "utf-8")

    with pytest.raises(SourceError, match="column 'CustomerID' is missing"):
        build_workspace(copy)


def test_a_refused_file_leaves_nothing_behind(tmp_path):
    new_workspace(tmp_path / "w", None, "CNY", "Asia/Shanghai")
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,\0\n")

    with pytest.raises(SourceError, match="line 2 holds a zero byte"):
        load(tmp_path / "w", tmp_path / "a.csv")
    assert list((tmp_path / "w" / "data").iterdir()) == []
    assert yaml.safe_load((tmp_path / "w" / "workspace.yml").read_text())["sources"] == {}


def test_names_that_cannot_be_used_are_refused(tmp_path):
    new_workspace(tmp_path / "w", None, "CNY", "Asia/Shanghai")

    with pytest.raises(WorkspaceFileError, match="is no name that can be used"):
        read_file(tmp_path / "w", SAMPLE, "My Sales", Wishes())


def test_a_standard_source_is_mapped_onto_its_declared_columns(tmp_path):
    folder = tmp_path / "w"
    (folder / "data").mkdir(parents=True)
    head = "name: {zh: a, en: a}\nmarts: retail\nsources: {}\n"
    (folder / "workspace.yml").write_text(head, "utf-8")
    file = tmp_path / "a.csv"
    file.write_text(
        "订单编号,下单时间,account_type,会员,paid_amount\n1,31.01.2026 08:00,member,7,9.5\n",
        "utf-8",
    )

    report = load(folder, file, "orders", Wishes(roles={"会员": "account_id"}))

    assert (report.kind, report.semantic) == ("standard", None)
    with pytest.raises(WorkspaceFileError, match="have no source 'sales'"):
        read_file(folder, file, "sales", Wishes())
    build_workspace(folder)
    with duckdb.connect(str(folder / "var" / "current" / "marts.duckdb"), read_only=True) as marts:
        found = marts.execute("SELECT order_id, CAST(ordered_at AS VARCHAR) FROM orders").fetchall()
    assert found == [("1", "2026-01-31 08:00:00")]
