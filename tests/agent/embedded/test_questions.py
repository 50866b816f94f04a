"""Tables of questions with the call, refusal or question back that each must give."""

from typing import Any


def test_question_becomes_its_call(retail_case: dict[str, Any], ask: Any, compact: Any) -> None:
    _check(retail_case, ask, compact)


def test_other_brand_is_understood(
    software_case: dict[str, Any], ask_software: Any, compact: Any
) -> None:
    _check(software_case, ask_software, compact)


def _check(case: dict[str, Any], ask: Any, compact: Any) -> None:
    plan = ask(*case.get("before", ()), case["q"])

    if "call" in case:
        assert plan.kind == "calls", plan.text
        assert compact(plan.calls[0]) == case["call"]
        assert bool(plan.read_as) == case.get("read_as", False)
        assert plan.follow_up == case.get("follow_up", "before" in case)
    else:
        assert (plan.kind, plan.reason) == (case["kind"], case["reason"]), plan.text
        assert case.get("names", "") in plan.text
        assert len(plan.choices) >= case.get("choices", 0)
    for word in case.get("defaults", ()):
        assert any(word in sentence for sentence in plan.defaults), plan.defaults
