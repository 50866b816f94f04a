"""What tests of every folder need: the demo brand, built once per state of the code."""

import hashlib
import shutil
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CUSTOMERS = 1_500
MADE_BY = (
    "warehouse/demo",
    "warehouse/marts",
    "warehouse/sources",
    "warehouse/build_store.py",
    "warehouse/identity",
    "warehouse/manifest.py",
    "warehouse/pipeline.py",
    "warehouse/workspace_file.py",
    "knowledge/embedding.py",
    "knowledge/feedback.py",
    "knowledge/tokens.py",
    "knowledge/vectors.py",
)


@pytest.fixture(scope="session")
def pristine_demo(request: pytest.FixtureRequest) -> Path:
    """Give the built demo of this state of the code, from the cache if it is there; read only."""
    cache = request.config.cache
    assert cache is not None, "the cache plugin keeps the demo between sessions"
    folder = cache.mkdir("demo")
    built = folder / _state_of_code()
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not built.is_dir():
            for old in folder.iterdir():
                if old.is_dir() and _hours_old(old) > 2:
                    shutil.rmtree(old)
            _make(folder / f"{built.name}.part", built)
    return built


@pytest.fixture(scope="session")
def demo_folder(pristine_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a workspace of the demo brand: 1,500 customers, built; this session's own copy."""
    copy = tmp_path_factory.mktemp("demo") / "workspace"
    return Path(shutil.copytree(pristine_demo, copy, symlinks=True))


def _make(part: Path, built: Path) -> None:
    from tools.build import build_workspace
    from warehouse.demo import generate_demo

    shutil.rmtree(part, ignore_errors=True)
    generate_demo(part, customers=CUSTOMERS)
    build_workspace(part)
    part.rename(built)


def _state_of_code() -> str:
    digest = hashlib.sha256()
    for name in MADE_BY:
        path = ROOT / name
        files = [path] if path.is_file() else sorted(path.rglob("*.*"))
        for file in files:
            if file.is_file() and file.suffix != ".pyc":
                digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _hours_old(path: Path) -> float:
    return (datetime.now(UTC).timestamp() - path.stat().st_mtime) / 3600
