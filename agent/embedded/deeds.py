"""What customers did or have: "bought at least 3 times", 没下过单, "with open tickets"."""

from __future__ import annotations

from dataclasses import replace

from agent.embedded.acts import ACTS, amount_of, measuring, people_metric
from agent.embedded.cascade import Rule, first, merged, only
from agent.embedded.conditions import (
    Bound,
    Bounded,
    Condition,
    Did,
    Is,
    Missing,
    NotSo,
    Quantity,
)
from agent.embedded.index import VocabularyIndex
from agent.embedded.lattice import Node
from agent.embedded.pieces import bound_of, bounded, condition_of, fits
from knowledge.languages import TimeSpan

_AT_LEAST_ONCE = Bound(">=", (Quantity(1.0),), "")


class Deeds:
    """The rules of what customers did, over one vocabulary.

    ``owners`` come before numbers are taken by dimensions, ``rules`` after values are conditions.
    """

    def __init__(self, index: VocabularyIndex) -> None:
        self._index = index
        head = "(?=(value|segment|and|link)* (person|segment))"
        who = "(person|member)"
        whose = f"(?=(cond|and|link)* {who})"
        self.doers = Rule("metric link? (bound|quantity)", self._doers)
        self.owners = (
            Rule(f"metric (link|have)? bound {head}", self._person_has),
            Rule(f"have? bound metric {head}", self._person_has),
            Rule("person have? metric (link|have)? bound", self._person_has),
            Rule("person (have|link)? bound metric", self._person_has),
        )
        self.rules = (
            Rule("(bound|quantity) negation act", self._idle),
            Rule("negation act link? (bound|quantity)", self._idle),
            Rule("act (amount|count)", self._measured_act),
            Rule("negation link? cond act", self._never_where),
            Rule("(negation|exclude) (have|link)? cond", negated),
            Rule("act+ (cond|time)+ but? negation time", _again),
            Rule(
                "time? negation? (link? time)? cond* act+ (bound|quantity)? "
                "((?!person)(metric|entity))? (cond ((and|but)* cond)*)? (bound|quantity)? "
                "(time (?!(negation|link)* act))?",
                self._did,
            ),
            Rule("did (?=(cond|and|link)* person)", _modifying),
            Rule("person cond* have did", _modifying),
            Rule(f"negation have? metric {whose}", self._person_lacks),
            Rule(f"{who} have? (negation|exclude) have? metric", self._person_lacks),
            Rule(f"have metric {whose}", self._person_with),
            Rule(f"{who} have metric", self._person_with),
        )

    def _did(self, nodes: list[Node]) -> list[Node] | None:
        """Read "bought coffee at least 3 times last year" as one condition on the customer."""
        acts = only(nodes, "act")
        if any(act.kinds & {"metric", "dimension"} for act in acts) and not only(nodes, "bound"):
            return None
        number = first(nodes, "bound") or first(nodes, "quantity")
        at = nodes.index(acts[0])
        negated = first(nodes[:at], "negation")
        own = [n for n in only(nodes, "cond") if not self._about_people(condition_of(n))]
        others = [n for n in only(nodes, "cond") if n not in own]
        counted = first([n for n in nodes[at:] if n not in acts], "metric")
        things = [n for n in nodes[at:] if n not in acts and n.kinds & {"metric", "entity"}]
        if not (number or negated):
            others, counted = [*others, *things], None  # "paid orders" asks for orders
        unit = bound_of(number).unit if number else None
        act = acts[-1].roles["act"]
        if counted is not None:
            metrics = tuple(term.name for term in counted.of("metric"))
        else:
            metrics = measuring(act, unit, self._index)
        counted_in_time = unit in ("days", "weeks", "months", "years", "hours")
        if counted_in_time or (not metrics and (number or negated)):
            return None
        text = " ".join(node.text for node in nodes)
        bound = bound_of(number) if number else None
        times = tuple(n.value for n in only(nodes, "time") if isinstance(n.value, TimeSpan))
        # "bought coffee but not snacks": who bought no snacks at all, not coffee that is no snack.
        without = [n for n in own if isinstance(n.value, NotSo)] if len(own) > 1 else []
        lacking = [
            merged(
                "cond", [n], NotSo(Did(metrics, None, n.text, act, times, (n.value.part,)), n.text)
            )
            for n in without
            if isinstance(n.value, NotSo)
        ]
        own = [n for n in own if n not in without]
        did: Condition = Did(
            metrics, bound, text, act,
            times,
            tuple(condition_of(node) for node in own),
        )  # fmt: skip
        if negated:
            did = NotSo(did, text)
        rest = [node for node in nodes if node not in others]
        kind = "cond" if negated or bound or lacking else "did"
        return [*others, merged(kind, rest, did), *lacking]

    def _idle(self, nodes: list[Node]) -> list[Node] | None:
        """Read 超过90天没买: the days since the last time."""
        number, act = first(nodes, "bound") or first(nodes, "quantity"), first(nodes, "act")
        assert number is not None and act is not None
        names = ACTS[act.roles["act"]].since
        terms = tuple(t for name in names if (t := self._index.term("dimension", name)))
        bound = bound_of(number)
        if not terms or bound.unit not in ("days", "weeks"):
            return None
        if bound.op == "=":
            bound = replace(bound, op=">=")
        if bound.unit == "weeks":
            days = tuple(replace(q, value=q.value * 7) for q in bound.quantities)
            bound = replace(bound, quantities=days)
        return [bounded(nodes, terms[:1], bound)]

    def _measured_act(self, nodes: list[Node]) -> list[Node] | None:
        """Read 购买金额, 下单次数 and 购买人数 as the metric that measures the act."""
        act, word = nodes[0].roles["act"], nodes[1]
        kind = "money" if "amount" in word.kinds else word.roles["count"]
        if kind == "people":
            name = people_metric(act, self._index)
            names: tuple[str, ...] = (name,) if name else ()
        else:
            names = amount_of(act, {"any": "items"}.get(kind, kind), self._index)
        terms = tuple(t for name in names if (t := self._index.term("metric", name)))
        if not terms:
            return None
        node = merged("metric", nodes, None)
        node.terms = terms
        return [node]

    def _about_people(self, condition: Condition) -> bool:
        """Tell whether a condition may hold for the customer, not for what was bought."""
        match condition:
            case Is():
                return not condition.fields or self._index.is_of_people(condition.fields)
            case Bounded() | Missing():
                entities = [term.entity for term in condition.dimensions]
            case NotSo():
                return self._about_people(condition.part)
            case _:
                return True
        return not entities or self._index.person_entity in entities

    def _never_where(self, nodes: list[Node]) -> list[Node] | None:
        """Read 没在天猫买过: the negation is of the act, not of the place."""
        if nodes[0].roles.get("negation") != "verb":
            return None
        return [nodes[0], nodes[-1], *only(nodes, "cond")]

    def _doers(self, nodes: list[Node]) -> list[Node] | None:
        """Read "buyers at least 3 times" as people who bought, not as a number of buyers."""
        number = nodes[-1]
        names = {term.name for term in nodes[0].of("metric")}
        act = next((a for a, found in ACTS.items() if names & set(found.people)), None)
        if act is None or bound_of(number).unit not in ("times", "money"):
            return None
        metrics = measuring(act, bound_of(number).unit, self._index)
        person = merged("person", nodes[:1], None)
        did = merged("cond", nodes, Did(metrics, bound_of(number), number.text, act))
        return [person, did] if metrics else None

    def _person_has(self, nodes: list[Node]) -> list[Node] | None:
        number, metric = first(nodes, "bound"), _metric(nodes)
        assert number is not None
        if not fits(bound_of(number), metric.of("metric")):
            return None
        return self._owns(nodes, metric, bound_of(number))

    def _person_with(self, nodes: list[Node]) -> list[Node]:
        return self._owns(nodes, _metric(nodes), _any_of(_metric(nodes)))

    def _person_lacks(self, nodes: list[Node]) -> list[Node]:
        found = self._owns(nodes, _metric(nodes), _any_of(_metric(nodes)))
        found[-1].value = NotSo(condition_of(found[-1]), found[-1].text)
        return found

    @staticmethod
    def _owns(nodes: list[Node], metric: Node, bound: Bound) -> list[Node]:
        people = [n for n in nodes if n.kinds & {"person", "member"} and n is not metric]
        names = tuple(term.name for term in metric.of("metric"))
        text = " ".join(node.text for node in nodes if node not in people)
        return [
            *people,
            merged("cond", [n for n in nodes if n not in people], Did(names, bound, text)),
        ]


