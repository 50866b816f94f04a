from pathlib import Path

import pytest

from warehouse.errors import WorkspaceFileError
from warehouse.workspace_file import load_workspace_file

WHOLE = """\
name: {zh: 小店, en: Tiny}
languages: [zh, en]
time_zone: Asia/Shanghai
currency: CNY
week_start: monday
fiscal_year_start: 4
marts: retail
sources:
  orders: {file: orders.csv, encoding: gbk, delimiter: ";"}
  events: {file: events, format: parquet}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "workspace.yml"
    file.write_text(text, "utf-8")
    return file


def test_whole_file_is_read_from_its_folder(tmp_path):
    written(tmp_path, WHOLE)

    workspace = load_workspace_file(tmp_path)

    assert workspace.name.zh == "小店"
    assert workspace.fiscal_year_start == 4
    assert workspace.sources["orders"].delimiter == ";"
    assert workspace.sources["events"].format == "parquet"


def test_defaults_are_those_of_a_chinese_brand(tmp_path):
    workspace = load_workspace_file(
        written(tmp_path, "name: {zh: 店, en: S}\nsources: {orders: {file: o.csv}}")
    )

    assert (workspace.time_zone, workspace.currency) == ("Asia/Shanghai", "CNY")
    assert (workspace.week_start, workspace.fiscal_year_start) == ("monday", 1)


def test_record_is_frozen(tmp_path):
    workspace = load_workspace_file(written(tmp_path, WHOLE))

    with pytest.raises(ValueError, match="frozen"):
        workspace.currency = "USD"  # type: ignore[misc]


def changed(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new)


WRONG = (
    (
        "unknown key",
        changed("currency: CNY", "curency: CNY"),
        "unknown key 'curency' at line 4. Nearest: 'currency'. Correct or remove it.",
    ),
    (
        "unknown key of a source",
        changed("encoding: gbk", "encodng: gbk"),
        "unknown key 'sources.orders.encodng' at line 9. Nearest: 'encoding'. "
        "Correct or remove it.",
    ),
    ("no name", changed("name: {zh: 小店, en: Tiny}\n", ""), "'name' is missing. Add it."),
    (
        "unknown zone",
        changed("Asia/Shanghai", "Asia/Shanghay"),
        "'time_zone' at line 3 is unknown. Got 'Asia/Shanghay'. Nearest: 'Asia/Shanghai'",
    ),
    (
        "unknown marts",
        changed("marts: retail", "marts: retial"),
        "'marts' at line 7 is unknown. Got 'retial'. Nearest: 'retail'.",
    ),
    (
        "wrong weekday",
        changed("monday", "montag"),
        "'week_start' at line 5: Input should be 'monday'",
    ),
    (
        "month 13",
        changed("fiscal_year_start: 4", "fiscal_year_start: 13"),
        "'fiscal_year_start' at line 6: Input should be less than or equal to 12. Got 13.",
    ),
    (
        "file outside",
        changed("orders.csv", "../orders.csv"),
        "'sources.orders.file' at line 9 must lie below 'data/'. Got '../orders.csv'.",
    ),
    (
        "broken YAML",
        "name: {zh: 店, en: S\nsources: []\n",
        "is not YAML at line 2: ",
    ),
    (
        "repeated key",
        WHOLE + "currency: USD\n",
        "'currency' stands at line 4 and again at line 11. Keep one of them.",
    ),
    ("empty", "", "holds no settings. Write at least 'name' and 'sources'."),
    ("a list", "- a\n- b\n", "holds no settings."),
    ("control characters", "name: \x00\n", "is not YAML: "),
)


@pytest.mark.parametrize(
    ("text", "expected_error"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG]
)
def test_wrong_file_says_what_where_and_what_next(tmp_path, text, expected_error):
    file = written(tmp_path, text)

    with pytest.raises(WorkspaceFileError) as caught:
        load_workspace_file(file)

    assert str(caught.value).startswith(f"{file}: ")
    assert expected_error in str(caught.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(WorkspaceFileError, match=r"workspace\.yml: is missing. Create it"):
        load_workspace_file(tmp_path)


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(WorkspaceFileError, match="nowhere: is missing"):
        load_workspace_file(tmp_path / "nowhere")


def test_bytes_that_are_no_utf8_are_named(tmp_path):
    (tmp_path / "workspace.yml").write_bytes("name: {zh: 小店}".encode("gbk"))

    with pytest.raises(WorkspaceFileError, match=r"cannot be read.*Save it as UTF-8 text"):
        load_workspace_file(tmp_path)
