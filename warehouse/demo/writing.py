"""Files of the demo brand: chunks are staged as Parquet, then written whole, sorted and formatted.

Columns are staged as numbers where they can be; the texts of ids, codes, times and amounts are
spelled by DuckDB when a file is written, which is what makes millions of rows quick.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
import numpy.typing as npt

from warehouse.errors import BuildError

Column = npt.NDArray[np.generic]
Columns = Mapping[str, Column | Sequence[str | None]]
Format = Literal["csv", "jsonl", "parquet"]


@dataclass(frozen=True)
class SourceFile:
    """One file of the brand: what it is called, its columns as SQL over the staged ones.

    ``columns`` pairs each column's name with the expression that spells it; ``order`` must be a
    total order, or the same seed would not give the same bytes.
    """

    name: str
    format: Format
    columns: tuple[tuple[str, str], ...]
    order: str
    encoding: str = "utf-8"
    folder: str = "data"

    @property
    def path(self) -> str:
        """Path inside the workspace."""
        return f"{self.folder}/{self.name}.{self.format}"

    @property
    def table(self) -> str:
        """Name of the staged rows."""
        return f"{self.folder}_{self.name}".replace("/", "_")

    def select(self, table: str) -> str:
        """Write the query that spells the file's rows."""
        columns = ", ".join(f'{sql} AS "{name}"' for name, sql in self.columns)
        return f"SELECT {columns} FROM {table} ORDER BY {self.order}"  # noqa: S608


def pick(column: str, values: Sequence[str]) -> str:
    """Spell a code as its name; codes below zero become missing."""
    names = ", ".join(f"'{v}'" for v in values)
    return f"([{names}])[{column} + 1]"


def padded(prefix: str, column: str, digits: int = 10) -> str:
    """Spell a number as an id."""
    return f"'{prefix}' || lpad(({column})::VARCHAR, {digits}, '0')"


def money(column: str) -> str:
    """Spell minor units as a decimal with two places."""
    return f"({column}::DECIMAL(16, 0) * 0.01::DECIMAL(3, 2))::DECIMAL(14, 2)"


def moment(column: str) -> str:
    """Spell a timestamp as 'YYYY-MM-DD HH:MM:SS'."""
    return f"strftime({column}::TIMESTAMP, '%Y-%m-%d %H:%M:%S')"


class Staging:
    """A folder of staged chunks inside the workspace, shared by the processes that fill it."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        self.folder = folder
        self._path = folder / ".staging"
        self._path.mkdir(parents=True, exist_ok=True)
        self._connection = duckdb.connect(
            config={"threads": threads, "memory_limit": "1500MB", "temp_directory": str(self._path)}
        )

    def add(self, source: SourceFile, chunk: int, columns: Columns) -> None:
        """Stage the rows of one chunk."""
        rows = {name: _array(values) for name, values in columns.items()}
        path = self._path / source.table / f"{chunk:06d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection.register("chunk_rows", rows)
        self._run(f"COPY (SELECT * FROM chunk_rows) TO '{path}' (FORMAT parquet)")  # noqa: S608
        self._connection.unregister("chunk_rows")

    def write(self, source: SourceFile) -> int:
        """Write one file whole from its staged chunks; return the number of rows."""
        pattern = self._path / source.table / "*.parquet"
        target = self.folder / source.path
        target.parent.mkdir(parents=True, exist_ok=True)
        options = {
            "csv": "FORMAT csv, HEADER true",
            "jsonl": "FORMAT json",
            "parquet": "FORMAT parquet, COMPRESSION zstd",
        }[source.format]
        query = source.select(f"read_parquet('{pattern}')")
        rows = self._run(f"COPY ({query}) TO '{target}' ({options})")
        _encode(target, source.encoding)
        return rows

    def _run(self, copy: str) -> int:
        try:
            return int(self._connection.execute(copy).fetchall()[0][0])
        except duckdb.IOException as error:
            raise BuildError(
                stage="demo", detail=str(error), next="Free some space or choose another folder."
            ) from error

    def has(self, source: SourceFile) -> bool:
        """Tell whether rows of the file were staged."""
        return (self._path / source.table).exists()

    def clear(self) -> None:
        """Remove what was staged."""
        shutil.rmtree(self._path, ignore_errors=True)

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()


def _array(values: Column | Sequence[str | None]) -> Column:
    return values if isinstance(values, np.ndarray) else np.array(values, dtype=object)


def _encode(path: Path, encoding: str) -> None:
    if encoding == "utf-8":
        return
    whole = path.with_suffix(".utf8")
    path.rename(whole)
    with (
        whole.open(encoding="utf-8", newline="") as lines,
        path.open("w", encoding=encoding, newline="") as out,
    ):
        shutil.copyfileobj(lines, out, 1 << 20)
    whole.unlink()


def month_of(origin: date, days: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Months since 1970 of times in days since the origin."""
    dates = np.datetime64(origin) + np.floor(days).astype("timedelta64[D]")
    return dates.astype("datetime64[M]").astype(np.int64)
