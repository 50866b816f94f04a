"""Conditions as they were read: names may still have several meanings."""

from __future__ import annotations

from dataclasses import dataclass, replace

from knowledge.languages import TimeSpan
from tools.vocabulary import Term

_INVERSE = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "!=", "!=": "="}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with the unit that was written after it."""

    value: float
    unit: str | None = None
    percent: bool = False
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison with one or two quantities."""

    op: str
    quantities: tuple[Quantity, ...]
    text: str

    def inverted(self) -> Bound:
        """Give the bound that holds where this one does not."""
        return replace(self, op=_INVERSE.get(self.op, self.op))

    @property
    def unit(self) -> str | None:
        """Unit of the quantities, if one was written."""
        return next((q.unit for q in reversed(self.quantities) if q.unit), None)


@dataclass(frozen=True, slots=True)
class Is:
    """A dimension has one of the values; each mention may be a value of several dimensions.

    ``joined``: "and" where the values stand in a list with that word, which may mean all of them.
    """

    mentions: tuple[tuple[Term, ...], ...]
    text: str
    words: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    joined: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Dimensions that all the mentions are values of, in the vocabulary's order."""
        shared = [{t.field for t in mention} for mention in self.mentions]
        order = dict.fromkeys(t.field for t in self.mentions[0] if t.field)
        kept = [f for f in order if all(f in fields for fields in shared)]
        return tuple(f for f in kept if f in self.named) if self.named else tuple(kept)


@dataclass(frozen=True, slots=True)
class Member:
    """The customer is in a named segment."""

    segment: Term
    text: str


@dataclass(frozen=True, slots=True)
class Bounded:
    """A numeric dimension is compared."""

    dimensions: tuple[Term, ...]
    bound: Bound
    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A dimension has no value."""

    dimensions: tuple[Term, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Did:
    """The customer's own metric is compared: bought at least three times.

    ``weak`` is a plain verb ("bought coffee"), which need not be a condition on people. ``exact``
    was written in brackets: it lends its time to nothing else.
    """

    metrics: tuple[str, ...]
    bound: Bound | None
    text: str
    act: str | None = None
    times: tuple[TimeSpan, ...] = ()
    where: tuple[Condition, ...] = ()
    exact: bool = False

    @property
    def weak(self) -> bool:
        """Tell whether it holds no comparison of its own."""
        return self.bound is None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]
    text: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some part holds."""

    parts: tuple[Condition, ...]
    text: str


@dataclass(frozen=True, slots=True)
class NotSo:
    """The part does not hold."""

    part: Condition
    text: str


Condition = Is | Member | Bounded | Missing | Did | AllOf | AnyOf | NotSo


def conjunction(parts: tuple[Condition, ...]) -> Condition:
    """All the parts; the part itself if it is one."""
    return parts[0] if len(parts) == 1 else AllOf(parts, " ".join(part.text for part in parts))


def disjunction(parts: tuple[Condition, ...]) -> Condition:
    """Any of the parts; the part itself if it is one."""
    return parts[0] if len(parts) == 1 else AnyOf(parts, " ".join(part.text for part in parts))
