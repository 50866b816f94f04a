"""The accounts of the demo brand."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Account(NamedTuple):
    """A demo account with its password, which everybody may know: the demo has no real data."""

    id: str
    name: str
    password: str
    roles: tuple[str, ...]


DEMO_ACCOUNTS = (
    Account("lin", "林晓 Lin", "sextant-demo-lin", ("marketer",)),
    Account("chen", "陈默 Chen", "sextant-demo-chen", ("analyst",)),
    Account("zhao", "赵宁 Zhao", "sextant-demo-zhao", ("lead",)),
    Account("admin", "管理员 Admin", "sextant-demo-admin", ("admin",)),
)


def add_demo_accounts(workspace: Path) -> tuple[Account, ...]:
    """Add the demo accounts that a workspace does not have yet."""
    from agent import open_analyst

    with open_analyst(workspace) as analyst:
        known = {user.id for user in analyst.users()}
        for account in DEMO_ACCOUNTS:
            if account.id not in known:
                analyst.add_user(None, account.id, account.name, account.password, account.roles)
    return DEMO_ACCOUNTS
