"""Parquet: read where it lies; a view instead of a copy, because types and columns are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.errors import SourceError
from warehouse.sources.files import fingerprint
from warehouse.sources.raw import RawTable, column_types, literal, table_name
from warehouse.workspace_file import SourceFile

SUFFIXES = (".parquet",)


def stage_parquet(
    connection: DuckDBPyConnection,
    source: str,
    files: Sequence[Path],
    declared: SourceFile,
    scratch: Path,
) -> RawTable:
    """Make a view ``raw.<source>`` over one or many Parquet files; columns are matched by name."""
    for path in files:
        _check(connection, path)
    paths = ", ".join(literal(str(path)) for path in files)
    table = table_name(source)
    connection.execute(f"CREATE VIEW {table} AS FROM read_parquet([{paths}], union_by_name = true)")
    counts = connection.execute(
        "SELECT sum(num_rows) FROM parquet_file_metadata(?)", [[str(path) for path in files]]
    ).fetchall()
    rows = int(counts[0][0] or 0)
    prints = tuple(fingerprint(path, text=False) for path in files)
    columns = column_types(connection, table)
    return RawTable(source, columns, prints, rows, rows, is_view=True)


def _check(connection: DuckDBPyConnection, path: Path) -> None:
    try:
        connection.execute("FROM parquet_file_metadata(?)", [str(path)]).fetchall()
    except duckdb.Error as error:
        raise SourceError(
            file=str(path),
            detail=f"is no whole Parquet file: {str(error).splitlines()[0]}",
            next="Export it again.",
        ) from None
