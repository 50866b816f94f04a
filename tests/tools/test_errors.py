"""Every error from below becomes a ToolError, and is said in both languages."""

import string

import pytest
from pydantic import ValidationError

from knowledge.errors import KnowledgeError
from knowledge.languages import messages
from tools.errors import tool_error
from tools.evidence import Evidence
from warehouse import errors, ledger
from warehouse.errors import UnknownName, UnsupportedQuery, WarehouseError


def leaves(root: type[Exception]) -> list[type[Exception]]:
    below = root.__subclasses__()
    return [root] + [leaf for kind in below for leaf in leaves(kind)]


ALL = leaves(WarehouseError) + leaves(KnowledgeError)


def filled(kind: type[Exception]) -> Exception:
    names = [n for _, n, _, _ in string.Formatter().parse(kind.template) if n]  # type: ignore[attr-defined]
    return kind(**dict.fromkeys(names, "x"))


def test_the_tree_is_read_whole() -> None:
    assert errors.StoreUnavailable in ALL
    assert ledger.SignInDelayed in ALL


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_error_is_mapped_and_said(kind: type[Exception], language: str) -> None:
    error = tool_error(filled(kind))  # type: ignore[arg-type]

    assert error.reason in ("not_permitted", "unknown_name", "unsupported", "fault")
    assert messages(language)[error.code]  # type: ignore[index]


def test_a_wrong_name_may_be_tried_again_with_the_nearest() -> None:
    error = tool_error(UnknownName(kind="metric", name="revenu", nearest=["revenue"]))

    assert error.retry
    assert error.text == "Unknown metric 'revenu'. Nearest: 'revenue'."


def test_the_message_is_by_the_problem_where_there_is_one() -> None:
    error = tool_error(UnsupportedQuery(problem="undated", detail="d", next="n", metric="m"))

    assert error.code == "unsupported_query_undated"
    assert "{metric}" in messages("zh")[error.code]


def test_refused_arguments_name_the_argument() -> None:
    with pytest.raises(ValidationError) as caught:
        Evidence.model_validate({"kind": "nothing"})

    error = tool_error(caught.value)

    assert error.code == "invalid_arguments"
    assert "kind" in error.text
