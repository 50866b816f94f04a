"""Puts reviews and messages together: openers, clauses, connectives that fit, closers, slips.

The clause of an aspect is kept as its quote, exactly as it stands in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from warehouse.demo.grammar import NEUTRAL, Grammar, Luck

FULL_WIDTH_MARKS = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in ",!?;:"})
"""Chinese punctuation of the plain one that the templates are written with."""

GENERIC = 0.045
"""Share of reviews that say nothing in particular."""


@dataclass(frozen=True)
class Goods:
    """What a review is about, in the words of its language."""

    category: str
    subcategory: str
    item: str
    thing: str


@dataclass(frozen=True)
class Mention:
    """An aspect a text speaks of, with the words that do so."""

    aspect: str
    polarity: int
    quote: str


@dataclass(frozen=True)
class Piece:
    """A stretch of text, of an aspect or of none."""

    text: str
    mention: Mention | None = None


class Writer:
    """Writes reviews and messages of one stream of random numbers."""

    def __init__(self, rng: np.random.Generator, grammars: Mapping[str, Grammar]) -> None:
        self._luck = Luck(rng)
        self._grammars = grammars

    def ticket(self, language: str, category: str, thing: str) -> str:
        """Write a message to the service desk."""
        grammar, luck = self._grammars[language], self._luck
        text = luck.say(grammar.ticket(category)).replace("{thing}", thing)
        if luck() < 0.25:
            link = "" if language == "zh" else " "
            text += link + luck.say(grammar.ticket(category)).replace("{thing}", thing)
        if luck() < 0.35:
            text += luck.say(grammar.part("plea"))
        return _punctuated(language, luck, text)

    def review(
        self, language: str, goods: Goods, aspects: Sequence[tuple[str, int]], stars: int
    ) -> tuple[str, list[Mention]]:
        """Write a review that mentions the aspects with their feelings.

        Now and then it says nothing in particular, whatever the aspects; the mentions tell.
        """
        grammar, luck = self._grammars[language], self._luck
        if luck() < GENERIC:
            return _generic(grammar, luck, stars, language), []
        clauses = [Mention(a, p, self._clause(grammar, goods, a, p)) for a, p in aspects]
        pieces = _COMPOSERS[language](grammar, luck, clauses, stars)
        marks = FULL_WIDTH_MARKS if language == "zh" and luck() < 0.88 else {}
        text = "".join(p.text.translate(marks) for p in pieces).replace("{thing}", goods.thing)
        mentions = [p.mention for p in pieces if p.mention]
        return text, [Mention(m.aspect, m.polarity, m.quote.translate(marks)) for m in mentions]

    def addition(self, language: str, part: str) -> str:
        """Write what some append to a review: ``contact`` or ``injection``."""
        return self._luck.say(self._grammars[language].part(part))

    def _clause(self, grammar: Grammar, goods: Goods, aspect: str, polarity: int) -> str:
        luck = self._luck
        text = luck.say(grammar.clauses(aspect, goods.category, goods.subcategory, polarity))
        if "{" in text:
            text = text.replace("{item}", goods.item).replace("{thing}", goods.thing)
        if luck() < 0.06:
            right, wrong = grammar.slips[int(luck() * len(grammar.slips))]
            text = text.replace(right, wrong, 1)
        return text


def _punctuated(language: str, luck: Luck, text: str) -> str:
    return text.translate(FULL_WIDTH_MARKS) if language == "zh" and luck() < 0.85 else text


def _feeling(stars: int) -> str:
    return "bad" if stars <= 2 else "good" if stars >= 4 else "middling"


def _generic(grammar: Grammar, luck: Luck, stars: int, language: str) -> str:
    part = grammar.part(f"general_{_feeling(stars)}")
    text = luck.say(part)
    if luck() < 0.35:
        text += (",", "!", " ", ", ")[int(luck() * 4)] + luck.say(part)
    return _punctuated(language, luck, text + _emoji(luck, stars, 0.15))


def _emoji(luck: Luck, stars: int, share: float) -> str:
    if luck() >= share:
        return ""
    sad, glad = ("😡", "👎", "🙄", "😤", "💔", "😭"), ("👍", "😊", "❤️", "🥰", "😋", "🎉")
    return luck.one(sad if stars <= 2 else glad) * (2 if luck() < 0.15 else 1)


def _turn(luck: Luck, before: int, after: int) -> str | None:
    """Choose the part that links two feelings: a contrast, an addition or none."""
    if before != after and luck() < (0.8 if NEUTRAL not in (before, after) else 0.35):
        which = "contrast_up" if after > before else "contrast_down"
        return which if luck() < 0.5 else "contrast"
    return "addition" if before == after and luck() < 0.25 else None


def _compose_zh(
    grammar: Grammar, luck: Luck, clauses: Sequence[Mention], stars: int
) -> list[Piece]:
    pieces: list[Piece] = []
    if luck() < 0.36:
        pieces.append(Piece(luck.say(grammar.part("opener")) + luck.one((",", ",", "。", " "))))
    comma = luck.one((",", ",", ",", " ", "。", "\n" if luck() < 0.3 else ","))
    for at, mention in enumerate(clauses):
        if at:
            part = _turn(luck, clauses[at - 1].polarity, mention.polarity)
            mark = comma if luck() < 0.7 else luck.one((",", "。", ";", "!"))
            pieces.append(Piece(mark + (luck.say(grammar.part(part)) if part else "")))
        pieces.append(Piece(mention.quote, mention))
    if luck() < 0.10:
        pieces.append(Piece(luck.one((",", "。")) + luck.say(grammar.part("filler"))))
    if luck() < 0.42:
        closer = luck.say(grammar.part(f"closer_{_feeling(stars)}"))
        pieces.append(Piece(luck.one(("。", ",", "!", " ")) + closer))
    pieces.append(
        Piece(luck.one(("。", "", "", "!", "。。。", "~", "!!")) + _emoji(luck, stars, 0.08))
    )
    return pieces


def _compose_en(
    grammar: Grammar, luck: Luck, clauses: Sequence[Mention], stars: int
) -> list[Piece]:
    careless = luck() < 0.13
    gap = "\n" if luck() < 0.05 else " "
    pieces: list[Piece] = []
    if luck() < 0.36:
        pieces.append(Piece(_begin(luck.say(grammar.part("opener")), careless) + "." + gap))
    for at, mention in enumerate(clauses):
        part = _turn(luck, clauses[at - 1].polarity, mention.polarity) if at else None
        quote = mention.quote
        if part:
            pieces.append(Piece(luck.say(grammar.part(part)) + " "))
        else:
            quote = _begin(quote, careless)
            if at:
                pieces.append(Piece(luck.one((". ", ". ", "! ", ", " if careless else "." + gap))))
        pieces.append(Piece(quote, Mention(mention.aspect, mention.polarity, quote)))
    if luck() < 0.10:
        pieces.append(Piece("." + gap + _begin(luck.say(grammar.part("filler")), careless)))
    if luck() < 0.42:
        closer = luck.say(grammar.part(f"closer_{_feeling(stars)}"))
        pieces.append(Piece("." + gap + _begin(closer, careless)))
    pieces.append(Piece(luck.one((".", ".", ".", "!", "", "...")) + _emoji(luck, stars, 0.06)))
    return pieces


def _begin(text: str, careless: bool) -> str:
    return text if careless else text[:1].upper() + text[1:]


Composer = Callable[[Grammar, Luck, Sequence[Mention], int], list[Piece]]

_COMPOSERS: Mapping[str, Composer] = {"zh": _compose_zh, "en": _compose_en}
