"""The process that runs queries on one build of the marts, one at a time, and does nothing else.

``warehouse.engine`` starts it as a script with an empty environment and kills it when a query
outlives its time. It imports only the standard library and duckdb, so that it starts in about
0.15 s, and can neither read another file, write one, nor change a setting:

1. the connection is read-only, without external access, extensions, replacement scans or a
   temporary folder, and its configuration is locked last;
2. exactly one SELECT statement is accepted, in a cursor of its own that is closed afterwards, so
   that nothing of a query (temporary views, variables) is left for the next;
3. the operating system limits its address space and lets it write no file and no core dump.

Frames on the socket that is its standard input are a four-byte length and JSON. In comes one
``open`` order, then ``query`` orders; each is answered by one frame, of a result or an ``error``
with its kind: ``timeout``, ``too_large``, ``store`` or ``refused``. When the socket closes, the
process ends at once, even amid a query.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import threading
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from queue import SimpleQueue
from typing import Any, TypedDict

import duckdb

MAX_REPLY = 64 * 2**20

Reply = dict[str, object]
Rows = list[tuple[object, ...]]


class OpenOrder(TypedDict):
    """Which file to open, and what a query may use."""

    store: str
    threads: int
    megabytes: int
    seconds: float


class QueryOrder(TypedDict):
    """A query; ``dates`` and ``times`` are the places of values that were written as ISO text."""

    sql: str
    values: list[str | int | float | bool | None]
    dates: list[int]
    times: list[int]
    limit: int


def main() -> None:
    """Serve the socket on standard input until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program that started us
    link = _private_link()
    orders: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(link, orders), daemon=True).start()
    order = orders.get()
    try:
        connection = connect(order)
        _send(link, describe(connection))
    except (duckdb.Error, AttributeError, LookupError) as error:  # build_info has no row or day
        _send(link, _error("store", error))
        return
    limit_process(order["megabytes"])
    while True:
        _send(link, answer(connection, orders.get()))


def connect(order: OpenOrder) -> duckdb.DuckDBPyConnection:
    """Open the store so that a query can do nothing but read it."""
    connection = duckdb.connect(
        order["store"],
        read_only=True,
        config={
            "allow_community_extensions": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "enable_external_access": "false",
            "max_execution_time": str(int(order["seconds"] * 1000)),
            "max_temp_directory_size": "0GB",
            "memory_limit": f"{order['megabytes']}MB",
            "python_enable_replacements": "false",
            "temp_directory": "",
            "threads": str(order["threads"]),
        },
    )
    time_zone = connection.execute("SELECT time_zone FROM build_info").fetchall()[0]
    connection.execute("SET GLOBAL TimeZone = ?", time_zone)
    connection.execute("SET GLOBAL lock_configuration = true")
    return connection


def describe(connection: duckdb.DuckDBPyConnection) -> Reply:
    """Tell what the build is: its ``build_info``, the columns and the row count of each table."""
    as_of, first_day, build_id = connection.execute(
        "SELECT as_of, first_day, build_id FROM build_info"
    ).fetchall()[0]
    columns = connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE schema_name = 'main' AND NOT internal ORDER BY table_name, column_index"
    ).fetchall()
    counts = connection.execute(
        "SELECT table_name, estimated_size FROM duckdb_tables() WHERE schema_name = 'main'"
    ).fetchall()
    return {
        "as_of": as_of.isoformat(),
        "first_day": first_day.isoformat(),
        "build_id": str(build_id),
        "columns": columns,
        "counts": dict(counts),
    }


