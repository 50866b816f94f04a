"""What identifies a person: identifiers in one spelling, and whom each may link.

An identifier that more than a handful of accounts share (a shop's phone, a demo device) says
nothing about a person and links nobody. One that goes by two full names (a couple's phone, a
number given to somebody new) links only accounts that go by the same one. An account that has no
name goes by the one of the accounts that it shares other identifiers with.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from warehouse.sources.findings import EXAMPLES, Check, Finding
from warehouse.sources.raw import literal

FULL_WIDTH = "０１２３４５６７８９＋－（）＠．　"
HALF_WIDTH = "0123456789+-()@. "
MEANINGLESS = (
    "('unknown', 'null', 'none', 'nan', 'n/a', 'na', 'test', 'undefined', '无', '未知', '匿名')"
)

# ASCII has no full-width characters, and folding costs more than all the rest.
_FOLDED = (
    "trim(CASE WHEN strlen(identifier) = length(identifier) THEN identifier"
    f" ELSE translate(identifier, {literal(FULL_WIDTH)}, {literal(HALF_WIDTH)}) END)"
)
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

# A full name: two to four Chinese characters, or two Latin words in any order. Titles (李女士) and
# what systems fill in (微信用户) are none, and names in two scripts never contradict each other.
_NO_NAME = "'先生|女士|小姐|太太|阿姨|老师|经理|用户|会员|客户|顾客|匿名|微信|测试|test'"
_CHINESE = r"regexp_replace(name, '[\s\x{3000}·.]', '', 'g')"
_LATIN = (
    r"array_to_string(list_sort(regexp_extract_all(lower(name), '[a-z\x{C0}-\x{24F}''-]+')), ' ')"
)
FULL_NAME = rf"""
    CASE WHEN regexp_matches(lower(name), {_NO_NAME}) THEN NULL
         WHEN regexp_full_match({_CHINESE}, '[\x{{4E00}}-\x{{9FFF}}]{{2,4}}') THEN {_CHINESE}
         WHEN regexp_full_match({_LATIN}, '.+ .+') THEN {_LATIN} END
"""


def read_identifiers(connection: DuckDBPyConnection) -> tuple[Finding, ...]:
    """Normalise ``account_identifier`` into ``person_identifier``; report what is none."""
    _normalise(connection)
    findings = _invalid(connection)
    connection.execute("DROP TABLE read_identifier")
    return findings


def count_uses(connection: DuckDBPyConnection, most_accounts: int) -> None:
    """Make ``identifier_use``, one row an identifier, and ``used_by``, its numbered accounts."""
    connection.execute(
        """
        CREATE TABLE identifier_use AS
        SELECT identifier_type, identifier, row_number() OVER () AS use, count(*) AS accounts,
               count(*) > ? AS is_shared, false AS has_names
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
        WHERE accounts > 1 AND NOT is_shared
        """
    )


def mark_names(connection: DuckDBPyConnection) -> None:
    """Mark the identifiers whose accounts go by two full names of one script."""
    connection.execute(
        r"""
        UPDATE identifier_use SET has_names = true
        WHERE use IN (
            SELECT use
            FROM used_by
            JOIN numbered_account USING (number)
            WHERE goes_by IS NOT NULL
            GROUP BY use, regexp_matches(goes_by, '[\x{4E00}-\x{9FFF}]')
            HAVING count(DISTINCT goes_by) > 1
        )
        """
    )


def report_uses(connection: DuckDBPyConnection) -> tuple[Finding, ...]:
    """Report the identifiers that link nobody, and those that link by name."""
    kinds: tuple[tuple[Check, str], ...] = (
        ("shared_identifier", "is_shared"),
        ("identifier_of_several_names", "has_names AND NOT is_shared"),
    )
    uses = connection.table("identifier_use")
    return tuple(
        Finding(
            source="accounts",
            check=check,
            column=kind,
            count=count,
            examples=tuple(f"one with {n} accounts" for n in sizes[:EXAMPLES]),
        )
        for check, condition in kinds
        for kind, count, sizes in uses.filter(condition)
        .aggregate(
            "identifier_type, count(*), list(accounts ORDER BY accounts DESC)", "identifier_type"
        )
        .order("1")
        .fetchall()
    )


def _normalise(connection: DuckDBPyConnection) -> None:
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


def _invalid(connection: DuckDBPyConnection) -> tuple[Finding, ...]:
    doubted = connection.table("read_identifier").filter("is_valid IS NOT TRUE")
    groups = doubted.aggregate(
        "account_type, identifier_type, count(*) AS n, list(account_id ORDER BY account_id)",
        "account_type, identifier_type",
    )
    return tuple(
        Finding(
            source=f"{account_type} accounts",
            check="invalid_identifier",
            column=kind,
            count=count,
            action="emptied",
            examples=tuple(ids[:EXAMPLES]),
        )
        for account_type, kind, count, ids in groups.order("1, 2").fetchall()
    )
