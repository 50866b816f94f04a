"""A case: one question in both languages, and what a right answer must hold."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

Family = Literal[
    "single", "breakdown", "trend", "comparison", "ranking", "share", "filter", "negation", "time",
    "follow_up", "ambiguous", "unanswerable", "mixed", "people", "describe", "feedback",
]  # fmt: skip
Language = Literal["zh", "en"]


class Record(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(Record):
    """What a right answer holds.

    ``sql`` is written by hand over the marts and returns the figures, amounts in major units;
    ``ordered`` when the order of its rows is part of the question. ``quotes_contain``: each quote
    holds one of the words. ``names``: words the text must name, one of them is enough.
    """

    kind: Literal["answer", "clarification", "refusal"] = "answer"
    reason: tuple[str, ...] = ()
    sql: str | None = None
    ordered: bool = False
    tool: str | None = None
    names: tuple[str, ...] = ()
    quotes_contain: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _checks_something(self) -> Expected:
        if self.kind == "answer" and not (self.sql or self.quotes_contain or self.names):
            raise ValueError("An expected answer needs 'sql', 'quotes_contain' or 'names'.")
        return self


class Case(Record):
    """One question in zh and en; ``before`` are the turns of its thread, for follow-ups."""

    name: str
    family: Family
    zh: str | None = None
    en: str | None = None
    before_zh: tuple[str, ...] = ()
    before_en: tuple[str, ...] = ()
    expect: Expected

    @model_validator(mode="after")
    def _is_asked(self) -> Case:
        if not self.zh and not self.en:
            raise ValueError(f"Case {self.name!r} needs 'zh' or 'en'.")
        if self.family == "follow_up" and bool(self.zh) != bool(self.before_zh):
            raise ValueError(f"Follow-up {self.name!r} needs 'before_zh' beside 'zh'.")
        return self

    def asked(self) -> Iterator[tuple[Language, str, tuple[str, ...]]]:
        """Yield language, question and the turns before it."""
        if self.zh:
            yield "zh", self.zh, self.before_zh
        if self.en:
            yield "en", self.en, self.before_en


def load_cases(suite: str | None = None) -> list[Case]:
    """Load the cases of one suite (a file's name) or all, in file order.

    Raises
    ------
    ValueError
        When two cases share a name, or no suite has that name.
    """
    files = sorted(
        (f for f in resources.files("evals.cases").iterdir() if f.name.endswith(".yml")),
        key=lambda f: f.name,
    )
    chosen = [f for f in files if suite in (None, f.name.removesuffix(".yml"))]
    if not chosen:
        known = ", ".join(f.name.removesuffix(".yml") for f in files)
        raise ValueError(f"No suite {suite!r}. Known: {known}.")
    cases = [
        Case.model_validate(block)
        for file in chosen
        for block in yaml.safe_load(file.read_text(encoding="utf-8")) or ()
    ]
    names = [case.name for case in cases]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"Cases share a name: {', '.join(doubled)}.")
    return cases
