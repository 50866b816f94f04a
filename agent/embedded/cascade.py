"""A cascade of finite-state rules over typed spans: each rule rewrites what it matches.

A pattern is a regular expression whose letters are names of kinds: ``value (and value)*``. A span
that may be of several kinds matches each of them, so context decides what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.embedded.lattice import Node

Action = Callable[[list[Node]], "list[Node] | None"]

_codes: dict[frozenset[str], str] = {}
_PART = re.compile(r"[a-z_]+|\s+|.")


@dataclass(frozen=True)
class Rule:
    """Rewrite what a pattern matches; an action that returns None leaves it as it is."""

    pattern: str
    action: Action

    def apply(self, nodes: list[Node], kinds: str) -> list[Node]:
        """Rewrite every match, left to right; ``kinds`` is what `_spelled` makes of the nodes."""
        result: list[Node] = []
        at = 0
        for match in _compiled(self.pattern, len(_codes)).finditer(kinds):
            if match.start() < at or match.start() == match.end():
                continue
            replaced = self.action(nodes[match.start() : match.end()])
            if replaced is not None:
                result += nodes[at : match.start()]
                result += replaced
                at = match.end()
        return result + nodes[at:] if at else nodes


def rewrite(nodes: Sequence[Node], rules: Iterable[Rule]) -> list[Node]:
    """Apply the rules one after another."""
    result = list(nodes)
    kinds = _spelled(result)
    for rule in rules:
        rewritten = rule.apply(result, kinds)
        if rewritten is not result:
            result, kinds = rewritten, _spelled(rewritten)
    return result


def merged(kind: str, nodes: Sequence[Node], value: object) -> Node:
    """One span in place of several neighbours."""
    return Node(
        frozenset({kind}),
        nodes[0].begin,
        nodes[-1].end,
        " ".join(node.text for node in nodes),
        terms=tuple(term for node in nodes for term in node.terms),
        value=value,
    )


def only(nodes: Iterable[Node], kind: str) -> list[Node]:
    """List the spans that may be of a kind."""
    return [node for node in nodes if kind in node.kinds]


def first(nodes: Iterable[Node], kind: str) -> Node | None:
    """Give the first span that may be of a kind."""
    return next((node for node in nodes if kind in node.kinds), None)


def _spelled(nodes: Sequence[Node]) -> str:
    """Write the kinds of spans, a letter a span, for the patterns to match."""
    return "".join([_code(node.kinds) for node in nodes])


def _code(kinds: frozenset[str]) -> str:
    code = _codes.get(kinds)
    if code is None:
        code = _codes[kinds] = chr(0xE000 + len(_codes))
    return code


@lru_cache(maxsize=4096)
def _compiled(pattern: str, kinds_seen: int) -> re.Pattern[str]:
    """Compile a pattern; its classes grow as words of a brand meet grammar words."""
    parts = (_class(p) if p[0].isalpha() else p.strip() for p in _PART.findall(pattern))
    return re.compile("".join(parts))


def _class(kind: str) -> str:
    members = "".join(code for kinds, code in list(_codes.items()) if kind in kinds)
    return f"[{members}]" if members else r"(?!)"
