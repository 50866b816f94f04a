"""Tables: sorted by size, shown as people read them, exported without a formula."""

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from tools.evidence import Table, TableColumn
from ui.tables import as_csv, as_xlsx, sorted_rows

from .fake_analyst import BUILD, REVENUE, answer_to

FORMULAS = (
    "=1+1", "+1", "-1+2", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "－1", "＋1", "＠x",
    '=cmd|"/c calc"!A1', "=HYPERLINK(\"http://sink.invalid\")",
)  # fmt: skip
TABLE = Table(
    columns=(
        TableColumn(name="city", label="=City", unit="text"),
        TableColumn(name="n", label="N", unit="count", role="metric"),
    ),
    rows=(("b", 9), ("a", None), (None, 100), ("c", -1)),
    labels={"city": {"b": "Beta", "None": "(none)"}},
)


def answer(table=TABLE):
    return answer_to("category").model_copy(update={"table": table})


def rows_of(content):
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("column", "direction", "expected"),
    [
        ("n", "desc", [100, 9, -1, None]),
        ("n", "asc", [-1, 9, 100, None]),
        ("city", "asc", [9, None, -1, 100]),
        ("city", "desc", [-1, None, 9, 100]),
        ("missing", "asc", [9, None, 100, -1]),
    ],
)
def test_rows_are_sorted_by_size_or_label_with_gaps_last(column, direction, expected):
    assert [row[1] for row in sorted_rows(TABLE, column, direction)] == expected


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_could_be_a_formula_is_quoted_and_comes_back(text):
    table = TABLE.model_copy(update={"rows": ((text, 1),)})
    cell = rows_of(as_csv(answer(table), "CNY"))[1][0]

    assert cell.startswith("'")
    assert cell.removeprefix("'") == text


def test_csv_holds_figures_labels_and_what_they_mean():
    rows = rows_of(as_csv(answer(), "CNY"))

    assert rows[0] == ["'=City", "N"]
    assert rows[1:5] == [["Beta", "9"], ["a", ""], ["(none)", "100"], ["c", "-1"]]
    notes = {row[0]: row[1] for row in rows[6:]}
    assert notes["Window"] == "2026-09-01 to 2026-09-30"
    assert notes["Build"] == BUILD
    assert notes["Data to"] == "2026-10-31"
    assert REVENUE.text in notes.values()


def test_amounts_name_their_currency():
    assert "(CNY)" in rows_of(as_csv(answer_to("category"), "CNY"))[0][1]


@pytest.mark.parametrize("text", [*FORMULAS, "a\x00b", "x" * 40_000, "\ud800"])
def test_excel_holds_texts_as_texts(text):
    table = TABLE.model_copy(update={"rows": ((text, 1.5),)})
    book = load_workbook(BytesIO(as_xlsx(answer(table), "CNY")))
    cell, figure = book.worksheets[0]["A2"], book.worksheets[0]["B2"]

    assert cell.data_type in ("s", "inlineStr")  # an empty text has no number of its own
    assert (figure.data_type, figure.value) == ("n", 1.5)
    assert book.worksheets[0]["A1"].data_type == "s"
    about = {row[0]: row[1] for row in book.worksheets[1].iter_rows(values_only=True)}
    assert about["Build"] == BUILD


def test_answer_without_a_table_exports_what_it_means():
    rows = rows_of(as_csv(answer(None), "CNY"))

    assert ["Build", BUILD] in rows
