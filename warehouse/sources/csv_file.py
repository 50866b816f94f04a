"""CSV: staged as text, row for row, with every rejected row accounted for."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.errors import SourceError
from warehouse.sources.delimiter import lines_above_header, sniff_delimiter
from warehouse.sources.files import FilePrint, as_utf8, fingerprint
from warehouse.sources.findings import EXAMPLES, Finding
from warehouse.sources.raw import RawTable, aggregate, count_rows, identifier, table_name
from warehouse.workspace_file import SourceFile

NUMBER = re.compile(r"[+-]?[0-9.,:/-]+")
SUFFIXES = (".csv", ".txt", ".tsv", ".tab")


def stage_csv(
    connection: DuckDBPyConnection,
    source: str,
    files: Sequence[Path],
    declared: SourceFile,
    scratch: Path,
) -> RawTable:
    """Stage CSV files in ``raw.<source>``, every column as text, in the order of the file.

    Nothing is guessed but the encoding: the header gives the columns, quotes are doubled inside
    quotes. A row with too few or too many cells, or an open quote, is rejected with its row
    number and reason. Lines that cannot be explained by rows, rejected rows or line ends inside
    quotes are a finding of their own.
    """
    prints = tuple(fingerprint(path) for path in files)
    texts = [as_utf8(found, declared.encoding, scratch) for found in prints]
    return stage_text(connection, source, prints, texts, declared)


def title_lines(path: Path, declared: SourceFile) -> int:
    """Count the lines of a title above the header of a file."""
    with TemporaryDirectory() as scratch:
        return lines_above_header(as_utf8(fingerprint(path), declared.encoding, Path(scratch)))


def stage_text(
    connection: DuckDBPyConnection,
    source: str,
    prints: Sequence[FilePrint],
    texts: Sequence[Path],
    declared: SourceFile,
) -> RawTable:
    """Stage the UTF-8 forms of files, as ``stage_csv``; forms that are copies are removed."""
    files = [found.path for found in prints]
    for path, text in zip(files, texts, strict=True):
        refuse_no_text(path, text)
    ways = [_delimited(text, declared) for text in texts]
    texts = [_squeezed(*each) for each in zip(files, texts, ways, strict=True)]
    headers = [_header(*each) for each in zip(files, texts, ways, strict=True)]
    columns = list(dict.fromkeys(name for header in headers for name in header))
    table = table_name(source)
    connection.execute(
        f"CREATE TABLE {table} ({', '.join(f'{identifier(c)} VARCHAR' for c in columns)})"
    )
    findings: list[Finding] = []
    rejected = 0
    for found, text, header, way in zip(prints, texts, headers, ways, strict=True):
        before = count_rows(connection, table)
        _insert(connection, table, text, found.path, header, way)
        bad = _rejected(connection, source, found.path)
        rejected += sum(finding.count for finding in bad)
        staged = count_rows(connection, table) - before
        lines = fingerprint(text).lines - (not declared.header) - declared.skip
        lost = _unexplained(connection, table, columns, lines, staged)
        findings += [*bad, *_unaccounted(source, found.path, lost)]
        _forget_rejects(connection)
        if text != found.path:
            text.unlink()
    rows = count_rows(connection, table)
    return RawTable(
        source,
        dict.fromkeys(columns, "VARCHAR"),
        tuple(prints),
        rows,
        rows + rejected,
        tuple(findings),
    )


def refuse_no_text(path: Path, text: Path) -> None:
    """Refuse what is no table whatever its name ends in: pictures, programs, web pages."""
    line = 1
    with text.open("rb") as file:
        head = file.read(1 << 10).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if head.startswith((b"<html", b"<!doctype", b"<?xml")):
            raise _refused(path, "line 1 is of a web page, not of a table.")
        file.seek(0)
        while chunk := file.read(1 << 22):
            before, zero, _ = chunk.partition(b"\0")
            line += before.count(b"\n")
            if zero:
                raise _refused(path, f"line {line} holds a zero byte, so this is no text.")


def _squeezed(path: Path, text: Path, declared: SourceFile) -> Path:
    """Give a copy in which one blank stands between cells, where blanks separate them."""
    if declared.delimiter != " ":
        return text
    copy = text.with_name(f"{text.name}.blanks") if text != path else None
    target = copy or Path(str(path)).with_name(f".{path.name}.blanks")
    with text.open(encoding="utf-8-sig") as lines, target.open("w", encoding="utf-8") as file:
        file.writelines(f"{' '.join(line.split())}\n" for line in lines)
    return target


def _delimited(text: Path, declared: SourceFile) -> SourceFile:
    delimiter = declared.delimiter or sniff_delimiter(text, declared.skip)
    return declared.model_copy(update={"delimiter": delimiter})


def _header(path: Path, text: Path, declared: SourceFile) -> list[str]:
    if declared.header:
        return list(declared.header)
    with text.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(declared.skip):
            file.readline()
        try:
            header = next(csv.reader(file, delimiter=str(declared.delimiter)), [])
        except csv.Error as error:
            raise _refused(path, f"line 1 is no header: {error}.") from None
    names = [name.strip() for name in header]
    if not any(names):
        raise _refused(path, "the file is empty." if not header else "line 1 names no column.")
    if all(NUMBER.fullmatch(name) for name in names):
        raise SourceError(
            file=str(path),
            detail=f"line {declared.skip + 1} holds numbers, not the names of columns.",
            next="Name the columns with --columns A,B,C, or as 'header' in workspace.yml.",
        )
    folded = [name.casefold() for name in names]
    for number, name in enumerate(names, 1):
        if not name:
            raise _refused(path, f"column {number} has no name.")
        if folded.count(name.casefold()) > 1:
            raise _refused(path, f"column {name!r} stands twice in the header.")
    return names


def _insert(
    connection: DuckDBPyConnection,
    table: str,
    text: Path,
    path: Path,
    header: list[str],
    declared: SourceFile,
) -> None:
    try:
        connection.execute(
            f"INSERT INTO {table} BY NAME FROM read_csv(?, columns = ?, delim = ?,"
            " header = ?, skip = ?, auto_detect = false, quote = '\"', escape = '\"',"
            " encoding = 'utf-8', store_rejects = true, rejects_limit = 0)",
            [
                str(text),
                dict.fromkeys(header, "VARCHAR"),
                declared.delimiter,
                not declared.header,
                declared.skip,
            ],
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise _refused(path, str(error).splitlines()[0]) from None


def _rejected(connection: DuckDBPyConnection, source: str, path: Path) -> list[Finding]:
    rows = connection.execute(
        "SELECT line, lower(any_value(error_message)) FROM reject_errors GROUP BY line ORDER BY 1"
    ).fetchall()
    if not rows:
        return []
    examples = tuple(f"{path.name} row {line}: {reason}" for line, reason in rows[:EXAMPLES])
    return [
        Finding(
            source=source,
            check="rejected_row",
            count=len(rows),
            action="excluded",
            examples=examples,
        )
    ]


def _unexplained(
    connection: DuckDBPyConnection,
    table: str,
    columns: list[str],
    lines: int,
    staged: int,
) -> int:
    """Count the lines below the header that are in no row, rejected row or quoted cell."""
    lost = lines - staged - _rejected_lines(connection)
    if lost <= 0:
        return 0
    inside = [
        f"sum(length({cell}) - length(replace({cell}, chr(10), '')))"
        for cell in map(identifier, columns)
    ]
    first = count_rows(connection, table) - staged
    return lost - sum(aggregate(connection, table, inside, f"rowid >= {first}"))


def _rejected_lines(connection: DuckDBPyConnection) -> int:
    rows = connection.execute(
        "SELECT any_value(csv_line) FROM reject_errors GROUP BY line"
    ).fetchall()
    return sum(1 + str(text).rstrip("\r\n").count("\n") for (text,) in rows)


def _unaccounted(source: str, path: Path, lost: int) -> list[Finding]:
    if lost <= 0:
        return []
    return [
        Finding(
            source=source,
            check="lines_unaccounted",
            count=lost,
            examples=(f"{path.name}: {lost} lines, blank or inside a broken quote",),
        )
    ]


def _forget_rejects(connection: DuckDBPyConnection) -> None:
    connection.execute("DROP TABLE IF EXISTS reject_errors")
    connection.execute("DROP TABLE IF EXISTS reject_scans")


def _refused(path: Path, detail: str) -> SourceError:
    return SourceError(
        file=str(path), detail=detail, next="Correct the file, or its 'delimiter' or 'encoding'."
    )
