"""The tables that the SQL of the ``own`` marts starts from, made of whatever files a brand brings.

At most one file (or folder of files) each holds transactions, customers and products; any number
holds other records, which become marts as they are. Contact columns go to the vault.
"""

from __future__ import annotations

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from warehouse.errors import WorkspaceFileError
from warehouse.mapping import Kind
from warehouse.sources.cleaning import empty_source
from warehouse.sources.declaration import ColumnDeclaration, SourceDeclaration
from warehouse.sources.own import load_kinds
from warehouse.sources.raw import identifier
from warehouse.sources.repeated import source_table
from warehouse.workspace_file import SourceFile

ROW = "row_id"
SINGLE: tuple[Kind, ...] = ("transactions", "customers", "products")
MADE_OF_SALES = ("order_lines", "orders")


def refuse_second(file: str, sources: Mapping[str, SourceFile]) -> None:
    """Refuse two sources of a kind of which there can be one.

    Raises
    ------
    WorkspaceFileError
        Names both.
    """
    for kind in SINGLE:
        names = [name for name, source in sources.items() if source.kind == kind]
        if len(names) > 1:
            raise WorkspaceFileError(
                file=file,
                detail=f"{names[0]!r} and {names[1]!r} are both of kind {kind!r}.",
                next="Put files of the same columns into one folder and name it as the 'file' of "
                "one source, or declare the other as 'records'.",
            )


def make_tables(
    connection: DuckDBPyConnection,
    sources: Mapping[str, SourceFile],
    declared: Mapping[str, SourceDeclaration],
) -> None:
    """Make ``own_transactions``, ``own_customers``, ``own_products``, ``own_rule`` and records."""
    named = {source.kind: name for name, source in sources.items() if source.kind in SINGLE}
    for kind in SINGLE:
        name = named.get(kind)
        if name is None:
            roles = load_kinds()[kind].roles
            columns = {role: ColumnDeclaration(type=each.type) for role, each in roles.items()}
            name = f"no {kind}"
            empty_source(connection, name, SourceDeclaration(columns=columns))
            _number_rows(connection, f"own_{kind}", name, ())
        else:
            _number_rows(connection, f"own_{kind}", name, _contacts(declared[name]))
    for name, source in sources.items():
        if source.kind not in SINGLE:
            _number_rows(connection, f"marts.{identifier(name)}", name, _contacts(declared[name]))
    _make_rule(connection, named.get("transactions"), sources)


def drop_unused(connection: DuckDBPyConnection, sources: Mapping[str, SourceFile]) -> None:
    """Drop the marts of kinds that the brand has no file of: no empty table is ever asked."""
    kinds = {source.kind for source in sources.values()}
    mapped = {name for source in sources.values() for name in source.mapped}
    unused = [] if "transactions" in kinds else [*MADE_OF_SALES]
    unused += [] if "customer_id" in mapped else ["customers"]
    unused += [] if "product_id" in mapped else ["products"]
    for name in unused:
        connection.execute(f"DROP TABLE marts.{name}")


def _contacts(declaration: SourceDeclaration) -> tuple[str, ...]:
    return tuple(name for name, column in declaration.columns.items() if column.contact)


def _number_rows(
    connection: DuckDBPyConnection, table: str, source: str, contacts: tuple[str, ...]
) -> None:
    """Copy a source with the number of each row; contact columns to the vault, the rest here."""
    rows = connection.table(source_table(source))
    number = f"row_number() OVER () AS {ROW}"
    if not contacts:
        rows.project(f"{number}, *").create(table)
        return
    listed = ", ".join(map(identifier, contacts))
    rows.project(f"{number}, * EXCLUDE ({listed})").create(table)
    rows.project(f"{number}, {listed}").create(f"vault.{identifier(source)}")


def _make_rule(
    connection: DuckDBPyConnection, name: str | None, sources: Mapping[str, SourceFile]
) -> None:
    """Make the one row that tells which lines were cancelled and which are no products."""
    sales = sources[name] if name else None
    cancelled = sales.cancelled if sales else None
    mapped = sales.mapped if sales else {}
    lines = connection.table("own_transactions")
    different = lines.project(f"* EXCLUDE ({ROW})").distinct().count("*").fetchall()[0][0]
    connection.execute(
        "CREATE TABLE own_rule AS SELECT ?::VARCHAR AS source, ?::VARCHAR AS cancelled_prefix,"
        " ?::VARCHAR[] AS cancelled_status, ?::BOOLEAN AS negative_cancelled,"
        " ?::BOOLEAN AS taken_off, ?::VARCHAR[] AS not_products, ?::BOOLEAN AS has_amount,"
        " ?::BOOLEAN AS has_customers, ?::BIGINT AS repeated_rows",
        [
            name,
            cancelled.order_prefix if cancelled else None,
            [text.lower() for text in cancelled.status] or None if cancelled else None,
            cancelled.negative if cancelled else False,
            cancelled.taken_off if cancelled else True,
            list(sales.not_products) if sales else [],
            "amount" in mapped,
            "customer_id" in mapped,
            lines.count("*").fetchall()[0][0] - different,
        ],
    )
