"""``new`` and ``load`` on the command line, with and without somebody there to answer."""

import json

import pytest
from typer.testing import CliRunner

from ui.cli import app

OPEN = "order id,date,amount\n1,1/2/2026,3\n2,3/4/2026,4\n"
CLEAR = "order id,date,amount\n1,15/2/2026,3\n2,3/4/2026,4\n"


def run(*arguments, answers=None):
    return CliRunner().invoke(app, list(map(str, arguments)), input=answers)


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    assert run("new", folder, "--currency", "eur", "--time-zone", "Europe/Berlin").exit_code == 0
    return folder


def write(folder, text):
    file = folder.parent / "sales.csv"
    file.write_text(text, "utf-8")
    return file


def load(shop, *more, text=CLEAR, answers=None):
    file = write(shop, text)
    return run("load", file, "--as", "sales", "--workspace", shop, *more, answers=answers)


def test_new_says_what_comes_next(tmp_path):
    done = run("new", tmp_path / "a", "--json")

    assert json.loads(done.stdout)["next"].startswith("sextant load FILE --as sales")


def test_a_clear_file_is_stored_and_the_next_step_named(shop):
    done = load(shop)

    assert done.exit_code == 0, done.output
    assert "day first" in " ".join(done.output.replace("│", " ").split())
    assert f"Next: sextant build --workspace {shop}" in done.output


def test_json_tells_what_was_stored(shop):
    found = json.loads(load(shop, "--json").stdout)

    assert (found["source"], found["kind"], found["rows"]) == ("sales", "transactions", 2)
    assert "revenue" in found["metrics"]
    assert [line["name"] for line in found["lines"]] == ["order_id", "ordered_at", "amount"]


@pytest.mark.parametrize("flags", [(), ("--yes",)])
def test_nobody_there_to_answer_names_the_flag(shop, flags):
    done = load(shop, *flags, text=OPEN)

    assert done.exit_code == 2
    assert "the order of the dates in 'date' is open" in done.output
    assert "--date-order dmy|mdy" in done.output
    assert "sources: {}" in (shop / "workspace.yml").read_text("utf-8")


def test_the_flag_answers(shop):
    assert load(shop, "--date-order", "mdy", text=OPEN).exit_code == 0
    assert "%m/%d/%Y" in (shop / "workspace.yml").read_text("utf-8")


def test_somebody_there_is_asked(shop, monkeypatch):
    monkeypatch.setattr("ui.commands.loading._is_asked", lambda *_: True)

    done = load(shop, text=OPEN, answers="2\ny\n")

    assert done.exit_code == 0, done.output
    assert "%m/%d/%Y" in (shop / "workspace.yml").read_text("utf-8")


def test_somebody_may_say_no(shop, monkeypatch):
    monkeypatch.setattr("ui.commands.loading._is_asked", lambda *_: True)

    assert load(shop, answers="n\n").exit_code == 1
    assert "sources: {}" in (shop / "workspace.yml").read_text("utf-8")


def test_a_map_that_is_none_is_refused(shop):
    done = load(shop, "--map", "amount")

    assert done.exit_code == 2
    assert "is not COLUMN=ROLE" in done.output


def test_a_file_that_is_not_there_is_named(shop):
    done = run("load", "nowhere.csv", "--as", "sales", "--workspace", shop)

    assert done.exit_code == 1
    assert "nowhere.csv: there is no such file." in done.output
