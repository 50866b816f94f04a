"""Grammar words of all languages at once: sentences mix them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

import yaml

from agent.embedded.atoms import key_of
from agent.embedded.table import PhraseTable
from knowledge.languages import LANGUAGES, normalise

# What a word does -> which of its kind it is: {"comparator": ">", "filler": ""}.
Roles = dict[str, str]


class Lexicon:
    """Grammar words by their keys; one word may play several roles."""

    def __init__(self, words: Iterator[tuple[str, str, str]]) -> None:
        self.phrases = PhraseTable()
        self.roles: list[Roles] = []
        keys: dict[str, set[str]] = defaultdict(set)
        for kind, payload, word in words:
            key = key_of(normalise(word).text)
            keys[kind].add(key)
            self._add(key, kind, payload)
            keys[f"{kind}:{payload}"].add(key)
        self._keys = {kind: frozenset(found) for kind, found in keys.items()}

    def kind(self, kind: str) -> frozenset[str]:
        """Keys of all words of a kind, or of one role in it: ``act:refund``."""
        return self._keys.get(kind, frozenset())

    def _add(self, key: str, kind: str, payload: str) -> None:
        found = self.phrases.get(key)
        if not found:
            found = (len(self.roles),)
            self.roles.append({})
            self.phrases.add(key, found[0])
        self.roles[found[0]].setdefault(kind, payload)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Load the grammar words of every language, once."""
    return Lexicon(_words())


def _words() -> Iterator[tuple[str, str, str]]:
    for language in LANGUAGES:
        text = (files("knowledge.languages") / language / "lexicon.yml").read_text("utf-8")
        # The base loader reads every scalar as text: "no", "on" and "1" are words here.
        for kind, words in yaml.load(text, Loader=yaml.BaseLoader).items():
            groups = words.items() if isinstance(words, dict) else [("", words)]
            for payload, group in groups:
                for word in group:
                    yield kind, payload, word
