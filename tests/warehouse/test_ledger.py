"""The ledger on real files: people, conversations, audit; crashes, damage, a full disk."""

import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydantic import ValidationError

from warehouse import ledger as ledger_module
from warehouse import ledger_store, passwords
from warehouse.audit_chain import AuditHead
from warehouse.errors import LedgerError, UnknownName
from warehouse.ledger import Ledger, SignInDelayed

ROOT = Path(ledger_module.__file__).parents[1]
ANSWER = {"kind": "answer", "text": "复购率 23.4%", "evidence": [{"id": "E1", "rows": [1, None]}]}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.time = datetime(2026, 11, 1, 9, 0, tzinfo=timezone(timedelta(hours=8)))

    def __call__(self):
        return self.time

    def move(self, **by):
        self.time += timedelta(**by)


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch):
    monkeypatch.setattr(passwords, "COST", 2**4)
    monkeypatch.setattr(ledger_module, "NOBODY", passwords.hash_password("nobody at all"))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path, clock):
    with Ledger(path, clock) as ledger:
        yield ledger


@pytest.fixture
def mei(ledger):
    return ledger.add_user("mei", "梅", ("marketer",), "correct horse", by="admin")


def raw(path, *statements):
    """Change the file behind the ledger's back."""
    with sqlite3.connect(path) as connection:
        rows = [connection.execute(statement).fetchall() for statement in statements]
    connection.close()
    return rows[-1]


def record(ledger, thread, user="mei", question="上个月的复购率?", **more):
    return ledger.record_turn(
        user_id=user, thread_id=thread, question=question, language="zh",
        answer=ANSWER, planner="embedded", milliseconds=12.5, **more,
    )  # fmt: skip


# People


def test_added_users_are_listed_by_id(ledger, clock, mei):
    ledger.add_user("bo", "Bo", ("analyst", "lead"), "another one", language="en")

    bo, listed = ledger.users()

    assert listed == mei
    assert (bo.id, bo.name, bo.roles, bo.language, bo.disabled) == (
        "bo",
        "Bo",
        ("analyst", "lead"),
        "en",
        False,
    )
    assert bo.created_at == clock.time


@pytest.mark.parametrize(
    ("user", "password", "expected_error"),
    [
        ("mei", "correct horse", "There is a user 'mei' already. "
         "Choose another id, or set that user's password."),
        ("", "correct horse", "A user's id must have 1 to 64 printable characters. Got ''. "
         "Choose another id."),
        (" x", "correct horse", "A user's id must have 1 to 64 printable characters. Got ' x'. "
         "Choose another id."),
        ("a\nb", "correct horse", "A user's id must have 1 to 64 printable characters. "
         "Got 'a\\nb'. Choose another id."),
        ("bo", "1234567", "A password must have at least 8 characters. Got 7. "
         "Choose a longer one."),
    ],
)  # fmt: skip
def test_unacceptable_user_is_refused(ledger, mei, user, password, expected_error):
    with pytest.raises(LedgerError) as caught:
        ledger.add_user(user, "Name", ("marketer",), password)

    assert str(caught.value) == expected_error
    assert ledger.users() == (mei,)


def test_unknown_role_is_refused(ledger):
    with pytest.raises(ValidationError, match="'marketer', 'analyst', 'lead' or 'admin'"):
        ledger.add_user("bo", "Bo", ("emperor",), "correct horse")


@pytest.mark.parametrize("call", ["set_password", "disable_user"])
def test_change_of_an_unknown_user_names_the_nearest(ledger, mei, call):
    arguments = ("mai", "correct horse") if call == "set_password" else ("mai",)

    with pytest.raises(UnknownName, match=r"^Unknown user 'mai'\. Nearest: 'mei'\.$"):
        getattr(ledger, call)(*arguments)


def test_password_is_kept_salted_and_slow(ledger, mei, path):
    ledger.add_user("bo", "Bo", ("marketer",), "correct horse")

    (first,), (second,) = raw(path, "SELECT password_hash FROM users")

    assert first != second
    assert b"correct horse" not in path.read_bytes()
    kind, cost, block, lanes, salt, digest = first.split("$")
    assert (kind, block, lanes) == ("scrypt", "8", "5")
    expected = hashlib.scrypt(
        b"correct horse", salt=passwords._bytes(salt), n=int(cost), r=8, p=5, dklen=32
    )
    assert passwords._bytes(digest) == expected


