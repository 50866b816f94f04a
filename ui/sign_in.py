"""Signing in and out: our own page, one cookie, a new session at every sign-in."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from agent.assembly import said
from knowledge.languages import say
from tools.errors import FAILURES, tool_error
from ui.gate import session_token
from ui.languages import LANGUAGE_COOKIE, LANGUAGES, page_language
from ui.local import COOKIE

if TYPE_CHECKING:
    from agent.analyst import Analyst, Session

_PAGE = Template((Path(__file__).parent / "login.html").read_text("utf-8"))
_LONGEST_NAME = 200
_YEAR = 365 * 24 * 3600


class SignInPage(Protocol):
    """Writes the page; ``problem`` says what was wrong with the attempt before."""

    def __call__(
        self, request: Request, problem: str = "", user: str = "", status: int = 401
    ) -> Response:
        """Write the page in the language of the request."""
        ...


def sign_in_page(analyst: Analyst) -> SignInPage:
    """Make the page that stands in place of every page that the anonymous ask for."""

    def page(request: Request, problem: str = "", user: str = "", status: int = 401) -> Response:
        language = page_language(request)
        other = next(code for code in LANGUAGES if code != language)
        words = {
            name: escape(say(f"ui_{name}", language))
            for name in ("sign_in", "user", "password", "sign_in_hint", "other_language")
        }
        html = _PAGE.substitute(
            words,
            language="zh-CN" if language == "zh" else "en",
            other=other,
            workspace=escape(analyst.workspace_name(language)),
            problem=f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else "",
            user_value=escape(user),
        )
        response = HTMLResponse(html, status)
        if request.query_params.get("lang") == language:
            response.set_cookie(
                LANGUAGE_COOKIE, language, max_age=_YEAR, path="/", samesite="strict"
            )
        return response

    return page


def sign_in_routes(analyst: Analyst) -> APIRouter:
    """Make the routes ``/login`` and ``/logout``."""
    routes = APIRouter()
    page = sign_in_page(analyst)

    @routes.get("/login")
    def show(request: Request) -> Response:
        return page(request, status=200)

    @routes.post("/login")
    async def sign_in(request: Request) -> Response:
        fields = parse_qs((await request.body()).decode("utf-8", "replace"))
        user = fields.get("user", [""])[0].strip()
        password = fields.get("password", [""])[0]
        language = page_language(request)
        try:
            session = await run_in_threadpool(_sign_in, user, password)
        except FAILURES as error:
            failure = tool_error(error)
            status = 429 if failure.code == "sign_in_delayed" else 503
            return page(request, said(failure, language), user, status)
        if session is None:
            return page(request, say("ui_wrong_password", language), user, 401)
        if old := session_token(request.headers):
            await run_in_threadpool(analyst.sign_out, old)
        response = RedirectResponse("/", 303)
        _set_cookie(response, session, is_secure=request.url.scheme == "https")
        return response

    @routes.post("/logout")
    def sign_out(request: Request) -> Response:
        if token := session_token(request.headers):
            analyst.sign_out(token)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return response

    def _sign_in(user: str, password: str) -> Session | None:
        if not user or not password or len(user) > _LONGEST_NAME:
            return None
        return analyst.sign_in(user, password)

    return routes


def _set_cookie(response: Response, session: Session, is_secure: bool) -> None:
    now = datetime.now(session.expires_at.tzinfo or UTC)
    expires_at = session.expires_at.replace(tzinfo=now.tzinfo)
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=max(0, int((expires_at - now).total_seconds())),
        path="/",
        httponly=True,
        samesite="strict",
        secure=is_secure,
    )
