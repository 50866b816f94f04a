"""What a file seems to be: types, roles, cancelled lines, contacts, by files of a few lines."""

from datetime import date

import pytest

from warehouse.errors import SourceError, WorkspaceFileError
from warehouse.proposals.proposal import Wishes, propose
from warehouse.workspace_file import SourceFile

ENGLISH = """Invoice No,Stock Code,Description,Qty,Invoice Date,Unit Price,Customer ID,Country
1001,10001,MUG,2,1/13/11 8:00,2.50,00017,France
1001,10002,"CUP, RED",1,1/13/11 8:00,1.005,00017,France
1002,10001,MUG,1,2/1/11 9:00,2.50,00018,Germany
C1003,10001,MUG,-1,2/2/11 9:00,2.50,00018,Germany
1004,POST,POSTAGE,1,2/3/11 9:00,4.00,,Germany
"""
CHINESE = """订单编号,下单时间,客户编号,商品名称,数量,单价,订单状态,渠道,收货人,手机号
A001,2026年1月15日 08:00,001,面膜,2,￥19.90,已完成,天猫,张三,13800000001
A002,2026年2月1日 09:30,002,咖啡豆,1,￥35.50,已取消,抖音,李四,13800000002
A003,2026年2月3日 10:00,001,面膜,3,"￥1,019.90",已完成,天猫,张三,13800000001
"""


def proposed(folder, text, wishes=None, name="file.csv", **written):
    (folder / name).write_text(text, "utf-8")
    source = SourceFile(file=name, **written)
    return propose(source, folder, wishes or Wishes(), "UTC", date(2026, 1, 2))


def roles(proposal):
    return {line.file: (line.name, line.type) for line in proposal.lines}


def test_sales_with_english_names(tmp_path):
    proposal = proposed(tmp_path, ENGLISH)

    assert proposal.source.kind == "transactions"
    assert roles(proposal) == {
        "Invoice No": ("order_id", "id"),
        "Stock Code": ("product_id", "id"),
        "Description": ("product_name", "text"),
        "Qty": ("quantity", "integer"),
        "Invoice Date": ("ordered_at", "timestamp"),
        "Unit Price": ("unit_price", "number"),
        "Customer ID": ("customer_id", "id"),
        "Country": ("country", "text"),
    }
    assert proposal.source.mapped["ordered_at"][1].formats == ("%m/%d/%y %H:%M",)
    assert proposal.questions == ()


def test_sales_with_chinese_names(tmp_path):
    proposal = proposed(tmp_path, CHINESE)

    found = roles(proposal)
    assert proposal.source.kind == "transactions"
    assert found["订单编号"] == ("order_id", "id")
    assert found["下单时间"] == ("ordered_at", "timestamp")
    assert found["单价"] == ("unit_price", "number")
    assert found["渠道"] == ("sales_channel", "text")


def test_a_beginning_of_order_ids_with_negative_lines_alone_is_cancelled(tmp_path):
    proposal = proposed(tmp_path, ENGLISH)

    assert proposal.source.cancelled.order_prefix == "C"
    assert proposal.cancelled.lines == 1
    assert proposal.source.cancelled.taken_off


def test_a_beginning_with_a_positive_line_is_not_cancelled(tmp_path):
    text = ENGLISH + "C1005,10001,MUG,1,2/4/11 9:00,2.50,00018,Germany\n"

    assert proposed(tmp_path, text).source.cancelled.negative


def test_a_status_without_minus_signs_is_not_counted(tmp_path):
    cancelled = proposed(tmp_path, CHINESE).source.cancelled

    assert cancelled.status == ("已取消",)
    assert not cancelled.taken_off


def test_files_without_negative_lines_have_no_cancelled_ones(tmp_path):
    text = "\n".join(line for line in ENGLISH.splitlines() if not line.startswith("C1"))

    assert proposed(tmp_path, text).source.cancelled is None


def test_contacts_go_to_the_vault_and_are_never_shown(tmp_path):
    proposal = proposed(tmp_path, CHINESE)

    private = [line for line in proposal.lines if line.file in ("收货人", "手机号")]
    assert all(line.examples == () and "vault" in line.why for line in private)
    assert proposal.source.mapped["shou_ji_hao"][1].contact
    assert proposal.source.mapped["shou_ji_hao"][1].type == "text"
    assert all(extra.name != "shou_ji_hao" for extra in proposal.extras)


