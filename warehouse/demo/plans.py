"""The plans of past campaigns, with their true effects."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class CampaignPlan:
    """A campaign of the past.

    Attributes
    ----------
    month, day : int
        Start: months after the first month of the data, and the day of that month.
    audience : str
        ``all``, ``lapsed`` (last order more than 90 days ago), ``recent`` (within 60), ``new``
        (registered within 90 days), ``overseas``; a category means people who favour it.
    effects : pairs of group and effect, the first matching group counts
        The added chance that a person who was sent the message and would not have bought in the
        following seven days does buy; a negative one is the chance that a buyer stays away.
    """

    name_zh: str
    name_en: str
    channel: str
    objective: str
    month: int
    day: int
    audience: str
    holdout: float
    effects: tuple[tuple[str, float], ...]
    days: int = 7


def _read() -> tuple[CampaignPlan, ...]:
    text = files("warehouse.demo").joinpath("past_campaigns.yml").read_text(encoding="utf-8")
    return tuple(
        CampaignPlan(
            name_zh=row["zh"],
            name_en=row["en"],
            channel=row["channel"],
            objective=row["objective"],
            month=row["month"],
            day=row["day"],
            audience=row["audience"],
            holdout=row["holdout"],
            effects=tuple(row["effects"].items()),
        )
        for row in yaml.safe_load(text)
    )


CAMPAIGNS = _read()
