"""What people read, by code and language, from ``<language>/messages/*.yml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

from knowledge.languages.detect import Language

Param = str | int | float | Sequence[str] | None
_FOLDER = Path(__file__).parent


@cache
def messages(language: Language) -> Mapping[str, str]:
    """Return all messages of a language by code.

    Raises
    ------
    ValueError
        When a file is not a flat list of texts, or a code stands in two files.
    """
    merged: dict[str, str] = {}
    for file in sorted((_FOLDER / language / "messages").glob("*.yml")):
        for code, text in _read(file).items():
            if code in merged:
                raise ValueError(f"Message {code!r} of {language!r} stands in {file.name} again.")
            merged[code] = text
    return MappingProxyType(merged)


def say(code: str, language: Language, **params: Param) -> str:
    """Fill a message; a list is joined as people write it. An unknown code is a programming error.

    Examples
    --------
    >>> say("duration_days", "en", count="3")
    '3 days'
    """
    known = messages(language)
    if code not in known:
        raise KeyError(f"No message {code!r} in {language!r}. Add it to every language's messages.")
    return known[code].format(**{name: _text(value, language) for name, value in params.items()})


def _text(value: Param, language: Language) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, (str, int, float)):
        return value
    return ("、" if language == "zh" else ", ").join(value)


def _read(file: Path) -> dict[str, str]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
    if not isinstance(content, dict):
        raise ValueError(f"{file} must hold texts by code. Got {type(content).__name__}.")
    for code, text in content.items():
        if not isinstance(code, str) or not isinstance(text, str):
            raise ValueError(f"{file}: message {code!r} must be a text. Put it in quotes.")
    return content
