"""A brand small enough to compute by hand: three people, seven orders, every kind of dirt once.

李伟 is C1, M1 and U1: by phone in two spellings, and by open id. 王芳 is C2 and B2, by phone. B1
stands alone, because its phone is masked. M9 and U9 are one test account. The files lie here as
UTF-8; the workspace gets them in the encodings and formats that its workspace.yml declares.
"""

import shutil
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
ENCODINGS = {"crm_customers.csv": "gbk", "members.csv": "utf-8-sig"}


def write_tiny_brand(workspace: Path) -> Path:
    """Write the brand's workspace file and all its data; give the workspace back."""
    data = workspace / "data"
    (data / "events").mkdir(parents=True)
    shutil.copy(HERE / "workspace.yml", workspace)
    for file in (HERE / "data").iterdir():
        if file.name != "events.csv":
            text = file.read_text("utf-8")
            (data / file.name).write_text(text, ENCODINGS.get(file.name, "utf-8"))
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (FROM read_csv('{HERE}/data/events.csv', types = {{'event_at': 'TIMESTAMP'}}))"
            f" TO '{data}/events/2026-10.parquet'"
        )
    return workspace


def read_marts(workspace: Path, query: str) -> list[tuple[object, ...]]:
    """Query the published marts."""
    marts = workspace / "var" / "current" / "marts.duckdb"
    with duckdb.connect(str(marts), read_only=True) as connection:
        return connection.execute(query).fetchall()
