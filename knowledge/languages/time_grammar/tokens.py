"""Time words as tokens: a language gives rules, a text gives the tokens that they find.

A rule is a pattern and a reader of its match; alternatives are tried in order at each character, so
the longer form of a word stands before the shorter one. Tokens never overlap.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from knowledge.languages.spans import Unit


class Meaning(NamedTuple):
    """What a time word says.

    ``kind`` names its part in the grammar (``mentions.py`` and ``times.py`` list them), ``code``
    distinguishes within a kind; ``extra`` is a second number: days beside months, a weekday.
    """

    kind: str
    number: int = 0
    unit: Unit | None = None
    code: str = ""
    extra: int = 0


@dataclass(frozen=True, slots=True)
class Token:
    """A time word in a text: characters ``[begin, end)`` and what it says."""

    begin: int
    end: int
    meaning: Meaning

    @property
    def kind(self) -> str:
        """The kind of its meaning."""
        return self.meaning.kind


Reader = Callable[[re.Match[str]], Meaning]


class Rule(NamedTuple):
    """A pattern over normalised text and the reader of its match."""

    pattern: str
    read: Reader


def words(entries: Mapping[str, Meaning], before: str = "", after: str = "") -> Rule:
    """Make a rule of fixed words, longest first, between optional look-arounds."""
    listed = "|".join(re.escape(word) for word in sorted(entries, key=len, reverse=True))
    return Rule(f"{before}(?:{listed}){after}", lambda match: entries[match.group()])


def constant(pattern: str, meaning: Meaning) -> Rule:
    """Make a rule whose every match says the same."""
    return Rule(pattern, lambda match: meaning)


class Scanner:
    """Finds the tokens of a text by rules in order of preference."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._compiled: dict[int, re.Pattern[str]] = {}
        self._any = re.compile(
            "|".join(f"(?P<r{i}>{rule.pattern})" for i, rule in enumerate(rules))
        )

    def tokens(self, text: str) -> list[Token]:
        """Return the tokens of a text, in order."""
        return [self._token(text, match) for match in self._any.finditer(text)]

    def _token(self, text: str, match: re.Match[str]) -> Token:
        index = int((match.lastgroup or "r0")[1:])
        own = self._pattern(index).match(text, match.start())
        if own is None:
            raise AssertionError(f"Rule {index} matched in the scanner but not alone.")
        return Token(match.start(), match.end(), self._rules[index].read(own))

    def _pattern(self, index: int) -> re.Pattern[str]:
        if index not in self._compiled:
            self._compiled[index] = re.compile(self._rules[index].pattern)
        return self._compiled[index]
