"""Every setting of the program, read from the environment in this one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr

KNOWN = ("SEXTANT_WORKSPACE", "SEXTANT_MODEL", "SEXTANT_LANGUAGE", "SEXTANT_UPDATE_SNAPSHOTS")


class SettingsError(Exception):
    """A setting is unknown or has a value that is not allowed."""


class Settings(BaseModel):
    """The settings, with their defaults.

    A chat model is used when both a key or a base URL and ``model`` are set; otherwise the embedded
    planner answers, complete and offline.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    workspace: Path = Path("workspaces/demo")
    language: Literal["zh", "en"] | None = None
    model: str | None = None
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
    key = values.get("OPENAI_API_KEY")
    return Settings(
        workspace=Path(values.get("SEXTANT_WORKSPACE") or "workspaces/demo"),
        language=language,
        model=values.get("SEXTANT_MODEL") or None,
        openai_api_key=SecretStr(key) if key else None,
        openai_base_url=values.get("OPENAI_BASE_URL") or None,
    )


def keep_traces_at_home() -> None:
    """Clear the variables by which LangChain would send traces or reroute calls elsewhere."""
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_GATEWAY"):
        os.environ.pop(name, None)


def _refuse_unknown(values: Mapping[str, str]) -> None:
    for name in values:
        if name.startswith("SEXTANT_") and name not in KNOWN:
            near = get_close_matches(name, KNOWN, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(KNOWN)}."
            raise SettingsError(f"Unknown setting {name!r}.{hint}")
