"""Templates of what people write, by aspect, kind of goods and feeling, one file a language.

A template such as ``so [very |]slow`` stands for all ways through its brackets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

import numpy as np

POSITIVE, NEUTRAL, NEGATIVE = 1, 0, -1
POLARITIES = {POSITIVE: "positive", NEUTRAL: "neutral", NEGATIVE: "negative"}

ASPECTS = (
    "delivery",
    "packaging",
    "quality",
    "price",
    "service",
    "after_sales",
    "app",
    "taste",
    "freshness",
    "scent",
    "texture",
    "effect",
    "fit",
    "appearance",
    "noise",
    "ease_of_use",
    "authenticity",
)

Template = tuple[str, ...]
"""All the ways through one template."""

_NUMBER = re.compile(r"\{(\d+)-(\d+)\}")


class Luck:
    """A supply of random numbers that is quick to draw from one by one."""

    def __init__(self, rng: np.random.Generator, block: int = 4_096) -> None:
        self._rng = rng
        self._block = block
        self._numbers: list[float] = []

    def __call__(self) -> float:
        """Draw from [0, 1)."""
        if not self._numbers:
            self._numbers = self._rng.random(self._block).tolist()
        return self._numbers.pop()

    def one(self, options: Sequence[str]) -> str:
        """Draw one of several texts."""
        return options[int(self() * len(options))]

    def say(self, options: Sequence[Template]) -> str:
        """Draw one of several templates and one way through it, with its numbers."""
        text = self.one(options[int(self() * len(options))])
        return _NUMBER.sub(self._number, text) if "{" in text else text

    def _number(self, found: re.Match[str]) -> str:
        low, high = int(found[1]), int(found[2])
        return str(low + int(self() * (high - low + 1)))


def expand(text: str) -> Template:
    """List all ways through a template; brackets hold choices and may be nested.

    Raises
    ------
    ValueError
        When the brackets do not match.

    Examples
    --------
    >>> expand("[so |]slow")
    ('so slow', 'slow')
    """
    ways, end = _sequence(text, 0)
    if end != len(text):
        raise ValueError(f"Unbalanced bracket at {end} in {text!r}.")
    return tuple(ways)


def _sequence(text: str, at: int) -> tuple[list[str], int]:
    ways = [""]
    while at < len(text) and text[at] not in "|]":
        if text[at] == "[":
            options, at = _choices(text, at + 1)
        else:
            end = min((i for i in (text.find(c, at) for c in "[|]") if i >= 0), default=len(text))
            options, at = [text[at:end]], end
        ways = [way + option for way in ways for option in options]
    return ways, at


def _choices(text: str, at: int) -> tuple[list[str], int]:
    options: list[str] = []
    while True:
        ways, at = _sequence(text, at)
        options += ways
        if at >= len(text):
            raise ValueError(f"Unbalanced bracket in {text!r}.")
        at += 1
        if text[at - 1] == "]":
            return options, at


class Grammar:
    """The templates of one language, read from its file.

    Sections are headed ``== aspect goods feeling``, ``== part name``, ``== ticket category`` or
    ``== slips``, the last of which lists ``right > wrong`` spellings.
    """

    def __init__(self, language: str) -> None:
        self._templates: dict[tuple[str, ...], list[Template]] = {}
        self._found: dict[tuple[str, str, str, int], list[Template]] = {}
        self.slips: list[tuple[str, str]] = []
        section: tuple[str, ...] = ()
        text = files("warehouse.demo").joinpath(f"texts.{language}.txt").read_text("utf-8")
        for line in filter(None, text.splitlines()):
            if line.startswith("== "):
                section = tuple(line.split()[1:])
            elif line.startswith("# "):
                continue
            elif section == ("slips",):
                right, wrong = line.split(" > ")
                self.slips.append((right, wrong))
            else:
                self._templates.setdefault(section, []).append(expand(line))

    def part(self, name: str) -> Sequence[Template]:
        """Templates of a part of reviews other than aspects."""
        return self._templates["part", name]

    def ticket(self, category: str) -> Sequence[Template]:
        """Templates of messages to the service desk."""
        return self._templates["ticket", category]

    def clauses(
        self, aspect: str, category: str, subcategory: str, polarity: int
    ) -> Sequence[Template]:
        """Templates that speak of an aspect of some goods.

        What was written for the goods' subcategory or category is twice as likely as what fits
        any goods.
        """
        key = (aspect, category, subcategory, polarity)
        if key not in self._found:
            near: list[Template] = []
            far: list[Template] = []
            for goods, lines in ((subcategory, near), (category, near), ("any", far)):
                lines += self._templates.get((aspect, goods, POLARITIES[polarity]), [])
            self._found[key] = near * 2 + far
        return self._found[key]

    def sections(self) -> Mapping[tuple[str, ...], Sequence[Template]]:
        """All sections but the slips."""
        return self._templates
