"""What the planner says when it has no plan: it names the word, and the nearest known ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.answer import Choice, Reason
from agent.embedded.atoms import key_of
from agent.embedded.index import VocabularyIndex
from agent.embedded.lattice import Cover
from agent.embedded.meaning import Language
from agent.embedded.near import near
from agent.embedded.outcomes import NoPlan, Refused, Unclear
from agent.embedded.plan import Plan
from agent.embedded.words import tell
from knowledge.languages import LANGUAGES
from tools.vocabulary import Term

_POLITE = frozenset({"greeting", "thanks", "filler", "comma", "speaker"})
_DATA_KINDS = frozenset({
    "ours",
    "metric", "dimension", "value", "segment", "entity", "how_many", "count", "by", "each", "share",
    "trend", "growth", "top", "superlative", "time", "grain", "versus", "average", "total",
    "comparator", "amount",
})  # fmt: skip


@dataclass(frozen=True)
class Speaker:
    """Speaks the asker's language over one vocabulary."""

    index: VocabularyIndex
    language: Language

    def unreadable(self, typed: str, limit: int, other_language: bool) -> Plan | None:
        """Refuse what is no question at all: empty, too long, no words, another language."""
        if not typed:
            return self.refuse("empty", "not_a_data_question")
        if len(typed) > limit:
            return self.refuse("too_long", "unsupported", length=len(typed), limit=limit)
        if not any(c.isalnum() for c in typed):
            return self.refuse("no_words", "not_a_data_question")
        if other_language:
            texts = [
                tell("other_language", code, examples=Speaker(self.index, code).examples())
                for code in LANGUAGES
            ]
            return Plan(
                kind="refusal", language=self.language, reason="unsupported", text=" ".join(texts)
            )
        return None

    def courtesy(self, found: Cover) -> None:
        """Answer a greeting, thanks or small talk that asks for no data.

        Raises
        ------
        Refused     When there is nothing else in it.
        """
        kinds = {kind for node in found.nodes for kind in node.kinds}
        if any(node.terms for node in found.nodes if "metric" in node.kinds):
            return
        if any("smalltalk" in node.kinds and not node.terms for node in found.nodes):
            raise Refused("not_a_data_question", "not_a_data_question")
        idle = all(n.kinds & _POLITE for n in found.nodes) and not found.residue
        for code in ("greeting", "thanks"):
            if idle and code in kinds:
                raise Refused(code, "not_a_data_question")

    def refuse(self, code: str, reason: Reason, **params: str | int | float) -> Plan:
        """Refuse with a message."""
        return Plan(
            kind="refusal", language=self.language, reason=reason, text=self._say(code, params)
        )

    def ask(self, code: str, choices: tuple[Choice, ...], **params: str | int | float) -> Plan:
        """Ask back, with choices."""
        return Plan(
            kind="clarification",
            language=self.language,
            reason="ambiguous",
            text=self._say(code, params),
            choices=choices,
        )

    def stopped(self, stopped: NoPlan) -> Plan:
        """Say why there is no plan."""
        kind = "clarification" if isinstance(stopped, Unclear) else "refusal"
        return Plan(
            kind=kind,
            language=self.language,
            reason=stopped.reason,
            text=self._say(stopped.code, stopped.params),
            choices=tuple(Choice(label=q, question=q) for q in stopped.offers),
        )

    def unknown(self, found: Cover, words: Sequence[str]) -> Refused:
        """Name the words that nothing knows, with the nearest names."""
        said = {kind for node in found.nodes for kind in node.kinds}
        parts = (term for w in words for _, term in near(self.index).containing(key_of(w.lower())))
        known = any(term.kind != "value" for term in parts)
        if not said & _DATA_KINDS and not known:
            return Refused("not_a_data_question", "not_a_data_question")
        close = [term for word in words for term in near(self.index).nearest(word)]
        names = self._listed(
            [self._label(term) for term in {(t.kind, t.name): t for t in close}.values()][:3]
        )
        nearest = tell("nearest", self.language, names=names) if close else ""
        quoted = self._listed([tell("quote", self.language, word=word) for word in words])
        return Refused(
            "unknown_words",
            "unknown_name",
            words=quoted,
            nearest=nearest or tell("no_nearest", self.language),
        )

    def read_as(self, written: str, meant: str) -> str:
        """Say how a misspelled word was read."""
        return tell("read_as", self.language, written=written, meant=meant)

    def examples(self) -> str:
        """Questions that this vocabulary answers."""
        mark = tell("quote", self.language, word="{}")
        return self._listed([mark.format(text) for text in self.example_questions()])

    def example_questions(self) -> list[str]:
        """Two questions that this vocabulary answers: a number, and a split."""
        if not self.index.leading:
            return []
        first = self.index.leading[0]
        result = [tell("example_total", self.language, metric=self._label(first))]
        reach = self.index.vocabulary.reach.get(first.name, ())
        plain = [t for n in reach if (t := self.index.term("dimension", n)) and not t.personal]
        if plain:
            dimension = self._label(plain[0])
            text = tell(
                "example_split", self.language, metric=self._label(first), dimension=dimension
            )
            result.append(text)
        return result

    def _say(self, code: str, params: dict[str, str | int | float]) -> str:
        names = self._listed([self._label(t) for t in self.index.leading[:3]])
        return tell(code, self.language, **{"examples": self.examples(), "names": names, **params})

    def _listed(self, texts: Sequence[str]) -> str:
        return tell("list_mark", self.language).join(texts)

    def _label(self, term: Term) -> str:
        return term.label_zh if self.language == "zh" else term.label_en
