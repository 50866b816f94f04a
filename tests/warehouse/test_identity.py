import re
from datetime import datetime

import duckdb
import numpy as np
import pytest

from warehouse.identity import link_accounts, name_persons, persons

EARLY, LATE = datetime(2025, 1, 1), datetime(2026, 1, 1)


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        yield connection


def linked(connection, accounts, identifiers):
    """Link accounts (type, id, name, time) by identifiers (type, id, kind, value)."""
    connection.execute(
        "CREATE TABLE account (account_type VARCHAR, account_id VARCHAR, name VARCHAR,"
        " created_at TIMESTAMP)"
    )
    connection.execute(
        "CREATE TABLE account_identifier (account_type VARCHAR, account_id VARCHAR,"
        " identifier_type VARCHAR, identifier VARCHAR)"
    )
    connection.executemany("INSERT INTO account VALUES (?, ?, ?, ?)", accounts)
    connection.executemany("INSERT INTO account_identifier VALUES (?, ?, ?, ?)", identifiers)
    findings = link_accounts(connection)
    rows = connection.execute("SELECT account_id, customer_id FROM linked_account").fetchall()
    return dict(rows), findings


def two(connection, kind, one, other):
    people, _ = linked(
        connection,
        [("crm", "A", None, EARLY), ("app", "B", None, LATE)],
        [("crm", "A", kind, one), ("app", "B", kind, other)],
    )
    return people["A"] == people["B"]


SAME = (
    ("phone", "13800138000", "+86 138-0013-8000"),
    ("phone", "13800138000", "8613800138000"),
    ("phone", "13800138000", "0086-13800138000"),
    ("phone", "13800138000", "１３８００１３８０００"),
    ("phone", "13800138000", " (138) 0013 8000 "),
    ("phone", "+6591234567", "+65 9123 4567"),
    ("email", "li.wei@ex.com", "Li.Wei@EX.com "),
    ("email", "li.wei@ex.com", "li.wei+shop@ex.com"),
    ("device_id", "ab12-cd34", "AB12-CD34"),
    ("wechat_openid", "oABCdef", " oABCdef"),
    ("member_no", "m001", "M001"),
)
DIFFERENT = (
    ("phone", "13800138000", "13800138001"),
    ("phone", "138****8000", "138****8000"),
    ("phone", "00000000000", "00000000000"),
    ("phone", "12345", "12345"),
    ("phone", "无", "无"),
    ("phone", "", ""),
    ("email", "li.wei@ex.com", "liwei@ex.com"),
    ("email", "unknown", "unknown"),
    ("email", "no at sign", "no at sign"),
    ("wechat_openid", "oABCdef", "oabcdef"),
    ("device_id", "unknown", "Unknown"),
)


@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_spellings_of_one_identifier_are_one(connection, kind, one, other):
    assert two(connection, kind, one, other)


@pytest.mark.parametrize(("kind", "one", "other"), DIFFERENT)
def test_what_identifies_nobody_links_nobody(connection, kind, one, other):
    assert not two(connection, kind, one, other)


def test_invalid_identifiers_are_reported(connection):
    _, findings = linked(
        connection,
        [("marketplace", "B1", None, EARLY), ("marketplace", "B2", None, EARLY)],
        [
            ("marketplace", "B1", "phone", "138****8000"),
            ("marketplace", "B2", "phone", "13800138000"),
        ],
    )

    assert [(f.check, f.column, f.count, f.examples) for f in findings] == [
        ("invalid_identifier", "phone", 1, ("B1",))
    ]


def test_accounts_link_through_others(connection):
    people, _ = linked(
        connection,
        [("crm", "A", None, EARLY), ("app", "B", None, LATE), ("member", "C", None, LATE)],
        [
            ("crm", "A", "phone", "13800138000"),
            ("app", "B", "phone", "13800138000"),
            ("app", "B", "wechat_openid", "oABC"),
            ("member", "C", "wechat_openid", "oABC"),
        ],
    )

    assert len(set(people.values())) == 1


def test_same_value_of_another_kind_links_nobody(connection):
    people, _ = linked(
        connection,
        [("crm", "A", None, EARLY), ("app", "B", None, LATE)],
        [("crm", "A", "member_no", "13800138000"), ("app", "B", "phone", "13800138000")],
    )

    assert people["A"] != people["B"]


@pytest.mark.parametrize(("accounts", "is_one_person"), [(6, True), (7, False)])
def test_identifier_of_many_accounts_links_nobody(connection, accounts, is_one_person):
    ids = [f"A{n}" for n in range(accounts)]
    people, findings = linked(
        connection,
        [("crm", i, None, EARLY) for i in ids],
        [("crm", i, "phone", "13800138000") for i in ids],
    )

    assert (len(set(people.values())) == 1) is is_one_person
    reported = [(f.check, f.column, f.examples) for f in findings]
    shared = ("shared_identifier", "phone", (f"one with {accounts} accounts",))
    assert reported == ([] if is_one_person else [shared])


