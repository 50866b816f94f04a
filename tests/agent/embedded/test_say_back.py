"""The grammar run backwards: what is said back must be read as the same call."""

import json
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agent.embedded import plan, say_back
from agent.embedded.index import VocabularyIndex, index_of
from agent.embedded.planner import LONGEST

FIRST = date(2024, 11, 1)
SETTINGS = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
HIDDEN = {"feedback_id", "feedback_text"}


class Calls:
    """Random calls made from the vocabulary: names and stored values, never labels."""

    def __init__(self, index: VocabularyIndex, seed: int) -> None:
        self.index = index
        self.random = Random(seed)
        self.reach = {
            name: [d for d in found if d not in HIDDEN and index.term("dimension", d)]
            for name, found in index.vocabulary.reach.items()
        }

    def maybe(self, share: float) -> bool:
        return self.random.random() < share

    def range(self) -> dict[str, str]:
        start = FIRST + timedelta(days=self.random.randrange(690))
        end = min(start + timedelta(days=self.random.randrange(1, 400)), date(2026, 11, 1))
        return {"start": start.isoformat(), "end": end.isoformat()}

    def condition(self, metric: str, depth: int = 0) -> dict[str, Any]:
        kind = self.random.random()
        if depth < 2 and kind < 0.12:
            return {"any": [self.condition(metric, depth + 1) for _ in range(2)]}
        if depth < 2 and kind < 0.27:
            part = self.condition(metric, depth + 1)
            turned: dict[str, Any] = part.get("not", {"not": part})
            return turned
        if kind < 0.4:
            segments = self.index.of_kind("segment")
            return {"segment": self.random.choice(segments).name}
        if depth == 0 and kind < 0.5:
            return self.own()
        return self.field(metric)

    def own(self) -> dict[str, Any]:
        metric = self.random.choice(["orders", "revenue"])
        op = self.random.choice([">", ">=", "<", "<=", "="])
        part: dict[str, Any] = {"customer_metric": metric, "op": op}
        part["values"] = [self.random.randrange(1, 3000)]
        if self.maybe(0.5):
            part["time_range"] = self.range()
        if self.maybe(0.4):
            part["where"] = self.field(metric)
        return part

    def field(self, metric: str) -> dict[str, Any]:
        name = self.random.choice(self.reach[metric])
        term = self.index.term("dimension", name)
        assert term is not None
        known = [v.value for v in self.index.values.get(name, []) if not _is_number(v.value)]
        if term.type == "number":
            op = self.random.choice([">", ">=", "<", "<=", "between"])
            two = sorted(self.random.sample(range(1, 500), 2))
            return {"field": name, "op": op, "values": two if op == "between" else two[:1]}
        if not known:
            return {"field": name, "op": "is_null"}
        chosen = self.random.sample(known, min(len(known), self.random.choice([1, 1, 2, 3])))
        return {"field": name, "op": "=" if len(chosen) == 1 else "in", "values": chosen}

    def query(self) -> dict[str, Any]:
        metric = self.random.choice(sorted(m for m, found in self.reach.items() if found))
        spec: dict[str, Any] = {"metrics": [metric]}
        count = min(self.random.choice([0, 0, 1, 1, 2]), len(self.reach[metric]))
        if dimensions := self.random.sample(self.reach[metric], count):
            spec["dimensions"] = dimensions
        if self.maybe(0.8):
            spec["time_range"] = self.range()
        if self.maybe(0.25):
            grains = ["day", "week", "month", "quarter", "year"]
            spec["time_grain"] = self.random.choice(grains)
        if self.maybe(0.6):
            parts = [self.condition(metric) for _ in range(self.random.choice([1, 1, 2]))]
            spec["where"] = parts[0] if len(parts) == 1 else {"all": parts}
        extra = self.random.choice(["", "rank", "share", "having", "comparison"])
        getattr(self, f"add_{extra}", lambda *_: None)(spec, metric, dimensions)
        return spec

    def add_rank(self, spec: dict[str, Any], metric: str, dimensions: list[str]) -> None:
        if not dimensions:
            return
        limit = self.random.choice([1, 3, 10, 1000])
        direction = self.random.choice(["desc", "asc"])
        spec["ranking"] = {"by": metric, "direction": direction, "limit": limit}
        if limit == 1 and self.maybe(0.5):
            spec["ranking"]["offset"] = self.random.randrange(1, 9)
        elif limit in (3, 10) and len(dimensions) == 2:
            spec["ranking"]["within"] = dimensions[:1]

    def add_share(self, spec: dict[str, Any], metric: str, dimensions: list[str]) -> None:
        spec["share"] = {} if dimensions else {"part": self.condition(metric)}

    def add_having(self, spec: dict[str, Any], metric: str, dimensions: list[str]) -> None:
        term = self.index.term("metric", metric)
        assert term is not None
        value = 0.25 if term.unit == "percent" else self.random.randrange(2, 900)
        if dimensions:
            spec["having"] = [{"metric": metric, "op": ">", "values": [value]}]

    def add_comparison(self, spec: dict[str, Any], metric: str, dimensions: list[str]) -> None:
        explicit = {"kind": "explicit", "range": self.range()}
        kinds = [{"kind": "previous_period"}, {"kind": "previous_year"}, explicit]
        if "time_range" in spec:
            spec["comparison"] = self.random.choice(kinds)


