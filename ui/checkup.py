"""What ``doctor`` looks at, from the outside in."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, NamedTuple

from knowledge.languages import say
from ui.languages import LANGUAGES, Language
from ui.local import running_server

_PACKAGES = ("duckdb", "langchain", "langgraph", "chromadb", "gradio", "plotly", "pydantic")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Check(NamedTuple):
    """One finding: ``wrong`` needs mending, ``hint`` is good to know."""

    name: str
    state: Literal["ok", "hint", "wrong"]
    detail: str


def check_up(workspace: Path) -> Iterator[Check]:
    """Look at the installation, the settings, and the workspace; nothing is changed."""
    yield Check("Python", "ok", sys.version.split()[0])
    yield _packages()
    yield from _settings()
    yield _disk(workspace)
    yield from _workspace(workspace)
    server = running_server(workspace)
    yield Check("server", "ok", server.address if server else "not running")
    browser = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    yield Check(
        "browser tests", "ok" if browser else "hint", browser or "no Chromium: they are skipped"
    )


def _packages() -> Check:
    found, missing = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check("packages", "wrong", f"missing: {', '.join(missing)}. Run 'make install'.")
    return Check("packages", "ok", ", ".join(found))


def _settings() -> Iterator[Check]:
    from agent.settings import SettingsError, read_settings

    try:
        settings = read_settings()
    except SettingsError as error:
        yield Check("settings", "wrong", str(error))
        return
    languages = (settings.language,) if settings.language else LANGUAGES
    if not settings.has_chat_model:
        yield Check("chat model", "ok", _in_words("no_chat_model", {}, languages))
        return
    from agent.probe import probe  # imports the client, which takes seconds

    for finding in probe(settings):
        words = _in_words(finding.code, finding.params, languages)
        yield Check("chat model", finding.state, words)


def _in_words(code: str, params: Mapping[str, str], languages: Sequence[Language]) -> str:
    """Say a finding in the language that is set, else in each."""
    said = []
    for language in languages:
        filled = dict(params)
        if "fault" in filled:
            filled["fault"] = say(f"fault_{filled['fault']}", language)
        said.append(say(f"doctor_{code}", language, **filled))
    return " / ".join(said)


def _disk(workspace: Path) -> Check:
    folder = next(f for f in (workspace, *workspace.resolve().parents) if f.exists())
    free = shutil.disk_usage(folder).free / 1e9
    return Check("free disk", "ok" if free > 2 else "hint", f"{free:,.0f} GB at {folder}")


def _workspace(workspace: Path) -> Iterator[Check]:
    from agent import open_analyst
    from agent.settings import SettingsError
    from tools.errors import FAILURES

    try:
        with open_analyst(workspace) as analyst:
            yield Check("workspace", "ok", f"{workspace}: {analyst.workspace_name('en')}")
            yield _attempt("build", lambda: _build(analyst.health()))
            yield _attempt("users", lambda: ", ".join(user.id for user in analyst.users()))
    except SettingsError:
        return
    except FAILURES as error:
        yield Check("workspace", "wrong", str(error))


def _build(health: dict[str, str]) -> str:
    return f"{health['build_id']}, data to {health['as_of']}"


def _attempt(name: str, look: Callable[[], str]) -> Check:
    from tools.errors import FAILURES

    try:
        return Check(name, "ok", look() or "none")
    except FAILURES as error:
        return Check(name, "wrong", str(error))
