"""The planner that needs no language model: a question in, a plan out."""

from agent.embedded.plan import Plan, PlannedCall, PreviousTurn
from agent.embedded.planner import plan, prepare
from agent.embedded.say_back import say_back

__all__ = ["Plan", "PlannedCall", "PreviousTurn", "plan", "prepare", "say_back"]
