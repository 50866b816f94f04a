"""Small marts, an independent answer in pandas, and the compiled answer to compare it with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from warehouse.compiler import compile_query, readable
from warehouse.query import Cell, CompiledQuery, QuerySpec
from warehouse.rights import Actor, suppress
from warehouse.semantic_model import SemanticModel, load_semantic_model

from .marts import AS_OF, FIRST_DAY, Frames, make_frames, write_marts
from .oracle import Oracle

EVERYONE = Actor(id="tester")


@dataclass(frozen=True)
class Answered:
    """A compiled question with the rows that may be shown."""

    compiled: CompiledQuery
    rows: tuple[tuple[Cell, ...], ...]
    hidden: int

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.compiled.columns]

    @property
    def records(self) -> list[dict[str, Cell]]:
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]

    def column(self, name: str) -> list[Cell]:
        return [row[self.names.index(name)] for row in self.rows]

    def by(self, *keys: str) -> dict[object, dict[str, Cell]]:
        found = {}
        for record in self.records:
            key = tuple(record[name] for name in keys)
            found[key[0] if len(key) == 1 else key] = record
        return found


Ask = Callable[..., Answered]


@pytest.fixture(scope="session")
def model() -> SemanticModel:
    return load_semantic_model()


@pytest.fixture(scope="session")
def frames() -> Frames:
    return make_frames()


@pytest.fixture(scope="session")
def store(frames: Frames, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_marts(tmp_path_factory.mktemp("marts") / "marts.duckdb", frames)


@pytest.fixture(scope="session")
def connection(store: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(store), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def oracle(frames: Frames, model: SemanticModel) -> Oracle:
    return Oracle(frames, model, AS_OF, FIRST_DAY)


@pytest.fixture(scope="session")
def ask(connection: duckdb.DuckDBPyConnection, model: SemanticModel) -> Ask:
    """Compile and run a spec, and check on the way that its evidence returns the same rows."""

    def answer(spec: QuerySpec | None = None, actor: Actor = EVERYONE, **parts: object) -> Answered:
        spec = spec or QuerySpec.model_validate(parts)
        compiled = compile_query(spec, model, actor, AS_OF, FIRST_DAY)
        found = connection.execute(compiled.sql, compiled.values).fetchall()
        rows, hidden = suppress(compiled.columns, found, compiled.people_fields)
        assert connection.execute(readable(compiled)).fetchall() == list(rows)
        return Answered(compiled, rows, hidden)

    return answer


@pytest.fixture
def nothing_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show groups of any size, so that all of them can be compared."""
    monkeypatch.setattr("warehouse.compiler.SMALLEST_GROUP", 1)
    monkeypatch.setattr("warehouse.rights.SMALLEST_GROUP", 1)
