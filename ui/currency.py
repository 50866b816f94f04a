"""The currency of a workspace's amounts."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tools.errors import FAILURES

if TYPE_CHECKING:
    from agent.analyst import Analyst

DEFAULT = "CNY"


def currency_of(analyst: Analyst) -> str:
    """Give the reporting currency of the workspace, in which every amount is.

    While the stores cannot be read there is no amount either, and the default will do.
    """
    with suppress(*FAILURES):
        return analyst.health().get("currency", DEFAULT)
    return DEFAULT
