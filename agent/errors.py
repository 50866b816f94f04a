"""What may go wrong in a turn with a chat model; the embedded planner then answers.

ChatModelFailed      the endpoint or its reply is of no use; ``fault`` says how
└── TurnTooLong      a limit of the turn is reached: calls or time

Neither carries a word of the server: an error body may hold a key, or text made to be shown.
"""

from __future__ import annotations

from typing import Literal

Fault = Literal[
    "unreachable", "timeout", "key_refused", "not_found", "overloaded", "server_error",
    "request_refused", "broken_reply", "cut_reply", "withheld", "too_long", "useless",
]  # fmt: skip


class ChatModelFailed(Exception):
    """A chat model gave nothing that can be used."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"The chat model failed: {fault}.")
        self.fault: Fault = fault


class TurnTooLong(ChatModelFailed):
    """A chat model went on beyond what one turn may take."""

    def __init__(self, fault: Fault = "too_long") -> None:
        super().__init__(fault)
