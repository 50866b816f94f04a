"""Consent: granted when an account is opened, withdrawn later by some, respected by campaigns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.draws import Bools, Floats, Ints, stream
from warehouse.demo.layout import APP, CRM, MEMBER
from warehouse.demo.people import People
from warehouse.demo.scenario import Scenario

CONSENTING: tuple[tuple[str, int, float], ...] = (
    ("sms", MEMBER, 0.93),
    ("sms", APP, 0.88),
    ("sms", CRM, 0.82),
    ("email", CRM, 0.86),
    ("email", MEMBER, 0.78),
    ("email", APP, 0.62),
    ("push", APP, 0.78),
    ("wecom", MEMBER, 0.88),
)
"""Channel, account that consents, share that does; campaigns use the first account that may."""

OWN_ACCORD = 0.08
"""Share that withdraws without being asked, at some time."""


@dataclass(frozen=True)
class Permission:
    """Who allowed one channel through one type of account; times are days since the origin."""

    channel: str
    account_type: int
    granted: Bools
    since: Floats
    until: Floats


class Permissions:
    """All permissions of one chunk of people."""

    def __init__(self, permissions: tuple[Permission, ...]) -> None:
        self.all = permissions

    def accounts(self, channel: str, moment: float) -> Ints:
        """Type of account through which each person may be contacted then; -1 if through none."""
        through = np.full(len(self.all[0].granted), -1, dtype=np.int64)
        for permission in reversed(self.all):
            if permission.channel == channel:
                open_ = (permission.since < moment) & (permission.until > moment)
                through[permission.granted & open_] = permission.account_type
        return through

    def withdraw(self, channel: str, account_type: Ints, person: Ints, times: Floats) -> None:
        """End permissions at the times people unsubscribed; times that are missing do nothing."""
        for permission in self.all:
            if permission.channel == channel:
                rows = (account_type == permission.account_type) & np.isfinite(times)
                np.minimum.at(permission.until, person[rows], times[rows])

    def opted_in(self, account_type: int, channel: str, moment: float) -> Bools:
        """Tell whose permission through one type of account is in force."""
        for permission in self.all:
            if (permission.channel, permission.account_type) == (channel, account_type):
                return np.asarray(permission.granted & (permission.until > moment))
        raise KeyError((account_type, channel))


def make_permissions(
    scenario: Scenario, people: People, opened: dict[int, Floats], seed: int, chunk: int
) -> Permissions:
    """Grant permissions as accounts are opened, and let some be withdrawn of own accord."""
    rng = stream(seed, chunk, "consents")
    owners = {APP: people.has_app, MEMBER: people.has_member, CRM: people.has_crm}
    size = len(people)
    made = []
    for channel, account_type, share in CONSENTING:
        since = opened[account_type] + rng.uniform(0.0002, 0.002, size)
        leaves = rng.random(size) < OWN_ACCORD
        granted = owners[account_type] & (rng.random(size) < share)
        granted &= since < scenario.day(scenario.as_of) + 1
        until = np.where(leaves, since + rng.exponential(300.0, size), np.inf)
        made.append(Permission(channel, account_type, granted, since, until))
    return Permissions(tuple(made))


@dataclass(frozen=True)
class ConsentRows:
    """Rows of the consent file."""

    account_type: Ints
    person: Ints
    channel: list[str]
    status: list[str]
    changed: Floats


def consent_rows(scenario: Scenario, permissions: Permissions) -> ConsentRows:
    """Write down every grant, and every withdrawal until ``as_of``."""
    end = float(scenario.day(scenario.as_of) + 1)
    kinds, persons, times = [], [], []
    channels: list[str] = []
    statuses: list[str] = []
    for p in permissions.all:
        for status, rows, when in (
            ("granted", p.granted, p.since),
            ("withdrawn", p.granted & (p.until < end), p.until),
        ):
            who = np.flatnonzero(rows)
            kinds.append(np.full(len(who), p.account_type))
            persons.append(who)
            times.append(when[who])
            channels += [p.channel] * len(who)
            statuses += [status] * len(who)
    return ConsentRows(
        np.concatenate(kinds), np.concatenate(persons), channels, statuses, np.concatenate(times)
    )
