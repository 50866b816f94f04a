"""What the ledger gives back: users, sessions, threads, turns."""

from __future__ import annotations

from datetime import datetime

from warehouse.query import Record
from warehouse.rights import Role


class User(Record):
    """Someone who may sign in."""

    id: str
    name: str
    roles: tuple[Role, ...]
    language: str
    disabled: bool
    created_at: datetime


class Session(Record):
    """A signed-in user, with the roles of today."""

    user_id: str
    name: str
    roles: tuple[Role, ...]
    language: str
    expires_at: datetime


class Thread(Record):
    """A conversation of one user."""

    id: str
    user_id: str
    title: str
    created_at: datetime
    updated_at: datetime


class Turn(Record):
    """One question with its plan, tool calls, evidence and answer."""

    id: str
    thread_id: str
    user_id: str
    position: int
    asked_at: datetime
    question: str
    language: str
    plan: dict[str, object] | None
    spec: dict[str, object] | None
    steps: list[object] | None
    evidence: list[object] | None
    answer: dict[str, object]
    planner: str
    model: str | None
    usage: dict[str, object] | None
    milliseconds: float
