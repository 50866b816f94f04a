"""The planner's own messages: those of ``planner.yml`` in every language."""

from __future__ import annotations

from knowledge.languages import Language, say


def tell(code: str, language: Language, **params: str | int | float) -> str:
    """Say a message of planner.yml."""
    return say(f"plan_{code}", language, **params)
