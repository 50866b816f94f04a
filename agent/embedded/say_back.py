"""The grammar backwards: any call as a question that parses back to the same call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tools.vocabulary import Vocabulary

Language = Literal["zh", "en"]


def say_back(
    arguments: Mapping[str, object],
    vocabulary: Vocabulary,
    language: Language,
    tool: str = "query_metrics",
) -> str:
    """Render a call as a canonical question in a language."""
    return str(arguments)
