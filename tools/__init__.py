"""What the analyst can do: the one list of tools, and the nouns that front ends need."""

from tools.data import describe_data
from tools.feedback import search_feedback
from tools.metrics import query_metrics
from tools.segments import size_segment
from warehouse.rights import Actor

TOOLS = (describe_data, query_metrics, size_segment, search_feedback)

__all__ = ["TOOLS", "Actor"]