def test_password_cost_is_what_guessing_must_cost():
    kind, cost, block, lanes, *_ = passwords.NOBODY.split("$")

    assert (kind, int(cost), int(block), int(lanes)) == ("scrypt", 2**14, 8, 5)
    assert not passwords.matches("", passwords.NOBODY)


def test_password_of_any_keyboard_is_the_same():
    stored = passwords.hash_password("ｐａｓｓword é")

    assert passwords.matches("password e\u0301", stored)


# Sessions


def test_session_is_found_by_its_token(ledger, clock, mei):
    token = ledger.sign_in("mei", "correct horse")

    session = ledger.session(token)

    assert (session.user_id, session.name, session.roles, session.language) == (
        "mei",
        "梅",
        ("marketer",),
        "zh",
    )
    assert session.expires_at == clock.time + timedelta(hours=12)


@pytest.mark.parametrize(
    ("user", "password"),
    [("mei", "wrong horse"), ("nobody", "correct horse"), ("", ""), ("梅\ud800", "x" * 10_000)],
)
def test_wrong_name_or_password_opens_no_session(ledger, mei, user, password):
    assert ledger.sign_in(user, password) is None


def test_token_is_not_stored(ledger, mei, path):
    token = ledger.sign_in("mei", "correct horse")
    ledger.close()

    assert len(token) >= 43
    assert token.encode() not in path.read_bytes()


@pytest.mark.parametrize("token", ["", "guess", "\ud800", "x" * 100_000])
def test_unknown_token_finds_nobody(ledger, mei, token):
    assert ledger.session(token) is None
    ledger.sign_out(token)


def test_session_ends_with_its_time(ledger, clock, mei):
    token = ledger.sign_in("mei", "correct horse")

    clock.move(hours=11, minutes=59)
    assert ledger.session(token) is not None
    clock.move(minutes=1)
    assert ledger.session(token) is None


def test_sign_out_ends_only_that_session(ledger, mei):
    first, second = (ledger.sign_in("mei", "correct horse") for _ in range(2))

    ledger.sign_out(first)

    assert ledger.session(first) is None
    assert ledger.session(second) is not None


def test_new_password_ends_all_sessions(ledger, mei):
    token = ledger.sign_in("mei", "correct horse")

    ledger.set_password("mei", "another horse")

    assert ledger.session(token) is None
    assert ledger.sign_in("mei", "correct horse") is None
    assert ledger.sign_in("mei", "another horse") is not None


def test_disabled_user_is_out_at_once(ledger, mei):
    token = ledger.sign_in("mei", "correct horse")

    ledger.disable_user("mei")

    assert ledger.session(token) is None
    assert ledger.sign_in("mei", "correct horse") is None
    assert ledger.users()[0].disabled


# Guessing


def guess(ledger, user="mei"):
    try:
        return ledger.sign_in(user, "wrong horse")
    except SignInDelayed as error:
        return error.params["seconds"]


@pytest.mark.parametrize("user", ["mei", "nobody"])
def test_sixth_wrong_password_in_a_row_has_to_wait(ledger, mei, user):
    assert [guess(ledger, user) for _ in range(7)] == [None] * 5 + [1, 1]

    with pytest.raises(SignInDelayed) as caught:
        ledger.sign_in(user, "correct horse")
    assert str(caught.value) == f"Too many wrong passwords for {user!r}. Try again in 1 s."


def test_wait_doubles_up_to_five_minutes(ledger, clock, mei):
    for _ in range(5):
        guess(ledger)

    waits = []
    for _ in range(12):
        waits.append(guess(ledger))
        clock.move(seconds=waits[-1])
        assert guess(ledger) is None

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_right_password_after_the_wait_forgets_the_wrong_ones(ledger, clock, mei):
    for _ in range(5):
        guess(ledger)
    clock.move(seconds=1)

    assert ledger.sign_in("mei", "correct horse") is not None
    assert [guess(ledger) for _ in range(6)] == [None] * 5 + [1]


def test_wrong_passwords_of_one_do_not_delay_another(ledger, mei):
    ledger.add_user("bo", "Bo", ("marketer",), "another one")
    for _ in range(8):
        guess(ledger)

    assert ledger.sign_in("bo", "another one") is not None


def test_many_guesses_at_once_gain_nothing(ledger, mei, monkeypatch):
    compared = []
    monkeypatch.setattr(
        ledger_module, "matches", lambda *_: compared.append(1) or threading.Event().wait(0.05)
    )

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda _: guess(ledger), range(40)))

    assert len(compared) == 5


# Conversations


