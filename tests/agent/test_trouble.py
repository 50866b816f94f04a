"""Stores that are missing, damaged or full: one clear message, nothing lost, no traceback."""

import shutil
from pathlib import Path

import pytest

from agent.analyst import open_analyst
from agent.settings import Settings
from tools.errors import FAILURES


@pytest.fixture
def folder(demo_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_folder, tmp_path / "ws", symlinks=True))


def settings(folder: Path) -> Settings:
    return Settings(workspace=folder)


@pytest.mark.parametrize(
    ("question", "word"), [("上个月的销售额", "构建"), ("revenue last month", "build")]
)
def test_a_workspace_that_was_never_built_says_so(folder: Path, question: str, word: str) -> None:
    (folder / "var" / "current").unlink()

    with open_analyst(folder, settings(folder)) as analyst:
        answer = analyst.ask(question)

    assert (answer.kind, answer.reason) == ("failure", "fault")
    assert word in answer.text.lower()


def test_damaged_marts_never_give_a_number(folder: Path) -> None:
    marts = (folder / "var" / "current").resolve() / "marts.duckdb"
    marts.chmod(0o644)
    marts.write_bytes(b"\x00" * 4096 + marts.read_bytes()[4096:])

    with open_analyst(folder, settings(folder)) as analyst:
        answer = analyst.ask("上个月的销售额")

    assert answer.kind == "failure"
    assert answer.table is None


def test_a_damaged_ledger_is_one_clear_message(folder: Path) -> None:
    ledger = folder / "var" / "ledger.sqlite"
    ledger.parent.mkdir(exist_ok=True)
    ledger.write_bytes(b"not a database, not at all" * 100)

    with open_analyst(folder, settings(folder)) as analyst:
        answer = analyst.ask("上个月的销售额")

    assert answer.kind == "failure"
    assert "账本文件已损坏" in answer.text


def test_a_broken_workspace_file_names_itself(tmp_path: Path) -> None:
    (tmp_path / "workspace.yml").write_text("name: [", encoding="utf-8")

    with pytest.raises(FAILURES, match=r"workspace\.yml"):
        open_analyst(tmp_path, settings(tmp_path))


def test_a_folder_without_workspace_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FAILURES, match=r"workspace\.yml"):
        open_analyst(tmp_path / "nowhere", settings(tmp_path))