def limit_process(megabytes: int) -> None:
    """Limit the address space to twice the query memory on top of what is mapped now.

    DuckDB's own limit does not cover every allocation: ``repeat('x', 2e9)`` took 3.9 GB under a
    limit of 256 MB. Twice leaves room for what fragments and for the reply.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            mapped = int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:  # no such file outside Linux, where the limit would not be kept either
        return
    allowed = mapped + 2 * megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))


def answer(connection: duckdb.DuckDBPyConnection, order: QueryOrder) -> Reply:
    """Run one query and return its rows, or why there are none."""
    cursor = connection.cursor()
    try:
        return _query(cursor, order)
    except duckdb.InterruptException as error:
        return _error("timeout", error)
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        return _error("too_large", error)
    except duckdb.Error as error:
        return _error("store" if _is_of_store(error) else "refused", error)
    except (OverflowError, RuntimeError, TypeError, ValueError) as error:  # from binding values
        return _error("refused", error)
    finally:
        cursor.close()


def _query(cursor: duckdb.DuckDBPyConnection, order: QueryOrder) -> Reply:
    statements = cursor.extract_statements(order["sql"])
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        return {"error": "refused", "detail": "Only one SELECT statement is run at a time."}
    values: list[object] = list(order["values"])
    for index in order["dates"]:
        values[index] = date.fromisoformat(str(values[index]))
    for index in order["times"]:
        values[index] = datetime.fromisoformat(str(values[index]))
    cursor.execute(statements[0], values)
    types = [str(column[1]) for column in cursor.description or ()]
    rows = cursor.fetchmany(order["limit"] + 1)
    truncated = len(rows) > order["limit"]
    return {
        "types": types,
        "rows": plain(rows[: order["limit"]], types),
        "truncated": truncated,
    }


def plain(rows: Rows, types: list[str]) -> Rows:
    """Turn cells into what JSON can carry; what is not a finite number or day becomes None."""
    columns = [_CONVERTERS.get(name.partition("(")[0], _text) for name in types]
    if all(convert is None for convert in columns):
        return rows
    return [
        tuple(
            cell if convert is None or cell is None else convert(cell)
            for cell, convert in zip(row, columns, strict=True)
        )
        for row in rows
    ]


def _finite(cell: float) -> float | None:
    return cell if math.isfinite(cell) else None


def _number(cell: Decimal) -> int | float:
    return int(cell) if cell == cell.to_integral_value() else float(cell)


def _iso(cell: object) -> str | None:
    return cell.isoformat() if isinstance(cell, date) else None  # text: a year beyond 9999


def _text(cell: object) -> str:
    return str(cell)


_CONVERTERS: dict[str, Callable[[Any], Any] | None] = {
    **dict.fromkeys(("VARCHAR", "BOOLEAN", "BIGINT", "INTEGER", "SMALLINT", "TINYINT"), None),
    **dict.fromkeys(("UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT", "HUGEINT", "UHUGEINT"), None),
    **dict.fromkeys(("DOUBLE", "FLOAT"), _finite),
    **dict.fromkeys(("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS"), _iso),
    **dict.fromkeys(("TIMESTAMP_S", "TIMESTAMP_MS"), _iso),
    "DECIMAL": _number,
}


def _is_of_store(error: duckdb.Error) -> bool:
    # A failed checksum is raised as the plain base class by duckdb 2.0.
    kinds = (
        duckdb.FatalException,
        duckdb.InternalException,
        duckdb.IOException,
        duckdb.SerializationException,
    )
    return type(error) is duckdb.Error or isinstance(error, kinds)


def _error(kind: str, error: Exception) -> Reply:
    return {"error": kind, "detail": str(error).partition("\n")[0][:300]}


def _private_link() -> int:
    """Move the socket away from standard input, which a query must never reach."""
    link = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    return link


def _listen(link: int, orders: SimpleQueue[Any]) -> None:
    # Reading goes on while a query runs: a closed socket must end the process at once. It is not
    # always an end of file, but an error when the last answer was not read on the other side.
    try:
        while True:
            length = int.from_bytes(_read(link, 4), "big")
            orders.put(json.loads(_read(link, length)))
    finally:
        os._exit(0)


def _read(link: int, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = os.read(link, length - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _send(link: int, reply: Reply) -> None:
    try:
        body = json.dumps(reply, separators=(",", ":"), allow_nan=False).encode()
    except MemoryError:
        body = b""
    if not 0 < len(body) <= MAX_REPLY:
        body = b'{"error":"too_large","detail":"The rows fill more than the largest reply."}'
    view = memoryview(len(body).to_bytes(4, "big") + body)
    while view:
        view = view[os.write(link, view) :]


if __name__ == "__main__":
    main()
