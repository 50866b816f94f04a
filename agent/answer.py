"""Answer: what a person gets, and what front ends, evals and scripts rely on."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tools.evidence import Chart, Evidence, Table, Understood

Reason = Literal[
    "not_permitted", "no_data", "unknown_name", "outside_time", "ambiguous",
    "not_a_data_question", "unsupported", "fault",
]  # fmt: skip


class Record(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(Record):
    """One tool call of the plan."""

    tool: str
    arguments: dict[str, object]
    milliseconds: float = 0.0


class Choice(Record):
    """One reading of an ambiguous question, with the question that asks exactly it."""

    label: str
    question: str


class Contribution(Record):
    """One feature's part of a score."""

    feature: str
    label: str
    value: float | str | None
    contribution: float


class Explanation(Record):
    """Base value plus contributions equals the score."""

    base_value: float
    contributions: tuple[Contribution, ...]
    score: float


class Usage(Record):
    """What a chat model used; tokens are None where the server counts none."""

    model: str = ""
    prompt_tokens: int | None
    completion_tokens: int | None


class Answer(Record):
    """The one object of DESIGN section 7, exactly."""

    kind: Literal["answer", "clarification", "refusal", "failure"]
    reason: Reason | None = None
    thread: str
    turn_id: str
    language: Literal["zh", "en"]
    text: str
    understood: Understood = Understood()
    steps: tuple[Step, ...] = ()
    table: Table | None = None
    evidence: tuple[Evidence, ...] = ()
    explanation: Explanation | None = None
    choices: tuple[Choice, ...] = ()
    suggestions: tuple[str, ...] = ()
    verified: bool = False
    caveats: tuple[str, ...] = ()
    chart: Chart | None = None
    proposal_id: str | None = None
    planner: Literal["embedded", "chat"] = "embedded"
    usage: Usage | None = None
    ms: float = 0.0
