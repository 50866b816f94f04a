"""A table of phrases, looked up by the atoms they are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agent.embedded.atoms import Atom


@dataclass
class PhraseTable:
    """Phrases by their keys, with the lengths that start with each first atom."""

    entries: dict[str, int | tuple[int, ...]] = field(default_factory=dict)
    lengths: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, key: str, number: int) -> None:
        """Store one more meaning of a phrase."""
        old = self.entries.get(key)
        if old is None:
            self.entries[key] = number
        elif number not in (kept := old if isinstance(old, tuple) else (old,)):
            self.entries[key] = (*kept, number)
        first, _, rest = key.partition(" ")
        self.lengths[first].add(1 + (rest.count(" ") + 1 if rest else 0))

    def get(self, key: str) -> tuple[int, ...]:
        """Meanings of a phrase, none if it is unknown."""
        found = self.entries.get(key, ())
        return found if isinstance(found, tuple) else (found,)

    def starting(self, atoms: Sequence[Atom], at: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """List every phrase that starts at an atom, as (atom after it, its meanings)."""
        for length in self.lengths.get(atoms[at].key, ()):
            if at + length <= len(atoms):
                key = " ".join(atom.key for atom in atoms[at : at + length])
                if found := self.get(key):
                    yield at + length, found
