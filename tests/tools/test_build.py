from pathlib import Path

import pytest

from knowledge.errors import FeedbackIndexError
from knowledge.feedback import FeedbackIndex
from tools.build import STAGES, build_workspace
from warehouse.errors import SourceError

from ..tiny_brand.writing import read_marts, write_tiny_brand


@pytest.fixture
def tiny(tmp_path):
    return write_tiny_brand(tmp_path / "tiny")


def test_build_publishes_numbers_and_words_together(tiny):
    steps = []

    report = build_workspace(tiny, steps.append)

    current = tiny / "var" / "current"
    assert current.resolve() == Path(report.folder).resolve()
    assert sorted(f.name for f in current.iterdir()) == [
        "chroma", "manifest.json", "marts.duckdb", "search", "vault.duckdb",
    ]  # fmt: skip
    assert list(dict.fromkeys(step.stage for step in steps)) == list(STAGES)
    assert report.rows["feedback"] == report.indexed == 4
    assert set(report.seconds) >= set(STAGES) - {"publish"}
    assert {f.check for f in report.findings} >= {"duplicate_key", "missing_rate"}


def test_index_finds_the_masked_texts_of_the_marts(tiny):
    build_workspace(tiny)

    index = FeedbackIndex(tiny / "var" / "current")
    hits = index.search("late", limit=3)

    assert [hit.feedback_id for hit in hits] == ["R2"]
    assert index.search("13800138000", limit=3) == []
    known = read_marts(tiny, "SELECT feedback_id FROM feedback")
    assert {hit.feedback_id for hit in index.search("香", limit=9)} <= {i for (i,) in known}


def test_words_that_fail_leave_the_old_build(tiny, monkeypatch):
    old = build_workspace(tiny).build_id

    def fail(rows, folder):
        raise FeedbackIndexError(file="search", detail="is full.", next="Make room.")

    monkeypatch.setattr("knowledge.feedback.build_feedback_index", fail)
    with pytest.raises(FeedbackIndexError):
        build_workspace(tiny)

    assert [f.name for f in (tiny / "var" / "builds").iterdir()] == [old]
    assert (tiny / "var" / "current").resolve().name == old


def test_source_that_is_gone_leaves_the_old_build(tiny):
    old = build_workspace(tiny).build_id
    (tiny / "data" / "orders.csv").unlink()

    with pytest.raises(SourceError, match=r"orders\.csv: no such file"):
        build_workspace(tiny)

    assert (tiny / "var" / "current").resolve().name == old
