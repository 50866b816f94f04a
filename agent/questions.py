"""Questions worth asking: for a newcomer, and after an answer. Each parses back to what it asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from agent.embedded import say_back
from tools.evidence import ToolResult
from tools.vocabulary import Vocabulary

Language = Literal["zh", "en"]
MOST = 3
_kept_splits: dict[str, tuple[tuple[str, bool], ...]] = {}
_UNITS = ("currency", "count", "percent")


def starting_questions(vocabulary: Vocabulary, language: Language) -> tuple[str, ...]:
    """Offer four questions over different metrics: a trend, a split, a comparison, a ranking."""
    metrics = _leading_metrics(vocabulary)
    if not metrics:
        return ()
    window = last_month(date.fromisoformat(vocabulary.as_of))
    shapes: tuple[dict[str, object], ...] = (
        {"time_grain": "month"},
        {"time_range": window, "comparison": {"kind": "previous_period"}},
        {"split": True},
        {"split": True, "rank": True, "time_range": window},
    )
    questions = []
    for position, shape in enumerate(shapes):
        metric = metrics[position % len(metrics)]
        arguments: dict[str, object] = {"metrics": [metric]}
        shape = dict(shape)
        if shape.pop("split", False):
            split = _split(metric, vocabulary, position)
            if split is None:
                continue
            arguments["dimensions"] = [split]
        if shape.pop("rank", False):
            arguments["ranking"] = {"by": metric, "direction": "desc", "limit": 5}
        questions.append(say_back({**arguments, **shape}, vocabulary, language))
    return tuple(dict.fromkeys(questions))


def next_questions(results: Sequence[ToolResult], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Offer what a marketer would ask next: over time, against the period before, by what."""
    last = results[-1] if results else None
    if last is None or last.tool != "query_metrics" or last.spec is None:
        return ()
    spec = {k: v for k, v in last.spec.items() if v not in (None, [], {}) and k != "limit"}
    metrics = spec["metrics"]
    if not isinstance(metrics, list):
        return ()
    plain = {k: v for k, v in spec.items() if k in ("metrics", "where", "time_range")}
    offers: list[dict[str, object]] = []
    if "time_grain" not in spec:
        offers.append({**{k: v for k, v in plain.items() if k != "time_range"},
                       "time_grain": "month"})  # fmt: skip
    if "comparison" not in spec and "time_range" in spec:
        offers.append({**plain, "comparison": {"kind": "previous_period"}})
    split = _split(str(metrics[0]), vocabulary, 0)
    if "dimensions" not in spec and split is not None:
        offers.append({**plain, "dimensions": [split]})
    asked = [say_back(offer, vocabulary, last.language) for offer in offers[:MOST]]
    return tuple(dict.fromkeys(asked))


def last_month(as_of: date) -> dict[str, str]:
    """Give the whole calendar month that ended last."""
    after = as_of + timedelta(days=1)
    end = after.replace(day=1)
    start = (end - timedelta(days=1)).replace(day=1)
    return {"start": start.isoformat(), "end": end.isoformat()}


def _leading_metrics(vocabulary: Vocabulary) -> list[str]:
    """List the featured metrics; without such, the ones of each unit that can be split most."""
    metrics = [term for term in vocabulary.terms if term.kind == "metric" and not term.group]
    if featured := [metric.name for metric in metrics if metric.featured]:
        return featured
    leading = []
    for unit in _UNITS:
        of_unit = [m for m in metrics if m.unit == unit and m.direction != "down"]
        if of_unit:
            best = max(of_unit, key=lambda m: len(vocabulary.reach.get(m.name, ())))
            leading.append(best.name)
    return leading or [metric.name for metric in metrics[:1]]


def _split(metric: str, vocabulary: Vocabulary, position: int) -> str | None:
    """Find a dimension with few, named values that the metric can be split by."""
    reach = set(vocabulary.reach.get(metric, ()))
    fit = [(name, is_featured) for name, is_featured in _splits(vocabulary) if name in reach]
    featured = [name for name, is_featured in fit if is_featured]
    names = featured or [name for name, _ in fit]
    return names[position % len(names)] if names else None


def _splits(vocabulary: Vocabulary) -> tuple[tuple[str, bool], ...]:
    """List the dimensions with few values, and whether they are featured; kept per vocabulary."""
    if vocabulary.hash not in _kept_splits:
        _kept_splits.clear()
        _kept_splits[vocabulary.hash] = tuple(_find_splits(vocabulary))
    return _kept_splits[vocabulary.hash]


def _find_splits(vocabulary: Vocabulary) -> list[tuple[str, bool]]:
    sizes = Counter(
        term.field
        for term in vocabulary.terms
        if term.kind == "value" and isinstance(term.value, str)
    )
    dimensions = [t for t in vocabulary.terms if t.kind == "dimension" and not t.personal]
    # What people buy and where says more at first sight than who they are.
    people = {t.entity for t in vocabulary.terms if t.kind == "dimension" and t.personal}
    few = [term for term in dimensions if 3 <= sizes[term.name] <= 12]
    few.sort(key=lambda term: term.entity in people)
    return [(term.name, term.featured) for term in few]
