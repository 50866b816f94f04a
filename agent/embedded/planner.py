"""A question in, a plan out: read it, decide what is asked, build the call or say why not."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from agent.answer import Choice
from agent.embedded import replies
from agent.embedded.atoms import is_cjk, key_of
from agent.embedded.describing import describe
from agent.embedded.feedback import continued, search
from agent.embedded.follow_up import edit, is_edit, picked
from agent.embedded.index import VocabularyIndex, index_of
from agent.embedded.lattice import Cover, Node, Residue, bridged, cover
from agent.embedded.meaning import Context, Language
from agent.embedded.near import near
from agent.embedded.outcomes import Ambiguous, NoPlan, Refused, Unclear
from agent.embedded.plan import Plan, PlannedCall, PreviousTurn
from agent.embedded.reader import Reader
from agent.embedded.reading import Named, Reading
from agent.embedded.repair import repair
from agent.embedded.say_back import say_back
from agent.embedded.specs import Builder, Draft
from agent.embedded.verbs import refuse_verb
from knowledge.languages import Clock, detect, normalise
from tools.vocabulary import Vocabulary

LONGEST = 500
_MOST_CHOICES = 3


def plan(
    question: str,
    vocabulary: Vocabulary,
    clock: Clock,
    previous: PreviousTurn | None = None,
) -> Plan:
    """Plan a question without a language model; any text gets a plan, never an exception.

    Parameters
    ----------
    question : str
        What a person typed, in Chinese, English or both mixed.
    vocabulary : Vocabulary
        Every name it may use; its index is kept by its hash.
    clock : Clock
        The last day of the data and the brand's calendar.
    previous : PreviousTurn, optional
        The last answered turn; a fragment ("by month", "那女性呢") edits it.

    Returns
    -------
    Plan
        Tool calls; or a clarification or refusal with its text and choices, ready to show.
    """
    return _Planner(index_of(vocabulary), clock, previous).plan(question)


def prepare(vocabulary: Vocabulary) -> None:
    """Build what planning needs ahead of the first question; a server does so at its start."""
    near(index_of(vocabulary)).sounding("yubei")


@dataclass
class _Planner:
    index: VocabularyIndex
    clock: Clock
    previous: PreviousTurn | None

    def plan(self, question: str) -> Plan:
        typed = _clean(question)
        detected = detect(typed[:LONGEST])
        language: Language = detected.language
        speaker = replies.Speaker(self.index, language)
        if refusal := speaker.unreadable(typed, LONGEST, detected.other):
            return refusal
        if self.previous and (chosen := picked(typed, self.previous.choices)):
            return _Planner(self.index, self.clock, None).plan(chosen)
        folded = normalise(typed)
        cased = "".join([typed[i] for i in folded.origin])
        found = cover(folded.text, self.index, self.clock, cased)
        found = bridged(found, self.index, self.clock)
        fixed = repair(found, self.index, self.clock)
        origin = folded.origin if fixed.cover.text == folded.text else None
        words = _Words(typed, origin)
        try:
            plan = self._understand(fixed.cover, words, language, speaker)
        except NoPlan as stopped:
            return speaker.stopped(stopped)
        return plan.model_copy(
            update={"read_as": tuple(speaker.read_as(a, b) for a, b in fixed.changes)}
        )

    def _understand(
        self, found: Cover, words: _Words, language: Language, speaker: replies.Speaker
    ) -> Plan:
        speaker.courtesy(found)
        refuse_verb(found, self.previous is not None)
        if call := describe(found, self.index):
            return Plan(kind="calls", language=language, calls=(call,))
        if feedback := search(found, self.index, self._context(language, {})):
            feedback = continued(feedback, self.previous)
            return Plan(kind="calls", language=language, calls=(feedback,))
        asides, unknown = _split_residue(found)
        if unknown:
            raise speaker.unknown(found, words.of(unknown, found))
        found = _without_asides(found)
        reading = self._read(found)
        if reading.unused:
            raise Unclear("unused_words", "ambiguous", words=", ".join(reading.unused))
        plan = self._build(reading, language, speaker)
        return plan.model_copy(update={"not_understood": tuple(words.of(asides, found))})

    def _read(self, found: Cover) -> Reading:
        """Read the spans; of two metrics side by side one may be a noun: 首单客户的客单价."""
        reader = Reader(self.index)
        try:
            return reader.read(found.nodes, found.text)
        except NoPlan as stopped:
            for span in stopped.spans:
                again = cover(found.text, self.index, self.clock, without=span)
                parts = [n for n in again.nodes if span[0] <= n.begin and n.end <= span[1]]
                if again.residue or not all(n.kinds & _NOUNS for n in parts):
                    continue
                with suppress(NoPlan):
                    return reader.read(again.nodes, again.text)
            raise

    def _build(self, reading: Reading, language: Language, speaker: replies.Speaker) -> Plan:
        follow_up = self.previous is not None and is_edit(reading, self.previous, self.index)
        try:
            draft, context = self._draft(reading, language, {}, follow_up)
        except Ambiguous as ambiguous:
            return self._ask(ambiguous, reading, language, speaker, follow_up)
        except Unclear as unclear:
            if unclear.code == "no_metric" and (offered := self._metrics(reading, language)):
                return speaker.ask("no_metric", offered)
            raise
        except Refused as refused:
            if refused.code in ("cannot_split", "cannot_filter") and not follow_up:
                refused.offering([c.question for c in self._metrics(reading, language, alike=True)])
            raise
        return Plan(
            kind="calls",
            language=language,
            calls=(PlannedCall(tool=draft.tool, arguments=draft.arguments),),
            defaults=tuple(context.defaults),
            follow_up=follow_up,
        )

    def _draft(
        self, reading: Reading, language: Language, decisions: dict[str, int], follow_up: bool
    ) -> tuple[Draft, Context]:
        context = self._context(language, decisions)
        context.text = reading.text
        if follow_up and self.previous is not None:
            return edit(reading.copy(), self.previous, context), context
        return Builder(reading.copy(), context).build(), context

    def _context(self, language: Language, decisions: dict[str, int]) -> Context:
        return Context(self.index, self.clock, language, decisions)

    def _metrics(
        self, reading: Reading, language: Language, alike: bool = False
    ) -> tuple[Choice, ...]:
        """Offer the question with other metrics: the leading ones, or those of a like name."""
        choices = []
        said = reading.metrics[0].terms if reading.metrics else ()
        for term in self.index.longer(said) if alike else self.index.leading:
            named = replace(reading.copy(), metrics=[Named((term,), term.name)])
            context = self._context(language, _Decided())
            try:
                draft = Builder(named, context).build()
            except NoPlan:
                continue
            question = say_back(draft.arguments, self.index.vocabulary, language, tool=draft.tool)
            choices.append(Choice(label=context.label(term), question=question))
        return tuple(choices[:_MOST_CHOICES])

    def _ask(
        self,
        ambiguous: Ambiguous,
        reading: Reading,
        language: Language,
        speaker: replies.Speaker,
        follow_up: bool,
    ) -> Plan:
        """Offer the readings that give different calls; answer at once if only one is left."""
        drafts: list[tuple[str, Draft, Context]] = []
        for number, label in enumerate(ambiguous.options):
            decisions = _Decided({ambiguous.key: number})
            try:
                draft, context = self._draft(reading, language, decisions, follow_up)
            except NoPlan:
                continue
            if all(draft != other for _, other, _ in drafts):
                drafts.append((label, draft, context))
        if not drafts:
            raise Refused("unused_words", "unsupported", words=ambiguous.text)
        if len(drafts) == 1:
            _, draft, context = drafts[0]
            call = PlannedCall(tool=draft.tool, arguments=draft.arguments)
            return Plan(
                kind="calls", language=language, calls=(call,),
                defaults=tuple(context.defaults), follow_up=follow_up,
            )  # fmt: skip
        choices = tuple(
            Choice(
                label=label,
                question=say_back(
                    draft.arguments, self.index.vocabulary, language, tool=draft.tool
                ),
            )
            for label, draft, _ in drafts[:_MOST_CHOICES]
        )
        return speaker.ask("which_meaning", choices, words=ambiguous.text)


class _Decided(dict[str, int]):
    """Decisions in which every further question takes its first option."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> int:
        return 0


