"""Rows that repeat a key: the first stays, the others are counted and left out."""

from __future__ import annotations

from duckdb import DuckDBPyConnection, DuckDBPyRelation

from warehouse.sources.findings import EXAMPLES, Finding
from warehouse.sources.raw import identifier

SCHEMA = "source"


def source_table(source: str) -> str:
    """Name the typed table of a source."""
    return f"{SCHEMA}.{identifier(source)}"


def table_without_repeated(
    connection: DuckDBPyConnection, source: str, key: tuple[str, ...], rows: DuckDBPyRelation
) -> tuple[Finding, ...]:
    """Make ``source.<name>`` a table of rows, of each key the first in the order of the file."""
    table = source_table(source)
    rows.create(table)
    if not key:
        return ()
    names = ", ".join(map(identifier, key))
    found = _repeated_keys(connection.table(table), source, names)
    if found:
        first = connection.table(table).aggregate(f"{names}, min(rowid) AS first", names)
        first.project("first").create("first_row")
        connection.table(table).filter("rowid IN (FROM first_row)").create("kept_row")
        connection.execute(f"DROP TABLE {table}")
        connection.table("kept_row").create(table)
        connection.execute("DROP TABLE kept_row; DROP TABLE first_row")
    return found


def view_without_repeated(
    connection: DuckDBPyConnection, source: str, key: tuple[str, ...], rows: DuckDBPyRelation
) -> tuple[Finding, ...]:
    """Make ``source.<name>`` a view of rows, of each key the first by all its columns.

    Hashes decide first, because they are cheap and equal keys have equal hashes.
    """
    table = source_table(source)
    names = ", ".join(map(identifier, key))
    connection.execute(f"CREATE VIEW {table} AS {rows.sql_query()}")
    if not key:
        return ()
    counted = connection.table(table).aggregate(f"count(*), count(DISTINCT hash({names}))")
    total, different = counted.fetchall()[0]
    found = () if total == different else _repeated_keys(connection.table(table), source, names)
    if found:
        _replace_view(connection, source, names, rows)
    return found


def _repeated_keys(rows: DuckDBPyRelation, source: str, names: str) -> tuple[Finding, ...]:
    repeated = rows.aggregate(f"{names}, count(*) AS times", names).filter("times > 1")
    surplus = int(repeated.aggregate("coalesce(sum(times - 1), 0)").fetchall()[0][0])
    if not surplus:
        return ()
    examples = repeated.project(names).order(names).limit(EXAMPLES).fetchall()
    return (
        Finding(
            source=source,
            check="duplicate_key",
            column=names.replace('"', ""),
            count=surplus,
            action="excluded",
            examples=tuple(": ".join(map(str, row)) for row in examples),
        ),
    )


def _replace_view(
    connection: DuckDBPyConnection, source: str, names: str, rows: DuckDBPyRelation
) -> None:
    """Split the view: keys that occur once as they are, of each other key its first row."""
    table = source_table(source)
    connection.execute(f"DROP VIEW {table}")
    repeated = f"{SCHEMA}.{identifier(f'{source} repeated')}"
    kept = f"{SCHEMA}.{identifier(f'{source} first')}"
    keys = rows.aggregate(f"{names}, count(*) AS times", names).filter("times > 1")
    keys.project(names).create(repeated)
    condition = " AND ".join(f"a.{name} = b.{name}" for name in names.split(", "))
    of_repeated, of_others = (
        rows.set_alias("a").join(connection.table(repeated).set_alias("b"), condition, how=how)
        for how in ("semi", "anti")
    )
    order = ", ".join(map(identifier, rows.columns))
    numbered = of_repeated.project(
        f"*, row_number() OVER (PARTITION BY {names} ORDER BY {order}) AS nth"
    )
    numbered.filter("nth = 1").project("* EXCLUDE (nth)").create(kept)
    connection.execute(f"CREATE VIEW {table} AS {of_others.sql_query()} UNION ALL FROM {kept}")
