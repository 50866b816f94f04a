from pathlib import Path

import pytest

from agent.analyst import open_analyst
from agent.settings import Settings
from evals.case import load_cases
from evals.run import figures, run_cases


def test_there_are_at_least_160_cases_in_every_family() -> None:
    cases = load_cases()

    assert len(cases) >= 160
    assert {case.family for case in cases} >= {
        "single", "breakdown", "trend", "comparison", "ranking", "share", "filter", "negation",
        "time", "follow_up", "ambiguous", "unanswerable", "mixed",
    }  # fmt: skip


def test_an_unknown_suite_names_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"No suite 'nope'\. Known: 10_single"):
        load_cases("nope")


def test_the_embedded_planner_reaches_what_it_must(demo_folder: Path) -> None:
    marts = demo_folder / "var" / "current" / "marts.duckdb"
    with open_analyst(demo_folder, Settings(workspace=demo_folder)) as analyst:
        asked = run_cases(load_cases(), analyst, marts)
    found = figures(asked)
    wrong = [f"{a.question}: {a.verdict.why}" for a in asked if a.verdict.outcome == "wrong"]

    assert not wrong
    assert found["all.precision"] >= 0.98
    assert found["all.coverage"] >= 0.85
    assert found["family.ambiguous.held_back"] == 1
    assert found["family.unanswerable.held_back"] == 1
