"""manifest.json: what a build was made of, what is in it, and what was odd about the data."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from pydantic import Field, ValidationError

from warehouse.build_folder import MANIFEST
from warehouse.errors import StoreUnavailable
from warehouse.query import Record
from warehouse.sources.findings import Finding


class SourcePart(Record):
    """One file of a source, by its fingerprint."""

    file: str
    sha256: str
    bytes: int


class SourceSummary(Record):
    """What came in of one source: rows read, rows staged, rows left after cleaning."""

    source: str
    files: tuple[SourcePart, ...]
    rows_read: int
    rows_staged: int
    rows_used: int


class Manifest(Record):
    """One build. ``first_day`` and ``as_of`` are the first and last day of the data, included."""

    build_id: str
    as_of: date
    first_day: date
    built_at: datetime
    currency: str
    time_zone: str
    marts: str
    semantic_hash: str = ""
    sources: tuple[SourceSummary, ...]
    rows: dict[str, int]
    findings: tuple[Finding, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict)


def load_manifest(build: Path) -> Manifest:
    """Read the manifest of a build folder (``var/current`` or one of ``var/builds``).

    Raises
    ------
    StoreUnavailable
        There is none, or it is damaged.
    """
    file = build / MANIFEST
    try:
        return Manifest.model_validate_json(file.read_text("utf-8"))
    except FileNotFoundError:
        raise StoreUnavailable(
            store=str(build), detail="there is no finished build.", next="Run 'sextant build'."
        ) from None
    except (OSError, UnicodeDecodeError, ValidationError):
        raise StoreUnavailable(
            store=str(file), detail="the manifest is damaged.", next="Run 'sextant build'."
        ) from None
