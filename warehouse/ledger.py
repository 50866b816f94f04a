"""What must never be lost: people and sessions, conversations and turns, the audit chain."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from warehouse import audit_chain
from warehouse import ledger_store as store
from warehouse.audit_chain import AuditHead, AuditReport
from warehouse.errors import LedgerError, UnknownName, WarehouseError, nearest
from warehouse.ledger_records import Session, Thread, Turn, User
from warehouse.ledger_store import LedgerStore, storable
from warehouse.passwords import NOBODY, hash_password, matches
from warehouse.rights import Role

_NEXT_PLACE = select(func.coalesce(func.max(store.turns.c.position), 0) + 1).where(
    store.turns.c.thread_id == bindparam("conversation")
)
_NEXT_TURN = insert(store.turns).values(position=_NEXT_PLACE.scalar_subquery())

SESSION = timedelta(hours=12)
FREE_ATTEMPTS = 5
"""Wrong passwords in a row before the next attempt has to wait: 1, 2, 4 ... seconds."""
LONGEST_WAIT = timedelta(minutes=5)
SHORTEST_PASSWORD = 8
LONGEST_NAME = 64
LONGEST_TITLE = 200


class SignInDelayed(WarehouseError):
    """Too many wrong passwords in a row: the next attempt has to wait."""

    code = "sign_in_delayed"
    template = "Too many wrong passwords for {user!r}. Try again in {seconds} s."


class Ledger:
    """The ledger of one workspace. Safe to share between threads, and between processes.

    Every call that names a thread names the user too, and finds only that user's threads.

    Parameters
    ----------
    url_or_path : str or Path
        A SQLAlchemy URL, or a file for SQLite, which is created when missing.
    now : callable
        The clock; its times have a zone.

    Raises
    ------
    LedgerError
        When the ledger is missing, damaged, locked or full, here and in every call.
    """

    def __init__(
        self, url_or_path: str | Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._now = now
        self._store = LedgerStore(url_or_path, now)
        begin = self._store.insert(store.threads)
        self._begin_or_use = begin.on_conflict_do_update(
            index_elements=[store.threads.c.id],
            set_={"updated_at": begin.excluded.updated_at},
            where=store.threads.c.user_id == begin.excluded.user_id,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._store.close()

    def damage(self) -> str | None:
        """Look through the whole file and tell the first damage; None if there is none."""
        return self._store.damage()

    # People

    def add_user(
        self,
        user: str,
        name: str,
        roles: Sequence[Role],
        password: str,
        language: str = "zh",
        by: str = "system",
    ) -> User:
        """Add someone who may sign in.

        Raises
        ------
        LedgerError
            When there is a user of that id, or the id or password is not acceptable.
        """
        _check_id(user)
        added = User(
            id=user,
            name=name,
            roles=tuple(roles),
            language=language,
            disabled=False,
            created_at=self._now(),
        )
        hashed = _hashed(password)
        with self._store.writing() as connection:
            if connection.execute(select(store.users.c.id).filter_by(id=user)).first():
                raise LedgerError(
                    detail=f"There is a user {user!r} already.",
                    next="Choose another id, or set that user's password.",
                )
            connection.execute(insert(store.users), {**added.model_dump(), "password_hash": hashed})
            self._append(connection, by, "add_user", user, {"roles": added.roles})
        return added

    def set_password(self, user: str, password: str, by: str = "system") -> None:
        """Set a user's password and end all of the user's sessions."""
        hashed = _hashed(password)
        with self._store.writing() as connection:
            _require_user(connection, user)
            table = store.users
            connection.execute(update(table).where(table.c.id == user), {"password_hash": hashed})
            _revoke_sessions(connection, user)
            _forget_failures(connection, user)
            self._append(connection, by, "set_password", user)

    def disable_user(self, user: str, by: str = "system") -> None:
        """Let a user not sign in any more, and end all of the user's sessions."""
        with self._store.writing() as connection:
            _require_user(connection, user)
            table = store.users
            connection.execute(update(table).where(table.c.id == user), {"disabled": True})
            _revoke_sessions(connection, user)
            self._append(connection, by, "disable_user", user)

    def users(self) -> tuple[User, ...]:
        """List everyone who was added, by id."""
        columns = [store.users.c[name] for name in User.model_fields]
        with self._store.reading() as connection:
            rows = connection.execute(select(*columns).order_by(store.users.c.id)).all()
        return tuple(User.model_validate(dict(row._mapping)) for row in rows)

    # Sessions

    def sign_in(self, user: str, password: str) -> str | None:
        """Open a session; None when the id or the password is wrong, or the user disabled.

        An attempt counts as failed from its beginning, so that many at once gain nothing.

        Returns
        -------
        str or None
            The token of the session, which is not stored anywhere.

        Raises
        ------
        SignInDelayed
            After too many failed attempts in a row, whoever they came from.
        """
        user = storable(user)[:LONGEST_NAME]
        stored = self._attempt(user)
        if not matches(password, stored or NOBODY) or stored is None:
            self.audit(user, "sign_in_refused", user)
            return None
        token = secrets.token_urlsafe(32)
        now = self._now()
        with self._store.writing() as connection:
            _forget_failures(connection, user)
            table = store.sessions
            connection.execute(delete(table).where(table.c.expires_at <= now))
            connection.execute(
                insert(table),
                {
                    "token_hash": _digest(token),
                    "user_id": user,
                    "created_at": now,
                    "expires_at": now + SESSION,
                    "revoked": False,
                },
            )
            self._append(connection, user, "sign_in", user)
        return token

    def session(self, token: str) -> Session | None:
        """Find who a token belongs to; None when it is unknown, over, or the user disabled."""
        people, table = store.users.c, store.sessions.c
        query = (
            select(table.user_id, people.name, people.roles, people.language, table.expires_at)
            .join_from(store.sessions, store.users)
            .where(table.token_hash == _digest(token), table.expires_at > self._now())
            .where(~table.revoked, ~people.disabled)
        )
        with self._store.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Session.model_validate(dict(row._mapping))

    def sign_out(self, token: str) -> None:
        """End a session; an unknown token is no error."""
        table = store.sessions
        with self._store.writing() as connection:
            user = connection.execute(
                select(table.c.user_id).where(
                    table.c.token_hash == _digest(token), ~table.c.revoked
                )
            ).scalar()
            if user is None:
                return
            connection.execute(
                update(table).where(table.c.token_hash == _digest(token)), {"revoked": True}
            )
            self._append(connection, user, "sign_out", user)

    # Conversations

    def create_thread(self, user: str, title: str = "") -> Thread:
        """Begin a conversation."""
        now = self._now()
        thread = Thread(
            id=secrets.token_urlsafe(16),
            user_id=storable(user),
            title=_titled(title),
            created_at=now,
            updated_at=now,
        )
        with self._store.writing() as connection:
            connection.execute(insert(store.threads), thread.model_dump())
        return thread

    def new_thread_id(self) -> str:
        """Make the id of a conversation that begins with its first turn."""
        return secrets.token_urlsafe(16)

    def open_thread(self, user: str, thread: str | None, title: str = "") -> str:
        """Find the user's thread, or begin one when there is none to go on with; return its id."""
        if thread is None:
            return self.create_thread(user, title).id
        with self._store.reading() as connection:
            _require_thread(connection, user, thread)
        return thread

    def threads(self, user: str, limit: int = 200, text: str = "") -> tuple[Thread, ...]:
        """List the user's conversations, the last used first.

        With a ``text``, only those in whose title or questions it stands, whatever its case.
        """
        table, turns = store.threads, store.turns
        query = (
            select(table)
            .where(table.c.user_id == storable(user))
            .order_by(table.c.updated_at.desc(), table.c.id)
            .limit(limit)
        )
        if text.strip():
            sought = storable(text.strip())
            asked = select(turns.c.thread_id).where(
                turns.c.user_id == storable(user),
                turns.c.question.icontains(sought, autoescape=True),
            )
            in_title = table.c.title.icontains(sought, autoescape=True)
            query = query.where(in_title | table.c.id.in_(asked))
        with self._store.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(Thread.model_validate(dict(row._mapping)) for row in rows)

    def rename_thread(self, user: str, thread: str, title: str) -> None:
        """Rename the user's conversation."""
        with self._store.writing() as connection:
            _require_thread(connection, user, thread)
            table = store.threads
            connection.execute(update(table).where(table.c.id == thread), {"title": _titled(title)})

    def delete_thread(self, user: str, thread: str) -> int:
        """Delete the user's conversation with all its turns; return how many those were."""
        table, turns = store.threads, store.turns
        with self._store.writing() as connection:
            _require_thread(connection, user, thread)
            gone = connection.execute(delete(turns).where(turns.c.thread_id == thread)).rowcount
            connection.execute(delete(table).where(table.c.id == thread))
            self._append(connection, user, "delete_thread", thread, {"turns": gone})
        return gone

    def turn(self, user: str, thread: str, turn: str) -> Turn:
        """Read one turn of the user's conversation."""
        table = store.turns
        query = select(table).where(table.c.thread_id == thread, table.c.id == storable(turn))
        with self._store.reading() as connection:
            _require_thread(connection, user, thread)
            row = connection.execute(query).first()
        if row is None:
            raise UnknownName(kind="turn", name=turn, nearest=())
        return Turn.model_validate(dict(row._mapping))

    def turns(self, user: str, thread: str, limit: int = 1000) -> tuple[Turn, ...]:
        """Read the last turns of the user's conversation, the oldest first."""
        table = store.turns
        query = (
            select(table)
            .where(table.c.thread_id == thread)
            .order_by(table.c.position.desc())
            .limit(limit)
        )
        with self._store.reading() as connection:
            _require_thread(connection, user, thread)
            rows = connection.execute(query).all()
        return tuple(Turn.model_validate(dict(row._mapping)) for row in reversed(rows))

    def plans(self, user: str, thread: str, limit: int) -> list[dict[str, object]]:
        """Read what was planned in the last turns, the latest first; turns without a plan count."""
        table = store.turns
        query = (
            select(table.c.plan)
            .where(table.c.thread_id == storable(thread), table.c.user_id == storable(user))
            .order_by(table.c.position.desc())
            .limit(limit)
        )
        with self._store.reading() as connection:
            return [plan for (plan,) in connection.execute(query) if plan is not None]

    def last_turn(self, user: str, thread: str) -> Turn | None:
        """Read the last turn of the user's conversation; None when it has none."""
        turns = self.turns(user, thread, limit=1)
        return turns[0] if turns else None

    def record_turn(
        self,
        *,
        user_id: str,
        thread_id: str,
        question: str,
        language: str,
        answer: Mapping[str, object],
        planner: str,
        milliseconds: float,
        plan: Mapping[str, object] | None = None,
        spec: Mapping[str, object] | None = None,
        steps: Sequence[object] | None = None,
        evidence: Sequence[object] | None = None,
        model: str | None = None,
        usage: Mapping[str, object] | None = None,
        title: str | None = None,
    ) -> str:
        """Write one turn after the last of the user's conversation; return its id.

        With a ``title``, a conversation that is not there yet begins with this turn.
        """
        turn = secrets.token_urlsafe(16)
        now = self._now()
        row = {
            "id": turn,
            "thread_id": storable(thread_id),
            "user_id": storable(user_id),
            "asked_at": now,
            "question": storable(question),
            "language": language,
            "plan": plan,
            "spec": spec,
            "steps": steps,
            "evidence": evidence,
            "answer": answer,
            "planner": planner,
            "model": model,
            "usage": usage,
            "milliseconds": milliseconds,
        }
        table = store.threads
        with self._store.writing() as connection:
            if title is None:
                used = update(table).where(
                    table.c.id == row["thread_id"], table.c.user_id == row["user_id"]
                )
                known = connection.execute(used, {"updated_at": now})
            else:
                begun = Thread(
                    id=storable(thread_id),
                    user_id=storable(user_id),
                    title=_titled(title),
                    created_at=now,
                    updated_at=now,
                )
                known = connection.execute(self._begin_or_use, begun.model_dump())
            if known.rowcount == 0:  # it is somebody else's, or is not
                raise _unknown_thread(thread_id)
            connection.execute(_NEXT_TURN, row | {"conversation": row["thread_id"]})
        return turn

    # Audit

    def audit(
        self,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Append an entry: who did what to what."""
        with self._store.writing() as connection:
            self._append(connection, actor, action, subject, detail)

    def audit_head(self) -> AuditHead:
        """Tell the last entry of the audit, to be kept outside the ledger."""
        with self._store.reading() as connection:
            return audit_chain.head(connection)

    def verify_audit(self, kept: AuditHead | None = None) -> AuditReport:
        """Recompute the audit's chain of hashes; ``kept`` is a head that was kept elsewhere."""
        with self._store.reading() as connection:
            return audit_chain.verify(connection, kept)

    def _append(
        self,
        connection: Connection,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        audit_chain.append(connection, self._now(), actor, action, subject, detail or {})

    def _attempt(self, user: str) -> str | None:
        """Count an attempt to sign in; return the hash to compare with, if there is one."""
        table, now = store.failed_logins, self._now()
        with self._store.writing() as connection:
            connection.execute(delete(table).where(table.c.at < now - timedelta(days=1)))
            failures, last = connection.execute(
                select(func.count(), func.max(table.c.at)).where(table.c.user_id == user)
            ).one()
            if failures >= FREE_ATTEMPTS:
                wait = min(timedelta(seconds=2 ** min(failures - FREE_ATTEMPTS, 20)), LONGEST_WAIT)
                left = (last + wait - now).total_seconds()
                if left > 0:
                    raise SignInDelayed(user=user, seconds=ceil(left))
            connection.execute(insert(table), {"user_id": user, "at": now})
            return connection.execute(
                select(store.users.c.password_hash).where(
                    store.users.c.id == user, ~store.users.c.disabled
                )
            ).scalar()


def _require_user(connection: Connection, user: str) -> None:
    known = list(connection.execute(select(store.users.c.id)).scalars())
    if user not in known:
        raise UnknownName(kind="user", name=user, nearest=nearest(user, known))


def _require_thread(connection: Connection, user: str, thread: str) -> None:
    table = store.threads.c
    query = select(table.id).where(table.id == storable(thread), table.user_id == storable(user))
    if connection.execute(query).first() is None:
        raise _unknown_thread(thread)


def _unknown_thread(thread: str) -> UnknownName:
    # Somebody else's thread is as unknown as one that never was.
    return UnknownName(kind="thread", name=thread, nearest=())


def _revoke_sessions(connection: Connection, user: str) -> None:
    table = store.sessions
    connection.execute(update(table).where(table.c.user_id == user), {"revoked": True})


def _forget_failures(connection: Connection, user: str) -> None:
    table = store.failed_logins
    connection.execute(delete(table).where(table.c.user_id == user))


def _check_id(user: str) -> None:
    if not 0 < len(user) <= LONGEST_NAME or user != user.strip() or not user.isprintable():
        raise LedgerError(
            detail=f"A user's id must have 1 to {LONGEST_NAME} printable characters. Got {user!r}.",
            next="Choose another id.",
        )


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise LedgerError(
            detail=f"A password must have at least {SHORTEST_PASSWORD} characters. "
            f"Got {len(password)}.",
            next="Choose a longer one.",
        )
    return hash_password(password)


def _titled(title: str) -> str:
    return storable(" ".join(title.split()))[:LONGEST_TITLE]


def _digest(token: str) -> str:
    return hashlib.sha256(storable(token).encode()).hexdigest()
