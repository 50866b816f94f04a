"""Where the ledger lies: its tables, their migrations, transactions, and what goes wrong there."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    create_engine,
    event,
    func,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as NoConnection

from warehouse.errors import LedgerError

BUSY_MILLISECONDS = 5000


class Instant(TypeDecorator[datetime]):
    """A moment, kept in UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone; store the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(
                f"A time in the ledger must have a time zone. Got {value.isoformat()}."
            )
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back a time in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


tables = MetaData()

schema_version = Table(
    "schema_version",
    tables,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", Instant, nullable=False),
)
users = Table(
    "users",
    tables,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("language", String, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)
sessions = Table(
    "sessions",
    tables,
    Column("token_hash", String, primary_key=True),
    Column("user_id", ForeignKey(users.c.id), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked", Boolean, nullable=False),
)
failed_logins = Table(
    "failed_logins",
    tables,
    Column("id", Integer, primary_key=True),
    Column("user_id", String, nullable=False, index=True),
    Column("at", Instant, nullable=False),
)
threads = Table(
    "threads",
    tables,
    Column("id", String, primary_key=True),
    Column("user_id", String, nullable=False, index=True),
    Column("title", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
turns = Table(
    "turns",
    tables,
    Column("id", String, primary_key=True),
    Column("thread_id", ForeignKey(threads.c.id), nullable=False),
    Column("user_id", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("question", Text, nullable=False),
    Column("language", String, nullable=False),
    Column("plan", JSON(none_as_null=True)),
    Column("spec", JSON(none_as_null=True)),
    Column("steps", JSON(none_as_null=True)),
    Column("evidence", JSON(none_as_null=True)),
    Column("answer", JSON, nullable=False),
    Column("planner", String, nullable=False),
    Column("model", String),
    Column("usage", JSON(none_as_null=True)),
    Column("milliseconds", Float, nullable=False),
    UniqueConstraint("thread_id", "position"),
)
# Text where another table would have a type: the hash is over what is stored, byte for byte.
# A previous hash is unique, so that two writers cannot both continue from one entry.
audit = Table(
    "audit",
    tables,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous_hash", String, nullable=False, unique=True),
    Column("hash", String, nullable=False),
)


def create_tables(connection: Connection) -> None:
    """Create the tables of version 1; on SQLite, nobody changes the audit by mistake either."""
    tables.create_all(connection)
    if connection.dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER audit_refuses_{change.lower()} BEFORE {change} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
            )


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (create_tables,)
"""Step n leads from version n to n + 1. Steps are only added; ``create_tables`` stays as it was."""


class LedgerStore:
    """Transactions on the ledger's database, in which every failure is a LedgerError.

    Parameters
    ----------
    url_or_path : str or Path
        A SQLAlchemy URL, or a file for SQLite, which is created when missing.
    now : callable
        The clock.

    Raises
    ------
    LedgerError
        When it cannot be opened, here and in every transaction.
    """

    def __init__(self, url_or_path: str | Path, now: Callable[[], datetime]) -> None:
        text = str(url_or_path)
        file = URL.create("sqlite", database=str(Path(text).absolute()))
        url = make_url(text) if "://" in text else file
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self._path = Path(url.database) if self._is_sqlite and url.database else None
        self._name = str(self._path or url.render_as_string(hide_password=True))
        self._identity = self._create_file()
        options: dict[str, Any] = {"connect_args": {"isolation_level": None}}
        self._engine = create_engine(
            url,
            json_serializer=to_json,
            pool_size=8,
            max_overflow=24,
            **(options if self._is_sqlite else {}),
        )
        self.insert = import_module(f"sqlalchemy.dialects.{url.get_backend_name()}").insert
        self._turn = Lock()  # waiting for SQLite's own lock is not fair: seconds instead of 30 ms
        self._reader = self._engine.execution_options(reads=True)
        if self._is_sqlite:
            event.listen(self._engine, "connect", _set_pragmas)
            event.listen(self._engine, "begin", _begin)
        self._migrate(now)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read; each statement sees what was last committed."""
        with self._mapped(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Read and write in one transaction that holds the write lock from its beginning."""
        with self._turn, self._mapped(), self._engine.begin() as connection:
            yield connection

    def damage(self) -> str | None:
        """Look through the whole file and tell the first damage; None if there is none."""
        if not self._is_sqlite:
            return None
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        return None if found == "ok" else str(found)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _create_file(self) -> tuple[int, int] | None:
        """Create the file, for its owner only, before SQLite does so for everybody."""
        if self._path is None:
            return None
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            return self._identify(self._path)
        except OSError as error:
            raise LedgerError(
                detail=f"The ledger {self._name!r} cannot be opened ({error.strerror}).",
                next="Check that its folder exists and may be written by this user.",
            ) from error

    def _migrate(self, now: Callable[[], datetime]) -> None:
        with self.reading() as connection:
            if self._version(connection) == len(MIGRATIONS):
                return
        with self.writing() as connection:  # another process may just have done it
            for number in range(self._version(connection), len(MIGRATIONS)):
                MIGRATIONS[number](connection)
                connection.execute(
                    insert(schema_version), {"version": number + 1, "applied_at": now()}
                )

    def _version(self, connection: Connection) -> int:
        if not inspect(connection).has_table(schema_version.name):
            return 0
        version = connection.execute(select(func.max(schema_version.c.version))).scalar() or 0
        if version > len(MIGRATIONS):
            raise LedgerError(
                detail=f"The ledger {self._name!r} was written by a newer program "
                f"(version {version}, this one knows {len(MIGRATIONS)}).",
                next="Use the newer program.",
            )
        return version

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        self._check_identity()
        try:
            yield
        except NoConnection as error:
            raise self._error("SQLITE_BUSY", str(error)) from error
        except IntegrityError:  # a mistake in the program
            raise
        except StatementError as error:
            name = getattr(error.orig, "sqlite_errorname", "")
            raise self._error(name, str(error.orig)) from error
        except ValueError as error:  # what was read cannot be what was written
            raise self._error("SQLITE_CORRUPT", str(error)) from error

    def _error(self, name: str, text: str) -> LedgerError:
        for signs, problem, meaning, advice in _SIGNS:
            if name.startswith(signs):
                return LedgerError(
                    problem=problem,
                    detail=f"The ledger {self._name!r} {meaning}.",
                    next=advice,
                )
        return LedgerError(
            detail=f"The ledger {self._name!r} failed ({text}).",
            next="Run 'sextant doctor' to see what is wrong.",
        )

    def _check_identity(self) -> None:
        # SQLite would go on writing to a file that nobody can find any more.
        if self._path is None:
            return
        try:
            found = self._identify(self._path)
        except OSError:
            found = None
        if found != self._identity:
            what = "is missing" if found is None else "was replaced while it was open"
            raise LedgerError(
                problem="missing",
                detail=f"The ledger {self._name!r} {what}.",
                next="Put it back or restore a backup, then start again.",
            )

    @staticmethod
    def _identify(path: Path) -> tuple[int, int]:
        found = path.stat()
        return found.st_dev, found.st_ino


_SIGNS: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED"),
        "locked",
        "is locked by another program",
        "Close that program, or wait and try again.",
    ),
    (
        ("SQLITE_CORRUPT", "SQLITE_NOTADB"),
        "damaged",
        "is damaged",
        "Keep a copy of the file and restore a backup.",
    ),
    (
        ("SQLITE_FULL", "SQLITE_IOERR"),
        "full",
        "cannot be written or read: the disk is full or failing",
        "Free some space, then try again.",
    ),
    (
        ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"),
        "unwritable",
        "may not be written by this user",
        "Give the right to write the file and its folder.",
    ),
)


def to_json(value: object) -> str:
    """Write compact JSON; half a surrogate pair, which no store takes, becomes a question mark."""
    return storable(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def storable(text: str) -> str:
    """Replace half surrogate pairs, which no store takes."""
    return text.encode("utf-8", "replace").decode()


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS}",  # first: the next ones may have to wait
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "cell_size_check = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that reads and then writes fails at once as locked unless it begins so.
    if not connection.get_execution_options().get("reads"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
