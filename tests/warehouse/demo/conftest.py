"""A small demo, made once, and its files as an outsider reads them."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from warehouse.demo import DemoReport, generate_demo

CUSTOMERS = 800


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoReport:
    return generate_demo(tmp_path_factory.mktemp("demo"), customers=CUSTOMERS, seed=7)


@pytest.fixture(scope="session")
def data(demo: DemoReport) -> Path:
    return demo.folder / "data"


@pytest.fixture(scope="session")
def truth(demo: DemoReport) -> Path:
    return demo.folder / "truth"


@pytest.fixture(scope="session")
def sql(data: Path, truth: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """All files as tables of text, rows that were exported twice taken once."""
    connection = duckdb.connect()
    utf8 = data.parent / "crm_customers.utf8.csv"
    utf8.write_text((data / "crm_customers.csv").read_text("gbk"), "utf-8")
    files = {p.stem: p for p in data.glob("*.csv")} | {"crm_customers": utf8}
    files |= {f"truth_{p.stem}": p for p in truth.glob("*.csv")}
    for name, path in files.items():
        connection.execute(
            f"CREATE TABLE {name} AS SELECT DISTINCT * FROM read_csv('{path}', all_varchar = true)"
        )
    connection.execute(f"CREATE TABLE tickets AS FROM read_json('{data}/tickets.jsonl')")
    connection.execute(
        f"CREATE TABLE events AS SELECT DISTINCT * FROM read_parquet('{data}/events/*.parquet')"
    )
    connection.execute(
        "CREATE TABLE accounts AS "
        "SELECT 'crm' AS account_type, crm_id AS account_id FROM crm_customers "
        "UNION SELECT 'member', member_no FROM members "
        "UNION SELECT 'app', user_id FROM app_users "
        "UNION SELECT 'marketplace', buyer_id FROM marketplace_buyers"
    )
    yield connection
    connection.close()