def test_turn_comes_back_as_it_was_recorded(ledger, clock):
    thread = ledger.create_thread("mei", "  复购 \n 率 ")
    details = {
        "plan": {"intent": "metric", "values": [1, 2.5, True, None]},
        "spec": {"metrics": ["repeat_rate"]},
        "steps": [{"tool": "query_metrics", "arguments": {"metrics": ["repeat_rate"]}}],
        "evidence": [{"id": "E1"}],
        "model": "some-model",
        "usage": {"prompt_tokens": 10, "completion_tokens": 2},
    }

    turn_id = record(ledger, thread.id, **details)

    (turn,) = ledger.turns("mei", thread.id)
    assert turn.model_dump(include=set(details)) == details
    assert (turn.id, turn.thread_id, turn.user_id, turn.position) == (turn_id, thread.id, "mei", 1)
    assert (turn.question, turn.answer, turn.planner) == ("上个月的复购率?", ANSWER, "embedded")
    assert (turn.language, turn.milliseconds, turn.asked_at) == ("zh", 12.5, clock.time)
    assert thread.title == "复购 率"


def test_what_was_not_there_stays_none(ledger):
    thread = ledger.open_thread("mei", None)
    record(ledger, thread)

    turn = ledger.last_turn("mei", thread)

    assert (turn.plan, turn.spec, turn.steps, turn.evidence, turn.model, turn.usage) == (None,) * 6


def test_last_turns_are_read_oldest_first(ledger):
    thread = ledger.open_thread("mei", None)
    for number in range(5):
        record(ledger, thread, question=f"q{number}")

    assert [turn.question for turn in ledger.turns("mei", thread)] == ["q0", "q1", "q2", "q3", "q4"]
    assert [turn.question for turn in ledger.turns("mei", thread, limit=2)] == ["q3", "q4"]
    assert ledger.last_turn("mei", thread).position == 5


def test_new_thread_has_no_last_turn(ledger):
    assert ledger.last_turn("mei", ledger.open_thread("mei", None)) is None


def test_threads_are_listed_by_their_last_turn(ledger, clock):
    first, second = (ledger.create_thread("mei", title).id for title in ("one", "two"))
    ledger.create_thread("bo", "three")
    clock.move(minutes=1)
    record(ledger, first)

    assert [thread.id for thread in ledger.threads("mei")] == [first, second]
    assert ledger.threads("mei")[0].updated_at == clock.time
    assert ledger.threads("nobody") == ()


def test_renamed_thread_has_its_new_title(ledger):
    thread = ledger.open_thread("mei", None, "old")

    ledger.rename_thread("mei", thread, "new " * 100)

    assert ledger.threads("mei")[0].title == ("new " * 100)[:200]


def test_threads_are_found_by_title_and_questions(ledger):
    titled = ledger.create_thread("mei", "Gold members 100%").id
    asked = ledger.create_thread("mei", "other").id
    record(ledger, asked, question="金卡会员的复购率")
    theirs = ledger.create_thread("bo", "Gold").id
    record(ledger, theirs, user="bo", question="金卡")

    def found(text):
        return [thread.id for thread in ledger.threads("mei", text=text)]

    assert found("gOLD") == [titled]
    assert found(" 金卡 ") == [asked]
    assert found("100%") == [titled]
    assert found("%") == [titled]
    assert found("_") == []
    assert set(found(" ")) == {titled, asked}


def test_deleted_thread_leaves_nothing_but_the_audit(ledger, path):
    kept, gone = (ledger.create_thread("mei", title).id for title in ("kept", "gone"))
    record(ledger, kept)
    record(ledger, gone, question="secret")
    record(ledger, gone, question="secret")

    assert ledger.delete_thread("mei", gone) == 2
    assert [thread.id for thread in ledger.threads("mei")] == [kept]
    assert raw(path, "select count(*) from turns where question = 'secret'") == [(0,)]
    entry = raw(path, "select actor, action, subject, detail from audit order by id desc limit 1")
    assert entry == [("mei", "delete_thread", gone, '{"turns":2}')]
    assert ledger.verify_audit().problem is None


def test_single_turn_is_read_by_its_owner_alone(ledger):
    thread, other = ledger.open_thread("mei", None), ledger.open_thread("mei", None)
    turn = record(ledger, thread, question="q")

    assert ledger.turn("mei", thread, turn).question == "q"
    for user, place, wanted in (("bo", thread, turn), ("mei", other, turn), ("mei", thread, "x")):
        with pytest.raises(UnknownName):
            ledger.turn(user, place, wanted)


