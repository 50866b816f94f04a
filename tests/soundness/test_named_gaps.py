"""An amount without an exchange rate is never summed over in silence."""

from pathlib import Path

import duckdb
import pytest

from agent.analyst import open_analyst
from agent.settings import Settings


@pytest.fixture
def without_rates(demo_folder: Path) -> int:
    marts = demo_folder / "var" / "current" / "marts.duckdb"
    with duckdb.connect(str(marts), read_only=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM order_lines WHERE is_valid AND paid_amount IS NULL "
            "AND ordered_at >= '2025-08-01' AND ordered_at < '2025-09-01'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_rows_without_a_rate_are_counted_in_the_answer(
    demo_folder: Path, without_rates: int
) -> None:
    if not without_rates:
        pytest.skip("no order of this demo lacks its rate")
    with open_analyst(demo_folder, Settings(workspace=demo_folder)) as analyst:
        answer = analyst.ask("revenue in August 2025")

    expected = f"{without_rates} rows have no exchange rate for their amount and are left out."
    assert expected in answer.caveats


def test_no_gap_is_claimed_where_there_is_none(demo_folder: Path) -> None:
    with open_analyst(demo_folder, Settings(workspace=demo_folder)) as analyst:
        answer = analyst.ask("revenue last month")

    assert not [caveat for caveat in answer.caveats if "exchange rate" in caveat]
