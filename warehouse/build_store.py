"""The stores of a build while it is made: working tables, marts and vault."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import duckdb

from warehouse.sources.raw import literal

MARTS, VAULT, SCRATCH = "marts.duckdb", "vault.duckdb", "scratch"
MEMORY_LIMIT = 5 * 10**9
MEMORY_SHARE = 0.6


class BuildStore:
    """One connection over working tables (raw, source, helpers), ``marts`` and ``vault``.

    Working tables lie in memory and spill into the scratch folder: a file of them would have to be
    compressed and logged, which costs twice the time.
    """

    def __init__(self, folder: Path, time_zone: str) -> None:
        self.folder = folder
        self.scratch = folder / SCRATCH
        self.scratch.mkdir()
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{memory_limit() // 10**6}MB",
                "temp_directory": str(self.scratch),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        self._set_up(time_zone)

    def _set_up(self, time_zone: str) -> None:
        run = self.connection.execute
        run(f"SET TimeZone = {literal(time_zone)}")
        for file, name in ((MARTS, "marts"), (VAULT, "vault")):
            run(f"ATTACH {literal(str(self.folder / file))} AS {name}")
        run("CREATE SCHEMA raw; CREATE SCHEMA source")

    def run_file(self, file: Traversable) -> None:
        """Run one file of SQL statements."""
        self.connection.execute(file.read_text("utf-8"))

    def mart_rows(self) -> dict[str, int]:
        """Count the rows of every mart, by name."""
        names = self.connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'marts' ORDER BY 1"
        ).fetchall()
        return {
            str(name): int(self.connection.table(f"marts.{name}").count("*").fetchall()[0][0])
            for (name,) in names
        }

    def mart_columns(self) -> dict[str, dict[str, str]]:
        """Give the columns of every mart with their types."""
        rows = self.connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns()"
            " WHERE database_name = 'marts' ORDER BY table_name, column_index"
        ).fetchall()
        columns: dict[str, dict[str, str]] = {}
        for table, column, kind in rows:
            columns.setdefault(table, {})[column] = kind
        return columns

    def finish(self) -> None:
        """Write marts and vault out whole, and remove everything that was only needed to build."""
        self.connection.execute("CHECKPOINT marts; CHECKPOINT vault; DETACH marts; DETACH vault")
        self.close()
        for file in (MARTS, VAULT):
            with (self.folder / file).open("rb") as handle:
                os.fsync(handle.fileno())
        shutil.rmtree(self.scratch)

    def close(self) -> None:
        """Close the connection; a second time does nothing."""
        self.connection.close()


def mart_files(marts: str) -> list[Traversable]:
    """List the numbered SQL files of a mart set, in the order they run."""
    folder = resources.files("warehouse.marts") / marts
    numbered = [f for f in folder.iterdir() if f.name.endswith(".sql") and f.name[:2].isdigit()]
    return sorted(numbered, key=lambda file: file.name)


def checks_file(marts: str) -> Traversable:
    """Give the file of the checks of a mart set."""
    return resources.files("warehouse.marts") / marts / "checks.sql"


def read_feedback(folder: Path, size: int = 2_000) -> Iterator[tuple[str, str]]:
    """Read id and masked text of every feedback of a finished build, a few thousand at a time."""
    query = "SELECT feedback_id, text FROM feedback WHERE text <> '' ORDER BY feedback_id"
    marts = str(folder / MARTS)
    with duckdb.connect(marts, read_only=True, config={"memory_limit": "256MB"}) as connection:
        if not connection.execute("FROM duckdb_tables() WHERE table_name = 'feedback'").fetchall():
            return
        result = connection.execute(query)
        while rows := result.fetchmany(size):
            yield from rows


def memory_limit() -> int:
    """Give the memory that a build may use: a part of the machine's, never more than 5 GB."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(MEMORY_LIMIT, int(physical * MEMORY_SHARE))
