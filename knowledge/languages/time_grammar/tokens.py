"""Time words as tokens: a language gives rules, a text gives the tokens that they find.

A rule is a pattern and a reader of its match; alternatives are tried in order at each character, so
the longer form of a word stands before the shorter one. Tokens never overlap.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
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


def may_begin_with_digit(rule: Rule) -> bool:
    """Tell whether a rule names digits at all."""
    return re.search(r"\\d|(?<![{,])[0-9]", rule.pattern) is not None


def constant(pattern: str, meaning: Meaning) -> Rule:
    """Make a rule whose every match says the same."""
    return Rule(pattern, lambda match: meaning)


class Scanner:
    """Finds the tokens of a text by rules in order of preference.

    Only rules that can begin with the character at hand are tried: Latin rules at the first letter
    of a word, those with digits at a digit, the others elsewhere.
    """

    _START = re.compile(r"\d+|(?<![a-z])[a-z]|[^\x00-\x7f]|[-~&]")

    def __init__(self, latin: Sequence[Rule], other: Sequence[Rule], digit: Sequence[Rule]) -> None:
        self._latin = _Alternatives(latin)
        self._other = _Alternatives(other)
        self._digit = _Alternatives(digit)

    def tokens(self, text: str) -> list[Token]:
        """Return the tokens of a text, in order."""
        tokens: list[Token] = []
        here = 0
        while start := self._START.search(text, here):
            token = self._at(start.group()[0]).token(text, start.start())
            here = token.end if token else start.end()
            if token:
                tokens.append(token)
        return tokens

    def _at(self, char: str) -> _Alternatives:
        if char.isascii():
            return self._digit if char.isdigit() else self._latin if char.isalpha() else self._other
        return self._other


class _Alternatives:
    """Rules as one pattern; an empty named group at the end of each tells which one matched."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._own: dict[int, re.Pattern[str]] = {}

    @cached_property
    def _any(self) -> re.Pattern[str]:
        """Compile when the first character asks for it: it takes some 15 ms."""
        named = (f"(?:{rule.pattern})(?P<r{i}>)" for i, rule in enumerate(self._rules))
        return re.compile("|".join(named))

    def token(self, text: str, at: int) -> Token | None:
        match = self._any.match(text, at)
        if match is None:
            return None
        index = int((match.lastgroup or "r0")[1:])
        if index not in self._own:
            self._own[index] = re.compile(self._rules[index].pattern)
        own = self._own[index].match(text, at)
        if own is None or own.end() == at:
            raise AssertionError(f"{self._rules[index].pattern} read another text alone.")
        return Token(at, own.end(), self._rules[index].read(own))
