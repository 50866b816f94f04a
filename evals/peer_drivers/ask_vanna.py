"""Ask Vanna 2: its agent, its OpenAI client, its DuckDB runner, one tool, the table in its prompt.

Fewer calls than its own recommended set-up, which searches a memory before and saves after.
"""

from __future__ import annotations

import asyncio
import os

from vanna import Agent, AgentConfig, ToolRegistry, User
from vanna.core.system_prompt import DefaultSystemPromptBuilder
from vanna.core.user import RequestContext, UserResolver
from vanna.integrations.duckdb import DuckDBRunner
from vanna.integrations.local.agent_memory import DemoAgentMemory
from vanna.integrations.openai import OpenAILlmService
from vanna.tools import RunSqlTool

from evals.peer_drivers.asking import ask_all, make_store, read_task

PROMPT = (
    "You answer questions over one DuckDB table with the tool run_sql. sales(InvoiceNo VARCHAR, "
    "StockCode VARCHAR, Description VARCHAR, Quantity BIGINT, InvoiceDate TIMESTAMP, "
    "UnitPrice DOUBLE, CustomerID BIGINT, Country VARCHAR); cancellations start with C."
)


class OneUser(UserResolver):  # type: ignore[misc]  # of a package without types here
    """Everybody is the same person."""

    async def resolve_user(self, request_context: RequestContext) -> User:
        """Give that person."""
        return User(id="tester", group_memberships=["user"])


def main() -> None:
    """Ask every question of the task."""
    task = read_task()
    store = make_store(task)
    os.chdir(task["scratch"])  # every result is also written to a file in the working folder
    tools = ToolRegistry()
    tools.register_local_tool(
        RunSqlTool(DuckDBRunner(str(store), read_only=True, config={"threads": 2})), []
    )
    agent = Agent(
        llm_service=OpenAILlmService(
            model="scripted", api_key="not-needed", base_url=task["base_url"]
        ),
        tool_registry=tools,
        user_resolver=OneUser(),
        agent_memory=DemoAgentMemory(),
        config=AgentConfig(stream_responses=False, include_thinking_indicators=False),
        system_prompt_builder=DefaultSystemPromptBuilder(PROMPT),
    )

    async def answer(question: str) -> None:
        kinds = [
            type(part.rich_component).__name__
            async for part in agent.send_message(RequestContext(), question)
        ]
        if "DataFrameComponent" not in kinds:
            raise RuntimeError(f"Vanna showed no rows for {question!r}: {kinds}")

    loop = asyncio.new_event_loop()
    ask_all(
        task,
        store,
        lambda question: loop.run_until_complete(answer(question)),
        task["questions"].__getitem__,
    )


if __name__ == "__main__":
    main()
