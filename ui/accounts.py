"""The accounts of the demo brand."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

Role = Literal["marketer", "analyst", "lead", "admin"]


class Account(NamedTuple):
    """A demo account with its password, which everybody may know: the demo has no real data."""

    id: str
    name: str
    password: str
    roles: tuple[Role, ...]


DEMO_ACCOUNTS = (
    Account("lin", "林晓 Lin", "sextant-demo-lin", ("marketer",)),
    Account("chen", "陈默 Chen", "sextant-demo-chen", ("analyst",)),
    Account("zhao", "赵宁 Zhao", "sextant-demo-zhao", ("lead",)),
    Account("admin", "管理员 Admin", "sextant-demo-admin", ("admin",)),
)


_ADMIN = DEMO_ACCOUNTS[-1]


def add_demo_accounts(workspace: Path) -> tuple[Account, ...]:
    """Add the demo accounts that a workspace does not have yet."""
    from agent import open_analyst

    with open_analyst(workspace) as analyst:
        known = {user.id for user in analyst.users()}
        missing = [account for account in DEMO_ACCOUNTS if account.id not in known]
        # Once there is an administrator, only an administrator adds people.
        session = analyst.sign_in(_ADMIN.id, _ADMIN.password) if _ADMIN.id in known else None
        for account in missing:
            analyst.add_user(session, account.id, account.name, account.password, account.roles)
    return DEMO_ACCOUNTS