@pytest.mark.parametrize("thread", ["own", "missing", "", "\ud800", "' OR 1=1 --"])
def test_thread_of_another_is_as_unknown_as_none(ledger, thread):
    if thread == "own":
        thread = ledger.open_thread("mei", None, "secret")
        record(ledger, thread)
    calls = (
        lambda: ledger.turns("bo", thread),
        lambda: ledger.last_turn("bo", thread),
        lambda: ledger.open_thread("bo", thread),
        lambda: ledger.rename_thread("bo", thread, "mine"),
        lambda: ledger.delete_thread("bo", thread),
        lambda: ledger.turn("bo", thread, "any"),
        lambda: record(ledger, thread, user="bo"),
    )

    for call in calls:
        with pytest.raises(UnknownName) as caught:
            call()
        assert caught.value.params == {"kind": "thread", "name": thread, "nearest": ()}
    assert [kept.title for kept in ledger.threads("mei")] in ([], ["secret"])


def test_ids_are_long_and_random(ledger):
    ids = {ledger.create_thread("mei").id for _ in range(50)}

    assert len(ids) == 50
    assert all(len(thread) == 22 for thread in ids)


@pytest.mark.parametrize(
    "text",
    ["", "x" * 100_000, "a\x00b", "\u202e😀\u200b", "'; DROP TABLE turns; --", "控制\x1b[31m"],
)
def test_any_text_comes_back_as_it_was(ledger, text):
    thread = ledger.open_thread("mei", None)

    ledger.record_turn(
        user_id="mei", thread_id=thread, question=text, language="zh", answer={"text": text},
        planner="embedded", milliseconds=1,
    )  # fmt: skip

    turn = ledger.last_turn("mei", thread)
    assert (turn.question, turn.answer) == (text, {"text": text})


def test_half_a_surrogate_pair_becomes_a_question_mark(ledger):
    thread = ledger.open_thread("mei", None, "t\ud800")

    record(ledger, thread, question="a\ud83d", plan={"text": "b\udc00"})

    turn = ledger.last_turn("mei", thread)
    assert (turn.question, turn.plan, ledger.threads("mei")[0].title) == (
        "a?",
        {"text": "b?"},
        "t?",
    )


def test_answer_that_json_cannot_hold_is_refused_and_leaves_nothing(ledger):
    thread = ledger.open_thread("mei", None)

    with pytest.raises(LedgerError, match="not JSON compliant"):
        record(ledger, thread, plan={"value": float("nan")})

    assert ledger.turns("mei", thread) == ()


# Audit


def fill_audit(ledger, count=6):
    for number in range(1, count + 1):
        ledger.audit("mei", "approve", f"P{number}", {"hash": f"h{number}", "理由": "好"})


def test_every_act_on_accounts_is_audited(ledger, path, mei):
    ledger.sign_out(ledger.sign_in("mei", "correct horse"))
    ledger.sign_in("mei", "wrong horse")
    ledger.set_password("mei", "another horse", by="admin")
    ledger.disable_user("mei", by="admin")

    assert raw(path, "SELECT actor, action, subject FROM audit ORDER BY id") == [
        ("admin", "add_user", "mei"),
        ("mei", "sign_in", "mei"),
        ("mei", "sign_out", "mei"),
        ("mei", "sign_in_refused", "mei"),
        ("admin", "set_password", "mei"),
        ("admin", "disable_user", "mei"),
    ]
    assert ledger.verify_audit().problem is None


def test_hash_is_over_the_entry_and_the_one_before(ledger, path, clock):
    fill_audit(ledger, 2)

    rows = raw(path, "SELECT * FROM audit ORDER BY id")

    previous = "0" * 64
    for row in rows:
        number, at, actor, action, subject, detail, before, found = row
        entry = [number, at, actor, action, subject, detail, before]
        assert before == previous
        assert found == hashlib.sha256(json.dumps(entry).encode()).hexdigest()
        previous = found
    assert rows[0][1:6] == (
        "2026-11-01T01:00:00.000000+00:00",
        "mei",
        "approve",
        "P1",
        '{"hash":"h1","理由":"好"}',
    )
    assert ledger.audit_head() == AuditHead(id=2, hash=previous)


UNLOCK = ("DROP TRIGGER audit_refuses_update", "DROP TRIGGER audit_refuses_delete")


