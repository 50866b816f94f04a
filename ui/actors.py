"""As whom the local operator asks."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from tools import Actor

if TYPE_CHECKING:
    from agent.analyst import Analyst


class UnknownActor(Exception):
    """No user of that name."""


def actor_named(analyst: Analyst, name: str) -> Actor:
    """Read as a user of the workspace would. It narrows what is read and gives no right to decide.

    Raises
    ------
    UnknownActor
        When the workspace has no such user.
    """
    users = {user.id: user for user in analyst.users()}
    if name not in users:
        near = get_close_matches(name, users, n=3) or sorted(users)[:5]
        hint = f"Known: {', '.join(map(repr, near))}." if near else "Add users with 'user add'."
        raise UnknownActor(f"Unknown actor {name!r}. {hint}")
    return Actor(id=name, roles=users[name].roles)
