"""A sample of what ``make hostile`` runs for 10,000 turns."""

from pathlib import Path

from evals.hostile import NONE, run

TURNS = 250


def test_a_hostile_chat_model_reaches_nothing(demo_folder: Path) -> None:
    found = run(demo_folder, TURNS, seed=7)

    assert {name: found[name] for name in NONE} == dict.fromkeys(NONE, 0)
    assert found["planner_chat"] + found["planner_embedded"] == TURNS
    assert found["planner_chat"] > TURNS / 10
