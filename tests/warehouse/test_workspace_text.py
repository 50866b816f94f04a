"""workspace.yml is changed line by line: what a person wrote there stays."""

import pytest

from warehouse.errors import WorkspaceFileError
from warehouse.mapping import ColumnMapping
from warehouse.workspace_file import SourceFile, load_workspace_file
from warehouse.workspace_text import new_workspace_text, put_source

SALES = SourceFile(
    file="sales/a.csv", kind="records", columns={"No: 1": ColumnMapping(name="no", type="id")}
)
EDITED = """# ours
name: {zh: 店, en: Shop}   # two languages
marts: own

sources:
  # the tills
  tills:
    file: tills.csv   # daily
    kind: records

# the end
week_start: sunday
"""


def write(folder, text):
    (folder / "workspace.yml").write_text(text, "utf-8")
    return folder


def test_a_first_source_is_written_into_a_new_file(tmp_path):
    write(tmp_path, new_workspace_text("店: A", "CNY", "Asia/Shanghai"))

    put_source(tmp_path, "sales", SALES)

    found = load_workspace_file(tmp_path)
    assert found.name.zh == "店: A"
    assert found.sources == {"sales": SALES}


def test_comments_and_other_lines_stay(tmp_path):
    write(tmp_path, EDITED)

    put_source(tmp_path, "sales", SALES)

    text = (tmp_path / "workspace.yml").read_text("utf-8")
    assert [line for line in EDITED.splitlines() if line not in text.splitlines()] == []
    assert set(load_workspace_file(tmp_path).sources) == {"tills", "sales"}


def test_a_source_is_replaced_in_its_place(tmp_path):
    write(tmp_path, EDITED)
    put_source(tmp_path, "sales", SALES)

    put_source(tmp_path, "sales", SALES.model_copy(update={"file": "sales/b.csv"}))
    put_source(tmp_path, "tills", SALES.model_copy(update={"file": "tills/b.csv"}))

    found = load_workspace_file(tmp_path)
    text = (tmp_path / "workspace.yml").read_text("utf-8")
    assert [source.file for source in found.sources.values()] == ["tills/b.csv", "sales/b.csv"]
    assert "# the tills" in text
    assert "# the end\nweek_start: sunday\n" in text


@pytest.mark.parametrize("last", ["", "sources:", "sources: {}", "sources: {}\nweek_start: sunday"])
def test_files_without_sources_get_them(tmp_path, last):
    write(tmp_path, f"name: {{zh: a, en: b}}\nmarts: own\n{last}")

    put_source(tmp_path, "sales", SALES)

    assert load_workspace_file(tmp_path).sources == {"sales": SALES}


def test_sources_in_braces_are_refused_and_stay(tmp_path):
    text = "name: {zh: a, en: b}\nmarts: own\nsources: {x: {file: x.csv}}\n"
    write(tmp_path, text)

    with pytest.raises(WorkspaceFileError, match="in braces"):
        put_source(tmp_path, "sales", SALES)
    assert (tmp_path / "workspace.yml").read_text("utf-8") == text
