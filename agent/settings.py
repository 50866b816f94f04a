"""Every setting of the program, read from the environment in this one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

KNOWN = (
    "SEXTANT_WORKSPACE",
    "SEXTANT_MODEL",
    "SEXTANT_MODEL_SECONDS",
    "SEXTANT_MODEL_SEES_ROWS",
    "SEXTANT_LANGUAGE",
    "SEXTANT_UPDATE_SNAPSHOTS",
)
SECONDS = (1.0, 600.0)
"""Shortest and longest time that a turn with a chat model may be given."""
_YES_NO = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


class SettingsError(Exception):
    """A setting is unknown or has a value that is not allowed."""


class Settings(BaseModel):
    """The settings, with their defaults.

    A chat model is used when both a key or a base URL and ``model`` are set; otherwise the embedded
    planner answers, complete and offline. ``model_seconds`` is the time of a whole turn, its
    embedded answer after a failed chat model included. Unless ``model_sees_rows``, no value of a
    result goes into a request: the chat model plans, and the embedded writer writes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    workspace: Path = Path("workspaces/demo")
    language: Literal["zh", "en"] | None = None
    model: str | None = None
    model_seconds: float = Field(default=30.0, ge=SECONDS[0], le=SECONDS[1])
    model_sees_rows: bool = False
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None

    @property
    def has_chat_model(self) -> bool:
        """Whether a chat model is configured."""
        return bool(self.model and (self.openai_api_key or self.openai_base_url))


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    SettingsError
        When a ``SEXTANT_`` variable is unknown or a value is not allowed.

    Examples
    --------
    >>> read_settings({"SEXTANT_LANGUAGE": "zh"}).language
    'zh'
    """
    values = os.environ if environment is None else environment
    _refuse_unknown(values)
    language = values.get("SEXTANT_LANGUAGE") or None
    if language not in (None, "zh", "en"):
        raise SettingsError(f"SEXTANT_LANGUAGE must be 'zh' or 'en'. Got {language!r}.")
    key = values.get("OPENAI_API_KEY", "").strip()
    return Settings(
        workspace=Path(values.get("SEXTANT_WORKSPACE") or "workspaces/demo"),
        language=language,
        model=values.get("SEXTANT_MODEL") or None,
        model_seconds=_seconds(values.get("SEXTANT_MODEL_SECONDS") or "30"),
        model_sees_rows=_yes_or_no(values.get("SEXTANT_MODEL_SEES_ROWS", "")),
        openai_api_key=SecretStr(key) if key else None,
        openai_base_url=values.get("OPENAI_BASE_URL") or None,
    )


def keep_traces_at_home() -> None:
    """Clear the variables by which LangChain would send traces or reroute calls elsewhere."""
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_GATEWAY"):
        os.environ.pop(name, None)


def _seconds(text: str) -> float:
    least, most = SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not least <= seconds <= most:
        raise SettingsError(
            f"SEXTANT_MODEL_SECONDS must be a number from {least:g} to {most:g}. Got {text!r}."
        )
    return seconds


def _yes_or_no(text: str) -> bool:
    if text.lower() not in _YES_NO:
        raise SettingsError(f"SEXTANT_MODEL_SEES_ROWS must be 'yes' or 'no'. Got {text!r}.")
    return _YES_NO[text.lower()]


def _refuse_unknown(values: Mapping[str, str]) -> None:
    for name in values:
        if name.startswith("SEXTANT_") and name not in KNOWN:
            near = get_close_matches(name, KNOWN, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(KNOWN)}."
            raise SettingsError(f"Unknown setting {name!r}.{hint}")
