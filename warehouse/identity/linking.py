"""Persons: connected components of accounts, and the names they keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from warehouse.identity.identifiers import (
    FULL_NAME,
    count_uses,
    mark_names,
    read_identifiers,
    report_uses,
)
from warehouse.sources.findings import Finding
from warehouse.sources.raw import count_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

MOST_ACCOUNTS = 6
NAMES = 10**9


def link_accounts(
    connection: DuckDBPyConnection, most_accounts: int = MOST_ACCOUNTS
) -> tuple[Finding, ...]:
    """Find the person behind every account.

    Reads ``account (account_type, account_id, name, created_at)`` and ``account_identifier
    (account_type, account_id, identifier_type, identifier)``; makes ``linked_account
    (account_type, account_id, customer_id)``, ``person_identifier`` with the normalised
    identifiers, and ``shared_identifier`` with those that do not tell one person.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Of the build.
    most_accounts : int
        An identifier that more accounts share links nobody.

    Returns
    -------
    tuple of Finding
        Identifiers that are none, that too many share, and that go by several names.
    """
    invalid = read_identifiers(connection)
    _number_accounts(connection)
    count_uses(connection, most_accounts)
    mark_names(connection)
    _pass_names_on(connection, _linked(connection, "accounts = 2 AND NOT has_names"))
    mark_names(connection)
    _store_persons(connection, _linked(connection, "true"))
    shared = report_uses(connection)
    connection.execute(
        """
        CREATE TABLE shared_identifier AS
        SELECT identifier_type, identifier FROM identifier_use WHERE is_shared OR has_names;
        DROP TABLE numbered_account;
        DROP TABLE identifier_use;
        DROP TABLE used_by;
        """
    )
    return (*invalid, *shared)


def persons(accounts: int, left: Numbers, right: Numbers) -> Numbers:
    """Give each account the number of the first account of its person.

    Parameters
    ----------
    accounts : int
        How many there are; they are numbered from 0, earliest first.
    left, right : arrays of int, one entry a link
        Numbers of two accounts that share an identifier.
    """
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    links = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(accounts, accounts))
    _, component = connected_components(links, directed=False)
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    numbers: Numbers = first[inverse].astype(np.int64)
    return numbers


def name_persons(hashes: Numbers) -> Numbers:
    """Give each person a number below ``NAMES`` of its own, the earlier one first.

    Parameters
    ----------
    hashes : array of int
        One entry a person, earliest first.
    """
    import numpy as np

    names: Numbers = (hashes % NAMES).astype(np.int64)
    _, first = np.unique(names, return_index=True)
    taken = set(names[first].tolist()) if len(first) < len(names) else set()
    for late in np.setdiff1d(np.arange(len(names)), first):
        name = int(names[late])
        while name in taken:
            name = (name + 1) % NAMES
        taken.add(name)
        names[late] = name
    return names


def _number_accounts(connection: DuckDBPyConnection) -> None:
    connection.table("account").project(
        f"account_type, account_id, {FULL_NAME} AS goes_by, row_number() OVER"
        " (ORDER BY created_at NULLS LAST, account_type, account_id) - 1 AS number"
    ).create("numbered_account")


def _pass_names_on(connection: DuckDBPyConnection, person: Numbers) -> None:
    """Let accounts without a name go by the only name of the accounts they are linked to."""
    connection.register("pair", {"person": person, "number": _numbers(person)})
    connection.execute(
        """
        UPDATE numbered_account SET goes_by = named.goes_by
        FROM pair, (
            SELECT person, min(goes_by) AS goes_by
            FROM numbered_account
            JOIN pair USING (number)
            WHERE goes_by IS NOT NULL
            GROUP BY person
            HAVING count(DISTINCT goes_by) = 1
        ) AS named
        WHERE numbered_account.goes_by IS NULL
            AND numbered_account.number = pair.number AND pair.person = named.person
        """
    )
    connection.unregister("pair")


def _linked(connection: DuckDBPyConnection, condition: str) -> Numbers:
    """Give each account the first account of its person, by the identifiers of a condition."""
    import numpy as np

    connection.table("identifier_use").filter(condition).create("linking")
    rows = connection.execute(
        """
        SELECT number AS one_account,
               min(number) OVER (PARTITION BY use, CASE WHEN has_names THEN goes_by END)
                   AS first_account
        FROM used_by
        JOIN linking USING (use)
        JOIN numbered_account USING (number)
        WHERE NOT has_names OR goes_by IS NOT NULL
        """
    ).fetchnumpy()
    connection.execute("DROP TABLE linking")
    one, first = (np.asarray(rows[name], dtype=np.int64) for name in rows)
    return persons(count_rows(connection, "numbered_account"), one, first)


def _numbers(values: Numbers) -> Numbers:
    import numpy as np

    return np.arange(len(values), dtype=np.int64)


def _store_persons(connection: DuckDBPyConnection, person: Numbers) -> None:
    """Make ``linked_account``: the customer id of every account."""
    import numpy as np

    connection.register("person_number", {"number": _numbers(person), "person": person})
    connection.execute(
        """
        CREATE TEMP TABLE first_account AS
        SELECT number,
               CAST('0x' || left(md5(account_type || ':' || account_id), 15) AS BIGINT) AS hash
        FROM numbered_account
        JOIN person_number USING (number)
        WHERE number = person
        ORDER BY number
        """
    )
    first = connection.execute("FROM first_account ORDER BY number").fetchnumpy()
    names = name_persons(np.asarray(first["hash"], dtype=np.int64))
    connection.register("person_name", {"person": first["number"], "name": names})
    connection.execute(
        """
        CREATE TABLE linked_account AS
        SELECT account_type, account_id, 'C' || lpad(CAST(name AS VARCHAR), 9, '0') AS customer_id
        FROM numbered_account
        JOIN person_number USING (number)
        JOIN person_name USING (person)
        ORDER BY number
        """
    )
    connection.unregister("person_number")
    connection.unregister("person_name")
    connection.execute("DROP TABLE first_account")
