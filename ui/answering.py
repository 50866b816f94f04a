"""An answer over HTTP: whole, or step by step as server-sent events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from agent.analyst import StepFinished, StepStarted
from agent.answer import Answer
from ui.currency import currency_of
from ui.local import CURRENCY_HEADER

if TYPE_CHECKING:
    from agent.analyst import Analyst, Event


def answered(events: Iterator[Event], request: Request, analyst: Analyst) -> Response:
    """Send the events of a turn as the client takes them: each at once, or the Answer alone."""
    if "text/event-stream" in request.headers.get("accept", ""):
        return StreamingResponse(_as_events(events), media_type="text/event-stream")
    *_, answer = events
    return Response(
        answer.model_dump_json(),
        media_type="application/json",
        headers={CURRENCY_HEADER: currency_of(analyst)},
    )


def _as_events(events: Iterator[Event]) -> Iterator[str]:
    for event in events:
        yield f"event: {_name(event)}\ndata: {event.model_dump_json()}\n\n"


def _name(event: Event) -> str:
    if isinstance(event, StepStarted):
        return "step_started"
    if isinstance(event, StepFinished):
        return "step_finished"
    return "answer" if isinstance(event, Answer) else "text"
