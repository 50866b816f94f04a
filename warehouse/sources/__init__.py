"""Reading a brand's files: encodings, types, checks. What came in is staged or accounted for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from warehouse.errors import SourceError
from warehouse.sources.csv_file import SUFFIXES as CSV_SUFFIXES
from warehouse.sources.csv_file import stage_csv
from warehouse.sources.excel_file import SUFFIXES as EXCEL_SUFFIXES
from warehouse.sources.excel_file import stage_excel
from warehouse.sources.files import find_files
from warehouse.sources.json_lines import SUFFIXES as JSON_SUFFIXES
from warehouse.sources.json_lines import stage_json_lines
from warehouse.sources.parquet_file import SUFFIXES as PARQUET_SUFFIXES
from warehouse.sources.parquet_file import stage_parquet
from warehouse.sources.raw import RawTable
from warehouse.workspace_file import SourceFile

Stager = Callable[[DuckDBPyConnection, str, Sequence[Path], SourceFile, Path], RawTable]

# One line a format; a new one is a file with a stager and a line here.
FORMATS: tuple[tuple[str, tuple[str, ...], Stager], ...] = (
    ("csv", CSV_SUFFIXES, stage_csv),
    ("jsonl", JSON_SUFFIXES, stage_json_lines),
    ("parquet", PARQUET_SUFFIXES, stage_parquet),
    ("excel", EXCEL_SUFFIXES, stage_excel),
)


@dataclass(frozen=True)
class SourceFiles:
    """The files of a source, and what stages them."""

    declared: SourceFile
    files: tuple[Path, ...]
    stager: Stager

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(path.stat().st_size for path in self.files)


def find_source(declared: SourceFile, data: Path) -> SourceFiles:
    """Find the files of a source below the folder of the brand's data.

    Raises
    ------
    SourceError
        There is none, or it is of no known format.
    """
    wanted = [entry for entry in FORMATS if declared.format in (None, entry[0])]
    suffixes = tuple(suffix for _, endings, _ in wanted for suffix in endings)
    files = find_files(data, declared.file, suffixes)
    stager = next((s for _, endings, s in wanted if files[0].suffix.lower() in endings), None)
    if stager is None and declared.format is not None:
        stager = wanted[0][2]
    if stager is None:
        raise SourceError(
            file=str(files[0]),
            detail=f"unknown format {files[0].suffix!r}.",
            next=f"Declare 'format': one of {', '.join(name for name, _, _ in FORMATS)}.",
        )
    return SourceFiles(declared, files, stager)


def find_format(declared: SourceFile, path: Path) -> str | None:
    """Name the format of a file: as declared, else by its ending; ``None`` if that is unknown."""
    if declared.format is not None:
        return declared.format
    return next((name for name, ends, _ in FORMATS if path.suffix.lower() in ends), None)


def stage_source(
    connection: DuckDBPyConnection, source: str, found: SourceFiles, scratch: Path
) -> RawTable:
    """Stage one source in ``raw.<source>``, unchanged; ``scratch`` is for temporary copies.

    Raises
    ------
    SourceError
        A file cannot be read whole.
    """
    return found.stager(connection, source, found.files, found.declared, scratch)
