"""A real Chromium on a real server of the fake analyst; skipped where there is no Chromium."""

import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from ..ui.fake_analyst import PASSWORD
from ..ui.running import running_fake

CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)
expect.set_options(timeout=20_000)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
)


class Visit:
    """One person's browser window, and everything that went out of it or wrong in it."""

    def __init__(self, browser, address, language="zh-CN", width=1440, height=900):
        self.address = address
        is_phone = width < 500
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            is_mobile=is_phone,
            has_touch=is_phone,
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.requested = []
        self.problems = []
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda dialog: self.problems.append(f"dialog {dialog.message}"))
        self.page.on("console", self._heard)

    def _heard(self, message):
        if message.type == "error" and "401 (Unauthorized)" not in message.text:
            self.problems.append(message.text)

    def sign_in(self, user="lin", password=PASSWORD):
        self.page.goto(f"{self.address}/")
        self.page.fill("input[name=user]", user)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")

    def arrive(self, user="lin", password=PASSWORD):
        self.sign_in(user, password)
        self.page.locator("#chat .example").first.wait_for()
        return self

    def ask(self, question):
        """Ask, and wait for the end of the answer; return its element."""
        before = self.page.locator("#chat .turn").count()
        self.page.fill("#box textarea", question)
        self.page.keyboard.press("Enter")
        answer = self.page.locator("#chat .turn").nth(before)
        answer.locator(".text").wait_for()
        self.page.locator("#box .submit-button").wait_for()
        return answer

    def tab(self, name):
        self.page.locator(f"#panel button[role=tab]:visible:text-is('{name}')").click()

    def outside(self):
        """Addresses asked for that are not on this machine."""
        schemes = ("data", "blob", "about")
        return [
            url
            for url in self.requested
            if urlsplit(url).scheme not in schemes and urlsplit(url).hostname != "127.0.0.1"
        ]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with running_fake(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    """One Chromium for a file: while it runs, an event loop does too, and others could not."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install Debian's package 'chromium'")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield found
        found.close()


@pytest.fixture
def visit(browser, server):
    """Open windows; at the end none of them may have gone outside or had an error."""
    visits = []

    def open_window(**options):
        visits.append(Visit(browser, server.address, **options))
        return visits[-1]

    yield open_window
    for window in visits:
        window.context.close()
        assert window.outside() == []
        assert window.problems == []
