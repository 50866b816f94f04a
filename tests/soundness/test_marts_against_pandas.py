"""The marts of the demo brand against pandas and plain Python, straight from the files.

Nothing here reads the build's own code: identifiers, dates and amounts are read anew, and the
truth that the demo was made from says who is one person and what dirt was planted.
"""

import json
import re
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

import duckdb
import pandas as pd
import pytest

AFTER = pd.Timestamp("2026-11-01")
ENCODINGS = {"crm_customers": "gbk", "members": "utf-8-sig"}
ACCOUNTS = (
    ("crm", "crm_customers", "crm_id"),
    ("member", "members", "member_no"),
    ("app", "app_users", "user_id"),
    ("marketplace", "marketplace_buyers", "buyer_id"),
)
IDENTIFIERS = ("phone", "email", "device_id", "wechat_openid")


class Files:
    """The demo's files as pandas reads them: text, first row of each key, no test accounts."""

    def __init__(self, workspace):
        self.folder = workspace

    def read(self, name):
        path = self.folder / "data" / f"{name}.csv"
        encoding = ENCODINGS.get(name, "utf-8")
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding=encoding)

    @cached_property
    def accounts(self):
        """(type, id) -> its row, of every account file."""
        return {
            (kind, row[key]): row
            for kind, file, key in ACCOUNTS
            for row in self.read(file).drop_duplicates(key).to_dict("records")
        }

    @cached_property
    def tests(self):
        """Persons with an account that is called test, by the build's own persons."""
        return {
            key
            for key, row in self.accounts.items()
            if re.match(r"(测试|test\b|test\d)", row.get("name", "").strip().lower())
        }

    @cached_property
    def orders(self):
        orders = self.read("orders").drop_duplicates("order_id")
        for column in ("ordered_at", "delivered_at"):
            orders[column] = pd.to_datetime(orders[column].replace("", None))
        orders = orders[orders.ordered_at < AFTER]
        return orders.set_index(pd.Index(orders.order_id, name="key"))

    @cached_property
    def rates(self):
        rates = self.read("exchange_rates")
        return {(r.month[:7], r.currency): Decimal(r.rate_to_cny) for r in rates.itertuples()}

    @cached_property
    def lines(self):
        """Lines of all orders, with what was paid in minor units of the reporting currency."""
        lines = self.read("order_lines")
        lines = lines[lines.order_id.isin(self.orders.index)].copy()
        order = self.orders.loc[lines.order_id]
        lines["status"] = order.status.to_numpy()
        lines["account"] = list(zip(order.account_type, order.account_id, strict=True))
        months = order.ordered_at.dt.strftime("%Y-%m")
        keys = list(zip(months, order.currency, strict=True))
        lines["paid"] = [
            self.convert(paid, key) for paid, key in zip(lines.paid_amount, keys, strict=True)
        ]
        return lines

    def convert(self, amount, key):
        rate = Decimal(1) if key[1] == "CNY" else self.rates.get(key)
        if rate is None:
            return None
        return int((Decimal(amount) * 100 * rate).quantize(Decimal(1), ROUND_HALF_UP))

    @cached_property
    def dirt(self):
        return json.loads((self.folder / "truth" / "dirt.json").read_text("utf-8"))

    @cached_property
    def persons(self):
        truth = pd.read_csv(self.folder / "truth" / "people.csv", dtype=str)
        pairs = zip(truth.account_type, truth.account_id, strict=True)
        return dict(zip(pairs, truth.person_id, strict=True))


@pytest.fixture(scope="module")
def files(demo_folder):
    return Files(demo_folder)


@pytest.fixture(scope="module")
def marts(demo_folder):
    path = demo_folder / "var" / "current" / "marts.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def customer_of(demo_folder):
    """(type, id) -> customer, as the build decided."""
    path = demo_folder / "var" / "current" / "vault.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute("SELECT account_type, account_id, customer_id FROM accounts")
        return {(kind, number): customer for kind, number, customer in rows.fetchall()}