NAMES = (
    ("李伟", "李 伟", True),
    ("李伟", None, True),
    ("李伟", "李先生", True),
    ("李伟", "微信用户", True),
    ("李伟", "Wei Li", True),
    ("Wei Li", "LI  Wei", True),
    ("李伟", "小可爱123", True),
    ("李伟", "王芳", False),
    ("Wei Li", "Fang Wang", False),
)


@pytest.mark.parametrize(("one", "other", "is_one_person"), NAMES)
def test_full_names_that_differ_are_two_persons(connection, one, other, is_one_person):
    people, findings = linked(
        connection,
        [("crm", "A", one, EARLY), ("member", "B", other, LATE)],
        [("crm", "A", "phone", "13800138000"), ("member", "B", "phone", "13800138000")],
    )

    assert (people["A"] == people["B"]) is is_one_person
    assert [f.check for f in findings] == ([] if is_one_person else ["identifier_of_several_names"])


def test_phone_of_a_couple_links_each_by_name(connection):
    names = (("A", "李伟"), ("B", "王芳"), ("C", "李 伟"), ("D", None))
    people, _ = linked(
        connection,
        [("crm", i, name, EARLY) for i, name in names],
        [("crm", i, "phone", "13800138000") for i, _ in names],
    )

    assert people["A"] == people["C"]
    assert len({people["A"], people["B"], people["D"]}) == 3


def test_nameless_accounts_go_by_the_names_they_are_linked_to(connection):
    # Three app accounts share a shop's phone; each belongs to a member with a name of its own.
    people, _ = linked(
        connection,
        [("app", f"U{n}", None, EARLY) for n in range(3)]
        + [("member", f"M{n}", name, EARLY) for n, name in enumerate(("李伟", "王芳", "陈静"))],
        [("app", f"U{n}", "phone", "13800138000") for n in range(3)]
        + [("app", f"U{n}", "wechat_openid", f"oPEN{n}") for n in range(3)]
        + [("member", f"M{n}", "wechat_openid", f"oPEN{n}") for n in range(3)],
    )

    assert len(set(people.values())) == 3
    assert people["U0"] == people["M0"]


def test_name_stays_when_new_accounts_join():
    identifiers = [("crm", "B", "phone", "13800138000"), ("app", "A", "phone", "13800138000")]
    with duckdb.connect() as before, duckdb.connect() as after:
        old, _ = linked(before, [("crm", "B", None, EARLY)], identifiers[:1])
        new, _ = linked(after, [("app", "A", None, LATE), ("crm", "B", None, EARLY)], identifiers)

    assert new["A"] == new["B"] == old["B"]


def test_names_do_not_depend_on_the_order_of_rows():
    accounts = [("crm", f"A{n}", None, EARLY) for n in range(50)]
    identifiers = [("crm", f"A{n}", "phone", f"138001380{n // 2:02d}") for n in range(50)]
    with duckdb.connect() as one, duckdb.connect() as other:
        forwards, _ = linked(one, accounts, identifiers)
        backwards, _ = linked(other, accounts[::-1], identifiers[::-1])

    assert forwards == backwards
    assert len(set(forwards.values())) == 25
    assert all(re.fullmatch(r"C\d{9}", name) for name in forwards.values())


def test_persons_are_the_connected_components():
    # 0-3-5 and 1-4 are chains; 2 stands alone.
    assert persons(6, np.array([0, 5, 4]), np.array([3, 3, 1])).tolist() == [0, 1, 2, 0, 1, 0]


def test_colliding_names_go_to_the_earlier_person():
    names = name_persons(np.array([7, 10**9 + 7, 8, 7]))

    assert names.tolist() == [7, 9, 8, 10]


def test_no_accounts_are_no_persons(connection):
    connection.execute(
        "CREATE TABLE account (account_type VARCHAR, account_id VARCHAR, name VARCHAR,"
        " created_at TIMESTAMP)"
    )
    connection.execute(
        "CREATE TABLE account_identifier (account_type VARCHAR, account_id VARCHAR,"
        " identifier_type VARCHAR, identifier VARCHAR)"
    )

    assert link_accounts(connection) == ()
    assert connection.execute("FROM linked_account").fetchall() == []


def test_long_chains_are_one_person(connection):
    size = 2_000
    connection.execute(
        f"CREATE TABLE account AS SELECT 'crm' AS account_type, 'A' || n AS account_id,"
        f" NULL::VARCHAR AS name, TIMESTAMP '2025-01-01' AS created_at FROM range({size}) t(n)"
    )
    connection.execute(
        "CREATE TABLE account_identifier AS SELECT account_type, account_id,"
        " 'phone' AS identifier_type, (13000000000 + substr(account_id, 2)::BIGINT + shift)"
        "::VARCHAR AS identifier FROM account, range(2) t(shift)"
    )

    link_accounts(connection)

    count = "SELECT count(DISTINCT customer_id) FROM linked_account"
    assert connection.execute(count).fetchall() == [(1,)]
