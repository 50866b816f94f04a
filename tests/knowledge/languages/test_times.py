"""Times: every line of times.yml, and what a span says beside its days."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge.languages import ASSUMPTIONS, Clock, TimeSpan, find_times, normalise

GROUPS = yaml.safe_load(Path(__file__).with_name("times.yml").read_text(encoding="utf-8"))
CLOCK = Clock(date(2026, 10, 31))


def clock_of(group: dict) -> Clock:
    return Clock(group["as_of"], group.get("week_start", 0), group.get("fiscal_year_start", 1))


CASES = [
    pytest.param(text, expected, clock_of(group), id=f"{group['as_of']} {text}")
    for group in GROUPS
    for text, expected in group["cases"].items()
]


def find(text: str, clock: Clock = CLOCK) -> list[TimeSpan]:
    return find_times(normalise(text).text, clock)


def one(text: str, clock: Clock = CLOCK) -> TimeSpan:
    (span,) = find(text, clock)
    return span


def written(span: TimeSpan) -> str:
    days = f"{span.start or ''}..{span.stop or ''}" if span.start or span.stop else ""
    if span.kind == "grain":
        return f"grain {span.grain or 'any'}"
    if span.kind == "comparison":
        return f"compare {span.comparison} {days}".rstrip()
    return days or str(span.assumed)


@pytest.mark.parametrize(("text", "expected", "clock"), CASES)
def test_times_are_read(text: str, expected: str | list[str], clock: Clock) -> None:
    found = [written(span) for span in find(text, clock)]

    assert found == (expected if isinstance(expected, list) else [expected])


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 250


@pytest.mark.parametrize(("text", "expected", "clock"), CASES)
def test_time_spans_point_at_their_text(text: str, expected: object, clock: Clock) -> None:
    normal = normalise(text).text

    ends = 0
    for span in find_times(normal, clock):
        assert normal[span.begin : span.end] == span.text
        assert span.begin >= ends
        assert span.assumed is None or span.assumed in ASSUMPTIONS
        ends = span.end


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("看看近30天的订单", "近30天"),
        ("the last 30 days' orders", "the last 30 days"),
        ("last month's revenue", "last month's"),
        ("从9月1日到10月15日的销售额", "从9月1日到10月15日"),
        ("在9月和10月之间下单", "9月和10月之间"),
        ("自8月以来的退款", "自8月以来"),
        ("销售额与上个月相比怎么样", "与上个月相比"),
        ("国庆节期间的销售额", "国庆节期间"),
        ("2025年度的利润", "2025年度"),
        ("30天内下单的客户", "30天内"),
    ],
)
def test_time_spans_own_the_words_that_belong_to_them(text: str, covered: str) -> None:
    assert one(text).text == covered


@pytest.mark.parametrize(
    ("text", "assumed"),
    [
        ("近30天", "last_days_end_at_as_of"),
        ("9月", "latest_begun"),
        ("last September", "last_named_is_latest"),
        ("3/4/2026", "month_first"),
        ("25年9月", "short_year"),
        ("最近几周", "few_is_three"),
        ("最近", "recent_is_30_days"),
        ("双11", "festival_sale"),
        ("国庆", "festival_holiday"),
        ("中秋", "festival_day"),
        ("2035年春节", "festival_year_unknown"),
        ("今年夏天", "season_months"),
        ("9月底", "part_of_period"),
        ("10月第一周", "week_by_middle"),
        ("3个月前", "ago_is_calendar_unit"),
        ("8月以后", "after_includes"),
        ("after August", "after_excludes"),
        ("until August", "until_includes"),
        ("前三季度", "front_is_first"),
        ("前三个月", "front_is_last"),
        ("FY26", "fiscal_year_by_end"),
        ("2月30日", "impossible_date"),
    ],
)
def test_conventions_are_named(text: str, assumed: str) -> None:
    assert one(text).assumed == assumed


def test_plain_quarters_name_the_fiscal_reading_beside() -> None:
    span = one("Q1", Clock(date(2026, 10, 31), fiscal_year_start=4))

    assert (span.start, span.assumed) == (date(2026, 1, 1), "calendar_quarter")
    assert span.other == (date(2026, 4, 1), date(2026, 7, 1))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("last September", ("2025-09-01", "2025-10-01")),
        ("3/4/2026", ("2026-04-03", "2026-04-04")),
        ("前三个月", ("2026-01-01", "2026-04-01")),
        ("8月以后", ("2026-09-01", "2026-11-01")),
        ("双11", ("2025-11-11", "2025-11-12")),
        ("last 2 quarters", ("2026-04-01", "2026-10-01")),
        ("last Friday", ("2026-10-23", "2026-10-24")),
    ],
)
def test_second_readings_are_offered(text: str, other: tuple[str, str]) -> None:
    assert one(text).other == tuple(map(date.fromisoformat, other))


@pytest.mark.parametrize(
    ("text", "open_end"),
    [("本周", True), ("今年", True), ("since August", True), ("10月", False), ("近30天", False)],
)
def test_running_periods_have_an_open_end(text: str, open_end: bool) -> None:
    assert one(text).open_end is open_end


@pytest.mark.parametrize("text", ["周五", "周末", "618", "520", "2025 sales", "最近", "30天内"])
def test_words_with_another_meaning_are_weak(text: str) -> None:
    assert one(text).weak


@pytest.mark.parametrize("text", ["上周五", "去年618", "2025年", "近30天", "双11", "10月1日"])
def test_plain_times_are_not_weak(text: str) -> None:
    assert not one(text).weak


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("9月", "month"),
        ("上周", "week"),
        ("昨天", "day"),
        ("Q3", "quarter"),
        ("上半年", "half"),
        ("2025年", "year"),
        ("近30天", None),
        ("9月到10月", None),
        ("比上月", "month"),
        ("week on week", "week"),
    ],
)
def test_named_units_are_kept(text: str, unit: str | None) -> None:
    assert one(text).unit == unit


def test_festivals_outside_the_table_are_never_guessed() -> None:
    assert one("2029年中秋").start is None


@given(
    st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)),
    st.sampled_from(["{:%Y-%m-%d}", "{:%Y/%m/%d}", "{:%Y%m%d}", "{0.year}年{0.month}月{0.day}日",
                     "{0.year}年{0.month}月{0.day}号", "{:%B} {0.day}, {0.year}",
                     "{0.day} {:%b} {0.year}"]),
)  # fmt: skip
def test_every_day_is_read_in_every_form(day: date, form: str) -> None:
    span = one(form.replace("{:", "{0:").format(day))

    assert (span.start, span.stop) == (day, day + timedelta(days=1))


@given(
    st.dates(min_value=date(2023, 6, 1), max_value=date(2030, 1, 1)),
    st.integers(min_value=0, max_value=6),
    st.sampled_from(
        ["上周", "last month", "上季度", "last year", "yesterday", "近7天", "本月", "今年"]
    ),
)
def test_past_periods_never_reach_beyond_as_of(as_of: date, week_start: int, text: str) -> None:
    span = one(text, Clock(as_of, week_start))

    assert span.start and span.stop
    assert span.start < span.stop <= as_of + timedelta(days=1)


@given(st.dates(min_value=date(2023, 6, 1), max_value=date(2030, 1, 1)))
def test_neighbouring_periods_meet(as_of: date) -> None:
    clock = Clock(as_of)
    for unit in ("周", "个月", "季度"):
        before, last, this = (one(f"{word}{unit}", clock) for word in ("上上", "上", "本"))

        assert before.stop == last.start
        assert last.stop == this.start


@given(st.text(max_size=60))
def test_any_text_is_survived(text: str) -> None:
    for span in find(text):
        assert span.begin < span.end


@given(st.lists(st.sampled_from(
    ["近", "30", "天", "上", "个", "月", "周", "年", "9", "到", "-", " ", "last ", "oct ", "2026",
     "q3", "以来", "前", "比", "同期", "和", "五", "底", "日", "since ", "before ", "of ", "week ",
     "双11", "2月30日", "99999", "month "]), max_size=12).map("".join))  # fmt: skip
def test_any_heap_of_time_words_is_survived(text: str) -> None:
    for span in find(text):
        assert span.begin < span.end
        assert span.start is None or span.stop is None or span.start < span.stop
