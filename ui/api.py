"""The HTTP interface for asking: the same Answer as everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from ui.actors import UnknownActor, actor_named
from ui.answering import answered
from ui.gate import Visitor, session_token

if TYPE_CHECKING:
    from agent.analyst import Analyst, Session
    from tools import Actor


class Asked(BaseModel):
    """What ``/api/ask`` takes. ``actor`` narrows what the local operator reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    thread: str | None = None
    actor: str | None = None


def api_routes(analyst: Analyst) -> APIRouter:
    """Make the routes ``/healthz`` and ``/api/ask``."""
    routes = APIRouter()

    @routes.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @routes.post("/api/ask")
    def ask(asked: Asked, request: Request) -> Response:
        actor = _actor(asked, request)
        return answered(analyst.stream(asked.text, asked.thread, actor), request, analyst)

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