def _any_of(metric: Node) -> Bound:
    """Read "have refunds" as any amount of them, "have a ticket" as one at least."""
    is_amount = any(term.unit == "currency" for term in metric.of("metric"))
    return Bound(">", (Quantity(0.0),), "") if is_amount else _AT_LEAST_ONCE


def _metric(nodes: list[Node]) -> Node:
    """Find the metric among spans of which "customers", the owner, may be one too."""
    found = only(nodes, "metric")
    return next((node for node in found if "person" not in node.kinds), found[-1])


def _again(nodes: list[Node]) -> list[Node]:
    """Read "bought in 2025 but not in 2026": the act is said once and meant twice."""
    act = only(nodes, "act")[-1]
    negation, time = nodes[-2:]
    *before, first_time = only(nodes[:-1], "time")
    things = only(nodes, "cond")
    said = [node for node in nodes if node.kinds & {"act", "cond"}]
    again = [replace(act), *(replace(node) for node in things)]
    return [*before, first_time, *said, time, negation, *again]


def _modifying(nodes: list[Node]) -> list[Node]:
    """Mark an act that says which people are meant: "customers who bought coffee"."""
    for node in only(nodes, "did"):
        node.roles = {**node.roles, "modifies": ""}
    return nodes


def negated(nodes: list[Node]) -> list[Node] | None:
    """Turn a condition around; an exclusion may take a list, with its own end word."""
    if "exclude" in nodes[0].kinds and "negation" not in nodes[0].kinds:
        return None
    text = " ".join(node.text for node in nodes)
    return [merged("cond", nodes, NotSo(condition_of(nodes[-1]), text))]
