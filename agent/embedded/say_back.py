"""The grammar backwards: any call as a question that parses back to the same call.

Choices, chips and round-trip tests rest on it. Names are written so that they have one meaning,
dimensions stand before their values, and what belongs together stands in brackets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from agent.embedded.atoms import key_of
from agent.embedded.index import VocabularyIndex, index_of
from agent.embedded.lexicon import lexicon
from agent.embedded.words import tell
from knowledge.languages import Language, normalise
from tools.vocabulary import Term, TermKind, Vocabulary

_ALL_ROWS = 1000


def say_back(
    arguments: Mapping[str, object],
    vocabulary: Vocabulary,
    language: Language,
    tool: str = "query_metrics",
) -> str:
    """Render a call as a canonical question.

    Parameters
    ----------
    arguments : mapping
        Arguments of ``query_metrics`` or ``size_segment``, as JSON.
    vocabulary : Vocabulary
        The words of the brand.
    language : "zh" or "en"
        In which language to ask.
    tool : str
        The tool that the arguments are for.

    Returns
    -------
    str
        A question that :func:`agent.embedded.plan` reads as the same call.
    """
    speaker = _Renderer(index_of(vocabulary), language)
    if tool == "size_segment":
        return speaker.size(arguments)
    return speaker.query(arguments)


class _Renderer:
    def __init__(self, index: VocabularyIndex, language: Language) -> None:
        self._index = index
        self._language = language

    def size(self, arguments: Mapping[str, object]) -> str:
        """Render a count of people."""
        parts = [
            self._range(arguments.get("time_range")),
            *self._conditions(arguments.get("where")),
        ]
        entity = self._index.term("entity", self._index.person_entity or "")
        people = (entity.label_zh if self._language == "zh" else entity.label_en) if entity else ""
        return self._say("say_size", parts=self._joined([p for p in parts if p]), people=people)

    def query(self, arguments: Mapping[str, object]) -> str:
        """Render a query of metrics."""
        share = arguments.get("share")
        metrics = self._listed([self._name("metric", n) for n in _texts(arguments.get("metrics"))])
        parts = [self._range(arguments.get("time_range"))]
        if isinstance(share, dict) and share.get("part"):
            parts.append(self._share_of(share["part"], arguments.get("where"), metrics))
        else:
            parts += [*self._conditions(arguments.get("where")), metrics]
        parts += [*self._splits(arguments), *self._having(arguments.get("having"))]
        parts += [
            self._ranking(arguments.get("ranking")),
            self._compared(arguments.get("comparison")),
        ]
        if isinstance(share, dict) and not share.get("part"):
            parts.append(self._say("say_share"))
        return self._joined([part for part in parts if part])

    # Parts

    def _range(self, value: object) -> str:
        if not isinstance(value, dict):
            return ""
        last = date.fromisoformat(str(value["end"])) - timedelta(days=1)
        return self._say("say_range", start=str(value["start"]), last=last.isoformat())

    def _share_of(self, part: object, whole: object, metrics: str) -> str:
        inner = self._grouped(part)
        if not isinstance(whole, dict):
            return self._say("say_part", part=inner, metrics=metrics)
        return self._say("say_part_of", part=inner, whole=self._grouped(whole), metrics=metrics)

    def _splits(self, arguments: Mapping[str, object]) -> list[str]:
        ranking = arguments.get("ranking")
        within = set(_texts(ranking.get("within"))) if isinstance(ranking, dict) else set()
        names = _texts(arguments.get("dimensions"))
        each = [
            self._say("say_each", name=self._name("dimension", n)) for n in names if n in within
        ]
        by = [self._name("dimension", name) for name in names if name not in within]
        parts = [*each, self._say("say_by", names=self._listed(by)) if by else ""]
        grain = arguments.get("time_grain")
        return [*parts, self._say(f"say_by_{grain}") if grain else ""]

    def _having(self, value: object) -> list[str]:
        conditions = value if isinstance(value, list | tuple) else ()
        return [self._bound(self._name("metric", str(c["metric"])), c) for c in conditions]

    def _ranking(self, value: object) -> str:
        if not isinstance(value, dict):
            return ""
        by, limit = self._name("metric", str(value["by"])), int(value.get("limit", 10))
        direction = str(value.get("direction", "desc"))
        if value.get("offset"):
            place = int(str(value["offset"])) + 1
            return self._say(f"say_place_{direction}", by=by, place=place)
        if limit == _ALL_ROWS:
            return self._say(f"say_sorted_{direction}", by=by)
        return self._say(f"say_top_{direction}", by=by, limit=limit)

    def _compared(self, value: object) -> str:
        if not isinstance(value, dict):
            return ""
        if value["kind"] == "explicit":
            return self._say("say_compared", range=self._range(value.get("range")))
        return self._say(f"say_{value['kind']}")

    # Conditions

    def _conditions(self, where: object) -> list[str]:
        if not isinstance(where, dict):
            return []
        inner = where.get("all")
        parts = inner if isinstance(inner, list | tuple) else [where]
        return [self._condition(part) for part in parts]

    def _grouped(self, where: object) -> str:
        return f"({self._joined(self._conditions(where))})"

    def _condition(self, part: Mapping[str, object]) -> str:
        if "segment" in part:
            return self._name("segment", str(part["segment"]))
        if "customer_metric" in part:
            return self._own(part)
        if "any" in part:
            options = part["any"]
            assert isinstance(options, list | tuple)
            return "(" + self._say("say_or").join(self._inner(option) for option in options) + ")"
        if "all" in part:
            return self._grouped(part)
        inner = part.get("not")
        if isinstance(inner, dict):
            if "field" in inner and inner.get("op", "=") in ("=", "in"):
                return self._values(inner, "say_is_not")
            return self._say("say_not", part=f"({self._inner(inner)})")
        return self._field(part)

    def _inner(self, part: Mapping[str, object]) -> str:
        return self._condition(part)

    def _field(self, part: Mapping[str, object]) -> str:
        op = str(part.get("op", "="))
        name = self._name("dimension", str(part["field"]))
        if op == "is_null":
            return self._say("say_missing", name=name)
        if op == "is_not_null":
            return self._say("say_not", part="(" + self._say("say_missing", name=name) + ")")
        if op in ("=", "in") and self._has_values(part):
            return self._values(part, "say_is")
        if op in ("!=", "not_in") and self._has_values(part):
            return self._values(part, "say_is_not")
        return self._bound(name, part)

    def _has_values(self, part: Mapping[str, object]) -> bool:
        return all(
            self._index.value(str(part["field"]), value) for value in _sequence(part.get("values"))
        )

    def _values(self, part: Mapping[str, object], code: str) -> str:
        field = str(part["field"])
        texts = [self._value(field, value) for value in _sequence(part.get("values"))]
        values = self._say("say_values").join(texts)
        return self._say(code, name=self._name("dimension", field), values=values)

    def _own(self, part: Mapping[str, object]) -> str:
        """Render a condition on the customer's own metric, in square brackets."""
        texts = [
            self._range(part.get("time_range")),
            *self._conditions(part.get("where")),
            self._bound(self._name("metric", str(part["customer_metric"])), part),
        ]
        return f"[{self._joined([text for text in texts if text])}]"

    def _bound(self, name: str, part: Mapping[str, object]) -> str:
        op = _OPERATORS[str(part.get("op", "="))]
        values = [_number(value) for value in _sequence(part.get("values"))]
        first, last = (values[0], values[-1]) if values else ("", "")
        return self._say(f"say_{op}", name=name, value=first, last=last)

    # Names

    def _name(self, kind: TermKind, name: str) -> str:
        term = self._index.term(kind, name)
        return self._label(term) if term else name

    def _value(self, dimension: str, value: object) -> str:
        term = self._index.value(dimension, value)
        return self._label(term) if term else str(value)

    def _label(self, term: Term) -> str:
        """Give the form of a name that means nothing else, as chosen once for the vocabulary."""
        chosen, key = self._index.chosen_forms, (id(term), self._language)
        if key not in chosen:
            chosen[key] = self._choose(term)
        return chosen[key]

    def _choose(self, term: Term) -> str:
        """Choose among the forms of a name; the label comes first."""
        forms = sorted(
            term.forms, key=lambda form: _preference(form.language, form.source, self._language)
        )
        label = term.label_zh if self._language == "zh" else term.label_en
        return next((form.text for form in forms if self._is_certain(form.text, term)), label)

    def _is_certain(self, text: str, term: Term) -> bool:
        found = self._index.reads(text)
        if lexicon().phrases.get(key_of(normalise(text).text)):
            return False
        if term.kind == "value":
            return [t for t in found if t.field == term.field and t.kind == "value"] == [term]
        return found == (term,)

    # Words

    def _say(self, code: str, **params: str | int | float) -> str:
        return tell(code, self._language, **params)

    def _listed(self, names: Sequence[str]) -> str:
        return self._say("say_and").join(names)

    def _joined(self, parts: Sequence[str]) -> str:
        return self._say("say_comma").join(parts)


_OPERATORS = {
    "=": "equal", ">": "over", ">=": "at_least", "<": "under", "<=": "at_most",
    "between": "between", "!=": "unequal", "in": "equal", "not_in": "unequal",
    "contains": "equal", "is_null": "equal", "is_not_null": "equal",
}  # fmt: skip


def _preference(language: str, source: str, wanted: Language) -> tuple[bool, int]:
    order = {"label": 0, "synonym": 1, "name": 2, "pinyin": 3}
    return language not in (wanted, "any") or source == "name", order.get(source, 4)


def _number(value: object) -> str:
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.10f}".rstrip("0")
    return str(int(value)) if isinstance(value, int | float) else str(value)


def _texts(value: object) -> list[str]:
    return [str(item) for item in _sequence(value)]


def _sequence(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
