"""How fast: ratios in one run against DuckDB itself on the same machine.

python -m evals.bench [--workspace DIR] [--quick] [--million] [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import httpx

from agent.analyst import Analyst, open_analyst
from agent.answer import Answer
from agent.settings import Settings, read_settings
from evals.case import load_cases
from evals.page import NotMeasured, first_load
from evals.scripted_model import Message, ScriptedModel, call, serving

QUESTIONS = 100
MB = 1024


def bench(folder: Path, quick: bool, million: bool) -> dict[str, float]:
    """Measure everything that applies; milliseconds unless the name says otherwise."""
    found: dict[str, float] = {}
    with open_analyst(folder) as analyst:
        found |= question_overhead(analyst, folder / "var" / "current" / "marts.duckdb")
        found |= chat_overhead(analyst, folder)
    found |= cold_process(folder)
    with running_server(folder):
        found |= through_server(folder)
        found |= page_first_load(folder)
    if not quick:
        found |= demo_and_build(20_000)
    if million:
        found |= demo_and_build(1_000_000)
    return found


def question_overhead(analyst: Analyst, marts: Path) -> dict[str, float]:
    """Ask 100 mixed questions warm; subtract what the same SQL takes on DuckDB directly.

    Notes
    -----
    Each question is asked twice and the second time counts; the SQL is the one of the answer's
    evidence, run and fetched on one connection with the workers' own settings.
    """
    questions = _mixed_questions()
    analyst.prepare()
    whole, direct, overhead = [], [], []
    with duckdb.connect(str(marts), read_only=True, config={"threads": 2}) as connection:
        for question in questions:
            analyst.ask(question)
            start = time.perf_counter()
            answer = analyst.ask(question)
            asked = (time.perf_counter() - start) * 1000
            statements = [e.sql for e in answer.evidence if e.sql]
            if answer.kind != "answer" or not statements:
                continue
            _run_all(connection, statements)
            start = time.perf_counter()
            _run_all(connection, statements)
            alone = (time.perf_counter() - start) * 1000
            whole.append(asked)
            direct.append(alone)
            overhead.append(asked - alone)
    return {
        "question.answered": len(whole),
        "question.median_ms": statistics.median(whole),
        "question.sql_alone_median_ms": statistics.median(direct),
        "question.overhead_median_ms": statistics.median(overhead),
        "question.overhead_p95_ms": statistics.quantiles(overhead, n=20)[-1],
        "question.ratio_to_sql": sum(whole) / sum(direct),
    }


def chat_overhead(embedded: Analyst, folder: Path) -> dict[str, float]:
    """Ask the same questions with a chat model without latency, which plans as the embedded does.

    Notes
    -----
    Own time is the whole less the SQL alone and the time inside the scripted model. A value is a
    figure of at least four characters, or a quote, of the answer that stands in a request.
    """
    own, calls, sizes, sums, values = [], [], [], [], 0
    marts = folder / "var" / "current" / "marts.duckdb"
    with (
        serving(ScriptedModel({})) as model,
        duckdb.connect(str(marts), read_only=True, config={"threads": 2}) as connection,
        open_analyst(
            folder,
            Settings(workspace=folder, model="scripted", openai_base_url=model.base_url),
        ) as analyst,
    ):
        analyst.prepare()
        for question in _mixed_questions():
            steps = embedded.ask(question).steps
            planned = [call(step.tool, step.arguments) for step in steps]
            model.replies = {json.dumps(question, ensure_ascii=False)[1:-1]: _joined(planned)}
            analyst.ask(question)
            model.requests.clear()
            model.seconds = 0.0
            start = time.perf_counter()
            answer = analyst.ask(question)
            asked = time.perf_counter() - start - model.seconds
            statements = [e.sql for e in answer.evidence if e.sql]
            if answer.planner != "chat" or not statements:
                continue
            start = time.perf_counter()
            _run_all(connection, statements)
            own.append((asked - (time.perf_counter() - start)) * 1000)
            calls.append(len(model.requests))
            sent = [len(request.encode()) for request in model.requests]
            sizes += sent
            sums.append(sum(sent))
            values += sum(value in "".join(model.requests) for value in _values_of(answer))
    return {
        "chat.answered": len(own),
        "chat.own_median_ms": statistics.median(own),
        "chat.own_p95_ms": statistics.quantiles(own, n=20)[-1],
        "chat.most_calls": max(calls),
        "chat.largest_request_bytes": max(sizes),
        "chat.bytes_a_question_median": statistics.median(sums),
        "chat.bytes_a_question_largest": max(sums),
        "chat.values_sent": values,
    }


def cold_process(folder: Path) -> dict[str, float]:
    """Start the program from nothing: ``--help``, and one question in process."""
    sextant = [sys.executable, "-m", "ui.cli"]
    ask = [*sextant, "--workspace", str(folder), "ask", "上个月的销售额是多少?", "--json"]
    seconds, _ = _median_process([*sextant, "--help"])
    asked, memory = _median_process(ask)
    return {"cold.help_s": seconds, "cold.ask_s": asked, "cold.ask_mb": memory}


def through_server(folder: Path) -> dict[str, float]:
    """Ask on the command line while a server of the workspace runs."""
    ask = [sys.executable, "-m", "ui.cli", "--workspace", str(folder), "ask", "revenue last month"]
    _process(ask)
    seconds, _ = _median_process(ask)
    return {"server.ask_s": seconds}


def page_first_load(folder: Path) -> dict[str, float]:
    """Load the page of a running server anew; where it cannot be measured, say why."""
    try:
        return first_load(f"http://127.0.0.1:{_port(folder)}")
    except NotMeasured as reason:
        sys.stderr.write(f"The page's first load is not measured: {reason}.\n")
        return {}


def demo_and_build(customers: int) -> dict[str, float]:
    """Generate the demo brand and build it, in a new folder, as a process of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "ui.cli", "--workspace", f"{scratch}/demo"]
        seconds, memory = _process([*command, "demo", "--customers", str(customers)])
    return {f"demo_{customers}.seconds": seconds, f"demo_{customers}.mb": memory}


