"""Why a question gets no plan: raised inside the planner, always caught by it."""

from __future__ import annotations

from collections.abc import Sequence

from agent.answer import Reason

Param = str | int | float


class NoPlan(Exception):
    """The question cannot be planned as it stands; ``code`` is a message of planner.yml."""

    def __init__(self, code: str, reason: Reason, **params: Param) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.params = params
        self.offers: tuple[str, ...] = ()
        self.spans: tuple[tuple[int, int], ...] = ()

    def about(self, *spans: tuple[int, int]) -> NoPlan:
        """Say which spans of the text it is about."""
        self.spans = spans
        return self

    def offering(self, questions: Sequence[str]) -> NoPlan:
        """Offer questions that can be asked instead."""
        self.offers = tuple(questions)
        return self


class Refused(NoPlan):
    """There is no answer to this question."""


class Unclear(NoPlan):
    """There is an answer once the person says more."""


class Ambiguous(Exception):
    """Words have several meanings that give different results.

    ``key`` names the decision; deciding it by number makes the same question unambiguous.
    """

    def __init__(self, key: str, text: str, options: Sequence[str]) -> None:
        super().__init__(key)
        self.key = key
        self.text = text
        self.options = tuple(options)