@dataclass(frozen=True)
class _Words:
    """The question's own words for spans of the normalised text."""

    typed: str
    origin: tuple[int, ...] | None

    def of(self, residue: Sequence[Residue], found: Cover) -> list[str]:
        """Words as they were typed; a Chinese word keeps single characters that rules also know."""
        single = {n.begin for n in found.nodes if n.end - n.begin == 1 and _is_weak(n)}
        spans: list[tuple[int, int]] = []
        for word in residue:
            begin, end = word.begin, word.end
            while is_cjk(word.text) and begin - 1 in single:
                begin -= 1
            while is_cjk(word.text) and end in single:
                end += 1
            if end - begin == 1 and is_cjk(word.text):  # 净 of 净利润 is no word by itself
                end = next((n.end for n in found.nodes if n.begin == end and n.terms), end)
            begin, end = _phrase(begin, end, found)
            if spans and begin <= spans[-1][1]:
                begin = spans.pop()[0]
            spans.append((begin, end))
        return [self._typed(begin, end, found) for begin, end in spans]

    def _typed(self, begin: int, end: int, found: Cover) -> str:
        if self.origin is None or end > len(self.origin):
            return found.text[begin:end]
        return self.typed[self.origin[begin] : self.origin[end - 1] + 1]


def _phrase(begin: int, end: int, found: Cover) -> tuple[int, int]:
    """Take the known words that one noun is made of with an unknown one: 店员, net profit."""
    text = found.text[begin:end]
    gap = 0 if is_cjk(text) else 1
    fits = _is_named if len(text) == 1 else _is_measure
    before = next((n for n in found.nodes if n.end == begin - gap and fits(n)), None)
    after = next((n for n in found.nodes if n.begin == end + gap and fits(n)), None)
    if gap:
        joined = found.text[begin - 1 : begin] == " " and before is not None
        begin = before.begin if before is not None and joined else begin
        end = after.end if after is not None and found.text[end] == " " else end
    elif len(text) <= 2 and before is not None and "person" not in before.kinds:
        begin = before.begin
    return begin, next((n.end for n in found.nodes if n.begin == end and "ours" in n.kinds), end)


