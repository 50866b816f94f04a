"""How heavy and how slow the page's first load is, in a Chromium that has seen nothing before."""

from __future__ import annotations

import shutil
import statistics
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RUNS = 3
ACCOUNT = ("lin", "sextant-demo-lin")
"""An account that the demo brand has."""
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server")
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class NotMeasured(Exception):
    """The page cannot be measured here; the text says why."""


def first_load(address: str) -> dict[str, float]:
    """Load the page anew, with nothing kept, until a question can be typed.

    Returns
    -------
    dict
        Median seconds from the request to a usable chat, megabytes over the wire, requests, and
        how many of those went to another host.

    Raises
    ------
    NotMeasured
        When there is no Chromium, no Playwright, or no demo account in the workspace.
    """
    found = next((path for name in _CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        raise NotMeasured("no Chromium on this machine")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise NotMeasured("Playwright is not installed (make install-dev)") from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_ARGUMENTS))
        runs = [_load(browser, address) for _ in range(RUNS)]
        browser.close()
    return {
        "page.usable_s": statistics.median(run[0] for run in runs),
        "page.first_load_mb": statistics.median(run[1] for run in runs),
        "page.requests": statistics.median(run[2] for run in runs),
        "page.outside_requests": max(run[3] for run in runs),
    }


def _load(browser: Browser, address: str) -> tuple[float, float, int, int]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    user, password = ACCOUNT
    signed_in = context.request.post(
        f"{address}/login", form={"user": user, "password": password}, max_redirects=0
    )
    if signed_in.status != 303:
        raise NotMeasured("the workspace has no demo account to sign in with")
    page = context.new_page()
    loaded: list[float] = []
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    start = time.perf_counter()
    page.goto(f"{address}/", wait_until="commit")
    page.locator("#box textarea").wait_for()
    page.locator("#chat .example").first.wait_for()
    seconds = time.perf_counter() - start
    page.wait_for_timeout(1500)  # what is still on its way counts too
    host = urlsplit(address).hostname
    outside = [
        url
        for url in requested
        if urlsplit(url).scheme.startswith("http") and urlsplit(url).hostname != host
    ]
    context.close()
    return seconds, sum(loaded) / 1e6, len(requested), len(outside)
