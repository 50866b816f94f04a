"""What the analyst can do: the one list of tools, and the nouns that front ends need.

The list is made when it is first asked for: the tools import LangChain (two seconds), the nouns do
not, and a command line that only reads nouns must start at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.rights import Actor, Role

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    TOOLS: tuple[BaseTool, ...]

__all__ = ["TOOLS", "Actor", "Role"]


def __getattr__(name: str) -> object:
    if name != "TOOLS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tools.data import describe_data
    from tools.feedback import search_feedback
    from tools.metrics import query_metrics
    from tools.segments import size_segment

    globals()["TOOLS"] = (describe_data, query_metrics, size_segment, search_feedback)
    return globals()["TOOLS"]
