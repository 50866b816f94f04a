"""Which language the page speaks: the address, then the cookie, then the browser, then the person.

Answers do not follow it: they are in the language of the question.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from starlette.requests import Request

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
LANGUAGE_COOKIE = "sextant_language"


def language_of(
    query: Mapping[str, str],
    cookies: Mapping[str, str],
    accepted: str = "",
    own: str | None = None,
) -> Language:
    """Choose the language of a page.

    Parameters
    ----------
    query, cookies : mapping
        Of the request; ``lang`` and the language cookie count.
    accepted : str
        The ``Accept-Language`` header.
    own : str, optional
        The language of the signed-in person.

    Examples
    --------
    >>> language_of({"lang": "en"}, {}), language_of({}, {}, "en-GB,en;q=0.9,zh;q=0.8")
    ('en', 'en')
    """
    browser = (part.strip()[:2].lower() for part in accepted.split(","))
    for choice in (query.get("lang"), cookies.get(LANGUAGE_COOKIE), *browser, own):
        if known := _known(choice):
            return known
    return LANGUAGES[0]


def page_language(request: Request) -> Language:
    """Language of what a request asks for."""
    accepted = request.headers.get("accept-language", "")
    return language_of(request.query_params, request.cookies, accepted)


def _known(code: str | None) -> Language | None:
    return next((language for language in LANGUAGES if language == code), None)
