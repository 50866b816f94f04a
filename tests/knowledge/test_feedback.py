import hashlib
import math
import random
import shutil
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from knowledge.embedding import TfidfSvdEmbedder
from knowledge.errors import FeedbackIndexError
from knowledge.feedback import FeedbackIndex, FeedbackRow, build_feedback_index
from knowledge.tokens import tokens

from .corpus import TEXTS

rows = [FeedbackRow(*item) for item in TEXTS.items()]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("build")
    report = build_feedback_index(random.Random(1).sample(rows, len(rows)), folder)
    return folder, report


@pytest.fixture
def index(built):
    index = FeedbackIndex(built[0])
    yield index
    index.close()


@pytest.fixture
def copied(built, tmp_path):
    return Path(shutil.copytree(built[0], tmp_path / "build"))


def test_report_tells_what_was_indexed(built):
    report = built[1]

    assert (report.texts, report.vectors, report.vector_cap) == (20, 19, 100_000)
    assert report.words == len({t for text in TEXTS.values() for t in tokens(text)})
    assert (report.embedder, report.dimensions) == ("tfidf-svd-1", 20)
    assert FeedbackIndex(built[0]).report == report


@pytest.mark.parametrize(
    "query", ["物流慢", "slow delivery", "quality 质量", "慢慢慢", "the coffee"]
)
def test_scores_equal_the_formula(index, query):
    expected = bm25(query)

    hits = index.search(query, 50)
    assert [hit.feedback_id for hit in hits] == [id for id, _ in expected]
    assert [hit.score for hit in hits] == pytest.approx([s for _, s in expected], rel=1e-5)


def bm25(query, k1=0.9, b=0.4):
    """Robertson's BM25 with Lucene's inverse document frequency, written out."""
    texts = {id: tokens(text) for id, text in TEXTS.items()}
    mean = sum(map(len, texts.values())) / len(texts)
    scores = Counter()
    for token in tokens(query):
        holding = sum(token in text for text in texts.values())
        rarity = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
        for id, text in texts.items():
            f = text.count(token)
            scores[id] += rarity * f / (f + k1 * (1 - b + b * len(text) / mean))
    found = [(id, score) for id, score in scores.items() if score > 0]
    return sorted(found, key=lambda item: (-round(item[1], 6), item[0]))


def test_chinese_query_finds_slow_logistics_first(index):
    assert {hit.feedback_id for hit in index.search("物流慢", 3)} == {"f01", "f02", "f19"}


def test_plural_and_case_do_not_matter(index):
    hits = index.search("SLOW deliveries", 2)

    assert {hit.feedback_id for hit in hits} == {"f11", "f12"}


def test_coverage_is_the_share_that_was_found(index):
    whole, nothing = index.search("slow delivery", 1)[0], index.search("rocket delivery", 1)[0]

    assert whole.coverage == pytest.approx(1)
    assert nothing.coverage < 0.5


@pytest.mark.parametrize("query", ["", "  ", "!!", "😀", "zebra", "\x00", "火箭"])
def test_query_without_known_words_finds_nothing(index, query):
    assert index.search(query, 5) == []


def test_very_long_query_is_answered(index):
    assert index.search("物流慢 slow " * 10_000, 1)[0].feedback_id == "f19"


def test_only_allowed_ids_are_found(index):
    hits = index.search("物流慢", 5, {"f03", "f19", "f020", "nobody", "f191"})

    assert [hit.feedback_id for hit in hits] == ["f19", "f03"]
    assert index.search("物流慢", 5, set()) == []


@pytest.mark.parametrize("limit", [0, 1, 2, 19, 1000])
def test_limit_cuts_the_same_order(index, limit):
    assert index.search("物流慢 quality", limit) == index.search("物流慢 quality", 50)[:limit]


def test_equal_texts_are_ordered_by_id(tmp_path):
    same = [FeedbackRow(f"r{i:03d}", "物流慢") for i in range(60)]
    build_feedback_index(reversed(same), tmp_path)
    index = FeedbackIndex(tmp_path)

    expected = [row.feedback_id for row in same[:7]]
    assert [hit.feedback_id for hit in index.search("物流", 7)] == expected


def test_similar_equals_exact_search(index):
    embedder = TfidfSvdEmbedder.fit([TEXTS[id] for id in sorted(TEXTS)])
    vectors = embedder.embed(list(TEXTS.values()))
    likeness = vectors @ embedder.embed(["等了很久，物流太慢"])[0]
    best = sorted(zip(-likeness.round(5), TEXTS, strict=True))[:5]

    hits = index.similar("等了很久，物流太慢", 5)
    assert [hit.feedback_id for hit in hits] == [id for _, id in best]
    assert [hit.score for hit in hits] == pytest.approx([-d for d, _ in best], abs=1e-4)


def test_similar_to_leaves_the_text_itself_out(index):
    hits = index.similar_to("f11", 3)

    assert "f11" not in {hit.feedback_id for hit in hits}
    assert len(hits) == 3


def test_similar_keeps_to_allowed_ids(index):
    allowed = {"f04", "f14", "f20", "nobody"}

    assert {hit.feedback_id for hit in index.similar("物流太慢", 5, allowed)} == {"f04", "f14"}
    assert index.similar("物流太慢", 5, {"f20"}) == []