@pytest.mark.parametrize(
    ("tampering", "first_bad", "problem"),
    [
        ("UPDATE audit SET at = '2026-11-02' WHERE id = 3", 3, "it was changed"),
        ("UPDATE audit SET actor = 'bo' WHERE id = 3", 3, "it was changed"),
        ("UPDATE audit SET action = 'reject' WHERE id = 1", 1, "it was changed"),
        ("UPDATE audit SET subject = 'P9' WHERE id = 6", 6, "it was changed"),
        ("UPDATE audit SET detail = detail || ' ' WHERE id = 4", 4, "it was changed"),
        ("UPDATE audit SET hash = 'x' WHERE id = 2", 2, "it was changed"),
        ("UPDATE audit SET previous_hash = 'x' WHERE id = 2", 2,
         "it does not follow the entry before it"),
        ("DELETE FROM audit WHERE id = 1", 1, "it is missing"),
        ("DELETE FROM audit WHERE id IN (3, 4)", 3, "it is missing"),
        ("UPDATE audit SET id = 7 WHERE id = 4", 4, "it is missing"),
        ("UPDATE audit SET id = -id WHERE id = 5", 1, "it is missing"),
        ("INSERT INTO audit VALUES (7, 'now', 'bo', 'approve', 'P7', '{}', 'x', 'y')", 7,
         "it does not follow the entry before it"),
    ],
)  # fmt: skip
def test_tampering_names_the_first_bad_entry(ledger, path, tampering, first_bad, problem):
    fill_audit(ledger)

    raw(path, *UNLOCK, tampering)

    report = ledger.verify_audit()
    assert (report.first_bad, report.problem, report.entries) == (first_bad, problem, first_bad - 1)


def test_swapped_entries_are_found(ledger, path):
    fill_audit(ledger)

    raw(
        path, *UNLOCK, "UPDATE audit SET id = 99 WHERE id = 2",
        "UPDATE audit SET id = 2 WHERE id = 3", "UPDATE audit SET id = 3 WHERE id = 99",
    )  # fmt: skip

    assert ledger.verify_audit().first_bad == 2


def test_every_changed_letter_of_an_entry_is_found(ledger, path):
    fill_audit(ledger, 3)
    raw(path, *UNLOCK)
    (row,) = raw(path, "SELECT at, actor, action, subject, detail, previous_hash, hash FROM audit "
                       "WHERE id = 2")  # fmt: skip
    names = ("at", "actor", "action", "subject", "detail", "previous_hash", "hash")

    missed = []
    for name, text in zip(names, row, strict=True):
        for place in range(len(text)):
            changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
            changed = changed.replace("'", "''")
            raw(path, f"UPDATE audit SET {name} = '{changed}' WHERE id = 2")
            if ledger.verify_audit().first_bad != 2:
                missed.append((name, place))
        raw(path, f"UPDATE audit SET {name} = '{text}' WHERE id = 2")

    assert missed == []
    assert ledger.verify_audit().first_bad is None


def test_cut_tail_is_found_by_a_head_kept_elsewhere(ledger, path):
    fill_audit(ledger)
    kept = ledger.audit_head()
    fill_audit(ledger, 1)
    assert ledger.verify_audit(kept).problem is None

    raw(path, *UNLOCK, "DELETE FROM audit WHERE id > 4")

    assert ledger.verify_audit().problem is None
    report = ledger.verify_audit(kept)
    assert (report.first_bad, report.problem) == (5, "it was cut off")


def test_rewritten_tail_is_found_by_a_head_kept_elsewhere(ledger, path):
    fill_audit(ledger)
    kept = ledger.audit_head()
    raw(path, *UNLOCK, "DELETE FROM audit WHERE id > 4")
    ledger.audit("bo", "approve", "P5")
    ledger.audit("bo", "approve", "P6")

    assert ledger.verify_audit().problem is None
    report = ledger.verify_audit(kept)
    assert (report.first_bad, report.problem) == (6, "it is not the entry that was kept")


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'bo'", "DELETE FROM audit"])
def test_audit_is_not_changed_by_mistake(ledger, path, statement):
    fill_audit(ledger, 1)

    with pytest.raises(sqlite3.IntegrityError, match="the audit is append-only"):
        raw(path, statement)


def test_empty_audit_is_whole(ledger):
    report = ledger.verify_audit(AuditHead())

    assert (report.entries, report.first_bad) == (0, None)


# The file


def test_every_commit_reaches_the_disk(ledger, path):
    with ledger._store.writing() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def test_file_is_for_its_owner_only(ledger, path):
    ledger.create_thread("mei")

    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}

    assert set(modes) == {path.name, f"{path.name}-wal", f"{path.name}-shm"}
    assert set(modes.values()) == {"0o600"}


