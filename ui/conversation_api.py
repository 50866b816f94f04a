"""A person's conversations over HTTP: list, read, rename, delete; menus, tables, exports, edits.

Everything is found through the session of the request, so that another person's conversation is as
unknown as one that never was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from agent.assembly import said
from agent.editing import Edit, EditRefused
from knowledge.languages import messages, say
from tools.errors import FAILURES, tool_error
from ui.answering import answered
from ui.catalogue_page import catalogue_html
from ui.currency import currency_of
from ui.gate import Visitor, session_token
from ui.languages import page_language
from ui.tables import Direction, as_csv, as_xlsx, shown_rows, sorted_rows

if TYPE_CHECKING:
    from agent.analyst import Analyst, Session
    from agent.conversations import Turn

_SPREADSHEETS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
_WORDS = "ui_do_"
"""Messages whose keys begin so are those of the page's own scripts."""


class NewTitle(BaseModel):
    """What renames a conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


def conversation_routes(analyst: Analyst) -> APIRouter:
    """Make the routes below ``/api/threads``, and those that the page's scripts read."""
    routes = APIRouter()

    def owner(request: Request) -> Session:
        visitor: Visitor = request.state.visitor
        session = None
        if visitor.user_id is not None:
            session = analyst.session(session_token(request.headers) or "")
        if session is None:
            raise HTTPException(403, "Conversations belong to a signed-in person.")
        return session

    @routes.get("/api/threads")
    def threads(request: Request, q: str = "") -> Response:
        with _told(request):
            found = analyst.threads(owner(request), q[:200])
        return JSONResponse([thread.model_dump(mode="json") for thread in found])

    @routes.get("/api/threads/{thread}")
    def conversation(request: Request, thread: str) -> Response:
        with _told(request):
            turns = analyst.turns(owner(request), thread)
        return JSONResponse([turn.model_dump(mode="json") for turn in turns])

    @routes.patch("/api/threads/{thread}")
    def rename(request: Request, thread: str, new: NewTitle) -> Response:
        with _told(request):
            analyst.rename_thread(owner(request), thread, new.title)
        return JSONResponse({"id": thread, "title": new.title})

    @routes.delete("/api/threads/{thread}")
    def delete(request: Request, thread: str) -> Response:
        with _told(request):
            turns = analyst.delete_thread(owner(request), thread)
        return JSONResponse({"id": thread, "turns": turns})

    @routes.get("/api/threads/{thread}/turns/{turn}/menu")
    def menu(
        request: Request,
        thread: str,
        turn: str,
        part: str,
        step: int = 0,
        at: int | None = None,
    ) -> Response:
        kept = _turn(request, thread, turn)
        with _told(request):
            return JSONResponse(
                analyst.chip_menu(kept.answer, step, part, at).model_dump(mode="json")
            )

    @routes.post("/api/threads/{thread}/turns/{turn}/edit")
    def edit(request: Request, thread: str, turn: str, change: Edit) -> Response:
        with _told(request):
            edited = analyst.edit(owner(request), thread, turn, change)
        return answered(edited.events, request, analyst)

    @routes.get("/api/threads/{thread}/turns/{turn}/table")
    def table(
        request: Request,
        thread: str,
        turn: str,
        sort: Annotated[str, Query(max_length=200)] = "",
        direction: Direction = "desc",
    ) -> Response:
        answer = _turn(request, thread, turn).answer
        if answer.table is None:
            return JSONResponse({"rows": []})
        rows = sorted_rows(answer.table, sort, direction) if sort else answer.table.rows
        shown = shown_rows(answer.table, rows, answer.language, currency_of(analyst))
        return JSONResponse({"rows": shown})

    @routes.get("/api/threads/{thread}/turns/{turn}/table.{kind}")
    def spreadsheet(
        request: Request, thread: str, turn: str, kind: Literal["csv", "xlsx"]
    ) -> Response:
        answer = _turn(request, thread, turn).answer
        write, media_type = _SPREADSHEETS[kind]
        day = answer.evidence[0].as_of.isoformat() if answer.evidence else "table"
        name = f"sextant-{day}-{answer.turn_id[:6]}.{kind}"
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(write(answer, currency_of(analyst)), 200, disposition, media_type)

    @routes.get("/catalogue")
    def catalogue(request: Request) -> Response:
        owner(request)
        language = page_language(request)
        with _told(request):
            return HTMLResponse(catalogue_html(analyst.catalogue(language), language))

    @routes.get("/api/words")
    def words(request: Request) -> Response:
        """Texts of the page's scripts, in the language of the page."""
        owner(request)
        known = messages(page_language(request))
        return JSONResponse(
            {key.removeprefix(_WORDS): known[key] for key in known if key.startswith(_WORDS)}
        )

    def _turn(request: Request, thread: str, turn: str) -> Turn:
        with _told(request):
            return analyst.turn(owner(request), thread, turn)

    return routes


@contextmanager
def _told(request: Request) -> Iterator[None]:
    """Tell in one message, in the page's language, what was not found or did not fit."""
    language = page_language(request)
    try:
        yield
    except EditRefused as error:
        raise HTTPException(422, f"{say('ui_edit_refused', language)} ({error})") from error
    except FAILURES as error:
        failure = tool_error(error)
        status = 404 if failure.reason == "unknown_name" else 503
        raise HTTPException(status, said(failure, language)) from error
