"""Ask every case, judge every answer, report by family and language.

python -m evals.run [SUITE] [--workspace DIR] [--json] [--baseline]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import duckdb

from agent.analyst import Analyst, open_analyst
from agent.settings import read_settings
from evals.case import Case, Language, load_cases
from evals.evaluators import Verdict, judge


@dataclass(frozen=True)
class Asked:
    """One question asked, with its verdict."""

    case: Case
    language: Language
    question: str
    verdict: Verdict


def run_cases(cases: Iterable[Case], analyst: Analyst, marts: Path) -> list[Asked]:
    """Ask every case in its own thread and judge it against its own SQL on the same marts."""
    asked = []
    views = resources.files("evals").joinpath("views.sql").read_text(encoding="utf-8")
    with duckdb.connect(str(marts), read_only=True) as connection:
        connection.execute(views)
        for case in cases:
            rows = connection.execute(case.expect.sql).fetchall() if case.expect.sql else None
            for language, question, before in case.asked():
                thread = None
                for earlier in before:
                    thread = analyst.ask(earlier, thread).thread
                verdict = judge(case, analyst.ask(question, thread), rows)
                asked.append(Asked(case, language, question, verdict))
    return asked


def figures(asked: Sequence[Asked]) -> dict[str, float]:
    """Compute precision, coverage and silent-wrong, in all and by family and language.

    Notes
    -----
    Precision is right answers over all answers given; coverage is right answers over all questions
    that have one; silent-wrong counts answers given that are not right.
    """
    found: dict[str, float] = {"cases": len({a.case.name for a in asked}), "questions": len(asked)}
    groups: dict[str, list[Asked]] = {"all": list(asked)}
    for item in asked:
        groups.setdefault(f"family.{item.case.family}", []).append(item)
        groups.setdefault(f"language.{item.language}", []).append(item)
        groups.setdefault(f"family.{item.case.family}.{item.language}", []).append(item)
    for name, items in groups.items():
        found.update({f"{name}.{key}": value for key, value in _of_group(items).items()})
    return found


def _of_group(items: Sequence[Asked]) -> dict[str, float]:
    answerable = [a for a in items if a.case.expect.kind == "answer"]
    right = sum(a.verdict.outcome == "right" for a in answerable)
    wrong = sum(a.verdict.outcome == "wrong" for a in items)
    others = [a for a in items if a.case.expect.kind != "answer"]
    held = sum(a.verdict.outcome == "right" for a in others)
    return {
        "questions": len(items),
        "precision": right / (right + wrong) if right + wrong else 1.0,
        "coverage": right / len(answerable) if answerable else 1.0,
        "silent_wrong": wrong,
        "held_back": held / len(others) if others else 1.0,
    }


def fallen(now: dict[str, float], baseline: dict[str, float]) -> list[str]:
    """List the figures that are worse than the baseline."""
    worse = []
    for name, before in baseline.items():
        value = now.get(name, 0.0)
        if name.endswith("silent_wrong"):
            if value > before:
                worse.append(f"{name}: {value:g}, was {before:g}")
        elif name.endswith(("precision", "coverage", "held_back")) and value < before - 1e-9:
            worse.append(f"{name}: {value:.3f}, was {before:.3f}")
    return worse


def load_baseline() -> dict[str, float]:
    """Read the figures that no family may fall below."""
    text = resources.files("evals").joinpath("baseline.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def report(asked: Sequence[Asked], now: dict[str, float]) -> str:
    """Write the figures by family and language, and every question that was not right."""
    lines = [f"{'':24}{'questions':>10}{'precision':>11}{'coverage':>10}{'silent':>8}{'held':>7}"]
    for name in sorted({n.rsplit(".", 1)[0] for n in now if n.endswith(".precision")}):
        lines.append(
            f"{name:24}{now[name + '.questions']:>10g}{now[name + '.precision']:>11.1%}"
            f"{now[name + '.coverage']:>10.1%}{now[name + '.silent_wrong']:>8g}"
            f"{now[name + '.held_back']:>7.0%}"
        )
    for item in asked:
        if item.verdict.outcome != "right":
            lines.append(
                f"{item.verdict.outcome:13} {item.case.name} [{item.language}] {item.question}"
                f"\n{'':14}{item.verdict.why}"
            )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 1 when a figure fell below the baseline."""
    parser = argparse.ArgumentParser(prog="sextant eval", description=__doc__)
    parser.add_argument("suite", nargs="?")
    parser.add_argument("--workspace", type=Path, default=None)
    parser.add_argument("--json", action="store_true", help="print one object of figures")
    parser.add_argument("--baseline", action="store_true", help="write the figures as baseline")
    chosen = parser.parse_args(arguments)
    folder = chosen.workspace or read_settings().workspace
    try:
        cases = load_cases(chosen.suite)
    except ValueError as error:
        parser.error(str(error))
    with open_analyst(folder) as analyst:
        marts = folder / "var" / "current" / "marts.duckdb"
        asked = run_cases(cases, analyst, marts)
    now = figures(asked)
    sys.stdout.write((json.dumps(now, indent=1) if chosen.json else report(asked, now)) + "\n")
    if chosen.baseline:
        Path(str(resources.files("evals").joinpath("baseline.json"))).write_text(
            json.dumps(now, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
        return 0
    worse = [] if chosen.suite else fallen(now, load_baseline())
    sys.stderr.write("".join(f"below baseline: {line}\n" for line in worse))
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main())
