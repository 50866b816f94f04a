"""What people write: a grammar of clauses by aspect and feeling, in two languages.

A template such as ``[真的|]太[慢|磨蹭]了`` stands for all ways through its brackets. Clauses are put
together with openers, connectives that fit (contrast where the feeling turns), closers, slips of
the keyboard and emoji. The clause of an aspect is kept as its quote, exactly as it stands in the
text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import yaml

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

Template = tuple["str | tuple[Template, ...]", ...]
"""Plain text and choices, in turn."""


@dataclass(frozen=True)
class Mention:
    """An aspect a text speaks of, with the words that do so."""

    aspect: str
    polarity: int
    quote: str


class Luck:
    """A supply of random numbers that is quick to draw from one by one."""

    def __init__(self, rng: np.random.Generator, block: int = 65_536) -> None:
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


def parse(text: str) -> Template:
    """Read a template; brackets hold choices and may be nested.

    Examples
    --------
    >>> parse("[真的|]慢")
    ((('真的',), ()), '慢')
    """
    template, rest = _sequence(text, 0)
    if rest != len(text):
        raise ValueError(f"Unbalanced ']' at {rest} in {text!r}.")
    return template


def _sequence(text: str, at: int) -> tuple[Template, int]:
    parts: list[str | tuple[Template, ...]] = []
    while at < len(text) and text[at] not in "|]":
        if text[at] == "[":
            choices, at = _choices(text, at + 1)
            parts.append(choices)
            continue
        end = min((i for i in (text.find(c, at) for c in "[|]") if i >= 0), default=len(text))
        parts.append(text[at:end])
        at = end
    return tuple(parts), at


def _choices(text: str, at: int) -> tuple[tuple[Template, ...], int]:
    options: list[Template] = []
    while True:
        option, at = _sequence(text, at)
        options.append(option)
        if at >= len(text):
            raise ValueError(f"Unbalanced '[' in {text!r}.")
        at += 1
        if text[at - 1] == "]":
            return tuple(options), at


def say(template: Template, luck: Luck) -> str:
    """Take one way through a template."""
    parts = [
        part if isinstance(part, str) else say(part[int(luck() * len(part))], luck)
        for part in template
    ]
    return "".join(parts)


class Grammar:
    """The templates of one language."""

    def __init__(self, language: str) -> None:
        text = files("warehouse.demo").joinpath(f"texts.{language}.yml").read_text("utf-8")
        raw = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.clauses: Mapping[str, Mapping[str, Mapping[str, list[Template]]]] = {
            aspect: {
                group: {polarity: [parse(t) for t in lines] for polarity, lines in block.items()}
                for group, block in groups.items()
            }
            for aspect, groups in raw["aspects"].items()
        }
        self.parts: Mapping[str, list[Template]] = {
            name: [parse(t) for t in lines] for name, lines in raw["parts"].items()
        }
        self.tickets: Mapping[str, list[Template]] = {
            name: [parse(t) for t in lines] for name, lines in raw["tickets"].items()
        }
        self.slips: list[tuple[str, str]] = [(a, b) for a, b in raw["slips"]]

    def templates(self, aspect: str, category: str, polarity: int) -> list[Template]:
        """Templates of an aspect for a category of goods; what fits any goods counts too."""
        groups = self.clauses.get(aspect, {})
        name = POLARITIES[polarity]
        found = groups.get(category, {}).get(name, []) + groups.get("any", {}).get(name, [])
        return found or self.clauses["quality"]["any"][name]


class Writer:
    """Writes reviews and ticket messages."""

    def __init__(self, rng: np.random.Generator, grammars: Mapping[str, Grammar]) -> None:
        self._luck = Luck(rng)
        self._grammars = grammars

    def ticket(self, language: str, category: str) -> str:
        """Write a message to the service desk."""
        grammar = self._grammars[language]
        luck = self._luck
        text = say(luck_one(luck, grammar.tickets[category]), luck)
        if luck() < 0.35:
            text += say(luck_one(luck, grammar.parts["plea"]), luck)
        return _numbers(text, luck)

    def review(
        self,
        language: str,
        category: str,
        aspects: Sequence[tuple[str, int]],
        stars: int,
        blanks: Mapping[str, str],
    ) -> tuple[str, list[Mention]]:
        """Write a review that mentions the aspects with their feelings.

        Parameters
        ----------
        blanks : what ``{item}`` and other blanks of templates stand for
        """
        compose = _COMPOSERS[language]
        clauses = [
            Mention(a, p, self._clause(language, category, a, p, blanks)) for a, p in aspects
        ]
        return compose(self._grammars[language], self._luck, clauses, stars)

    def extra(self, language: str, part: str) -> str:
        """Write one of the odd additions: contact data, an instruction to machines."""
        return _numbers(
            say(luck_one(self._luck, self._grammars[language].parts[part]), self._luck), self._luck
        )

    def _clause(
        self, language: str, category: str, aspect: str, polarity: int, blanks: Mapping[str, str]
    ) -> str:
        grammar, luck = self._grammars[language], self._luck
        text = say(luck_one(luck, grammar.templates(aspect, category, polarity)), luck)
        for name, value in blanks.items():
            text = text.replace("{" + name + "}", value)
        text = _numbers(text, luck)
        if luck() < 0.05:
            wrong, right = grammar.slips[int(luck() * len(grammar.slips))]
            text = text.replace(wrong, right, 1)
        return text


def luck_one(luck: Luck, options: Sequence[Template]) -> Template:
    """Draw one template."""
    return options[int(luck() * len(options))]


_NUMBER = re.compile(r"\{(\d+)-(\d+)\}")


def _numbers(text: str, luck: Luck) -> str:
    """Fill blanks such as ``{3-9}`` with a number of that range."""
    if "{" not in text:
        return text

    def draw(found: re.Match[str]) -> str:
        low, high = int(found[1]), int(found[2])
        return str(low + int(luck() * (high - low + 1)))

    return _NUMBER.sub(draw, text)


Composer = Callable[[Grammar, Luck, list[Mention], int], tuple[str, list[Mention]]]


def _compose_zh(
    grammar: Grammar, luck: Luck, clauses: list[Mention], stars: int
) -> tuple[str, list[Mention]]:
    pieces: list[str] = []
    if luck() < 0.38:
        pieces += [say(luck_one(luck, grammar.parts["opener"]), luck), ","]
    previous = None
    for mention in clauses:
        if previous is not None:
            pieces.append(_join_zh(grammar, luck, previous, mention.polarity))
        pieces.append(mention.quote)
        previous = mention.polarity
    if luck() < 0.45:
        pieces += [luck.one(("。", ",", "!", " ")), _closer(grammar, luck, stars)]
    pieces.append(_end(luck, stars, ("。", "", "!", "。。。", "~"), grammar))
    return "".join(pieces), clauses


def _join_zh(grammar: Grammar, luck: Luck, before: int, after: int) -> str:
    turns = before * after < 0 or (before != after and luck() < 0.4)
    if turns and luck() < 0.8:
        return luck.one((",", "。", ",", " ")) + say(
            luck_one(luck, grammar.parts["contrast"]), luck
        )
    if luck() < 0.22:
        return luck.one((",", "。")) + say(luck_one(luck, grammar.parts["addition"]), luck)
    return luck.one((",", ",", ",", "。", " ", ";", "!", "\n" if luck() < 0.15 else ","))


def _compose_en(
    grammar: Grammar, luck: Luck, clauses: list[Mention], stars: int
) -> tuple[str, list[Mention]]:
    sentences: list[str] = []
    kept: list[Mention] = []
    if luck() < 0.38:
        sentences.append(say(luck_one(luck, grammar.parts["opener"]), luck) + ".")
    lower = luck() < 0.12
    for mention in clauses:
        before = kept[-1].polarity if kept else None
        joins = before is not None and luck() < (0.55 if before * mention.polarity < 0 else 0.3)
        if joins and sentences:
            part = "contrast" if (before or 0) != mention.polarity else "addition"
            link = say(luck_one(luck, grammar.parts[part]), luck)
            sentences[-1] = sentences[-1].rstrip(".!") + link + mention.quote + "."
            kept.append(mention)
            continue
        quote = mention.quote if lower else mention.quote[:1].upper() + mention.quote[1:]
        sentences.append(quote + luck.one((".", ".", ".", "!" if mention.polarity else ".")))
        kept.append(Mention(mention.aspect, mention.polarity, quote))
    if luck() < 0.45:
        closer = _closer(grammar, luck, stars)
        sentences.append((closer if lower else closer[:1].upper() + closer[1:]) + ".")
    text = luck.one((" ", " ", " ", "\n" if luck() < 0.15 else " ")).join(sentences)
    return text + _emoji(luck, stars, 0.06), kept


def _closer(grammar: Grammar, luck: Luck, stars: int) -> str:
    name = "closer_bad" if stars <= 2 else "closer_good" if stars >= 4 else "closer_middling"
    return say(luck_one(luck, grammar.parts[name]), luck)


def _end(luck: Luck, stars: int, marks: Sequence[str], grammar: Grammar) -> str:
    return luck.one(marks) + _emoji(luck, stars, 0.09)


def _emoji(luck: Luck, stars: int, share: float) -> str:
    if luck() >= share:
        return ""
    return luck.one(
        ("😡", "👎", "🙄", "😤", "💔") if stars <= 2 else ("👍", "😊", "❤️", "🥰", "😋", "🎉")
    )


_COMPOSERS: Mapping[str, Composer] = {"zh": _compose_zh, "en": _compose_en}
