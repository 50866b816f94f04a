"""Ask Sextant in process; with a model's address the chat model answers, else the planner."""

from __future__ import annotations

from pathlib import Path

from agent.analyst import open_analyst
from agent.settings import Settings
from evals.peer_drivers.asking import ask_all, read_task


def main() -> None:
    """Ask every question of the task."""
    task = read_task()
    folder = Path(task["workspace"])
    settings = Settings(workspace=folder)
    if task["base_url"]:
        settings = Settings(workspace=folder, model="scripted", openai_base_url=task["base_url"])
    planner = "chat" if task["base_url"] else "embedded"
    ran: dict[str, str] = {}
    with open_analyst(folder, settings) as analyst:
        analyst.prepare()

        def answer(question: str) -> None:
            found = analyst.ask(question)
            if found.kind != "answer" or found.planner != planner:
                raise RuntimeError(f"{found.planner} {found.kind}: {question!r}: {found.text}")
            ran[question] = next(e.sql for e in found.evidence if e.sql)

        ask_all(task, folder / "var" / "current" / "marts.duckdb", answer, lambda q: ran[q])


if __name__ == "__main__":
    main()
