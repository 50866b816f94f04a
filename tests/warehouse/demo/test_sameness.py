"""Equal seeds give equal bytes, whatever the process, its hash seed or the number of workers."""

import hashlib
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from warehouse.demo import generate_demo, generator
from warehouse.demo.worker import Task, run_apart
from warehouse.errors import BuildError

PEOPLE = 240


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generator, "CHUNK", 100)
        generate_demo(folder, customers=PEOPLE, seed=3)
    return _digests(folder)


def test_another_process_and_hash_seed_give_the_same(tmp_path: Path, first: dict[str, str]):
    code = (
        "from pathlib import Path; from warehouse.demo import generator; generator.CHUNK = 100; "
        f"generator.generate_demo(Path({str(tmp_path)!r}), customers={PEOPLE}, seed=3)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "99", "PYTHONPATH": os.pathsep.join(sys.path)}

    subprocess.run([sys.executable, "-c", code], check=True, env=environment)

    assert _digests(tmp_path) == first


def test_two_workers_give_the_same_as_one(
    tmp_path: Path, first: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(generator, "CHUNK", 100)
    monkeypatch.setattr(generator, "SMALL", 0)
    monkeypatch.setattr(generator, "_cores", lambda: 2)

    generate_demo(tmp_path, customers=PEOPLE, seed=3)

    assert _digests(tmp_path) == first


def test_making_it_again_in_place_gives_the_same(tmp_path: Path):
    generate_demo(tmp_path, customers=60, seed=5)
    once = _digests(tmp_path)

    generate_demo(tmp_path, customers=60, seed=5)

    assert _digests(tmp_path) == once


def test_another_seed_gives_other_bytes(tmp_path: Path, first: dict[str, str]):
    generate_demo(tmp_path, customers=60, seed=4)

    assert _digests(tmp_path)["data/orders.csv"] != first["data/orders.csv"]


def test_progress_rises_to_the_end(tmp_path: Path):
    told: list[tuple[str, float]] = []

    generate_demo(tmp_path, customers=40, progress=lambda name, share: told.append((name, share)))

    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[-1] == ("done", 1.0)
    assert "orders" in [name for name, _ in told]


def test_nobody_is_too_few(tmp_path: Path):
    with pytest.raises(ValueError, match=r"The number of customers must be at least 1\. Got 0\."):
        generate_demo(tmp_path, customers=0)


def test_a_real_workspace_is_left_alone(tmp_path: Path):
    (tmp_path / "workspace.yml").write_text("name: {zh: 真, en: Real}\n", encoding="utf-8")

    with pytest.raises(BuildError, match="holds a workspace that is no demo"):
        generate_demo(tmp_path, customers=10)


def test_files_of_an_earlier_demo_are_replaced(tmp_path: Path):
    generate_demo(tmp_path, customers=20, as_of=date(2025, 6, 30))

    generate_demo(tmp_path, customers=20, as_of=date(2026, 10, 31))

    months = sorted(path.stem for path in (tmp_path / "data/events").glob("*.parquet"))
    assert months[0] >= "2024-11"


def test_a_worker_that_fails_says_why(tmp_path: Path):
    (tmp_path / ".staging").mkdir()
    (tmp_path / ".staging/data_orders").mkdir()
    (tmp_path / ".staging/data_orders/000000.parquet").mkdir()
    task = Task(
        folder=str(tmp_path),
        customers=5,
        seed=1,
        as_of=date(2026, 10, 31),
        chunk_size=5,
        chunks=(0,),
    )

    with pytest.raises(BuildError, match=r"000000\.parquet"):
        list(run_apart([task]))
