"""RawTable: a source staged as it came, and the small SQL words that stagers share."""

from __future__ import annotations

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from warehouse.sources.files import FilePrint
from warehouse.sources.findings import Finding

SCHEMA = "raw"


@dataclass(frozen=True)
class RawTable:
    """A source in ``raw.<source>``, with nothing changed.

    ``rows_read`` = ``rows`` staged + rows rejected; every rejected row is in ``findings``.
    ``is_view``: read where it lies, nothing was copied.
    """

    source: str
    columns: dict[str, str]
    files: tuple[FilePrint, ...]
    rows: int
    rows_read: int
    findings: tuple[Finding, ...] = ()
    is_view: bool = False

    @property
    def table(self) -> str:
        """Qualified name of the staged table."""
        return table_name(self.source)


def table_name(source: str) -> str:
    """Name the table that a source is staged in."""
    return f"{SCHEMA}.{identifier(source)}"


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def column_types(connection: DuckDBPyConnection, table: str) -> dict[str, str]:
    """List a table's columns with their types, in order."""
    relation = connection.table(table)
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def count_rows(connection: DuckDBPyConnection, table: str, where: str = "true") -> int:
    """Count the rows of a table that satisfy a condition."""
    return aggregate(connection, table, ["count(*)"], where)[0]


def aggregate(
    connection: DuckDBPyConnection, table: str, expressions: list[str], where: str = "true"
) -> list[int]:
    """Aggregate a table to one row of whole numbers; an empty sum is 0."""
    relation = connection.table(table).filter(where).aggregate(", ".join(expressions))
    return [int(value or 0) for value in relation.fetchall()[0]]
