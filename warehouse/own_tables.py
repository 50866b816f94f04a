"""The tables that the SQL of the ``own`` marts starts from, made of whatever files a brand brings.

At most one file (or folder of files) each holds transactions, customers and products; any number
holds other records, which become marts as they are. Contact columns go to the vault.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from duckdb import DuckDBPyConnection

from warehouse.errors import WorkspaceFileError
from warehouse.mapping import Kind
from warehouse.sources.cleaning import empty_source
from warehouse.sources.declaration import ColumnDeclaration, SourceDeclaration
from warehouse.sources.own import load_kinds
from warehouse.sources.raw import identifier
from warehouse.sources.repeated import source_table
from warehouse.workspace_file import SourceFile

ROW, CUSTOMER = "row_id", "customer_id"
SINGLE: tuple[Kind, ...] = ("transactions", "customers", "products")
MADE_OF_SALES = ("order_lines", "orders")
OWN_TABLES = (*MADE_OF_SALES, "customers", "products", "build_info")


def refuse_clashes(file: str, sources: Mapping[str, SourceFile]) -> None:
    """Refuse two sources of a kind of which there can be one, and records named like a mart.

    Raises
    ------
    WorkspaceFileError
        Names them.
    """
    for name, source in sources.items():
        if source.kind not in SINGLE and name in OWN_TABLES:
            raise WorkspaceFileError(
                file=file,
                detail=f"{name!r} is a table that is made of other files; a file of kind "
                f"{source.kind!r} cannot have its name.",
                next=f"Take another name, such as '{name}_file', or declare its kind.",
            )
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
    text = resources.files("warehouse.marts") / "retail" / "25_text.sql"
    connection.execute(text.read_text("utf-8"))
    named = {source.kind: name for name, source in sources.items() if source.kind in SINGLE}
    _number_customers(connection, {name: declared[name] for name in named.values()})
    for kind in SINGLE:
        name = named.get(kind)
        if name is None:
            roles = load_kinds()[kind].roles
            columns = {role: ColumnDeclaration(type=each.type) for role, each in roles.items()}
            name = f"no {kind}"
            empty_source(connection, name, SourceDeclaration(columns=columns))
            _number_rows(connection, f"own_{kind}", name, SourceDeclaration(columns={}))
        else:
            _number_rows(connection, f"own_{kind}", name, declared[name])
    for name, source in sources.items():
        if source.kind not in SINGLE:
            _number_rows(connection, f"marts.{identifier(name)}", name, declared[name])
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


def _number_customers(
    connection: DuckDBPyConnection, declared: Mapping[str, SourceDeclaration]
) -> None:
    """Give customers whose id reaches them a number; the vault alone knows whose it is."""
    connection.execute("CREATE TABLE own_person (identifier VARCHAR, customer_id VARCHAR)")
    reaching = [name for name, source in declared.items() if CUSTOMER in _contacts(source)]
    for name in reaching:
        ids = connection.table(source_table(name)).project(f"{CUSTOMER} AS identifier")
        new = (
            ids.filter("identifier IS NOT NULL")
            .distinct()
            .join(connection.table("own_person").project("identifier"), "identifier", how="anti")
        )
        known = connection.table("own_person").count("*").fetchall()[0][0]
        number = f"row_number() OVER (ORDER BY hash(identifier), identifier) + {known}"
        new.project(f"identifier, 'customer ' || ({number}) AS customer_id").insert_into(
            "own_person"
        )
    if reaching:
        connection.table("own_person").create("vault.own_person")


def _contacts(declaration: SourceDeclaration) -> tuple[str, ...]:
    return tuple(name for name, column in declaration.columns.items() if column.contact)


def _number_rows(
    connection: DuckDBPyConnection, table: str, source: str, declaration: SourceDeclaration
) -> None:
    """Copy a source with the number of each row; contact columns to the vault, the rest here."""
    rows = connection.table(source_table(source)).project(f"row_number() OVER () AS {ROW}, *")
    contacts = _contacts(declaration)
    cells = []
    for name in connection.table(source_table(source)).columns:
        quoted, column = identifier(name), declaration.columns.get(name)
        if name == CUSTOMER and name in contacts:
            cells.append(f"person.customer_id AS {CUSTOMER}")
        elif column is not None and column.masked:
            cells.append(f"masked(line.{quoted}) AS {quoted}")
        elif name not in contacts:
            cells.append(f"line.{quoted}")
    if CUSTOMER in contacts:
        people = connection.table("own_person").set_alias("person")
        named = rows.set_alias("line").join(
            people, f"line.{CUSTOMER} = person.identifier", how="left"
        )
    else:
        named = rows.set_alias("line")
    named.project(", ".join([f"line.{ROW}", *cells])).order(ROW).create(table)
    if contacts:
        listed = ", ".join(map(identifier, contacts))
        rows.project(f"{ROW}, {listed}").create(f"vault.{identifier(source)}")


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
