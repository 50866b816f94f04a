"""JSON lines: one object a line, staged as text, nested values as their JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from warehouse.sources.files import as_utf8, fingerprint
from warehouse.sources.findings import EXAMPLES, Finding
from warehouse.sources.raw import RawTable, count_rows, identifier, literal, table_name
from warehouse.workspace_file import SourceFile

SUFFIXES = (".jsonl", ".ndjson")
LONGEST_LINE = 16_000_000
# A CASE, because AND may read the type of what is no JSON before it asks whether it is.
IS_OBJECT = "CASE WHEN json_valid(content) THEN json_type(content) = 'OBJECT' ELSE false END"


def stage_json_lines(
    connection: DuckDBPyConnection,
    source: str,
    files: Sequence[Path],
    declared: SourceFile,
    scratch: Path,
) -> RawTable:
    """Stage JSON lines in ``raw.<source>``: every key of any object is a column of text.

    A line that is no JSON object is rejected with its number; blank lines are no rows.
    """
    prints = tuple(fingerprint(path) for path in files)
    findings: list[Finding] = []
    connection.execute("CREATE OR REPLACE TEMP TABLE line (content VARCHAR)")
    for found in prints:
        text = as_utf8(found, declared.encoding, scratch)
        first = count_rows(connection, "line")
        # A control character that JSON forbids inside strings separates nothing: one column.
        connection.execute(
            "INSERT INTO line FROM read_csv(?, columns = {'content': 'VARCHAR'}, delim = '\x1f',"
            " header = false, auto_detect = false, quote = '', escape = '', encoding = 'utf-8',"
            " max_line_size = ?, null_padding = true)",
            [str(text), LONGEST_LINE],
        )
        findings += _rejected(connection, source, found.path, first)
        if text != found.path:
            text.unlink()
    rows = count_rows(connection, "line", IS_OBJECT)
    columns = _stage_objects(connection, source)
    rejected = sum(finding.count for finding in findings)
    return RawTable(source, columns, prints, rows, rows + rejected, tuple(findings))


def _rejected(connection: DuckDBPyConnection, source: str, path: Path, first: int) -> list[Finding]:
    lines = (
        connection.table("line")
        .filter(f"rowid >= {first} AND content IS NOT NULL AND NOT ({IS_OBJECT})")
        .project(f"rowid - {first} + 1 AS number")
        .order("number")
        .fetchall()
    )
    if not lines:
        return []
    return [
        Finding(
            source=source,
            check="rejected_row",
            count=len(lines),
            action="excluded",
            examples=tuple(f"{path.name} line {n}: no JSON object" for (n,) in lines[:EXAMPLES]),
        )
    ]


def _stage_objects(connection: DuckDBPyConnection, source: str) -> dict[str, str]:
    objects = connection.table("line").filter(IS_OBJECT)
    keys = objects.project("unnest(json_keys(content)) AS key").distinct().order("key").fetchall()
    names = [str(key) for (key,) in keys]
    paths = [f"content ->> {literal(_path(name))} AS {identifier(name)}" for name in names]
    objects.project(", ".join(paths) or "content").create(table_name(source))
    connection.execute("DROP TABLE line")
    return dict.fromkeys(names, "VARCHAR")


def _path(key: str) -> str:
    return '$."' + key.replace('"', '\\"') + '"'
