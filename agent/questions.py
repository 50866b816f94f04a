"""Questions worth asking: for a newcomer, and after an answer. Each parses back to what it asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from agent.embedded import plan, say_back
from agent.embedded.index import index_of
from knowledge.languages import Clock, find_times, normalise, say
from tools.evidence import ToolResult
from tools.vocabulary import TermKind, Vocabulary

Language = Literal["zh", "en"]
MOST = 3
_kept_splits: dict[str, tuple[tuple[str, bool], ...]] = {}
_kept_phrases: dict[tuple[str, str, str], str] = {}
_MOST_KEPT = 2000
_NAMED_WINDOWS = ("this_month", "last_month", "this_year", "last_year", "last_quarter", "30_days")
_SHAPES = {
    frozenset({"metrics", "time_range"}): "ask_value",
    frozenset({"metrics", "time_grain"}): "ask_trend",
    frozenset({"metrics", "time_range", "comparison"}): "ask_compared",
    frozenset({"metrics", "dimensions", "time_range"}): "ask_split",
    frozenset({"metrics", "dimensions"}): "ask_split_all",
    frozenset({"metrics", "dimensions", "time_range", "ranking"}): "ask_top",
}
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
        questions.append(phrased({**arguments, **shape}, vocabulary, language))
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
    asked = [phrased(offer, vocabulary, last.language) for offer in offers[:MOST]]
    return tuple(dict.fromkeys(asked))


def phrased(arguments: Mapping[str, object], vocabulary: Vocabulary, language: Language) -> str:
    """Ask for a query as a person would, where the planner reads that as the query; else exactly.

    Examples are read before they are offered, because a name may have another meaning inside a
    sentence. What was read once is kept for the vocabulary.
    """
    exact = say_back(arguments, vocabulary, language)
    clock = Clock(as_of=date.fromisoformat(vocabulary.as_of))
    return _surely(_natural(arguments, vocabulary, language, clock), exact, arguments, vocabulary)


def phrased_size(segment: str, vocabulary: Vocabulary, language: Language) -> str:
    """Ask how many people a segment has."""
    arguments: dict[str, object] = {"where": {"segment": segment}}
    exact = say_back(arguments, vocabulary, language, "size_segment")
    label = _label("segment", segment, vocabulary, language)
    return _surely(say("ask_size", language, segment=label), exact, arguments, vocabulary)


def _surely(
    natural: str, exact: str, arguments: Mapping[str, object], vocabulary: Vocabulary
) -> str:
    """Give the natural question where the planner reads the same call from it as from the exact."""
    key = (vocabulary.hash, natural, exact)
    if key not in _kept_phrases:
        if len(_kept_phrases) > _MOST_KEPT:
            _kept_phrases.clear()
        clock = Clock(as_of=date.fromisoformat(vocabulary.as_of))
        read = plan(natural, vocabulary, clock, None).calls if natural else ()
        is_same = [call.arguments for call in read] == [dict(arguments)]
        _kept_phrases[key] = natural if is_same else exact
    return _kept_phrases[key]


def _natural(
    arguments: Mapping[str, object], vocabulary: Vocabulary, language: Language, clock: Clock
) -> str:
    """Write the usual shapes of questions in a sentence; nothing for any other."""
    shape = _SHAPES.get(frozenset(arguments) - {"where"})
    window = _window_name(arguments.get("time_range"), language, clock)
    metrics = _labels("metric", arguments["metrics"], vocabulary, language)
    dimensions = _labels("dimension", arguments.get("dimensions", []), vocabulary, language)
    who = _who(arguments.get("where"), vocabulary, language)
    is_told = ("time_range" in arguments) == bool(window) and ("where" in arguments) == bool(who)
    if shape is None or not is_told or len(dimensions) > 1:
        return ""
    ranking = arguments.get("ranking")
    text = say(
        shape,
        language,
        metric=say("ask_and", language).join(metrics),
        dimension="".join(dimensions),
        window=window,
        limit=str(ranking.get("limit", "")) if isinstance(ranking, dict) else "",
    )
    if who:
        end = "?" if text.endswith("?") else ""
        text = say("ask_among", language, who=who, question=text.removesuffix("?")) + end
    return text[:1].upper() + text[1:]


def _who(where: object, vocabulary: Vocabulary, language: Language) -> str:
    """Name a segment or the values of one dimension; nothing for any other filter."""
    if not isinstance(where, dict):
        return ""
    if isinstance(where.get("segment"), str):
        return _label("segment", where["segment"], vocabulary, language)
    if where.get("op", "=") not in ("=", "in"):
        return ""
    values = where.get("values") or ()
    index, field = index_of(vocabulary), str(where.get("field"))
    found = [
        term.label_zh if language == "zh" else term.label_en
        for value in values
        if (term := index.value(field, value))
    ]
    return say("ask_and", language).join(found) if len(found) == len(values) else ""


def _window_name(window: object, language: Language, clock: Clock) -> str:
    """Find the words for a window by reading them: "last month" where it is that month."""
    if not isinstance(window, dict):
        return ""
    return _named_windows(language, clock).get((window.get("start"), window.get("end")), "")


@lru_cache(maxsize=8)
def _named_windows(language: Language, clock: Clock) -> dict[tuple[object, object], str]:
    found: dict[tuple[object, object], str] = {}
    for name in _NAMED_WINDOWS:
        text = say(f"edit_window_{name}", language)
        for span in find_times(normalise(text).text, clock):
            found.setdefault((str(span.start), str(span.stop)), text)
    return found


def _labels(kind: TermKind, names: object, vocabulary: Vocabulary, language: Language) -> list[str]:
    listed = names if isinstance(names, list | tuple) else ()
    return [_label(kind, str(name), vocabulary, language) for name in listed]


def _label(kind: TermKind, name: str, vocabulary: Vocabulary, language: Language) -> str:
    """Give a label as it stands inside a sentence."""
    term = index_of(vocabulary).term(kind, name)
    if term is None:
        return name
    label = term.label_zh if language == "zh" else term.label_en
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


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
