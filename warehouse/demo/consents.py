"""Consent: granted when an account is opened, withdrawn later by some."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.demo.accounts import account_number
from warehouse.demo.campaigns import Touches
from warehouse.demo.draws import Bools, Floats, Ints, stream
from warehouse.demo.layout import APP, CRM, MEMBER
from warehouse.demo.people import People
from warehouse.demo.scenario import CAMPAIGNS, Scenario

CONTACT_CHANNELS = ("sms", "email", "push", "wecom")
CHANNEL_ACCOUNTS: tuple[tuple[str, int, float], ...] = (
    ("sms", APP, 0.82),
    ("push", APP, 0.66),
    ("email", APP, 0.48),
    ("sms", MEMBER, 0.88),
    ("wecom", MEMBER, 0.72),
    ("email", CRM, 0.74),
)
"""Channel, account that consents, share that does."""


@dataclass(frozen=True)
class Consents:
    """Rows of the consent file, and who of the app's users is opted in at ``as_of``."""

    account_type: Ints
    account: Ints
    channel: list[str]
    status: list[str]
    changed: Floats
    opt_ins: dict[str, Bools]


def touch_accounts(people: People, touches: Touches) -> tuple[Ints, Ints]:
    """Account type and number to which each message went."""
    channel = np.array([c.channel for c in CAMPAIGNS])[touches.campaign]
    member = people.has_member[touches.person]
    kind = np.select(
        [channel == "push", channel == "email", (channel == "sms") & ~member],
        [APP, CRM, APP],
        MEMBER,
    )
    number = np.zeros(len(kind), dtype=np.int64)
    for account_type in (CRM, MEMBER, APP):
        rows = kind == account_type
        number[rows] = account_number(account_type, people.first + touches.person[rows])
    return kind, number


def make_consents(
    scenario: Scenario,
    people: People,
    registered: Floats,
    touches: Touches,
    seed: int,
    chunk: int,
) -> Consents:
    """Grant and withdraw the consents of one chunk."""
    rng = stream(seed, chunk, "consents")
    end = float(scenario.day(scenario.as_of)) + 0.9
    kinds, persons, channels, statuses, times = [], [], [], [], []
    opt_ins: dict[str, Bools] = {}
    owners = {APP: people.has_app, MEMBER: people.has_member, CRM: people.has_crm}
    left = _unsubscribed(people, touches)
    for channel, account_type, share in CHANNEL_ACCOUNTS:
        granted = owners[account_type] & (rng.random(len(people)) < share)
        opened = registered + rng.exponential(0.5, len(people))
        later = opened + rng.exponential(320.0, len(people))
        leaves = granted & (rng.random(len(people)) < 0.10)
        later = np.where(leaves, later, np.inf)
        later = np.minimum(later, np.where(granted, left[channel, account_type], np.inf))
        withdrawn = granted & (later < end)
        if account_type == APP:
            opt_ins[channel] = granted & ~withdrawn
        for status, rows, when in (("granted", granted, opened), ("withdrawn", withdrawn, later)):
            who = np.flatnonzero(rows)
            kinds.append(np.full(len(who), account_type))
            persons.append(who)
            channels += [channel] * len(who)
            statuses += [status] * len(who)
            times.append(np.minimum(when[who], end))
    kind, person = np.concatenate(kinds), np.concatenate(persons)
    account = np.zeros(len(kind), dtype=np.int64)
    for account_type in owners:
        rows = kind == account_type
        account[rows] = account_number(account_type, people.first + person[rows])
    return Consents(kind, account, channels, statuses, np.concatenate(times), opt_ins)


def _unsubscribed(people: People, touches: Touches) -> dict[tuple[str, int], Floats]:
    """Earliest time at which each person unsubscribed, by channel and account type."""
    kind, _ = touch_accounts(people, touches)
    channel = np.array([c.channel for c in CAMPAIGNS])[touches.campaign]
    earliest: dict[tuple[str, int], Floats] = {}
    for name, account_type, _ in CHANNEL_ACCOUNTS:
        times = np.full(len(people), np.inf)
        rows = (channel == name) & (kind == account_type) & np.isfinite(touches.unsubscribed)
        np.minimum.at(times, touches.person[rows], touches.unsubscribed[rows])
        earliest[name, account_type] = times
    return earliest
