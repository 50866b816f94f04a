"""Typed rows in ``source.<name>``, and rows that repeat a key: the first stays."""

from __future__ import annotations

from duckdb import DuckDBPyConnection, DuckDBPyRelation

from warehouse.sources.findings import EXAMPLES, Finding
from warehouse.sources.raw import identifier

SCHEMA = "source"


def source_table(source: str) -> str:
    """Name the typed table of a source."""
    return f"{SCHEMA}.{identifier(source)}"


def store_rows(
    connection: DuckDBPyConnection, source: str, rows: DuckDBPyRelation, *, as_view: bool
) -> None:
    """Make ``source.<name>`` a table of rows, or a view that reads them when asked."""
    if as_view:
        connection.execute(f"CREATE VIEW {source_table(source)} AS {rows.sql_query()}")
    else:
        rows.create(source_table(source))


def drop_repeated(
    connection: DuckDBPyConnection,
    source: str,
    rows: DuckDBPyRelation,
    key: tuple[str, ...],
    *,
    as_view: bool,
) -> tuple[Finding, ...]:
    """Leave out rows that repeat a key, and report how many.

    The first row of a key stays: in a table the first of the file, in a view the first by all its
    columns.
    """
    names = ", ".join(map(identifier, key))
    keys = rows.aggregate(f"{names}, count(*) AS times", names).filter("times > 1")
    keys.create("repeated_key")
    repeated = connection.table("repeated_key")
    surplus = int(repeated.aggregate("coalesce(sum(times - 1), 0)").fetchall()[0][0])
    examples = repeated.project(names).order(names).limit(EXAMPLES).fetchall()
    if as_view:
        _replace_view(connection, source, rows, names)
    else:
        _replace_table(connection, source, names)
    connection.execute("DROP TABLE repeated_key")
    found = Finding(
        source=source,
        check="duplicate_key",
        column=names.replace('"', ""),
        count=surplus,
        action="excluded",
        examples=tuple(": ".join(map(str, row)) for row in examples),
    )
    return (found,) if surplus else ()


def _replace_table(connection: DuckDBPyConnection, source: str, names: str) -> None:
    table = source_table(source)
    rows = connection.table(table).project("*, rowid AS place").set_alias("a")
    keys = connection.table("repeated_key").set_alias("b")
    condition = " AND ".join(f"a.{name} = b.{name}" for name in names.split(", "))
    nth = f"place, row_number() OVER (PARTITION BY {names} ORDER BY place) AS nth"
    later = rows.join(keys, condition, how="semi").project(nth).filter("nth > 1")
    later.project("place").create("repeated_row")
    connection.execute(f"DELETE FROM {table} WHERE rowid IN (FROM repeated_row)")  # noqa: S608
    connection.execute("DROP TABLE repeated_row")


def _replace_view(
    connection: DuckDBPyConnection, source: str, rows: DuckDBPyRelation, names: str
) -> None:
    """Split the view: keys that occur once as they are, of each other key its first row."""
    table = source_table(source)
    repeated, first = (
        f"{SCHEMA}.{identifier(f'{source} {part}')}" for part in ("repeated", "first")
    )
    connection.table("repeated_key").project(names).create(repeated)
    keys = connection.table(repeated).set_alias("b")
    condition = " AND ".join(f"a.{name} = b.{name}" for name in names.split(", "))
    of_others = rows.set_alias("a").join(keys, condition, how="anti")
    of_repeated = rows.set_alias("a").join(keys, condition, how="semi")
    order = ", ".join(map(identifier, rows.columns))
    nth = f"row_number() OVER (PARTITION BY {names} ORDER BY {order}) AS nth"
    of_repeated.project(f"*, {nth}").filter("nth = 1").project("* EXCLUDE (nth)").create(first)
    connection.execute(
        f"CREATE OR REPLACE VIEW {table} AS {of_others.sql_query()} UNION ALL FROM {first}"
    )