def test_ledger_opens_again_with_what_it_held(path, clock):
    with Ledger(str(path), clock) as first:
        thread = first.open_thread("mei", None, "kept")
        record(first, thread)

    with Ledger(f"sqlite:///{path}", clock) as second:
        assert second.last_turn("mei", thread).answer == ANSWER
        assert second.damage() is None


def test_any_file_name_will_do(tmp_path, clock):
    path = tmp_path / "账本 ?mode=ro&x=100%#'\".sqlite"

    with Ledger(path, clock) as ledger:
        ledger.open_thread("mei", None)

    assert {file.name for file in tmp_path.iterdir()} == {path.name}


def test_migration_runs_once_and_keeps_the_rows(path, clock, monkeypatch):
    with Ledger(path, clock) as old:
        old.open_thread("mei", None, "kept")
    steps = []

    def add_pinned(connection):
        steps.append(connection)
        connection.exec_driver_sql("ALTER TABLE threads ADD COLUMN pinned INTEGER DEFAULT 0")

    monkeypatch.setattr(ledger_store, "MIGRATIONS", (*ledger_store.MIGRATIONS, add_pinned))
    for _ in range(2):
        with Ledger(path, clock) as new:
            assert new.threads("mei")[0].title == "kept"

    assert len(steps) == 1
    assert raw(path, "SELECT pinned FROM threads") == [(0,)]
    assert raw(path, "SELECT version FROM schema_version") == [(1,), (2,)]


def test_migration_that_fails_leaves_the_old_version(path, clock, monkeypatch):
    Ledger(path, clock).close()

    def fail(connection):
        connection.exec_driver_sql("ALTER TABLE threads ADD COLUMN pinned INTEGER")
        connection.exec_driver_sql("ALTER TABLE absent ADD COLUMN pinned INTEGER")

    with monkeypatch.context() as patch:
        patch.setattr(ledger_store, "MIGRATIONS", (*ledger_store.MIGRATIONS, fail))
        with pytest.raises(LedgerError, match="no such table: absent"):
            Ledger(path, clock)

    assert raw(path, "SELECT max(version) FROM schema_version") == [(1,)]
    assert "pinned" not in str(raw(path, "PRAGMA table_info(threads)"))


def test_ledger_of_a_newer_program_is_refused(path, clock):
    Ledger(path, clock).close()
    raw(path, "INSERT INTO schema_version VALUES (7, '2027-01-01 00:00:00.000000')")

    with pytest.raises(LedgerError) as caught:
        Ledger(path, clock)

    assert str(caught.value) == (
        f"The ledger '{path}' was written by a newer program (version 7, this one knows 1). "
        "Use the newer program."
    )


def test_time_without_a_zone_is_refused(path):
    with pytest.raises(LedgerError, match=r"must have a time zone\. Got 2026-11-01T09:00:00"):
        Ledger(path, lambda: datetime(2026, 11, 1, 9))


def test_times_are_kept_in_utc(ledger, path, clock):
    ledger.create_thread("mei")

    assert raw(path, "SELECT created_at FROM threads") == [("2026-11-01 01:00:00.000000",)]
    assert ledger.threads("mei")[0].created_at == clock.time.astimezone(UTC)


# Many at once


def test_threads_of_one_program_write_in_order(ledger):
    thread = ledger.open_thread("mei", None)

    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda n: record(ledger, thread, question=str(n)), range(120)))

    turns = ledger.turns("mei", thread)
    assert [turn.position for turn in turns] == list(range(1, 121))
    assert {turn.id for turn in turns} == set(ids)


WRITE = """
import sys
from datetime import UTC, datetime
from warehouse.ledger import Ledger
with Ledger(sys.argv[1]) as ledger:
    thread = sys.argv[2] or ledger.open_thread("mei", None)
    for number in range(int(sys.argv[3])):
        turn = ledger.record_turn(user_id="mei", thread_id=thread, question=str(number),
            language="zh", answer={"text": "x" * 3000}, planner="embedded", milliseconds=1.0)
        ledger.audit("mei", "ask", turn)
        print(turn, flush=True)
"""


