"""Files of collections beside the project: the right table, or a refusal with its reason."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tools.loading import Wishes, new_workspace, read_file
from warehouse.errors import WarehouseError
from warehouse.sources import find_source, stage_source
from warehouse.workspace_file import SourceFile

SECURITY = Path(__file__).parents[4] / "shared" / "data" / "security"
SPECTRUM, UPLOADS = SECURITY / "csv_spectrum", SECURITY / "uploads"
NAMES = (
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json",
    "newlines", "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8",
)  # fmt: skip
"""All but location_coordinates, whose CSV and JSON hold two different telephone numbers."""

REFUSED = {
    "columns_5000.csv": "5,000 columns",
    "empty.csv": "is empty",
    "empty_header.csv": "column 1 has no name",
    "exe_named_csv.csv": "line 1 holds a zero byte",
    "header_only.csv": "no rows",
    "html_named_csv.csv": "line 1 is of a web page",
    "nul_bytes.csv": "line 2 holds a zero byte",
    "only_bom.csv": "is empty",
    "png_named_csv.csv": "holds a zero byte",
    "xlsx_entity_expansion.xlsx": "is no workbook",
    "xlsx_external_entity.xlsx": "is no workbook",
    "zip_5000_files.zip": "unknown format",
    "zip_bomb_200mb.zip": "unknown format",
    "zip_slip.zip": "unknown format",
}
READ = ("gb18030.csv", "gbk.csv", "pipe.csv", "preamble_lines.csv", "semicolon.csv", "tab.tsv",
        "utf16le_bom.csv", "utf8.csv", "utf8_bom.csv")  # fmt: skip


def there(folder):
    if not folder.is_dir():
        pytest.skip(f"{folder.name} does not lie beside the project")
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_csv_spectrum_becomes_its_json(tmp_path, name):
    folder = there(SPECTRUM)
    expected = json.loads((folder / "json" / f"{name}.json").read_text("utf-8"))

    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA raw")
        found = find_source(SourceFile(file=f"{name}.csv"), folder / "csvs")
        raw = stage_source(connection, "x", found, tmp_path)
        rows = connection.table(raw.table).fetchall()

    table = [dict(zip(raw.columns, (cell or "" for cell in row), strict=True)) for row in rows]
    wanted = [
        {column: text.replace("\r\n", "\n") for column, text in each.items()} for each in expected
    ]
    assert raw.findings == ()
    assert table == wanted


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_uploads_are_refused_with_the_reason(tmp_path, name):
    folder = there(UPLOADS)
    new_workspace(tmp_path / "w", None, "CNY", "Asia/Shanghai")

    with pytest.raises(WarehouseError) as refused:
        read_file(tmp_path / "w", folder / name, "things", Wishes())
    assert name in str(refused.value)
    assert REFUSED[name] in str(refused.value)


@pytest.mark.parametrize("name", READ)
def test_one_table_in_many_writings_is_the_same(tmp_path, name):
    folder = there(UPLOADS)
    new_workspace(tmp_path / "w", None, "CNY", "Asia/Shanghai")

    proposal = read_file(tmp_path / "w", folder / name, "crm", Wishes()).proposal

    columns = [line.file for line in proposal.lines]
    assert columns == ["客户编号", "姓名", "手机", "邮箱", "注册日期", "消费金额", "同意营销"]
    assert proposal.rows == 4
    assert proposal.lines[0].examples == ("00012", "00013", "00014")
    assert proposal.source.loaded in (None, date.today())
