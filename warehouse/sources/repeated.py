"""Typed rows in ``source.<name>``, and rows that repeat a key: the first stays."""

from __future__ import annotations

from duckdb import DuckDBPyConnection, DuckDBPyRelation

from warehouse.sources.findings import EXAMPLES, Finding
from warehouse.sources.raw import identifier

SCHEMA = "source"


def source_table(source: str) -> str:
    """Name the typed table of a source."""
    return f"{SCHEMA}.{identifier(source)}"


def drop_repeated(
    connection: DuckDBPyConnection, source: str, key: tuple[str, ...]
) -> tuple[Finding, ...]:
    """Delete the rows of a table that repeat a key: the first of the file stays."""
    table, names = source_table(source), ", ".join(map(identifier, key))
    rows = connection.table(table).project("*, rowid AS place").set_alias("a")
    keys = rows.aggregate(f"{names}, count(*) AS times", names).filter("times > 1")
    keys.create("repeated_key")
    condition = " AND ".join(f"a.{identifier(name)} = b.{identifier(name)}" for name in key)
    repeated = connection.table("repeated_key").set_alias("b")
    nth = f"place, {names}, row_number() OVER (PARTITION BY {names} ORDER BY place) AS nth"
    rows.join(repeated, condition, how="semi").project(nth).filter("nth > 1").create("later_row")
    found = _found(connection, source, key)
    connection.execute(
        f"DELETE FROM {table} WHERE rowid IN (FROM later_row SELECT place)"  # noqa: S608
    )
    connection.execute("DROP TABLE later_row; DROP TABLE repeated_key")
    return found


def store_view(
    connection: DuckDBPyConnection, source: str, key: tuple[str, ...], rows: DuckDBPyRelation
) -> tuple[Finding, ...]:
    """Make ``source.<name>`` a view of rows that repeat no key: the first by all columns stays.

    Equal keys have equal hashes. Sorting the hashes of 75 million keys takes seconds, grouping the
    keys takes minutes; only rows of hashes that occur twice are looked at closely.
    """
    import numpy as np

    table, names = source_table(source), ", ".join(map(identifier, key))
    if not key:
        connection.execute(f"CREATE VIEW {table} AS {rows.sql_query()}")
        return ()
    hashes = np.sort(np.asarray(rows.project(f"hash({names}) AS hash").fetchnumpy()["hash"]))
    twice = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    if not len(twice):
        connection.execute(f"CREATE VIEW {table} AS {rows.sql_query()}")
        return ()
    suspect, first = (f"{SCHEMA}.{identifier(f'{source} {part}')}" for part in ("twice", "first"))
    connection.register("twice", {"hash": twice})
    connection.table("twice").create(suspect)
    connection.unregister("twice")
    order = ", ".join(map(identifier, rows.columns))
    nth = f"*, row_number() OVER (PARTITION BY {names} ORDER BY {order}) AS nth"
    rows.filter(f"hash({names}) IN (FROM {suspect})").project(nth).create("suspect_row")
    connection.table("suspect_row").filter("nth = 1").project("* EXCLUDE (nth)").create(first)
    connection.table("suspect_row").filter("nth > 1").create("later_row")
    found = _found(connection, source, key)
    others = rows.filter(f"hash({names}) NOT IN (FROM {suspect})")
    connection.execute(f"CREATE VIEW {table} AS {others.sql_query()} UNION ALL FROM {first}")
    connection.execute("DROP TABLE later_row; DROP TABLE suspect_row")
    return found


def _found(
    connection: DuckDBPyConnection, source: str, key: tuple[str, ...]
) -> tuple[Finding, ...]:
    """Report the rows in ``later_row``, which are left out."""
    names = ", ".join(map(identifier, key))
    later = connection.table("later_row")
    count = int(later.count("*").fetchall()[0][0])
    examples = later.project(names).distinct().order(names).limit(EXAMPLES).fetchall()
    if not count:
        return ()
    return (
        Finding(
            source=source,
            check="duplicate_key",
            column=", ".join(key),
            count=count,
            action="excluded",
            examples=tuple(": ".join(map(str, row)) for row in examples),
        ),
    )