@contextmanager
def running_server(folder: Path) -> Iterator[None]:
    """Serve the workspace on a free port until the block ends."""
    command = [sys.executable, "-m", "ui.cli", "--workspace", str(folder), "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until(lambda: _is_healthy(folder), 60)
        yield
    finally:
        server.terminate()
        server.wait(20)


def report(found: dict[str, float]) -> str:
    """Write the figures, one a line."""
    return "\n".join(f"{name:36}{value:>12,.2f}" for name, value in found.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="sextant bench", description=__doc__)
    parser.add_argument("--workspace", type=Path, default=None)
    parser.add_argument("--quick", action="store_true", help="leave out demo and build")
    parser.add_argument("--million", action="store_true", help="also a million customers")
    parser.add_argument("--json", action="store_true", help="print one object of figures")
    chosen = parser.parse_args(arguments)
    found = bench(chosen.workspace or read_settings().workspace, chosen.quick, chosen.million)
    sys.stdout.write((json.dumps(found, indent=1) if chosen.json else report(found)) + "\n")
    return 0


def _mixed_questions() -> list[str]:
    """Single-turn questions of the cases, spread over families and languages."""
    asked = [
        question
        for case in load_cases()
        if case.expect.kind == "answer" and case.expect.sql and case.family != "follow_up"
        for _, question, _ in case.asked()
    ]
    step = max(1, len(asked) // QUESTIONS)
    return asked[::step][:QUESTIONS]


def _joined(planned: Sequence[Message]) -> Message:
    """Make one reply of several, each with one call."""
    calls = [each["tool_calls"] for each in planned]
    joined = [
        {**one, "id": f"call_{i}"}
        for i, several in enumerate(calls)
        if isinstance(several, list)
        for one in several
    ]
    return {"role": "assistant", "content": None, "tool_calls": joined}


def _values_of(answer: Answer) -> set[str]:
    rows = answer.table.rows if answer.table else ()
    figures = {str(c) for row in rows for c in row if isinstance(c, int | float)}
    quotes = {quote.text for e in answer.evidence for quote in e.quotes}
    return {
        value for value in figures if len(value) >= 4 and value not in ("True", "False")
    } | quotes


def _run_all(connection: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.execute(statement).fetchall()


def _median_process(command: Sequence[str]) -> tuple[float, float]:
    runs = [_process(command) for _ in range(3)]
    return statistics.median(s for s, _ in runs), max(m for _, m in runs)


def _process(command: Sequence[str]) -> tuple[float, float]:
    """Run a command; seconds, and the peak memory of its largest process in megabytes."""
    watch = (
        "import json, resource, subprocess, sys, time; start = time.perf_counter();"
        "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode;"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss;"
        "json.dump([code, time.perf_counter() - start, peak], sys.stdout)"
    )
    done = subprocess.run(
        [sys.executable, "-c", watch, *command], capture_output=True, text=True, check=True
    )
    code, seconds, kilobytes = json.loads(done.stdout)
    if code != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {code}: {done.stderr[-400:]}")
    return float(seconds), float(kilobytes) / MB


def _port(folder: Path) -> int:
    return int(json.loads((folder / "var" / "server.json").read_text())["port"])


def _is_healthy(folder: Path) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{_port(folder)}/healthz", timeout=2).status_code == 200
    except (OSError, KeyError, ValueError, httpx.HTTPError):
        return False


def _wait_until(claim: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > end:
            raise TimeoutError("The server did not become healthy.")
        time.sleep(0.2)


if __name__ == "__main__":
    raise SystemExit(main())
