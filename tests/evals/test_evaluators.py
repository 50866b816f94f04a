from datetime import date
from decimal import Decimal

import pytest

from agent.answer import Answer, Choice
from evals.case import Case, Expected
from evals.evaluators import judge, same_rows
from evals.run import Asked, fallen, figures
from tools.evidence import Table, TableColumn


@pytest.mark.parametrize(
    ("expected", "got", "ordered", "same"),
    [
        ([("a", 1.0), ("b", 2)], [("b", 2.0), ("a", 1)], False, True),
        ([("a", 1.0), ("b", 2)], [("b", 2.0), ("a", 1)], True, False),
        ([(3,)], [("x", 9, 3.0)], False, True),
        ([(3,)], [("x", 9, 4.0)], False, False),
        ([(1, 2)], [(2, 1)], False, True),
        ([(Decimal("1.5"),)], [(1.5,)], False, True),
        ([(1.0,)], [(1.0001,)], False, False),
        ([(date(2026, 9, 1), 5)], [("2026-09-01", 5.0)], False, True),
        ([("a", 1)], [("a", 1), ("b", 2)], False, False),
        ([(None, 1)], [(None, 1)], False, True),
        ([], [], False, True),
    ],
)
def test_rows_are_compared(
    expected: list[tuple[object, ...]], got: list[tuple[object, ...]], ordered: bool, same: bool
) -> None:
    assert same_rows(expected, got, ordered) is same


def test_the_same_column_never_stands_for_two() -> None:
    assert not same_rows([(1, 1)], [(1, 2)], ordered=False)


def answer(**changes: object) -> Answer:
    fields: dict[str, object] = {
        "kind": "answer",
        "thread": "t",
        "turn_id": "1",
        "language": "en",
        "text": "It is 5.",
        "table": Table(columns=(TableColumn(name="n", label="n", unit="count"),), rows=((5,),)),
    }
    return Answer.model_validate(fields | changes)


def case(**expect: object) -> Case:
    return Case(name="c", family="single", en="?", expect=Expected.model_validate(expect))


def test_a_calm_wrong_number_is_wrong() -> None:
    verdict = judge(case(sql="SELECT 6"), answer(), [(6,)])

    assert verdict.outcome == "wrong"


def test_asking_back_is_not_wrong_but_not_answered() -> None:
    asked_back = answer(kind="clarification", reason="ambiguous")

    assert judge(case(sql="SELECT 5"), asked_back, [(5,)]).outcome == "not_answered"


def test_answering_an_ambiguous_question_is_wrong() -> None:
    assert judge(case(kind="clarification"), answer(), None).outcome == "wrong"


def test_a_clarification_offers_two_choices_at_least() -> None:
    one = (Choice(label="a", question="a?"),)
    asked = answer(kind="clarification", reason="ambiguous", choices=one)

    assert judge(case(kind="clarification"), asked, None).outcome == "not_answered"


def test_a_refusal_names_the_missing_word() -> None:
    refusal = answer(kind="refusal", reason="unknown_name", text="I do not know 'NPS'.")

    assert judge(case(kind="refusal", names=["nps"]), refusal, None).outcome == "right"
    assert judge(case(kind="refusal", names=["eNPS"]), refusal, None).outcome == "not_answered"


def test_figures_tell_precision_from_coverage() -> None:
    right = judge(case(sql="SELECT 5"), answer(), [(5,)])
    wrong = judge(case(sql="SELECT 6"), answer(), [(6,)])
    silent = judge(case(sql="SELECT 5"), answer(kind="refusal", reason="no_data"), [(5,)])
    asked = [Asked(case(sql="SELECT 5"), "en", "?", v) for v in (right, right, wrong, silent)]

    found = figures(asked)

    assert found["all.precision"] == pytest.approx(2 / 3)
    assert found["all.coverage"] == pytest.approx(2 / 4)
    assert found["all.silent_wrong"] == 1


def test_a_fall_below_the_baseline_is_named() -> None:
    before = {"all.precision": 1.0, "all.silent_wrong": 0.0}
    now = {"all.precision": 0.9, "all.silent_wrong": 2.0}

    assert fallen(now, before) == ["all.precision: 0.900, was 1.000", "all.silent_wrong: 2, was 0"]
