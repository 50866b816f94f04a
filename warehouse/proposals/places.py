"""Countries by the names that people write, in both languages: from Unicode's own list."""

from __future__ import annotations

from functools import cache
from typing import Any

from warehouse.proposals.profile import ColumnProfile
from warehouse.proposals.words import packaged_records

ENOUGH = 0.5
"""Share of a column's different values that must be countries before it is one of countries."""

_WORDS = frozenset(("IN", "IT", "IS", "NO", "DO", "SO", "AT", "BE", "ME", "AM", "AS", "TO", "MY"))
"""Codes of countries that are words people write."""


def country_values(profile: ColumnProfile) -> list[dict[str, Any]]:
    """Name the values of a column of countries; empty if it is none.

    A value that is no country keeps the name it has.
    """
    known = {value: _codes().get(_folded(value)) for value, _ in profile.top}
    if sum(code is not None for code in known.values()) < ENOUGH * max(len(known), 1):
        return []
    codes = list(known.values())
    found = []
    for value, code in known.items():
        if code is None or codes.count(code) > 1:
            continue
        names = _names(code)
        found.append(
            {
                "value": value,
                "label": {"zh": names["zh"][0], "en": names["en"][0]},
                "synonyms": {language: words[1:] for language, words in names.items() if words[1:]},
            }
        )
    return found


@cache
def _names(code: str) -> dict[str, list[str]]:
    """List the names of a country by language, the common one first."""
    from babel import Locale

    found = {language: [Locale(language).territories[code]] for language in ("zh", "en")}
    for named in _packaged():
        if named.value == code:
            found["zh"] += [named.label.zh, *named.synonyms.zh]
            found["en"] += [named.label.en, *named.synonyms.en]
    found["en"] += (
        [code]
        if code not in ("IN", "IT", "IS", "NO", "DO", "SO", "AT", "BE", "ME", "AM", "AS", "TO")
        else []
    )
    return {language: list(dict.fromkeys(words)) for language, words in found.items()}


def _packaged() -> tuple[Any, ...]:
    dimensions = packaged_records()["dimensions"]
    return next(d.values for d in dimensions if d.name == "country")


@cache
def _codes() -> dict[str, str]:
    """Map every way to write a country onto its code: names, codes, the country's own name."""
    from babel import Locale, UnknownLocaleError
    from babel.core import get_global
    from babel.languages import get_official_languages

    found: dict[str, str] = {}
    territories = (str(code) for code in Locale("en").territories)
    countries = [code for code in territories if len(code) == 2 and code.isalpha()]
    for code in countries:
        for language in ("en", "zh", "zh_Hant", *get_official_languages(code)[:3]):
            try:
                name = Locale.parse(language).territories.get(code)
            except UnknownLocaleError:  # a language of which there are no names
                continue
            if name:
                found.setdefault(_folded(name), code)
        found.setdefault(code.casefold(), code)
    for alias, codes in get_global("territory_aliases").items():
        if len(codes) == 1 and alias.isalpha() and codes[0] in countries:
            found.setdefault(alias.casefold(), codes[0])
    for named in _packaged():
        for word in (named.label.zh, named.label.en, *named.synonyms.zh, *named.synonyms.en):
            found.setdefault(_folded(word), str(named.value))
    return found


def _folded(text: str) -> str:
    """Fold case, accents and dots: 'Éire' is 'eire', 'U.S.A.' is 'usa'."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(plain.replace(".", "").replace("&", "and").casefold().split())
