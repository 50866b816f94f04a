"""What a question costs beside two peers: own time, calls and bytes to a model without latency.

python -m evals.peers [--file PARQUET] [--environments DIR] [--json]

Sextant, Vanna and PandasAI answer the same questions over the same file on the same machine, each
with its own OpenAI client and a loopback server that plays the right reply at once. The peers are
given what they would need a model for: SQL written here by hand. They are installed into
environments of their own, made for this and thrown away.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from evals.peer_drivers.asking import ROUNDS, Asked, Task
from evals.scripted_model import Message, ScriptedModel, call, serving

ROOT = Path(__file__).parents[1]
FILE = ROOT.parent / "shared" / "data" / "online_retail" / "online_retail_first_half.parquet"
SILENT = ("SCARF_NO_ANALYTICS=true", "DO_NOT_TRACK=true")  # PandasAI reports each start home
SOLD = "InvoiceNo NOT LIKE 'C%'"
QUESTIONS = {
    "What is our total revenue?": "SELECT sum(Quantity * UnitPrice) AS revenue FROM sales",
    "How many orders did we get in March 2011?": (
        f"SELECT count(DISTINCT InvoiceNo) AS orders FROM sales WHERE {SOLD} "
        "AND InvoiceDate >= '2011-03-01' AND InvoiceDate < '2011-04-01'"
    ),
    "Monthly revenue by country": (
        "SELECT date_trunc('month', InvoiceDate) AS month, Country, "
        "sum(Quantity * UnitPrice) AS revenue FROM sales GROUP BY 1, 2 ORDER BY 1, 2"
    ),
    "Orders by day of the week": (
        "SELECT extract(isodow FROM InvoiceDate) AS weekday, count(DISTINCT InvoiceNo) AS orders "
        f"FROM sales WHERE {SOLD} GROUP BY 1 ORDER BY 1"
    ),
    "Top 10 products by revenue, excluding cancellations": (
        "SELECT StockCode, max(Description) AS name, sum(Quantity * UnitPrice) AS revenue "
        f"FROM sales WHERE {SOLD} GROUP BY 1 ORDER BY 3 DESC LIMIT 10"
    ),
    "Top 5 countries by number of orders, not counting the United Kingdom": (
        "SELECT Country, count(DISTINCT InvoiceNo) AS orders FROM sales "
        f"WHERE {SOLD} AND Country <> 'United Kingdom' GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
    ),
    "What share of revenue comes from the United Kingdom?": (
        "SELECT sum(CASE WHEN Country = 'United Kingdom' THEN Quantity * UnitPrice END) "
        "/ sum(Quantity * UnitPrice) AS share FROM sales"
    ),
    "New customers per month": (
        "SELECT date_trunc('month', first_at) AS month, count(*) AS customers FROM (SELECT "
        f"CustomerID, min(InvoiceDate) AS first_at FROM sales WHERE {SOLD} "
        "AND CustomerID IS NOT NULL GROUP BY 1) AS firsts GROUP BY 1 ORDER BY 1"
    ),
}


@dataclass(frozen=True)
class Peer:
    """A program to compare with: what to install, what asks it, and how a model replies to it."""

    name: str
    packages: tuple[str, ...]
    driver: str
    reply: Callable[[str], Message]


@dataclass(frozen=True)
class Cost:
    """What a question costs, in the median; or why it could not be measured.

    ``own_ms`` is the whole less the SQL alone on DuckDB and the time inside the scripted model.
    ``request_bytes`` are those of all requests of a question, ``largest_request`` those of one.
    ``file_values`` counts the distinct invoices, descriptions and customers of the file that
    stand in what was sent to the model, over all questions.
    """

    name: str
    own_ms: float = 0.0
    whole_ms: float = 0.0
    sql_ms: float = 0.0
    calls: float = 0.0
    request_bytes: float = 0.0
    largest_request: int = 0
    file_values: int = 0
    failure: str = ""


PEERS = (
    Peer(
        name="Vanna 2.0.2",
        packages=("vanna[openai,duckdb]==2.0.2",),
        driver="ask_vanna",
        reply=lambda sql: call("run_sql", {"sql": sql}),
    ),
    Peer(
        name="PandasAI 3.0.0",
        packages=("pandasai==3.0.0", "pandasai-openai==0.1.6"),
        driver="ask_pandasai",
        reply=lambda sql: {
            "role": "assistant",
            "content": f"```python\nresult = {{'type': 'dataframe', "
            f"'value': execute_sql_query({sql!r})}}\n```",
        },
    ),
)


def compare(file: Path, environments: Path | None = None) -> list[Cost]:
    """Measure Sextant, with a chat model and without, and every peer that can be installed."""
    with tempfile.TemporaryDirectory() as name:
        bench = _Bench(file, Path(name), _values_of(file))
        return [*bench.sextant(), *(bench.peer(peer, environments) for peer in PEERS)]


def report(costs: Sequence[Cost]) -> str:
    """Write the costs as a table, one program a line."""
    lines = [
        f"{'':20}{'own ms':>9}{'whole ms':>10}{'SQL ms':>8}"
        f"{'calls':>7}{'bytes':>8}{'largest':>9}{'values':>8}"
    ]
    for cost in costs:
        lines.append(
            f"{cost.name:20}{cost.failure}"
            if cost.failure
            else f"{cost.name:20}{cost.own_ms:>9.1f}{cost.whole_ms:>10.1f}{cost.sql_ms:>8.1f}"
            f"{cost.calls:>7.1f}{cost.request_bytes:>8,.0f}{cost.largest_request:>9,}"
            f"{cost.file_values:>8,}"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.peers", description=__doc__)
    parser.add_argument("--file", type=Path, default=FILE, help="the retailer's Parquet file")
    parser.add_argument("--environments", type=Path, help="keep the peers' environments here")
    parser.add_argument("--json", action="store_true", help="print one object")
    chosen = parser.parse_args(arguments)
    if not chosen.file.is_file():
        parser.error(f"No file {chosen.file}. Name the retailer's Parquet file with --file.")
    costs = compare(chosen.file.resolve(), chosen.environments)
    found = {cost.name: asdict(cost) for cost in costs}
    sys.stdout.write((json.dumps(found, indent=1) if chosen.json else report(costs)) + "\n")
    return 0


@dataclass(frozen=True)
class _Bench:
    """One run: the file, a folder for everything made on the way, and the file's own words."""

    file: Path
    scratch: Path
    values: frozenset[str]

    def sextant(self) -> list[Cost]:
        """Load the file into an empty workspace, as anybody would, and ask with and without."""
        try:
            self._make_workspace()
        except subprocess.CalledProcessError as error:
            return [Cost("Sextant", failure=_last_line(error))]
        return [
            self._ask("Sextant", sys.executable, "ask_sextant", self._planned()),
            self._ask("Sextant, no model", sys.executable, "ask_sextant", None),
        ]

    def peer(self, peer: Peer, environments: Path | None) -> Cost:
        """Install a peer into an environment of its own and ask it."""
        try:
            python = _install(peer, environments or self.scratch)
        except subprocess.CalledProcessError as error:
            return Cost(peer.name, failure=_last_line(error))
        replies = {question: peer.reply(sql) for question, sql in QUESTIONS.items()}
        return self._ask(peer.name, python, peer.driver, replies)

    def _make_workspace(self) -> None:
        sextant, folder = [sys.executable, "-m", "ui.cli"], str(self._workspace)
        loading = ["load", str(self.file), "--as", "sales", "--yes"]
        for step in (
            ["new", folder],
            [*loading, "--workspace", folder],
            ["build", "--workspace", folder],
        ):
            subprocess.run([*sextant, *step], check=True, capture_output=True, text=True, cwd=ROOT)

    def _planned(self) -> dict[str, Message]:
        """Let the embedded planner say which call a model that reads well would make."""
        from agent.analyst import open_analyst
        from agent.settings import Settings

        with open_analyst(self._workspace, Settings(workspace=self._workspace)) as analyst:
            steps = {question: analyst.ask(question).steps[0] for question in QUESTIONS}
        return {question: call(step.tool, step.arguments) for question, step in steps.items()}

    def _ask(
        self, name: str, python: str, driver: str, replies: Mapping[str, Message] | None
    ) -> Cost:
        """Run a driver as a process of its own against a model of its own; or against none."""
        with (
            tempfile.TemporaryDirectory(dir=self.scratch) as own,
            serving(ScriptedModel(replies or {})) as model,
        ):
            task = Task(
                file=str(self.file),
                base_url=model.base_url if replies else "",
                scratch=own,
                workspace=str(self._workspace),
                questions=QUESTIONS,
            )
            written = Path(own) / "task.json"
            written.write_text(json.dumps(task), encoding="utf-8")
            module = f"evals.peer_drivers.{driver}"
            command = ["env", *SILENT, python, "-m", module, str(written)]
            try:
                done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
            except subprocess.CalledProcessError as error:
                return Cost(name, failure=_last_line(error))
        return self._cost(name, json.loads(done.stdout.strip().splitlines()[-1]), model)

    def _cost(self, name: str, asked: Sequence[Asked], model: ScriptedModel) -> Cost:
        times = len(QUESTIONS) * ROUNDS
        in_model = model.seconds * 1000 / times
        sent = "\n".join(model.requests)
        sizes = [len(body.encode()) for body in model.requests]
        return Cost(
            name=name,
            own_ms=statistics.median(
                a["milliseconds"] - a["sql_milliseconds"] - in_model for a in asked
            ),
            whole_ms=statistics.median(a["milliseconds"] for a in asked),
            sql_ms=statistics.median(a["sql_milliseconds"] for a in asked),
            calls=len(model.requests) / times,
            request_bytes=sum(sizes) / times,
            largest_request=max(sizes, default=0),
            file_values=sum(value in sent for value in self.values),
        )

    @property
    def _workspace(self) -> Path:
        return self.scratch / "shop"


def _install(peer: Peer, environments: Path) -> str:
    """Make the peer's environment and give its Python."""
    folder = environments / peer.driver
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", *peer.packages],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return str(python)


def _values_of(file: Path) -> frozenset[str]:
    """Read what only the file's rows say: invoices, customers, descriptions of several words."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT DISTINCT unnest([InvoiceNo, trim(Description), CustomerID::VARCHAR]) "
            "FROM read_parquet(?)",
            [str(file)],
        ).fetchall()
    return frozenset(text for (text,) in rows if text and re.search(r"\w \w|\w\d{4}", text))


def _last_line(error: subprocess.CalledProcessError) -> str:
    lines = str(error.stderr or error.stdout or error).strip().splitlines()
    return f"not measured: {lines[-1] if lines else error}"[:300]


if __name__ == "__main__":
    raise SystemExit(main())
