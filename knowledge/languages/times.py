"""Time expressions of a text that may mix both languages.

The languages' rules make tokens; a small grammar puts neighbouring tokens together, whichever
language each comes from: named times (去年9月, "early October"), windows (近30天, "last 30 天"),
ranges, since and until, comparisons and grains. At each place the reading that covers most words
wins. There is no lenient fallback.
"""

from __future__ import annotations

from functools import cache

from knowledge.languages.en import time as en
from knowledge.languages.spans import Clock, TimeSpan
from knowledge.languages.time_grammar import comparisons, literals, named, ranges, windows
from knowledge.languages.time_grammar.line import Line
from knowledge.languages.time_grammar.tokens import Scanner, may_begin_with_digit
from knowledge.languages.zh import time as zh

PRODUCTIONS = (
    comparisons.comparison,
    ranges.between,
    ranges.open_ended,
    windows.beside,
    windows.first_or_last,
    windows.rolling,
    windows.ago,
    windows.to_date,
    named.named,
    named.listed,
    comparisons.grain,
)


def find_times(text: str, clock: Clock) -> list[TimeSpan]:
    """Find the time ranges, grains and comparisons of a normalised text, not overlapping.

    Examples
    --------
    >>> from datetime import date
    >>> clock = Clock(date(2026, 10, 31))
    >>> [(s.text, str(s.start), str(s.stop)) for s in find_times("近30天 vs last september", clock)]
    [('近30天', '2026-10-02', '2026-11-01'), ('last september', '2026-09-01', '2026-10-01')]
    """
    line = Line(text, _scanner().tokens(text), clock)
    spans: list[TimeSpan] = []
    at = 0
    while at < len(line.tokens):
        found = max(
            (found for rule in PRODUCTIONS if (found := rule(line, at))),
            key=lambda found: found[1],
            default=None,
        )
        if found:
            for span in found[0]:
                if not (spans and (both := ranges.joined(text, spans[-1], span))):
                    spans.append(span)
                else:
                    spans[-1] = both
        at = found[1] if found else at + 1
    return spans


@cache
def _scanner() -> Scanner:
    """Compile all rules when the first question comes: it takes a while."""
    words = filter(may_begin_with_digit, (*zh.RULES, *en.RULES))
    return Scanner(
        latin=en.RULES,
        other=(*zh.RULES, *literals.CONNECTORS),
        digit=(*literals.DATES, *words, *literals.NUMBERS),
    )
