"""How a tool fails: one ToolError for every error from below.

``retry`` tells whether other arguments may work (a wrong name) or not (a missing store). People
read the message of ``code`` in their language with the same ``params``.
"""

from __future__ import annotations

from pydantic import ValidationError

from knowledge.errors import KnowledgeError
from tools.evidence import Record
from warehouse.errors import (
    NotPermitted,
    Param,
    SmallGroup,
    UnknownName,
    UnsupportedQuery,
    WarehouseError,
)

FAILURES = (WarehouseError, KnowledgeError, ValidationError)
"""Every exception a tool may raise for what it was asked; anything else is a programming error."""


class ToolError(Record):
    """A failed tool call as data: the artifact of an error message.

    ``reason`` is the Answer's reason; ``text`` is the English sentence for a chat model.
    """

    code: str
    reason: str
    retry: bool
    params: dict[str, str | int | float | tuple[str, ...] | None]
    text: str


def tool_error(error: WarehouseError | KnowledgeError | ValidationError) -> ToolError:
    """Turn an error from below, or refused arguments, into a ToolError."""
    if isinstance(error, ValidationError):
        detail = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3]
        )
        return ToolError(
            code="invalid_arguments",
            reason="unsupported",
            retry=True,
            params={"detail": detail},
            text=f"Invalid arguments. {detail}",
        )
    return ToolError(
        code=_code(error),
        reason=_reason(error),
        retry=isinstance(error, UnknownName | UnsupportedQuery | SmallGroup),
        params={name: _plain(value) for name, value in error.params.items()},
        text=str(error),
    )


def _code(error: WarehouseError | KnowledgeError) -> str:
    """Name the message: by the problem where the error tells one, else by the error."""
    problem = error.params.get("problem")
    return f"{error.code}_{problem}" if problem else error.code


def _reason(error: WarehouseError | KnowledgeError) -> str:
    if isinstance(error, UnknownName):
        return "unknown_name"
    if isinstance(error, NotPermitted | SmallGroup):
        return "not_permitted"
    if isinstance(error, UnsupportedQuery):
        return "unsupported"
    return "fault"


def _plain(value: Param) -> str | int | float | tuple[str, ...] | None:
    if value is None or isinstance(value, str | int | float):
        return value
    return tuple(value)