def run_writer(*arguments, code=WRITE, **options):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def test_two_programs_write_in_one_order(ledger, path):
    thread = ledger.open_thread("mei", None)

    writers = [run_writer(path, thread, 40) for _ in range(2)]
    ids = [line for writer in writers for line in writer.communicate()[0].split()]

    assert len(set(ids)) == 80
    turns = ledger.turns("mei", thread)
    assert [turn.position for turn in turns] == list(range(1, 81))
    assert {turn.id for turn in turns} == set(ids)
    report = ledger.verify_audit()
    assert (report.entries, report.problem) == (80, None)


def test_two_programs_may_create_the_ledger_at_once(path):
    writers = [run_writer(path, "", 1) for _ in range(3)]
    outcomes = [writer.communicate() for writer in writers]

    assert [errors for _, errors in outcomes] == [""] * 3
    with Ledger(path) as ledger:
        assert len(ledger.threads("mei")) == 3


# Crashes


HOLD = """
import sys, time
from sqlalchemy import insert
from warehouse import ledger_store
from warehouse.ledger import Ledger
ledger = Ledger(sys.argv[1])
now = ledger._now()
with ledger._store.writing() as connection:
    connection.execute(insert(ledger_store.threads), {"id": "half", "user_id": "mei",
        "title": "half", "created_at": now, "updated_at": now})
    print("written", flush=True)
    time.sleep(60)
"""


def test_program_killed_before_its_commit_leaves_nothing_behind(ledger, path):
    ledger.open_thread("mei", None, "before")
    writer = run_writer(path, code=HOLD)
    assert writer.stdout.readline() == "written\n"

    writer.kill()
    writer.communicate()

    ledger.open_thread("mei", None, "after")
    assert {thread.title for thread in ledger.threads("mei")} == {"before", "after"}
    assert ledger.damage() is None


def test_program_killed_at_any_moment_loses_nothing_it_was_told_is_kept(path):
    chance = random.Random(7)
    with Ledger(path) as ledger:
        thread = ledger.open_thread("mei", None)
        told = []
        for _ in range(6):
            writer = run_writer(path, thread, 1000)
            told += [writer.stdout.readline().strip() for _ in range(chance.randrange(1, 12))]
            threading.Event().wait(chance.random() * 0.01)
            writer.send_signal(signal.SIGKILL)
            told += writer.communicate()[0].split()

        turns = ledger.turns("mei", thread)
        assert [turn.position for turn in turns] == list(range(1, len(turns) + 1))
        assert set(told) <= {turn.id for turn in turns}
        assert len(turns) - len(told) <= 6
        assert ledger.verify_audit().problem is None
        assert ledger.damage() is None


# A ledger that fails


def test_folder_that_is_missing_says_so(tmp_path, clock):
    with pytest.raises(LedgerError) as caught:
        Ledger(tmp_path / "none" / "ledger.sqlite", clock)

    assert str(caught.value) == (
        f"The ledger '{tmp_path}/none/ledger.sqlite' cannot be opened (No such file or directory). "
        "Check that its folder exists and may be written by this user."
    )


def test_ledger_removed_while_open_says_so(ledger, path):
    path.unlink()

    for call in (lambda: ledger.threads("mei"), lambda: ledger.create_thread("mei")):
        with pytest.raises(LedgerError) as caught:
            call()
        assert str(caught.value) == (
            f"The ledger '{path}' is missing. Put it back or restore a backup, then start again."
        )


def test_ledger_replaced_while_open_says_so(ledger, path, tmp_path):
    other = tmp_path / "other.sqlite"
    Ledger(other).close()
    os.replace(other, path)

    with pytest.raises(LedgerError, match="was replaced while it was open"):
        ledger.create_thread("mei")


def test_locked_ledger_says_so(path, clock, monkeypatch):
    monkeypatch.setattr(ledger_store, "BUSY_MILLISECONDS", 50)
    with Ledger(path, clock) as ledger:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")

        with pytest.raises(LedgerError) as caught:
            ledger.create_thread("mei")
        assert ledger.threads("mei") == ()  # reading goes on

        holder.execute("ROLLBACK")
        holder.close()
        ledger.create_thread("mei")

    assert str(caught.value) == (
        f"The ledger '{path}' is locked by another program. "
        "Close that program, or wait and try again."
    )


@pytest.mark.parametrize(
    "content", [b"not a database" * 1000, b"SQLite format 3\x00" + bytes(200)],
    ids=["text", "only a header"],
)  # fmt: skip
def test_file_that_is_no_ledger_says_so(path, clock, content):
    path.write_bytes(content)

    with pytest.raises(LedgerError) as caught:
        Ledger(path, clock)

    assert str(caught.value) == (
        f"The ledger '{path}' is damaged. Keep a copy of the file and restore a backup."
    )
    assert path.read_bytes() == content