def _is_number(value: object) -> bool:
    return str(value).replace("-", "").isdigit()


def _has_no_one_reading(spec: dict[str, Any], index: VocabularyIndex) -> bool:
    """Tell whether a person would read it otherwise, or a shorter call says the same."""
    where = spec.get("where", {})
    parts = where.get("all", [where])
    # Every value of a dimension can only be meant side by side.
    if any(p["op"] == "in" and len(p["values"]) == len(index.values[p["field"]])
           for p in parts if "field" in p):  # fmt: skip
        return True
    fields = [p["field"] for p in parts if "field" in p and p["op"] in ("=", "in")]
    twice = len(fields) != len(set(fields)) or (len(parts) == 2 and parts[0] == parts[1])
    people = spec["metrics"] == ["customers"] and set(spec) <= {"metrics", "where", "time_range"}
    return twice or people


@pytest.mark.parametrize("language", ["zh", "en"])
@settings(max_examples=1_100, **SETTINGS)
@given(seed=st.integers(0, 2**40))
def test_query_said_back_is_read_as_itself(language: Any, seed: int, retailer: Any) -> None:
    spec = Calls(index_of(retailer.vocabulary), seed).query()
    assume(not _has_no_one_reading(spec, index_of(retailer.vocabulary)))
    question = say_back(spec, retailer.vocabulary, language)
    assume(len(question) <= LONGEST)

    read = plan(question, retailer.vocabulary, retailer.clock)

    assert read.kind == "calls", f"{question}\n{read.text}"
    assert _sorted(read.calls[0].arguments) == _sorted(spec), question
    assert read.read_as == ()


@pytest.mark.parametrize("language", ["zh", "en"])
@settings(max_examples=150, **SETTINGS)
@given(seed=st.integers(0, 2**40))
def test_count_of_people_said_back_is_read_as_itself(
    language: Any, seed: int, retailer: Any
) -> None:
    arguments = {"where": Calls(index_of(retailer.vocabulary), seed).condition("customers")}
    question = say_back(arguments, retailer.vocabulary, language, tool="size_segment")
    assume(len(question) <= LONGEST)

    read = plan(question, retailer.vocabulary, retailer.clock)

    assert read.kind == "calls", f"{question}\n{read.text}"
    assert read.calls[0].tool == "size_segment", question
    assert _sorted(read.calls[0].arguments) == _sorted(arguments), question


@pytest.mark.parametrize(
    ("question", "count"),
    [("上个月活跃客户数", 3), ("哪个渠道最好", 3), ("卖得最好的品牌", 2), ("上海怎么样", 3)],
)
def test_choice_asks_no_question_again(question: str, count: int, ask: Any) -> None:
    asked = ask(question)
    answers = [ask(choice.question) for choice in asked.choices]

    assert len(answers) == count
    assert [answer.kind for answer in answers] == ["calls"] * count
    assert len({_sorted(answer.calls[0].arguments) for answer in answers}) == count


def _sorted(arguments: object) -> str:
    return json.dumps(arguments, sort_keys=True, ensure_ascii=False)