@pytest.fixture(scope="module")
def findings(demo_folder):
    manifest = json.loads((demo_folder / "var" / "current" / "manifest.json").read_text("utf-8"))
    counts = Counter()
    for finding in manifest["findings"]:
        counts[finding["source"], finding["check"]] += finding["count"]
    return counts


@pytest.fixture(scope="module")
def left_out(files, customer_of):
    """Accounts that are in the files and no customer's: those of test persons."""
    return set(files.accounts) - set(customer_of)


def plain(identifier, text):
    """Normalise an identifier by hand; None for what is none."""
    text = text.strip().translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    if identifier == "email":
        found = re.fullmatch(r"([^@+\s]+)(\+[^@]*)?(@[^@\s]+\.[^@\s]+)", text.lower())
        return found.group(1) + found.group(3) if found else None
    if identifier != "phone":
        return text.lower() if identifier == "device_id" else text or None
    if re.search(r"[^\d+ ().-]", text) or len(text) < 7:
        return None
    digits = re.sub(r"[^\d+]", "", text)
    mobile = re.fullmatch(r"(?:\+|00)?86(1\d{10})", digits)
    return mobile.group(1) if mobile else digits


def components(links):
    """Union of what is linked: node -> representative."""
    parent = {}

    def find(node):
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for one, other in links:
        parent[find(one)] = find(other)
    return {node: find(node) for node in list(parent)}


