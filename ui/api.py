"""The HTTP interface: the same Answer as everywhere, whole or as server-sent events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from agent.analyst import StepFinished, StepStarted
from agent.answer import Answer
from ui.actors import UnknownActor, actor_named
from ui.currency import currency_of
from ui.gate import Visitor, session_token
from ui.local import CURRENCY_HEADER

if TYPE_CHECKING:
    from agent.analyst import Analyst, Event, Session
    from tools import Actor


class Asked(BaseModel):
    """What ``/api/ask`` takes. ``actor`` narrows what the local operator reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    thread: str | None = None
    actor: str | None = None


def api_routes(analyst: Analyst) -> APIRouter:
    """Make the routes ``/healthz``, ``/api/ask`` and ``/api/threads``."""
    routes = APIRouter()

    @routes.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @routes.post("/api/ask")
    def ask(asked: Asked, request: Request) -> Response:
        actor = _actor(asked, request)
        if "text/event-stream" in request.headers.get("accept", ""):
            events = analyst.stream(asked.text, asked.thread, actor)
            return StreamingResponse(_as_events(events), media_type="text/event-stream")
        answer = analyst.ask(asked.text, asked.thread, actor)
        return Response(
            answer.model_dump_json(),
            media_type="application/json",
            headers={CURRENCY_HEADER: currency_of(analyst)},
        )

    @routes.get("/api/threads")
    def threads(request: Request) -> Response:
        session = _session(request)
        if session is None:
            raise HTTPException(403, "Conversations belong to a signed-in person.")
        found = analyst.threads(session)
        return JSONResponse([thread.model_dump(mode="json") for thread in found])

    def _session(request: Request) -> Session | None:
        visitor: Visitor = request.state.visitor
        if visitor.user_id is None:
            return None
        return analyst.session(session_token(request.headers) or "")

    def _actor(asked: Asked, request: Request) -> Actor | None:
        session = _session(request)
        if session is not None:
            if asked.actor is not None:
                raise HTTPException(403, "A signed-in person asks as themselves.")
            return analyst.actor_of(session)
        if asked.actor is None:
            return None
        try:
            return actor_named(analyst, asked.actor)
        except UnknownActor as error:
            raise HTTPException(422, str(error)) from error

    return routes


def _as_events(events: Iterator[Event]) -> Iterator[str]:
    for event in events:
        yield f"event: {_name(event)}\ndata: {event.model_dump_json()}\n\n"


def _name(event: Event) -> str:
    if isinstance(event, StepStarted):
        return "step_started"
    if isinstance(event, StepFinished):
        return "step_finished"
    return "answer" if isinstance(event, Answer) else "text"
