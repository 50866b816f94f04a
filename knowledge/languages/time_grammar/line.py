"""The tokens of one text, their neighbourhood, and the spans made from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from knowledge.languages.spans import Clock, TimeSpan, Unit
from knowledge.languages.time_grammar.periods import DAY
from knowledge.languages.time_grammar.slots import Reading
from knowledge.languages.time_grammar.tokens import Meaning, Token

# What a production returns: its spans, and the token after the last one that it used.
Found = tuple[list[TimeSpan], int]

# What may stand between two words of one time: 去年的9月, "the third quarter of last year".
GAP = re.compile(r"(?:'s)?(?: ?,? ?| ?(?:的|之|of|in|for|on|of the|in the|for the|the) ?)")
CLOSE = re.compile(r" ?(?:的|the)? ?")
_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "half": 184, "year": 366}
_LONGEST = 50 * 366  # nobody asks for more, and the calendar ends somewhere
_AFTER_COMMA = frozenset({"year", "weekday", "month", "day"})


@dataclass(frozen=True, slots=True)
class Line:
    """One text as its time words see it, read from left to right by token index."""

    text: str
    tokens: list[Token]
    clock: Clock

    @property
    def tomorrow(self) -> date:
        """The day after ``as_of``: where running periods are cut."""
        return self.clock.as_of + DAY

    def kind(self, at: int) -> str:
        """Return the kind of a token, empty beyond either end."""
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else ""

    def meaning(self, at: int) -> Meaning:
        """Return what a token says."""
        return self.tokens[at].meaning

    def gap(self, at: int) -> str:
        """Return the text between a token and the one before it."""
        return self.text[self.tokens[at - 1].end : self.tokens[at].begin]

    def after(self, at: int) -> str:
        """Return the next characters after a token."""
        return self.text[self.tokens[at].end : self.tokens[at].end + 12]

    def linked(self, at: int, gap: re.Pattern[str] = GAP) -> bool:
        """Tell whether a token belongs to the one before it."""
        if not 0 < at < len(self.tokens):
            return False
        between = self.gap(at)
        if "," in between and self.kind(at) not in _AFTER_COMMA:
            return False
        return not between or gap.fullmatch(between) is not None

    def follows(self, at: int, *kinds: str) -> bool:
        """Tell whether the token is linked to the one before and of one of these kinds."""
        return self.kind(at) in kinds and self.linked(at)

    def length(self, at: int) -> Meaning | None:
        """Read a duration; after a window's first word 30日 and 三月 are lengths too."""
        if not self.linked(at, CLOSE):
            return None
        meaning, before = self.meaning(at), self.meaning(at - 1)
        if meaning.kind == "month" and meaning.code == "digits":
            window = before.kind == "recent" and before.code == "rolling"
            return Meaning("duration", meaning.number, "month") if window else None
        return self.duration(at)

    def duration(self, at: int) -> Meaning | None:
        """Read a duration here: 30天, 30日, "two weeks"."""
        meaning = self.meaning(at)
        if meaning.kind == "day" and meaning.code == "日":
            return Meaning("duration", meaning.number, "day")
        if meaning.kind != "duration" or meaning.number + meaning.extra == 0:
            return None
        return meaning if meaning.number * _DAYS[meaning.unit or "day"] < _LONGEST else None

    def range(self, at: int, end: int, reading: Reading) -> TimeSpan:
        """Make a range of tokens; a period still running is cut after ``as_of``."""
        period = reading.period
        if period is None:
            return self.span(at, end, None, None, reading.assumed)
        running = period.start <= self.clock.as_of and period.stop > self.tomorrow
        stop = self.tomorrow if running else period.stop
        return replace(
            self.span(at, end, period.start, stop, reading.assumed),
            open_end=running,
            unit=period.unit,
            other=reading.other,
            weak=reading.weak,
        )

    def span(
        self,
        at: int,
        end: int,
        start: date | None = None,
        stop: date | None = None,
        assumed: str | None = None,
    ) -> TimeSpan:
        """Make a span of the tokens from ``at`` up to ``end``, with a possessive after it."""
        begin, finish = self.tokens[at].begin, self.tokens[end - 1].end
        if self.text.startswith("'s", finish):
            finish += 2
        text = self.text[begin:finish]
        return TimeSpan(begin, finish, "range", start, stop, None, None, text, assumed)


def as_kind(
    token: Token, kind: str, number: int, unit: Unit | None = None, code: str = ""
) -> Token:
    """Return the token as if it said something else: the 5 of "Oct 5" as a day."""
    return replace(token, meaning=Meaning(kind, number, unit, code))


Slots = Mapping[str, Token]
