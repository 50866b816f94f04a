"""Which metrics a question asks for, said or implied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.embedded.acts import amount_of
from agent.embedded.conditions import (
    AllOf,
    AnyOf,
    Bounded,
    Condition,
    Did,
    Is,
    Member,
    Missing,
    NotSo,
)
from agent.embedded.meaning import Context, choose
from agent.embedded.outcomes import Refused, Unclear
from agent.embedded.reading import Group, Named, Reading
from tools.vocabulary import Term

# How a kind of thing, a number of things and a number for each thing are usually called.
_KINDS = ("{noun}类型", "{noun}类别", "{noun}分类", "{noun}种类", "{noun} type", "{noun} category")
_COUNTS = ("{noun}数", "{noun}量", "number of {noun}", "{noun} count", "{noun}")
_RATIOS = (
    "{label} per {noun}", "average {label} per {noun}", "每{noun}{label}", "平均每{noun}{label}",
    "单{noun}{label}", "{noun}均{label}",
)  # fmt: skip
_RATIOS_OF_MONEY = (*_RATIOS, "每{noun}金额", "{noun}均金额", "{noun}均价")
_RATIOS_OF_PIECES = (*_RATIOS, "每{noun}件数", "{noun}均件数", "items per {noun}")
_SHARES = (
    "share of {noun}", "{noun} share", "{noun} rate", "percentage of {noun}", "{noun}占比",
    "{noun}率",
)  # fmt: skip
_PEOPLE = ("人", "客户", "用户", "customer", "buyer", "person", "head")
_MONEY = ("revenue", "sales", "spend", "amount", "billings", "gmv")


class Asked:
    """Finds the metrics of one reading."""

    def __init__(self, reading: Reading, context: Context) -> None:
        self._reading = reading
        self._context = context
        self._index = context.index
        self.people = self._index.count_metric(self._index.person_entity)

    def metrics(self) -> list[Term]:
        """Metrics that were said, else those that the question implies; none if it does not."""
        reading = self._reading
        named = [self.metric(found) for found in reading.metrics]
        counted = reading.counts and (reading.nouns or reading.entities)
        if not named and reading.rank_by:
            named = [self.metric(reading.rank_by)]
        if not named and reading.having and not counted:
            named = [self.metric(found) for found, _ in reading.having]
        named = named or self._implied()
        if self._wants_share_of(named):
            named = [self._share_of(reading.metrics[0], named[0])]
        if reading.per_person and self._index.person_entity:
            reading.per = [*reading.per, (Named((), "", self._index.person_entity), "any")]
        return list(dict.fromkeys(self._per(named) if named and reading.per else named))

    def _wants_share_of(self, named: Sequence[Term]) -> bool:
        reading = self._reading
        plain = not (reading.conditions or reading.acts or reading.groups or reading.heads)
        return self._shares() and plain and len(named) == 1 and len(reading.metrics) == 1

    def _share_of(self, said: Named, metric: Term) -> Term:
        """Take "percentage of orders with a discount" as the metric that is that share."""
        texts = [said.text, *(form.text for form in metric.forms)]
        found = (self.read(_SHARES, text, "", "metric") for text in texts)
        chosen = next((term for term in found if term and term.unit == "percent"), None)
        if chosen is None:
            return metric
        self._reading.share = self._reading.share_verb = None
        return chosen

    def metric(self, named: Named) -> Term:
        """Choose the meaning of a metric's name."""
        found = choose(named.terms, named.text, self._context, lambda _: True)
        assert found is not None
        return found

    def _implied(self) -> list[Term]:
        reading = self._reading
        if term := self._measured():
            return [term]
        if self._about_people() and self.people:
            if reading.ranks and not reading.groups and not any(reading.grains):
                raise Refused("no_people_list", "unsupported")
            return [self.people]
        for term in self._counted():
            return [term]
        if reading.counted_in == "money":
            return self._terms(_MONEY)[:1]
        if reading.counted_in == "orders":
            return self._terms(amount_of("buy", "orders", self._index))
        return []

    def _counted(self) -> list[Term]:
        """List counts of the things that were named: 各类工单, 多少条评论, orders."""
        reading = self._reading
        things = [
            t.name for per, each in reading.per if each == "kind" for t in per.terms
            if t.kind in ("metric", "entity")
        ]  # fmt: skip
        things += [entity.name for entity in reading.entities]
        nouns = (self.read(_COUNTS, noun, "", "metric") for noun in reading.nouns)
        counts = (self._index.count_metric(name) for name in things)
        return [term for term in (*nouns, *counts) if term]

    def _terms(self, names: Sequence[str]) -> list[Term]:
        return [term for name in names if (term := self._index.term("metric", name))]

    # Acts

    def _measured(self) -> Term | None:
        """Find the amount that "how much was spent" or "best selling" asks for."""
        reading = self._reading
        acts = [placed for placed in reading.acts if isinstance(placed.condition, Did)]
        ranked = bool(reading.ranks) and bool(reading.groups)
        for placed in reversed(acts):
            if (reading.counts and self._asks_amount(placed.begin)) or ranked or reading.much:
                act = placed.condition
                assert isinstance(act, Did)
                if term := self._amount(act):
                    return term
        return None

    def _asks_amount(self, act_at: int) -> bool:
        """Tell 客户买了多少 from 多少客户买了: what the question word stands next to."""
        reading = self._reading
        if reading.much:
            return True
        low, high = sorted((act_at, reading.counts_at))
        if any(low < at < high for at in self._people_at()):
            return False
        if not reading.person:
            return reading.counted_in != "people"
        if reading.counted_in in ("money", "orders", "items", "times") or reading.much:
            return True
        return reading.counted_in != "people" and reading.counts_at > act_at

    def _people_at(self) -> list[int]:
        """Where people stand in the question: 客户, women, gold members."""
        placed = self._reading.conditions
        return [
            *self._reading.people_at,
            *(p.begin for p in placed if self._of_people(p.condition)),
        ]

    def _amount(self, act: Did) -> Term | None:
        if act.act is None:
            return None
        names = amount_of(act.act, self._reading.counted_in, self._index)
        terms = self._terms(names)
        if not terms:
            return None
        options = [self._context.label(term) for term in terms]
        return terms[self._context.decide(f"metric:{act.text}", act.text, options)]

    # People

    def _about_people(self) -> bool:
        """Tell whether people are counted: they were named, or only conditions on them were."""
        reading = self._reading
        if reading.person:
            return True
        if self.people is None or reading.entities or reading.nouns:
            return False
        people = self.people.name
        split = [[t.name for t in group.dimensions] for group in reading.groups]
        if not all(any(self._index.reaches(people, n) for n in names) for names in split):
            return False
        conditions = [placed.condition for placed in reading.conditions]
        if not conditions:  # 男女比例: only what people are split by
            return self._shares() and bool(split) and all(map(self._index.is_of_people, split))
        return self._asks_people(conditions) and all(map(self._of_people, conditions))

    def _asks_people(self, conditions: Sequence[Condition]) -> bool:
        """Tell whether conditions on people stand for the people themselves."""
        reading = self._reading
        if reading.counts or reading.lists or reading.groups or reading.which == "who":
            return True
        members = any(isinstance(condition, Member) for condition in conditions)
        several = members and len(conditions) > 1 and not reading.times
        return self._shares() or several or any(act_in(condition) for condition in conditions)

    def _shares(self) -> bool:
        return self._reading.share is not None or self._reading.share_verb is not None

    def _of_people(self, condition: Condition) -> bool:
        match condition:
            case Is():
                return self._index.is_of_people(condition.fields)
            case NotSo():
                return self._of_people(condition.part)
            case AllOf() | AnyOf():
                return all(self._of_people(part) for part in condition.parts)
            case Bounded() | Missing():
                return any(t.entity == self._index.person_entity for t in condition.dimensions)
        return True

    # For each

    def _per(self, metrics: list[Term]) -> list[Term]:
        """Take 各类工单 as a split by the kind of ticket, "revenue per customer" as a metric."""
        for per, each in self._reading.per:
            if each == "kind":
                found = self.read(_KINDS, per.text, "", "dimension")
                if found is None:
                    raise Unclear("per_what", "ambiguous", words=per.text)
                group = Group((found,), per.text, "each")
                self._reading.groups = [*self._reading.groups, group]
                continue
            chosen = self._ratio(per, metrics[0])
            if chosen is None:
                raise Unclear("per_what", "ambiguous", words=per.text or "/")
            metrics = [chosen, *metrics[1:]]
        return metrics

    def _ratio(self, per: Named, metric: Term) -> Term | None:
        named = {term.name for term in per.terms if term.kind == "entity"} | {per.entity}
        people = self._index.person_entity in named
        nouns = (per.text, *_PEOPLE) if people else (per.text,)
        labels = [form.text for form in metric.forms]
        patterns = _RATIOS_OF_MONEY if metric.unit == "currency" else _RATIOS
        if self._reading.counted_in == "items":
            patterns = _RATIOS_OF_PIECES
        found = (
            self.read(patterns, noun, label, "metric") for noun in nouns if noun for label in labels
        )
        return next((term for term in found if term), None)

    def read(self, patterns: Sequence[str], noun: str, label: str, kind: str) -> Term | None:
        """Find the term that one of the patterns, filled in, is a name of."""
        texts = (pattern.format(noun=noun, label=label) for pattern in patterns)
        return next((t for text in texts for t in self._index.reads(text) if t.kind == kind), None)


def without_time(condition: Condition) -> bool:
    """Tell whether a condition on what customers did says no time."""
    inner = condition.part if isinstance(condition, NotSo) else condition
    return isinstance(inner, Did) and not inner.times


def act_in(condition: Condition) -> Did | None:
    """Give the act that a condition is about, negated or not."""
    inner = condition.part if isinstance(condition, NotSo) else condition
    return inner if isinstance(inner, Did) else None


def dated(condition: Condition, times: tuple[object, ...]) -> Condition:
    """Put a condition on an act into the given time."""
    if isinstance(condition, NotSo):
        return replace(condition, part=dated(condition.part, times))
    if isinstance(condition, Did) and not condition.times:
        return replace(condition, times=times)  # type: ignore[arg-type]
    return condition
