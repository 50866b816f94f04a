"""The audit: who did what to what, each entry bound to the one before by its hash.

Nothing here prevents a change by someone who can write the file; it cannot go unseen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from warehouse.ledger_store import audit, storable, to_json
from warehouse.query import Record

FIRST_HASH = "0" * 64
HASHED = ("id", "at", "actor", "action", "subject", "detail", "previous_hash")


class AuditHead(Record):
    """The last entry of the audit; kept elsewhere, it shows a tail that was cut off."""

    id: int = 0
    hash: str = FIRST_HASH


class AuditReport(Record):
    """Whether the audit is whole; else the first bad entry and what is wrong with it."""

    entries: int
    head: AuditHead
    first_bad: int | None = None
    problem: str | None = None


def append(
    connection: Connection,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, object],
) -> None:
    """Append an entry, in the transaction of what it tells: both stand or neither."""
    last = head(connection)
    entry: dict[str, object] = {
        "id": last.id + 1,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": storable(actor),
        "action": action,
        "subject": storable(subject),
        "detail": to_json(detail),
        "previous_hash": last.hash,
    }
    connection.execute(insert(audit), {**entry, "hash": _hash(entry)})


def head(connection: Connection) -> AuditHead:
    """Tell the last entry."""
    query = select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return AuditHead() if row is None else AuditHead(id=row.id, hash=row.hash)


def verify(connection: Connection, kept: AuditHead | None = None) -> AuditReport:
    """Recompute the chain and name the first bad entry.

    Parameters
    ----------
    connection : Connection
        A transaction on the ledger.
    kept : AuditHead, optional
        A head that was kept elsewhere: it must still be in the chain. Without it, a tail that was
        cut off cannot be seen.
    """
    last = AuditHead()
    for row in connection.execute(select(audit).order_by(audit.c.id)):
        entry = dict(row._mapping)
        problem = _problem(entry, last)
        if problem is None and kept is not None and (row.id, row.hash) == (kept.id, kept.hash):
            kept = None
        elif problem is None and kept is not None and row.id == kept.id:
            problem = "it is not the entry that was kept"
        if problem is not None:
            return _bad(last, problem)
        last = AuditHead(id=row.id, hash=row.hash)
    if kept is not None and kept.id > last.id:
        return _bad(last, "it was cut off")
    return AuditReport(entries=last.id, head=last)


def _bad(last: AuditHead, problem: str) -> AuditReport:
    return AuditReport(entries=last.id, head=last, first_bad=last.id + 1, problem=problem)


def _problem(entry: Mapping[str, object], last: AuditHead) -> str | None:
    if entry["id"] != last.id + 1:
        return "it is missing"
    if entry["previous_hash"] != last.hash:
        return "it does not follow the entry before it"
    if entry["hash"] != _hash(entry):
        return "it was changed"
    return None


def _hash(entry: Mapping[str, object]) -> str:
    text = json.dumps([entry[field] for field in HASHED])
    return hashlib.sha256(text.encode("ascii")).hexdigest()
