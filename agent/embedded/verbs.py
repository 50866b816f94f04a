"""What a question wants done: one table from verbs to tools, or to the refusal that names them.

A verb moves from a refusal to a tool by changing its row.
"""

from __future__ import annotations

from agent.embedded.atoms import stem
from agent.embedded.lattice import Cover, Node
from agent.embedded.outcomes import Refused

# verb of lexicon.yml -> message of planner.yml
REFUSED = (
    ("explain", "verb_explain"),
    ("predict", "verb_predict"),
    ("send", "verb_send"),
    ("export", "verb_export"),
    ("approve", "verb_approve"),
    ("delete", "verb_delete"),
    ("draft", "verb_draft"),
    ("recommend", "verb_recommend"),
    ("simulate", "verb_simulate"),
    ("correlate", "verb_correlate"),
    ("alert", "verb_alert"),
    ("report", "verb_report"),
    ("contact", "verb_contact"),
    ("advanced", "verb_advanced"),
)


_BEFORE_VERB = frozenset({"filler", "greeting", "of", "comma", "speaker", "preposition"})


def refuse_verb(found: Cover, follows: bool) -> None:
    """Refuse what no tool can do yet, naming the verb.

    Raises
    ------
    Refused     When a verb of the table was said.
    """
    messages = dict(REFUSED)
    ordered = next((n for n in found.nodes if not n.kinds <= _BEFORE_VERB), None)
    if ordered is not None and "ordered" in ordered.kinds and _is_to_people(ordered, found):
        verb = messages[ordered.roles["ordered"]]
        raise Refused(verb, "unsupported", words=ordered.text)
    for node in sorted(found.nodes, key=lambda n: n.roles.get("verb") != "contact"):
        if "undo" in node.kinds and follows:
            raise Refused("undo_unsupported", "unsupported", words=node.text)
        named = bool(node.terms) and not (node is ordered and node.text == stem(node.text))
        if "verb" in node.kinds and not named:
            raise Refused(messages[node.roles["verb"]], "unsupported", words=node.text)


def _is_to_people(ordered: Node, found: Cover) -> bool:
    """Tell whether an order goes to people: "email all VIP customers", not "email open rate"."""
    after = (n for n in found.nodes if n.begin >= ordered.end and not n.kinds <= _BEFORE_VERB)
    first = next(after, None)
    return first is not None and bool(first.kinds & {"person", "segment"})
