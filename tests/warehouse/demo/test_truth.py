"""The truth beside the data is true, and covers all of it."""

import json
import re
from pathlib import Path

import duckdb
import pytest

PHONES = ("crm_customers", "members", "app_users", "marketplace_buyers")


@pytest.fixture(scope="session")
def dirt(truth: Path) -> dict[str, dict[str, int]]:
    loaded: dict[str, dict[str, int]] = json.loads((truth / "dirt.json").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="session")
def effects(truth: Path) -> dict:
    return json.loads((truth / "effects.json").read_text("utf-8"))


def _count(sql: duckdb.DuckDBPyConnection, table: str, condition: str) -> int:
    return int(sql.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchall()[0][0])


def test_every_account_belongs_to_one_person(sql: duckdb.DuckDBPyConnection):
    apart = sql.execute(
        "SELECT count(*) FILTER (p.account_id IS NULL), count(*) FILTER (a.account_id IS NULL) "
        "FROM accounts a FULL JOIN truth_people p USING (account_type, account_id)"
    ).fetchone()
    twice = sql.execute(
        "SELECT account_id FROM truth_people GROUP BY account_type, account_id HAVING count(*) > 1"
    ).fetchall()

    assert apart == (0, 0)
    assert twice == []


def test_people_are_the_persons_asked_for(sql: duckdb.DuckDBPyConnection):
    assert _count(sql, "truth_persons", "true") == 800
    assert (
        _count(sql, "truth_people", "person_id NOT IN (SELECT person_id FROM truth_persons)") == 0
    )


def test_one_person_is_found_by_phone_in_many_sources(sql: duckdb.DuckDBPyConnection):
    linked = sql.execute(
        "SELECT count(DISTINCT t.person_id) FROM members m JOIN app_users u ON m.phone = u.phone "
        "JOIN truth_people t ON t.account_id = m.member_no "
        "JOIN truth_people s ON s.account_id = u.user_id AND s.person_id = t.person_id"
    ).fetchall()[0][0]

    assert linked > 150


def test_orders_are_of_known_accounts_but_for_the_dirt(
    sql: duckdb.DuckDBPyConnection, dirt: dict[str, dict[str, int]]
):
    unknown = _count(
        sql,
        "orders",
        "account_id IS NOT NULL AND account_id NOT IN (SELECT account_id FROM accounts)",
    )

    assert unknown == dirt["orders"].get("unknown_account_id", 0)
    assert _count(sql, "orders", "(account_id IS NULL) <> (account_type IS NULL)") == 0


@pytest.mark.parametrize("file", PHONES)
@pytest.mark.parametrize(
    ("kind", "condition"),
    [
        ("phone_missing", "phone IS NULL"),
        ("phone_country_code", "phone LIKE '+86 %'"),
        ("phone_country_code_glued", "regexp_full_match(phone, '861\\d{10}')"),
        ("phone_double_zero", "phone LIKE '0086-%'"),
        ("phone_spaced", "regexp_full_match(phone, '\\d{3} \\d{4} \\d{4}')"),
        ("phone_dashed", "regexp_full_match(phone, '\\d{3}-\\d{4}-\\d{4}')"),
        ("phone_full_width", "regexp_full_match(phone, '[\uff10-\uff19]{11}')"),
        ("phone_trailing_space", "phone LIKE '% '"),
        ("phone_masked", "phone LIKE '%****%'"),
        ("phone_of_a_shop", "regexp_full_match(phone, '1430001000[123]')"),
    ],
)
def test_phone_dirt_is_counted(
    sql: duckdb.DuckDBPyConnection,
    dirt: dict[str, dict[str, int]],
    file: str,
    kind: str,
    condition: str,
):
    assert _count(sql, file, condition) == dirt[file].get(kind, 0)


