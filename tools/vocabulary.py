"""The words of a brand, as the planner reads them: every name it may use, in every form."""

from __future__ import annotations

from typing import Literal

from tools.evidence import Record

TermKind = Literal["metric", "dimension", "value", "segment", "entity"]


class Form(Record):
    """One way to write a term. ``source`` ranks it: a label beats a pinyin spelling."""

    text: str
    language: Literal["zh", "en", "any"]
    source: Literal["label", "name", "synonym", "pinyin"]


class Term(Record):
    """A metric, dimension, value, segment or entity with all its forms.

    ``field`` is the dimension of a value; ``value`` its stored form. ``group`` gathers metrics that
    people call by one word. ``unit``, ``type`` and ``personal`` come from the semantic model.
    """

    kind: TermKind
    name: str
    label_zh: str
    label_en: str
    forms: tuple[Form, ...]
    field: str | None = None
    value: str | int | float | bool | None = None
    group: str | None = None
    unit: str = "text"
    type: str = "text"
    personal: bool = False
    ordered: bool = False
    entity: str | None = None
    direction: str = "neutral"
    featured: bool = False


class Vocabulary(Record):
    """All terms, and the days the data covers.

    ``reach`` lists, for each metric, the dimensions it can be split and filtered by.
    ``first_day`` to ``as_of`` (both included) is what the data covers; ``hash`` changes with any
    of it, so that a planner may keep its index.
    """

    terms: tuple[Term, ...]
    reach: dict[str, tuple[str, ...]]
    first_day: str
    as_of: str
    hash: str
    currency: str = "CNY"