def test_text_without_words_has_no_neighbours(index):
    assert index.similar("👍", 3) == []
    assert index.similar_to("f20", 3) is None
    assert index.similar_to("nobody", 3) is None


def test_vectors_are_capped_and_the_sample_depends_on_ids_alone(tmp_path):
    report = build_feedback_index(rows[:19], tmp_path / "a", vector_cap=6)
    build_feedback_index(random.Random(2).sample(rows[:19], 19), tmp_path / "b", vector_cap=6)

    def sampled(folder):
        index = FeedbackIndex(folder)
        found = {
            row.feedback_id for row in rows if index.similar_to(row.feedback_id, 1) is not None
        }
        index.close()
        return found

    assert (report.texts, report.vectors, report.vector_cap) == (19, 6, 6)
    assert sampled(tmp_path / "a") == sampled(tmp_path / "b")
    assert len(sampled(tmp_path / "a")) == 6


@pytest.mark.parametrize("few", [[], [FeedbackRow("a", "")], [FeedbackRow("a", "👍")]])
def test_index_without_words_answers_nothing(tmp_path, few):
    report = build_feedback_index(few, tmp_path)
    index = FeedbackIndex(tmp_path)

    assert (report.texts, report.words, report.vectors) == (len(few), 0, 0)
    assert index.search("物流", 5) == index.search("物流", 5, {"a"}) == []
    assert index.similar("物流", 5) == []
    index.close()


def test_repeated_id_is_refused(tmp_path):
    with pytest.raises(FeedbackIndexError, match="The id 'a' comes twice"):
        build_feedback_index([FeedbackRow("a", "好"), FeedbackRow("a", "坏")], tmp_path)


def test_building_again_replaces_what_was_there(tmp_path):
    build_feedback_index(rows, tmp_path)
    build_feedback_index(rows[:2], tmp_path)
    index = FeedbackIndex(tmp_path)

    assert index.report.texts == 2
    assert len(index.similar("物流", 9)) == 2
    index.close()


def test_missing_index_is_named(tmp_path):
    with pytest.raises(FeedbackIndexError) as raised:
        FeedbackIndex(tmp_path).search("物流", 5)

    assert str(raised.value) == (
        f"{tmp_path / 'search/index.json'}: The search index is missing or differs from what was "
        "built. Run 'sextant build' to make it anew."
    )


def every_file(built):
    return sorted(p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file())


def test_every_damaged_byte_range_is_noticed_before_use(built, copied):
    """Search and similar either raise a clear error or do not use the damaged file."""
    whole = FeedbackIndex(built[0])
    searched, alike = whole.search("物流慢", 5), whole.similar("物流慢", 5)
    whole.close()

    for name in every_file(copied):
        content = (copied / name).read_bytes()
        if not content:
            continue
        for damaged in (content[: len(content) // 2], _flipped(content), None):
            _put(copied / name, damaged)
            index = FeedbackIndex(copied)
            assert _outcome(index.search) in (searched, "error"), name
            assert _outcome(index.similar) in (alike, "error"), name
            index.close()
        _put(copied / name, content)


def _flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0x40]) + content[middle + 1 :]


def _put(path, content):
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)


def _outcome(ask):
    try:
        return ask("物流慢", 5)
    except FeedbackIndexError:
        return "error"


def test_search_by_words_works_without_chroma(copied):
    shutil.rmtree(copied / "chroma")
    index = FeedbackIndex(copied)

    assert index.search("物流慢", 1)
    with pytest.raises(FeedbackIndexError, match=r"' is missing\. Run 'sextant build'"):
        index.similar("物流慢", 1)


def test_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "build").write_text("a file, not a folder")

    with pytest.raises(
        FeedbackIndexError, match=r"build: The search index cannot be written \(.+\)"
    ):
        build_feedback_index(rows, tmp_path / "build")


def test_full_temporary_folder_is_named(index, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(FeedbackIndexError, match=r"\(No space left on device\)\. Make room"):
        index.similar("物流", 1)
    assert index.search("物流", 1)
    assert not list(tmp_path.iterdir())


def test_missing_temporary_folder_is_named(index, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(FeedbackIndexError, match=r"\(No such file or directory\)\. Make room"):
        index.similar("物流", 1)


def test_reading_never_changes_a_build(copied):
    before = hashes(copied)

    for _ in range(2):
        index = FeedbackIndex(copied)
        index.search("物流", 3)
        index.similar("物流", 3)
        index.close()

    assert hashes(copied) == before


def hashes(folder):
    return {
        name: hashlib.sha256((folder / name).read_bytes()).digest() for name in every_file(folder)
    }


def test_copy_of_the_vectors_is_removed(index, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    index.similar("物流", 1)
    assert list(tmp_path.iterdir())

    index.close()
    assert not list(tmp_path.iterdir())


def test_nothing_is_fetched_from_outside(tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    build_feedback_index(rows, tmp_path)
    index = FeedbackIndex(tmp_path)

    assert index.search("物流", 1)
    assert index.similar("物流", 1)
    index.close()


def test_search_by_words_imports_nothing_heavy(built):
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from knowledge.feedback import FeedbackIndex\n"
        "assert FeedbackIndex(Path(sys.argv[1])).search('slow', 1)\n"
        "print([m for m in ('chromadb', 'sklearn', 'pandas') if m in sys.modules])"
    )

    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, str(built[0])]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