def test_contacts_are_known_by_what_they_hold(tmp_path):
    text = "ref,reach\na,x@example.com\nb,y@example.com\nc,z@example.org\n"

    assert proposed(tmp_path, text).source.mapped["reach"][1].contact


def test_an_open_order_of_dates_is_a_question(tmp_path):
    text = ENGLISH.replace("1/13/11", "1/12/11")

    (question,) = proposed(tmp_path, text).questions
    assert (question.about, question.choices) == ("date_order", ("dmy", "mdy"))
    assert proposed(tmp_path, text, Wishes(date_order="dmy")).questions == ()


def test_two_columns_of_one_name_are_a_question(tmp_path):
    text = "订单号,下单时间,订单金额,实付金额\n1,2026-01-15,10,9\n2,2026-01-16,20,18\n"

    (question,) = proposed(tmp_path, text).questions
    assert (question.about, question.subject) == ("role", "amount")
    assert set(question.choices) == {"订单金额", "实付金额"}


def test_what_a_person_said_of_a_column_goes_first(tmp_path):
    wishes = Wishes(roles={"Description": "product_id", "Stock Code": "warehouse_code"})

    found = roles(proposed(tmp_path, ENGLISH, wishes))
    assert found["Description"] == ("product_id", "id")
    assert found["Stock Code"][0] == "warehouse_code"


def test_a_column_that_is_not_there_is_named(tmp_path):
    with pytest.raises(WorkspaceFileError, match=r"no column 'Stok Code'.* Nearest: 'Stock Code'"):
        proposed(tmp_path, ENGLISH, Wishes(roles={"Stok Code": "product_id"}))


def test_a_kind_that_lacks_a_role_says_which(tmp_path):
    with pytest.raises(WorkspaceFileError, match=r"no column .* recognised as 'ordered_at'"):
        proposed(tmp_path, "a,amount\n1,2\n3,4\n", Wishes(kind="transactions"))


def test_one_row_a_customer_is_a_file_of_customers(tmp_path):
    text = "customerID,Churn,MonthlyCharges,Contract\nA-1,Yes,10.5,Month\nB-2,No,20.25,Year\n"

    proposal = proposed(tmp_path, text)
    assert proposal.source.kind == "customers"
    assert roles(proposal)["Churn"] == ("churn", "boolean")
    assert roles(proposal)["MonthlyCharges"] == ("monthly_charges", "money")
    assert proposal.source.loaded == date(2026, 1, 2)


def test_anything_else_is_records(tmp_path):
    proposal = proposed(tmp_path, "score,group\n1,a\n2,b\n2,a\n")

    assert proposal.source.kind == "records"


def test_ids_keep_their_zeros_and_lose_the_point_of_a_number(tmp_path):
    text = "code,member id,amount\n007,17850.0,1\n008,17851.0,2\n009,17850.0,3\n"

    proposal = proposed(tmp_path, text)
    columns = proposal.source.mapped
    assert columns["code"][1].type == "id"
    assert columns["member_id"][1].whole_id
    assert [finding.check for finding in proposal.findings] == ["id_as_number"]


@pytest.mark.parametrize(
    ("cells", "style"),
    [
        (["1.234,50", "12,5", "3"], "comma"),
        (["1,234.50", "12.5", "3"], "point"),
        (["€ 5,00", "7,25", "1.000"], "comma"),
        (["12%", "(5)", "¥1,000"], "point"),
    ],
)
def test_the_decimal_sign_follows_from_the_whole_column(tmp_path, cells, style):
    text = "size;k\n" + "".join(f'"{cell}";x\n' for cell in cells)

    column = proposed(tmp_path, text).source.mapped["size"][1]
    assert (column.type, column.numbers) == ("number", style)


def test_cells_that_are_no_numbers_are_counted(tmp_path):
    text = "size,k\n" + "".join(f"{number},x\n" for number in range(100)) + "n.a.,x\n"

    (finding,) = proposed(tmp_path, text).findings
    assert (finding.check, finding.count, finding.examples) == ("unreadable_value", 1, ("n.a.",))


def test_a_file_without_rows_is_refused(tmp_path):
    with pytest.raises(SourceError, match="has 2 columns and no rows"):
        proposed(tmp_path, "a,b\n")


def test_too_many_columns_are_refused(tmp_path):
    names = ",".join(f"c{n}" for n in range(400))

    with pytest.raises(SourceError, match="has 400 columns; at most 300"):
        proposed(tmp_path, f"{names}\n{names}\n")