@pytest.mark.parametrize(
    ("file", "kind", "condition"),
    [
        ("crm_customers", "email_missing", "email IS NULL"),
        ("crm_customers", "email_upper_case", "email = upper(email)"),
        ("crm_customers", "email_alias", "email LIKE '%+shop@%'"),
        ("crm_customers", "email_trailing_space", "email LIKE '% '"),
        ("members", "email_typo", "email LIKE '%.exmaple%'"),
        ("crm_customers", "birth_missing", "birth_date IS NULL"),
        ("crm_customers", "birth_1900", "birth_date = '1900-01-01'"),
        ("members", "birth_age_199", "birthday LIKE '1827%'"),
        ("members", "birth_slashes", "birthday LIKE '%/%'"),
        ("crm_customers", "birth_compact", "regexp_full_match(birth_date, '\\d{8}')"),
        ("crm_customers", "gender_missing", "gender IS NULL"),
        ("crm_customers", "gender_unknown", "gender = '未知'"),
        ("crm_customers", "gender_latin", "gender IN ('M', 'F', 'm', 'f')"),
        ("crm_customers", "acquisition_channel_missing", "acquisition_channel IS NULL"),
        ("members", "city_suffix", "city LIKE '%市'"),
        ("members", "city_missing", "city IS NULL"),
        ("members", "name_missing", "name IS NULL"),
        ("members", "wechat_openid_missing", "wechat_openid IS NULL"),
        ("app_users", "device_id_missing", "device_id IS NULL"),
        ("members", "test_account", "regexp_matches(lower(name), '^(测试|test)')"),
        ("events", "timestamp_in_the_future", "event_at >= '2026-11-01'"),
    ],
)
def test_other_dirt_is_counted(
    sql: duckdb.DuckDBPyConnection,
    dirt: dict[str, dict[str, int]],
    file: str,
    kind: str,
    condition: str,
):
    assert _count(sql, file, condition) == dirt[file].get(kind, 0)


@pytest.mark.parametrize(
    "file", ["members", "app_users", "marketplace_buyers", "orders", "reviews"]
)
def test_repeated_rows_are_counted(
    sql: duckdb.DuckDBPyConnection, data: Path, dirt: dict[str, dict[str, int]], file: str
):
    rows = _count(sql, f"read_csv('{data}/{file}.csv', all_varchar = true)", "true")

    assert rows - _count(sql, file, "true") == dirt[file].get("duplicated_row", 0)


def test_one_exchange_rate_is_missing(sql: duckdb.DuckDBPyConnection, effects: dict):
    missing = sql.execute(
        "SELECT month, currency FROM (SELECT DISTINCT month FROM exchange_rates), "
        "(SELECT DISTINCT currency FROM exchange_rates) "
        "EXCEPT SELECT month, currency FROM exchange_rates"
    ).fetchall()

    assert missing == [(effects["missing_rate"]["month"], effects["missing_rate"]["currency"])]
    assert missing[0][1] == "SGD"


def test_quotes_stand_in_their_reviews(sql: duckdb.DuckDBPyConnection):
    strays = sql.execute(
        "SELECT quote, text FROM truth_reviews LEFT JOIN reviews USING (review_id) "
        "WHERE text IS NULL OR position(quote IN text) = 0"
    ).fetchall()

    assert strays == []


def test_odd_texts_are_counted(sql: duckdb.DuckDBPyConnection, dirt: dict[str, dict[str, int]]):
    texts = [row[0] for row in sql.execute("SELECT text FROM reviews").fetchall()]
    contact = re.compile(r"\d{7,}|\d{4}-\d{4}|\+852 9|@")
    found = sum(1 for text in texts if contact.search(text))
    counted = dirt["reviews"]

    assert counted["contact_in_text"] <= found
    assert found <= counted["contact_in_text"] + counted.get("injection_in_text", 0)


def test_campaign_truth_agrees_with_the_touches(sql: duckdb.DuckDBPyConnection, effects: dict):
    sent = dict(
        sql.execute(
            "SELECT campaign_id, count(*) FILTER (assigned = 'treatment') FROM campaign_touches "
            "GROUP BY 1"
        ).fetchall()
    )

    for campaign in effects["campaigns"]:
        treated = sum(group["treated"] for group in campaign["groups"])
        assert treated == sent[campaign["campaign_id"]]
        for group in campaign["groups"]:
            if group["effect"] == 0.0:
                assert group["realised_effect"] in (0.0, None)


def test_campaigns_have_winners_duds_and_a_harmful_one(effects: dict):
    strongest = [max(g["effect"] for g in c["groups"]) for c in effects["campaigns"]]
    weakest = [min(g["effect"] for g in c["groups"]) for c in effects["campaigns"]]

    assert sum(e > 0 for e in strongest) > 10
    assert strongest.count(0.0) >= 3
    assert sum(e < 0 for e in weakest) == 1
    assert sum(len(c["groups"]) > 1 for c in effects["campaigns"]) > 8


def test_generator_file_is_enough_to_continue(truth: Path):
    generator = json.loads((truth / "generator.json").read_text("utf-8"))

    assert generator["seed"] == 7
    assert generator["customers"] == 800
    assert generator["as_of"] == "2026-10-31"
    assert generator["scenario"]["slow"]["region"] == "southwest"