@pytest.mark.parametrize("kind", ["flipped", "zeroed", "cut"])
def test_damaged_ledger_is_an_error_or_as_it_was(tmp_path, clock, kind):
    good = tmp_path / "good.sqlite"
    with Ledger(good, clock) as ledger:
        thread = ledger.open_thread("mei", None)
        for number in range(30):
            record(ledger, thread, question=str(number))
        fill_audit(ledger, 30)
        right = [turn.position for turn in ledger.turns("mei", thread)], ledger.audit_head()
    content, chance, outcomes = good.read_bytes(), random.Random(kind), []

    for number in range(25):
        copy = bytearray(content)
        place = chance.randrange(len(copy))
        if kind == "cut":
            copy = copy[:place]
        elif kind == "zeroed":
            copy[place : place + 4096] = bytes(len(copy[place : place + 4096]))
        else:
            copy[place] ^= 1 << chance.randrange(8)
        path = tmp_path / f"{kind}{number}.sqlite"
        path.write_bytes(copy)
        try:
            with Ledger(path, clock) as ledger:
                found = [turn.position for turn in ledger.turns("mei", thread)]
                sound = ledger.damage() is None and ledger.verify_audit().problem is None
                outcomes.append(not sound or (found, ledger.audit_head()) == right)
        except (LedgerError, UnknownName, ValidationError):
            outcomes.append(True)

    assert all(outcomes)


def test_ledger_that_may_not_be_written_says_so(path):
    Ledger(path).close()
    path.chmod(0o400)
    path.parent.chmod(0o500)
    command = [sys.executable, "-c", WRITE, str(path), "", "1"]
    if os.getuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everything, and setpriv is not here to change that")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]

    written = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    path.parent.chmod(0o700)

    assert written.stderr.splitlines()[-1] == (
        f"warehouse.errors.LedgerError: The ledger '{path}' cannot be opened (Permission denied). "
        "Check that its folder exists and may be written by this user."
    )


LIMITED = """
import resource, signal, sys
from warehouse.errors import LedgerError
from warehouse.ledger import Ledger
ledger = Ledger(sys.argv[1])
thread = ledger.open_thread("mei", None)
def write():
    ledger.record_turn(user_id="mei", thread_id=thread, question="q", language="zh",
        answer={"text": "x" * 20000}, planner="embedded", milliseconds=1.0)
write()
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
kept = 1
try:
    while kept < 1000:
        write()
        kept += 1
except LedgerError as error:
    print(error)
assert [turn.position for turn in ledger.turns("mei", thread)] == list(range(1, kept + 1))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
write()
assert len(ledger.turns("mei", thread)) == kept + 1
print(ledger.damage(), kept > 1)
"""


def test_file_that_cannot_grow_says_so_and_goes_on_later(path):
    output, errors = run_writer(path, code=LIMITED).communicate()

    assert errors == ""
    assert output.splitlines() == [
        f"The ledger '{path}' cannot be written or read: the disk is full or failing. "
        "Free some space, then try again.",
        "None True",
    ]


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_says_so_and_goes_on_later(small_disk, clock):
    with Ledger(small_disk / "ledger.sqlite", clock) as ledger:
        thread = ledger.open_thread("mei", None)
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(700_000))

        kept = 0
        with pytest.raises(LedgerError) as caught:
            for _ in range(1000):
                record(ledger, thread, plan={"text": "x" * 20_000})
                kept += 1
        assert len(ledger.turns("mei", thread)) == kept
        ballast.unlink()
        record(ledger, thread)

        assert "the disk is full or failing. Free some space" in str(caught.value)
        assert len(ledger.turns("mei", thread)) == kept + 1
        assert ledger.damage() is None


def test_a_conversation_begins_with_its_first_turn(ledger):
    thread = ledger.new_thread_id()

    assert ledger.plans("mei", thread, 5) == []
    record(ledger, thread, title="复购率")

    assert [kept.title for kept in ledger.threads("mei")] == ["复购率"]
    with pytest.raises(UnknownName):
        record(ledger, thread, user="bo", title="mine")


def test_plans_come_latest_first_without_the_empty_ones(ledger):
    thread = ledger.new_thread_id()
    for plan in ({"n": 1}, None, {"n": 2}):
        record(ledger, thread, title="t", plan=plan)

    assert ledger.plans("mei", thread, 5) == [{"n": 2}, {"n": 1}]
    assert ledger.plans("bo", thread, 5) == []