def _is_named(node: Node) -> bool:
    return bool(node.terms) or node.kinds == {"unit"}


def _is_measure(node: Node) -> bool:
    """Tell whether a word only measures: net *profit*, not "answer *tickets*"."""
    return node.kinds == {"unit"} or ("metric" in node.kinds and "entity" not in node.kinds)


def _is_weak(node: Node) -> bool:
    """Tell whether a single character may be part of an unknown word."""
    return is_cjk(node.text) and not node.terms and node.kinds <= _PART_OF_WORDS


_PART_OF_WORDS = frozenset(
    {"amount", "filler", "unit", "period", "degree", "count", "growth", "preposition"}
)


def _clean(question: str) -> str:
    """Text without control and invisible characters; line breaks become spaces."""
    kept = (
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in question
        if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join("".join(kept).split())


def _split_residue(found: Cover) -> tuple[list[Residue], list[Residue]]:
    """(words of an aside about the speaker, words that matter)."""
    asides: list[Residue] = []
    unknown: list[Residue] = []
    breaks = [-1, *(n.begin for n in found.nodes if "comma" in n.kinds), len(found.text)]
    for residue in found.residue:
        begin = max(b for b in breaks if b <= residue.begin)
        end = min(b for b in breaks if b > residue.begin)
        clause = [n for n in found.nodes if begin < n.begin < end]
        own = any("speaker" in n.kinds for n in clause)
        says_data = any(n.terms or not n.kinds & _IDLE for n in clause)
        restated = any(_holds(node, residue.text) for node in found.nodes)
        if not restated:
            (asides if own and not says_data else unknown).append(residue)
    return asides, unknown


def _without_asides(found: Cover) -> Cover:
    """Leave out who asks and why: 老板让我看一下…, "I'm preparing for a meeting, …"."""
    breaks = [-1, *(n.begin for n in found.nodes if "comma" in n.kinds), len(found.text)]
    kept: list[Node] = []
    for begin, end in itertools.pairwise(breaks):
        clause = [n for n in found.nodes if begin <= n.begin < end]
        own = any("speaker" in n.kinds for n in clause)
        if own and not any(n.terms or not n.kinds & _IDLE for n in clause):
            continue
        opening = itertools.takewhile(lambda n: n.kinds & _IDLE and not n.terms, clause)
        asker = {id(n) for n in opening if "speaker" in n.kinds}
        kept += [n for n in clause if id(n) not in asker and not _is_oneself(n)]
    return replace(found, nodes=tuple(kept))


def _is_oneself(node: Node) -> bool:
    """Tell whether a word is I or we, which carries nothing anywhere."""
    return {"speaker", "filler"} <= node.kinds and not node.terms


def _holds(node: Node, text: str) -> bool:
    """Tell whether a metric or dimension of the question is also called so: 配送 of 配送天数."""
    if len(text) < 2 or not node.kinds & {"metric", "dimension"}:
        return False
    key = f" {key_of(text)} "
    return any(
        key in f" {key_of(normalise(form.text).text)} "
        for term in node.terms
        for form in term.forms
    )


_NOUNS = frozenset({"value", "segment", "entity", "person", "of", "filler"})
_IDLE = frozenset({
    "filler", "of", "link", "preposition", "have", "speaker", "greeting", "thanks", "time", "also",
    "about", "and", "but", "comma", "ours",
})  # fmt: skip