def pairs(groups):
    return sum(n * (n - 1) // 2 for n in Counter(groups).values())


def test_one_id_finds_nearly_all_that_identifiers_tell(files, customer_of):
    accounts = [a for a in files.accounts if a in customer_of]
    person = [files.persons[a] for a in accounts]
    customer = [customer_of[a] for a in accounts]
    # Identifiers can link no more than the accounts of one person that share one.
    told = components(
        [
            (account, (files.persons[account], kind, value))
            for account in accounts
            for kind in IDENTIFIERS
            if (value := plain(kind, files.accounts[account].get(kind, "")))
        ]
    )
    linkable = pairs([(files.persons[a], told.get(a, a)) for a in accounts])

    right = pairs(list(zip(person, customer, strict=True)))

    assert right / pairs(customer) >= 0.995
    assert right / linkable >= 0.97


def test_customers_are_the_persons_of_the_accounts(files, marts, customer_of):
    (count,) = marts.execute("SELECT count(*) FROM customers").fetchall()[0]

    assert count == len(set(customer_of.values()))
    added = marts.execute("SELECT sum(account_count) FROM customers").fetchall()[0][0]
    assert added == len(customer_of)


def test_only_test_persons_are_no_customers(files, left_out):
    truth = pd.read_csv(files.folder / "truth" / "persons.csv", dtype=str)
    of_tests = set(truth.person_id[truth.is_test == "true"])

    assert files.tests <= left_out
    assert {files.persons[account] for account in left_out} <= of_tests


def test_orders_are_those_of_the_file(files, marts, left_out):
    wanted = {
        row.order_id
        for row in files.orders.itertuples()
        if (row.account_type, row.account_id) not in left_out
    }

    assert {i for (i,) in marts.execute("SELECT order_id FROM orders").fetchall()} == wanted


def test_orders_belong_to_the_customer_of_their_account(files, marts, customer_of):
    rows = marts.execute("SELECT order_id, customer_id FROM orders").fetchall()

    accounts = zip(files.orders.account_type, files.orders.account_id, strict=True)
    of_order = dict(zip(files.orders.order_id, accounts, strict=True))
    assert [(o, c) for o, c in rows if customer_of.get(of_order[o]) != c] == []


def test_revenue_is_exact_to_the_minor_unit(files, marts, left_out):
    kept = files.lines[[a not in left_out for a in files.lines.account]]
    by_order = kept.dropna(subset="paid").groupby("order_id").paid.sum().astype(int).to_dict()

    rows = marts.execute(
        "SELECT order_id, sum(paid_amount) FROM order_lines GROUP BY order_id"
        " HAVING count(*) = count(paid_amount)"
    ).fetchall()

    assert {order: int(paid) for order, paid in rows} == by_order
    valid = int(kept[kept.status != "cancelled"].paid.dropna().sum())
    revenue = "SELECT sum(paid_amount) FROM order_lines WHERE is_valid"
    assert marts.execute(revenue).fetchall() == [(valid,)]


def test_amounts_of_an_order_add_up(marts):
    assert marts.execute(
        "SELECT count(*) FROM orders AS o JOIN (SELECT order_id, sum(paid_amount) AS paid,"
        " sum(list_amount) AS goods, sum(discount_amount) AS discount, sum(refund_amount) AS refund"
        " FROM order_lines GROUP BY order_id) USING (order_id)"
        " WHERE o.paid_amount <> paid + shipping_fee OR goods_amount <> goods"
        " OR discount_amount <> discount OR refund_amount <> refund"
        " OR (status <> 'cancelled' AND goods - discount <> paid)"
    ).fetchall() == [(0,)]


def test_yuan_orders_keep_their_own_amounts(files, marts):
    rows = marts.execute(
        "SELECT order_id, goods_amount, discount_amount, shipping_fee, paid_amount, refund_amount"
        " FROM orders WHERE currency = 'CNY'"
    ).fetchall()

    columns = ("goods_amount", "discount_amount", "shipping_fee", "paid_amount", "refund_amount")
    cells = {
        row.order_id: tuple(int(Decimal(getattr(row, column)) * 100) for column in columns)
        for row in files.orders.itertuples()
    }
    assert [row for row in rows if row[1:] != cells[row[0]]] == []


def test_missing_rates_leave_amounts_empty(files, marts, left_out, findings):
    lost = {
        row.order_id
        for row in files.orders.itertuples()
        if row.currency != "CNY"
        and (row.ordered_at.strftime("%Y-%m"), row.currency) not in files.rates
        and (row.account_type, row.account_id) not in left_out
    }

    rows = marts.execute("SELECT order_id FROM orders WHERE paid_amount IS NULL").fetchall()

    assert {order for (order,) in rows} == lost
    assert findings["orders", "missing_rate"] == len(lost)


def test_orders_are_numbered_in_order(files, marts, customer_of):
    numbered = defaultdict(list)
    for row in files.orders.sort_values(["ordered_at", "order_id"]).itertuples():
        customer = customer_of.get((row.account_type, row.account_id))
        if customer and row.status != "cancelled":
            numbered[customer].append((row.order_id, row.ordered_at.date()))
    wanted = {
        order: (
            n + 1,
            (day - rows[n - 1][1]).days if n else None,
            (rows[n + 1][1] - day).days if n + 1 < len(rows) else None,
        )
        for rows in numbered.values()
        for n, (order, day) in enumerate(rows)
    }

    rows = marts.execute(
        "SELECT order_id, order_number, days_since_previous, days_to_next FROM orders"
        " WHERE order_number IS NOT NULL"
    ).fetchall()

    assert {row[0]: row[1:] for row in rows} == wanted


def test_delivery_days_are_calendar_days(files, marts, left_out):
    orders = files.orders[files.orders.delivered_at < AFTER]
    kept = [a not in left_out for a in zip(orders.account_type, orders.account_id, strict=True)]
    orders = orders[kept]
    days = (orders.delivered_at.dt.normalize() - orders.ordered_at.dt.normalize()).dt.days

    rows = marts.execute(
        "SELECT order_id, delivery_days FROM orders WHERE delivery_days IS NOT NULL"
    ).fetchall()

    assert dict(rows) == days.to_dict()


def test_customers_add_up_their_orders(files, marts, customer_of):
    lines = files.lines[files.lines.status != "cancelled"]
    revenue = Counter()
    for account, paid in zip(lines.account, lines.paid, strict=True):
        if account in customer_of and paid == paid and paid is not None:
            revenue[customer_of[account]] += int(paid)

    rows = marts.execute("SELECT customer_id, lifetime_revenue FROM customers").fetchall()

    assert {c: n for c, n in rows if n} == {c: n for c, n in revenue.items() if n}


def test_sessions_are_the_groups_of_events(files, marts, left_out):
    with duckdb.connect() as connection:
        events = connection.execute(f"FROM '{files.folder}/data/events/*.parquet'").df()
    events = events.drop_duplicates("event_id")
    events = events[events.event_at < AFTER]
    accounts = zip(events.account_type, events.account_id, strict=True)
    events = events[[a not in left_out for a in accounts]]
    kinds = ("login", "product_view", "search", "add_to_cart", "checkout", "purchase")
    for kind in kinds:
        events[kind] = events.event_type == kind
    wanted = events.groupby("session_id").agg(
        begin=("event_at", "min"), events=("event_id", "size"), **{k: (k, "any") for k in kinds}
    )

    rows = marts.execute(
        "SELECT session_id, session_at, event_count, has_login, has_product_view, has_search,"
        " has_cart, has_checkout, has_purchase FROM sessions"
    ).fetchall()

    got = {row[0]: row[1:] for row in rows}
    assert got == {row.Index: (row.begin.to_pydatetime(), *row[2:]) for row in wanted.itertuples()}


def test_signed_in_sessions_belong_to_the_customer_of_the_account(files, marts, customer_of):
    with duckdb.connect() as connection:
        signed_in = connection.execute(
            "SELECT DISTINCT session_id, account_type, account_id"
            f" FROM '{files.folder}/data/events/*.parquet' WHERE account_id <> ''"
        ).fetchall()
    of_session = dict(marts.execute("SELECT session_id, customer_id FROM sessions").fetchall())

    wrong = [
        session
        for session, kind, number in signed_in
        if (kind, number) in customer_of and of_session[session] != customer_of[kind, number]
    ]
    assert wrong == []


PLANTED = (
    ("crm_customers", "duplicate_key", "duplicated_row"),
    ("members", "duplicate_key", "duplicated_row"),
    ("app_users", "duplicate_key", "duplicated_row"),
    ("marketplace_buyers", "duplicate_key", "duplicated_row"),
    ("orders", "duplicate_key", "duplicated_row"),
    ("reviews", "duplicate_key", "duplicated_row"),
    ("orders", "unknown_account", "unknown_account_id"),
    ("events", "future_time", "timestamp_in_the_future"),
)


@pytest.mark.parametrize(("source", "check", "kind"), PLANTED)
def test_planted_dirt_is_found_to_the_row(files, findings, source, check, kind):
    planted = files.dirt.get(source, {}).get(kind, 0)

    assert findings[source, check] == planted


@pytest.mark.parametrize(
    ("source", "column"), [("crm_customers", "birth_date"), ("members", "birthday")]
)
def test_impossible_birthdays_are_found_to_the_row(files, findings, source, column):
    born = files.read(source)[column].str.strip()
    years = born.str.extract(r"^(\d{4})")[0].dropna().astype(int)

    assert findings[source, "out_of_range"] == (years < 1910).sum()


def test_phones_of_shops_link_nobody(files, customer_of):
    phones = Counter(plain("phone", row.get("phone", "")) for row in files.accounts.values())
    often = {p for p, n in phones.items() if p and n > 6}

    accounts = [a for a, r in files.accounts.items() if plain("phone", r["phone"]) in often]
    wrong = pairs([customer_of[a] for a in accounts if a in customer_of]) - pairs(
        [(customer_of[a], files.persons[a]) for a in accounts if a in customer_of]
    )
    assert wrong == 0


def test_no_text_of_the_marts_reaches_a_person(files, marts):
    texts = [t for (t,) in marts.execute("SELECT text FROM feedback").fetchall()]
    phones = {plain("phone", row.get("phone", "")) for row in files.accounts.values()} - {None}

    assert [t for t in texts if re.search(r"[0-9]{9,}|@[a-z]", t)] == []
    assert [t for t in texts if any(p in t for p in re.findall(r"\d{7,}", t) if p in phones)] == []
