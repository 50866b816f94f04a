"""One ID: which accounts are one person, by exact identifiers.

Two accounts that share a normalised phone, e-mail, device, WeChat open id or member number are one
person, and so are accounts linked through others (connected components). An identifier that many
accounts share (a shop's phone, a demo device), or that goes by several names, says nothing about a
person: it links nobody, and is reported.

Customer ids are stable. A person is named after one account, the earliest by registration (ties
and missing times: by type and id): ``C`` and nine digits from the MD5 of that account's key. The
same data gives the same ids in any build, and new accounts that join a person come later, so that
the name stays. When two known persons turn out to be one, the older name stays. Where two names
collide, the person that is earlier keeps it and the other takes the next free number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from warehouse.sources.findings import EXAMPLES, Finding
from warehouse.sources.raw import count_rows, literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

MOST_ACCOUNTS = 6
MOST_NAMES = 2
NAMES = 10**9
FULL_WIDTH = "０１２３４５６７８９＋－（）＠．　"
HALF_WIDTH = "0123456789+-()@. "
MEANINGLESS = (
    "('unknown', 'null', 'none', 'nan', 'n/a', 'na', 'test', 'undefined', '无', '未知', '匿名')"
)

_FOLDED = f"trim(translate(identifier, {literal(FULL_WIDTH)}, {literal(HALF_WIDTH)}))"
_DIGITS = f"regexp_replace({_FOLDED}, '[ ().-]', '', 'g')"
# +86, 0086 and 86 before a mobile number are how people write the country; +65… stays.
_PHONE = f"regexp_replace({_DIGITS}, '^(?:[+]|00)?86(1[3-9][0-9]{{9}})$', '\\1')"
_EMAIL = f"regexp_replace(lower(replace({_FOLDED}, ' ', '')), '[+][^@]*@', '@')"

# What each kind looks like once normalised, and when it is one: a line a kind.
IDENTIFIER_TYPES: tuple[tuple[str, str, str], ...] = (
    ("phone", _PHONE, "regexp_full_match(value, '[+]?[0-9]{7,15}')"),
    ("email", _EMAIL, "regexp_full_match(value, '[^@\\s]+@[^@\\s]+[.][^@\\s]+')"),
    ("device_id", f"lower({_FOLDED})", "length(value) >= 4"),
    ("wechat_openid", _FOLDED, "length(value) >= 4"),
    ("member_no", f"upper({_FOLDED})", "length(value) >= 2"),
)


def link_accounts(
    connection: DuckDBPyConnection,
    most_accounts: int = MOST_ACCOUNTS,
    most_names: int = MOST_NAMES,
) -> tuple[Finding, ...]:
    """Find the person behind every account.

    Reads ``account (account_type, account_id, name, created_at)`` and ``account_identifier
    (account_type, account_id, identifier_type, identifier)``; makes ``linked_account
    (account_type, account_id, customer_id)``, ``person_identifier`` with the normalised
    identifiers, and ``shared_identifier`` with those that link nobody.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Of the build.
    most_accounts : int
        An identifier that more accounts share links nobody.
    most_names : int
        Nor does one whose accounts go by more names; a couple may share a phone.

    Returns
    -------
    tuple of Finding
        Identifiers that are none, and identifiers that too many share.
    """
    _number_accounts(connection)
    _normalise_identifiers(connection)
    _set_apart_shared(connection, most_accounts, most_names)
    _store_persons(connection, _linked(connection, "accounts > 1 AND NOT is_shared"))
    findings = (*_invalid(connection), *_shared(connection))
    connection.execute(
        """
        CREATE TABLE shared_identifier AS
        SELECT identifier_type, identifier FROM identifier_use WHERE is_shared;
        DROP TABLE numbered_account;
        DROP TABLE read_identifier;
        DROP TABLE identifier_use;
        DROP TABLE used_by;
        """
    )
    return findings


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
    connection.execute(
        r"""
        CREATE TABLE numbered_account AS
        SELECT account_type, account_id,
               nullif(lower(regexp_replace(name, '[\s\x{3000}·.]', '', 'g')), '') AS goes_by,
               row_number() OVER (ORDER BY created_at NULLS LAST, account_type, account_id) - 1
                   AS number
        FROM account
        """
    )


def _normalise_identifiers(connection: DuckDBPyConnection) -> None:
    """Make ``read_identifier``: every identifier as it came, normalised, and whether it is one."""
    forms = " ".join(f"WHEN {literal(kind)} THEN {form}" for kind, form, _ in IDENTIFIER_TYPES)
    looks = " ".join(f"WHEN {literal(kind)} THEN {look}" for kind, _, look in IDENTIFIER_TYPES)
    same_character = "replace(value, left(value, 1), '') = ''"
    connection.table("account_identifier").filter("identifier IS NOT NULL").project(
        f"*, CASE identifier_type {forms} END AS value"
    ).project(
        f"* EXCLUDE (identifier), (CASE identifier_type {looks} ELSE false END)"
        f" AND NOT {same_character} AND lower(value) NOT IN {MEANINGLESS} AS is_valid"
    ).create("read_identifier")
    connection.table("read_identifier").filter("is_valid").project(
        "account_type, account_id, identifier_type, value AS identifier"
    ).distinct().create("person_identifier")


def _invalid(connection: DuckDBPyConnection) -> list[Finding]:
    doubted = connection.table("read_identifier").filter("is_valid IS NOT TRUE")
    groups = doubted.aggregate(
        "account_type, identifier_type, count(*) AS n, list(account_id ORDER BY account_id)",
        "account_type, identifier_type",
    )
    return [
        Finding(
            source=f"{account_type} accounts",
            check="invalid_identifier",
            column=kind,
            count=count,
            action="emptied",
            examples=tuple(ids[:EXAMPLES]),
        )
        for account_type, kind, count, ids in groups.order("1, 2").fetchall()
    ]


def _set_apart_shared(connection: DuckDBPyConnection, most_accounts: int, most_names: int) -> None:
    """Make ``identifier_use``: every identifier, its accounts, and whether too many share it."""
    connection.execute(
        """
        CREATE TABLE identifier_use AS
        SELECT identifier_type, identifier, row_number() OVER () AS use, count(*) AS accounts,
               count(*) > ? AS is_shared
        FROM person_identifier
        GROUP BY identifier_type, identifier
        """,
        [most_accounts],
    )
    connection.execute(
        """
        CREATE TABLE used_by AS
        SELECT use, number
        FROM person_identifier
        JOIN identifier_use USING (identifier_type, identifier)
        JOIN numbered_account USING (account_type, account_id)
        WHERE accounts > 1
        """
    )
    _mark_many_names(connection, most_names)


def _mark_many_names(connection: DuckDBPyConnection, most_names: int) -> None:
    """Set apart identifiers that go by several names.

    An account without a name goes by the names of the accounts that it is linked to by
    identifiers of two accounts only, so that a shop's phone in nameless accounts shows as well.
    """
    person = _linked(connection, "accounts = 2")
    connection.register("pair", {"person": person, "number": _numbers(person)})
    connection.execute(
        """
        CREATE TEMP TABLE many_names AS
        SELECT use
        FROM (
            SELECT DISTINCT use, person
            FROM used_by
            JOIN identifier_use USING (use)
            JOIN pair USING (number)
            WHERE accounts > 2 AND NOT is_shared
        ) AS used
        JOIN (
            SELECT DISTINCT person, goes_by
            FROM numbered_account
            JOIN pair USING (number)
            WHERE goes_by IS NOT NULL
        ) AS named USING (person)
        GROUP BY use
        HAVING count(DISTINCT goes_by) > ?
        """,
        [most_names],
    )
    connection.unregister("pair")
    connection.execute(
        """
        UPDATE identifier_use SET is_shared = true
        WHERE use IN (FROM many_names);
        DROP TABLE many_names;
        """
    )


def _shared(connection: DuckDBPyConnection) -> list[Finding]:
    groups = connection.execute(
        """
        SELECT identifier_type, count(*), list(accounts ORDER BY accounts DESC)
        FROM identifier_use
        WHERE is_shared
        GROUP BY identifier_type
        ORDER BY identifier_type
        """
    ).fetchall()
    return [
        Finding(
            source="accounts",
            check="shared_identifier",
            column=kind,
            count=count,
            examples=tuple(f"one with {n} accounts" for n in sizes[:EXAMPLES]),
        )
        for kind, count, sizes in groups
    ]


def _linked(connection: DuckDBPyConnection, condition: str) -> Numbers:
    """Give each account the first account of its person, by the identifiers of a condition."""
    import numpy as np

    connection.table("identifier_use").filter(condition).create("linking")
    rows = connection.execute(
        """
        SELECT number AS one_account, min(number) OVER (PARTITION BY use) AS first_account
        FROM used_by
        JOIN linking USING (use)
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
