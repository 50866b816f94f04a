"""Ask PandasAI 3: its agent over a frame, its OpenAI client; it runs the code that comes back."""

from __future__ import annotations

import os

import duckdb
import pandasai
from pandasai.core.response import DataFrameResponse
from pandasai_openai import OpenAI

from evals.peer_drivers.asking import ask_all, make_store, read_task


def main() -> None:
    """Ask every question of the task."""
    task = read_task()
    store = make_store(task)
    os.chdir(task["scratch"])
    with duckdb.connect(str(store), read_only=True) as connection:
        frame = pandasai.DataFrame(connection.execute("FROM sales").df(), _table_name="sales")
    model = OpenAI(api_token="not-needed", api_base=task["base_url"])
    pandasai.config.set({"llm": model, "save_logs": False, "verbose": False})
    agent = pandasai.Agent(frame)

    def answer(question: str) -> None:
        found = agent.chat(question, output_type="dataframe")
        if not isinstance(found, DataFrameResponse):
            raise RuntimeError(f"PandasAI gave no frame for {question!r}: {found}")

    ask_all(task, store, answer, task["questions"].__getitem__)


if __name__ == "__main__":
    main()
