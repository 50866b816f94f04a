"""Phrases that select: values, segments, comparisons, what customers did, negation, or."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.embedded.cascade import Rule, first, merged, only, rewrite
from agent.embedded.conditions import (
    AllOf,
    AnyOf,
    Bound,
    Bounded,
    Condition,
    Did,
    Is,
    Member,
    Missing,
    NotSo,
    conjunction,
    disjunction,
)
from agent.embedded.deeds import Deeds, negated
from agent.embedded.index import VocabularyIndex
from agent.embedded.lattice import Node
from agent.embedded.pieces import bound_of, bounded, condition_of, fits
from knowledge.languages import TimeSpan
from tools.vocabulary import Term

# Units that name a dimension by themselves, by its conventional name.
_UNIT_DIMENSIONS = {
    "years_old": ("age",),
    "stars": ("stars", "score", "rating_stars"),
    "oclock": ("order_hour", "hour"),
}
_EACH = ("各", "每", "each ", "every ")
_LIST_SIGNS = ("、", "/", "|", "+", "&")
_JOINED = "(and|but|or|comma or)*"
_LIST = "((and|or|comma|compare|than)* value)*"


class Phrases:
    """The rules of selection over one vocabulary."""

    def __init__(self, index: VocabularyIndex) -> None:
        self._index = index
        deeds = Deeds(index)
        self._names = (
            deeds.doers,
            Rule("metric (link|have)? bound", self._each_amount),
            Rule("bound metric", self._each_amount),
            *deeds.owners,
            Rule("metric (link|have)? bound (?=(value|segment)* (dimension|grain))", _having),
            Rule(f"dimension (link|but|negation|exclude|comparator)* value {_LIST}", self._named),
            Rule("bound dimension", self._compared),
            Rule("dimension (link|have|negation)* (bound|quantity)", self._compared),
            Rule("(bound|quantity) dimension", self._compared),
            Rule("(bound|quantity)", self._by_unit),
            Rule(f"value {_LIST} dimension", self._named_after),
            Rule(f"value {_LIST}", self._values),
            Rule("segment", self._member),
        )
        self._acts = deeds.rules
        self._logic = (
            Rule("missing have? dimension", self._missing),
            Rule("(negation|exclude) (have|link)? cond", negated),
            Rule("exclude (have|link)? cond ((and|or)+ cond)* outside?", self._exclude),
            Rule("cond ((and|or)+ cond)* outside", self._exclude),
            Rule("cond dimension", self._headed),
            Rule("dimension have cond", self._thing_with),
            Rule("(by|each) cond dimension", self._each_head),
            Rule("cond dimension (?!by_after)", self._head_noun),
            Rule("(negation|exclude)? have (metric|dimension)", self._owning),
            Rule("cond limit dimension", self._numbered),
            Rule(f"cond ({_JOINED} cond)* comma? or and? cond ({_JOINED} cond)*", self._or),
            Rule("metric have bound metric", _having_after),
            Rule("metric (link|have)? bound", _having),
            Rule("have? bound metric", _having),
        )

    def select(self, nodes: list[Node]) -> list[Node]:
        """Rewrite names and numbers into conditions, innermost parentheses first."""
        while (pair := _innermost(nodes)) is not None:
            opened, closed = pair
            inner = self._flat(nodes[opened + 1 : closed])
            conds = only(inner, "cond")
            if nodes[opened].roles.get("open") == "own":
                inner = self._own(inner)
            elif conds and all(node.kinds & {"cond", "and", "comma"} for node in inner):
                joined = conjunction(tuple(condition_of(node) for node in conds))
                inner = [merged("cond", nodes[opened : closed + 1], joined)]
            nodes = nodes[:opened] + inner + nodes[closed + 1 :]
        return self._flat([n for n in nodes if not n.kinds & {"open", "close"}])

    @staticmethod
    def _own(inner: list[Node]) -> list[Node]:
        """Read [2026-01-01至2026-03-31,品类为咖啡,订单数大于3]: the customer's own metric."""
        number = first(inner, "having")
        if number is None:
            return inner
        did = Did(
            tuple(term.name for term in number.of("metric")),
            bound_of(number),
            " ".join(node.text for node in inner),
            None,
            tuple(n.value for n in only(inner, "time") if isinstance(n.value, TimeSpan)),
            tuple(condition_of(node) for node in only(inner, "cond")),
            True,
        )
        return [merged("cond", inner, did)]

    def _flat(self, nodes: list[Node]) -> list[Node]:
        return rewrite(rewrite(rewrite(nodes, self._names), self._acts), self._logic)

    # Values and segments

    def _values(self, nodes: list[Node], named: frozenset[str] = frozenset()) -> list[Node]:
        """Join neighbours that are values of one dimension; keep what stands between others."""
        result: list[Node] = []
        run: list[Node] = []
        shared: set[str | None] = set()
        between: list[Node] = []
        for node in nodes:
            if "value" not in node.kinds:
                between.append(node)
                continue
            fields = {term.field for term in node.of("value")}
            if run and shared & fields:
                shared &= fields
                run += [*between, node]
            else:
                result += [self._is(run, named)] if run else []
                result += between
                run, shared = [node], fields
            between = []
        return [*result, self._is(run, named), *between]

    def _is(self, run: list[Node], named: frozenset[str] = frozenset()) -> Node:
        mentions = tuple(node.of("value") for node in only(run, "value"))
        words = tuple(node.text for node in only(run, "value"))
        lists = [n for n in only(run, "and") if n.text not in _LIST_SIGNS]
        joined = "and" if lists and not only(run, "or") else ""
        return merged("cond", run, Is(mentions, " ".join(words), words, named, joined))

    def _named(self, nodes: list[Node]) -> list[Node] | None:
        """Read "city is Shanghai": the dimension is written, so its values are meant."""
        named = frozenset(term.name for term in nodes[0].of("dimension"))
        values = nodes[next(i for i, n in enumerate(nodes) if "value" in n.kinds) :]
        if not self._all_of(values, named):
            return None
        found = self._values(values, named)
        if len(found) != 1 or not _is_equality(nodes):
            return None
        node = merged("cond", nodes, found[0].value)
        turned = only(nodes, "negation") or only(nodes, "exclude") or _unequal(nodes)
        if turned:
            node.value = NotSo(condition_of(found[0]), node.text)
        return [node]

    def _named_after(self, nodes: list[Node]) -> list[Node] | None:
        """Read 天猫渠道 and "gold member level": the dimension only names the value's kind."""
        named = frozenset(term.name for term in nodes[-1].of("dimension"))
        last = nodes[-2]
        if "value" not in last.kinds or not self._all_of([last], named):
            return None
        if not self._all_of(nodes[:-1], named):
            return [*self._values(nodes[:-2]), *self._values([last], named)]
        return self._values(nodes[:-1], named)

    @staticmethod
    def _all_of(nodes: Sequence[Node], named: frozenset[str]) -> bool:
        return all(any(t.field in named for t in n.of("value")) for n in only(nodes, "value"))

    def _member(self, nodes: list[Node]) -> list[Node]:
        node = merged("cond", nodes, Member(nodes[0].of("segment")[0], nodes[0].text))
        node.kinds |= {"member"}  # the people themselves, beside what they have
        return [node]

    # Comparisons of numeric dimensions

    def _compared(self, nodes: list[Node]) -> list[Node] | None:
        word, number = first(nodes, "dimension"), first(nodes, "bound") or first(nodes, "quantity")
        assert word is not None and number is not None
        numeric = tuple(t for t in word.of("dimension") if t.type in ("number", "date"))
        if not numeric or (word is nodes[-1] and "quantity" in number.kinds):
            return None
        found = bounded(nodes, numeric, bound_of(number))
        if only(nodes, "negation"):
            found.value = NotSo(condition_of(found), found.text)
        return [found]

    def _each_amount(self, nodes: list[Node]) -> list[Node] | None:
        """Read "orders over 500 yuan" as a condition on each order's own amount."""
        metric, number = first(nodes, "metric"), first(nodes, "bound")
        assert metric is not None and number is not None
        if bound_of(number).unit != "money" or "person" in metric.kinds:
            return None
        for term in metric.of("metric"):
            own = [
                dimension
                for dimension in self._index.of_kind("dimension")
                if dimension.entity == self._index.counted_by(term.name)
                and (dimension.unit, dimension.type) == ("currency", "number")
            ]
            if len(own) == 1:
                return [metric, bounded([number], tuple(own), bound_of(number))]
        return None

    def _by_unit(self, nodes: list[Node]) -> list[Node] | None:
        bound = bound_of(nodes[0])
        names = _UNIT_DIMENSIONS.get(bound.unit or "", ())
        terms = [term for name in names if (term := self._index.term("dimension", name))]
        return [bounded(nodes, tuple(terms[:1]), bound)] if terms else None

    @staticmethod
    def _bounded(nodes: list[Node], dimensions: tuple[Term, ...], bound: Bound) -> Node:
        text = " ".join(node.text for node in nodes)
        return merged("cond", nodes, Bounded(dimensions, bound, text))

    # Logic

    @staticmethod
    def _missing(nodes: list[Node]) -> list[Node]:
        text = " ".join(node.text for node in nodes)
        return [merged("cond", nodes, Missing(nodes[-1].of("dimension"), text))]

    @staticmethod
    def _not(nodes: list[Node]) -> list[Node] | None:
        if "exclude" in nodes[0].kinds and "negation" not in nodes[0].kinds:
            return None  # an exclusion may take a list, with its own end word
        text = " ".join(node.text for node in nodes)
        return [merged("cond", nodes, NotSo(condition_of(nodes[-1]), text))]

    @staticmethod
    def _exclude(nodes: list[Node]) -> list[Node]:
        conds = tuple(condition_of(node) for node in only(nodes, "cond"))
        text = " ".join(node.text for node in nodes)
        node = merged("cond", nodes, NotSo(disjunction(conds), text))
        word = first(nodes, "exclude")
        node.roles = dict(word.roles) if word else {}
        return [node]

    @staticmethod
    def _headed(nodes: list[Node]) -> list[Node] | None:
        """Read 天猫以外的渠道: the dimension only repeats what the values are of."""
        condition = condition_of(nodes[0])
        inner = condition.part if isinstance(condition, NotSo) else None
        named = nodes[1].of("dimension")
        if nodes[1].text.startswith(_EACH):
            return None
        if not isinstance(inner, Is) or not set(inner.fields) & {term.name for term in named}:
            return None
        turned = NotSo(replace(inner, named=_names(named)), nodes[0].text)
        node = merged("cond", nodes, turned)
        node.roles = {**nodes[0].roles, "headed": nodes[1].text}
        node.terms = named
        return [node]

    def _head_noun(self, nodes: list[Node]) -> list[Node] | None:
        """Read 高价位商品 as those products: what they are called is no split."""
        condition, word = condition_of(nodes[0]), nodes[1]
        if word.text.startswith(_EACH) or "did" in nodes[0].kinds:
            return None
        if isinstance(condition, Bounded):  # 单价低于1元的商品: a property of what is named
            node = merged("cond", nodes, condition)
            node.roles = {**nodes[0].roles, "headed": word.text}
            node.terms = word.of("dimension")
            return [node]
        for term in word.of("dimension"):
            if self._index.named_by(term) and term.entity in self._entities(condition):
                node = merged("cond", nodes, condition)
                node.roles = {**nodes[0].roles, "headed": word.text}
                node.terms = (term,)
                return [node]
        return None

    def _thing_with(self, nodes: list[Node]) -> list[Node] | None:
        """Read "items with a price over 10" as those items: what they are called is no split."""
        return self._head_noun([nodes[2], nodes[0]])

    def _each_head(self, nodes: list[Node]) -> list[Node] | None:
        """Read "by SMS campaign" as a split by campaign, of those of SMS."""
        by, condition, word = nodes
        return [condition, by, word] if self._head_noun([condition, word]) else None

    def _entities(self, condition: Condition) -> set[str | None]:
        """Entities that a condition may be on."""
        match condition:
            case Is():
                found = [self._index.term("dimension", name) for name in condition.fields]
                return {term.entity for term in found if term}
            case Bounded() | Missing():
                return {term.entity for term in condition.dimensions}
            case NotSo():
                return self._entities(condition.part)
            case AllOf() | AnyOf():
                return set.intersection(*(self._entities(part) for part in condition.parts))
        return set()

    def _owning(self, nodes: list[Node]) -> list[Node] | None:
        """Read "had a discount" as the yes of "discounted or not"."""
        word = nodes[-1]
        if (value := self._index.yes(word.text)) is None or value.field is None:
            return None
        found: Condition = Is(((value,),), word.text, (word.text,), frozenset({value.field}))
        if not {"negation", "exclude"}.isdisjoint(nodes[0].kinds):
            found = NotSo(found, word.text)
        node = merged("cond", nodes, found)
        node.roles = {"linked": ""}
        return [node]

    @staticmethod
    def _numbered(nodes: list[Node]) -> list[Node] | None:
        """Read 北京上海广州三个城市: the number only repeats how many were named."""
        condition, named = condition_of(nodes[0]), _names(nodes[2].of("dimension"))
        if not isinstance(condition, Is) or len(condition.mentions) != nodes[1].value:
            return None
        if not set(condition.fields) & named:
            return None
        return [merged("cond", nodes, replace(condition, named=named))]

    @staticmethod
    def _or(nodes: list[Node]) -> list[Node]:
        groups: list[list[Condition]] = [[]]
        for node in nodes:
            if "cond" in node.kinds:
                groups[-1].append(condition_of(node))
            elif "or" in node.kinds:
                groups.append([])
        parts = tuple(conjunction(tuple(group)) for group in groups if group)
        return [merged("cond", nodes, disjunction(parts))]


def _names(terms: Sequence[Term]) -> frozenset[str]:
    return frozenset(term.name for term in terms)


def _having_after(nodes: list[Node]) -> list[Node] | None:
    found = _having(nodes[1:])
    return [nodes[0], *found] if found else None


def _having(nodes: list[Node]) -> list[Node] | None:
    number, metric = first(nodes, "bound"), first(nodes, "metric")
    assert number is not None and metric is not None
    if not fits(bound_of(number), metric.of("metric")):
        return None
    node = merged("having", nodes, bound_of(number))
    node.terms = metric.terms
    return [node]


def _is_equality(nodes: list[Node]) -> bool:
    return all(n.roles["comparator"] in ("=", "!=") for n in only(nodes, "comparator"))


def _unequal(nodes: list[Node]) -> bool:
    return any(node.roles["comparator"] == "!=" for node in only(nodes, "comparator"))


def _innermost(nodes: list[Node]) -> tuple[int, int] | None:
    opened = None
    for i, node in enumerate(nodes):
        if "open" in node.kinds:
            opened = i
        elif "close" in node.kinds and opened is not None:
            return opened, i
    return None
