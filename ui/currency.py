"""The currency of a workspace's amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.analyst import Analyst

DEFAULT = "CNY"


def currency_of(analyst: Analyst) -> str:
    """Give the reporting currency of the workspace, in which every amount is."""
    return analyst.health().get("currency", DEFAULT)
