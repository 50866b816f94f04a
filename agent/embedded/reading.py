"""A question as it was read: parts by what they do, names still with all their meanings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from agent.embedded.conditions import Bound, Condition, Quantity
from agent.embedded.quantities import Rank
from knowledge.languages import TimeSpan
from tools.vocabulary import Term


@dataclass(frozen=True, slots=True)
class Named:
    """A name with all its meanings; ``entity`` where only what it stands for is known."""

    terms: tuple[Term, ...]
    text: str
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A dimension to split by; ``how``: by, each, or only named."""

    dimensions: tuple[Term, ...]
    text: str
    how: str = ""
    plural: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A condition with where it stood, for the two sides of a share.

    ``modifies``: an act that says which people are meant ("who bought coffee").
    """

    condition: Condition
    begin: int
    removes: bool = False
    modifies: bool = False
    end: int = 0


@dataclass(frozen=True, slots=True)
class Unfilter:
    """A filter to take away: that on a dimension, one condition, or all of them."""

    dimensions: frozenset[str]
    condition: Condition | None
    text: str


@dataclass
class Reading:
    """Everything a question said, by what it does."""

    text: str
    metrics: list[Named] = field(default_factory=list)
    rank_by: Named | None = None
    groups: list[Group] = field(default_factory=list)
    grains: list[str | None] = field(default_factory=list)
    times: list[TimeSpan] = field(default_factory=list)
    versus: list[TimeSpan] = field(default_factory=list)
    conditions: list[Placed] = field(default_factory=list)
    acts: list[Placed] = field(default_factory=list)
    having: list[tuple[Named, Bound]] = field(default_factory=list)
    ranks: list[Rank] = field(default_factory=list)
    entities: list[Term] = field(default_factory=list)
    per: list[tuple[Named, str]] = field(default_factory=list)
    share: int | None = None
    share_verb: int | None = None
    among: list[int] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    growth: str | None = None
    degree: str | None = None
    average: bool = False
    amounts: list[str] = field(default_factory=list)
    per_person: bool = False
    aligned: bool = False
    prior: Quantity | None = None
    refers: bool = False
    nouns: list[str] = field(default_factory=list)
    which: str | None = None
    person: bool = False
    people_at: list[int] = field(default_factory=list)
    counts: bool = False
    counts_at: int = -1
    lists: bool = False
    much: bool = False
    counted_in: str | None = None
    limits: list[int] = field(default_factory=list)
    bounds: list[tuple[object, str]] = field(default_factory=list)
    ungroups: list[tuple[str, ...]] = field(default_factory=list)
    unfilters: list[Unfilter] = field(default_factory=list)
    ungrains: bool = False
    heads: list[Group] = field(default_factory=list)
    apart: bool = False
    against: bool = False
    between: frozenset[str] = frozenset()
    cues: frozenset[str] = frozenset()
    unused: list[str] = field(default_factory=list)

    @property
    def trend(self) -> bool:
        """Tell whether it was asked over time without saying in which steps."""
        return None in self.grains

    def copy(self) -> Reading:
        """Give a reading that may be changed without changing this one."""
        return replace(
            self,
            times=list(self.times),
            conditions=list(self.conditions),
            acts=list(self.acts),
            grains=list(self.grains),
        )
