"""References between sources: ids that point nowhere are counted, their rows stay."""

from __future__ import annotations

from duckdb import DuckDBPyConnection, DuckDBPyRelation

from warehouse.sources.declaration import SourceDeclarations
from warehouse.sources.findings import EXAMPLES, Check, Finding
from warehouse.sources.raw import identifier
from warehouse.sources.repeated import source_table


def unknown_references(
    connection: DuckDBPyConnection, declarations: SourceDeclarations
) -> tuple[Finding, ...]:
    """Report values of referring columns that the other source does not have."""
    findings: list[Finding] = []
    for source, declaration in declarations.sources.items():
        for column, declared in declaration.columns.items():
            if declared.references is None:
                continue
            target, key = declared.references.split(".")
            rows = connection.table(source_table(source)).filter(
                f"{identifier(column)} IS NOT NULL"
            )
            known = connection.table(source_table(target)).project(f"{identifier(key)} AS key")
            lost = rows.set_alias("a").join(
                known.set_alias("b"), f"a.{identifier(column)} = b.key", how="anti"
            )
            findings += _findings(lost, source, column, "unknown_reference")
    return tuple(findings)


def unknown_accounts(
    connection: DuckDBPyConnection, declarations: SourceDeclarations
) -> tuple[Finding, ...]:
    """Report rows of accounts that no account source has; they belong to no customer."""
    findings: list[Finding] = []
    for source, declaration in declarations.sources.items():
        if declaration.account is None:
            continue
        kind, number = map(identifier, declaration.account)
        rows = connection.table(source_table(source)).filter(f"{number} IS NOT NULL")
        lost = rows.set_alias("a").join(
            connection.table("account").set_alias("b"),
            f"a.{kind} = b.account_type AND a.{number} = b.account_id",
            how="anti",
        )
        findings += _findings(lost, source, declaration.account[1], "unknown_account")
    return tuple(findings)


def _findings(lost: DuckDBPyRelation, source: str, column: str, check: Check) -> list[Finding]:
    name = identifier(column)
    count, examples = lost.aggregate(
        f"count(*), list_sort(list(DISTINCT {name}))[1:{EXAMPLES}]"
    ).fetchall()[0]
    if not count:
        return []
    return [
        Finding(
            source=source,
            check=check,
            column=column,
            count=int(count),
            examples=tuple(str(value) for value in examples),
        )
    ]
