"""What the documents say is true: tables, links, names, and commands that are run.

``make snapshots`` writes the tables of the English README anew.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import tools
from agent.settings import KNOWN
from ui.accounts import DEMO_ACCOUNTS
from ui.cli import app

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
DOCUMENTS = tuple(
    sorted([*ROOT.glob("*.md"), *ROOT.glob("*/README.md")], key=lambda p: p.as_posix())
)
IS_UPDATE = bool(os.environ.get("SEXTANT_UPDATE_SNAPSHOTS"))
FOR_DEVELOPERS = {"SEXTANT_UPDATE_SNAPSHOTS"}

group = typer.main.get_command(app)
assert isinstance(group, typer.core.TyperGroup)
commands = group.commands


def first_sentence(text):
    return re.match(r".*?[.](?=\s|$)", " ".join(text.split()))[0]


def tool_rows():
    return [(f"`{tool.name}`", first_sentence(tool.description)) for tool in tools.TOOLS]


def command_rows():
    return [(f"`{name}`", first_sentence(command.help)) for name, command in commands.items()]


def account_rows():
    return [(f"`{a.id}`", f"`{a.password}`", ", ".join(a.roles)) for a in DEMO_ACCOUNTS]


TABLES = {"tools": tool_rows, "commands": command_rows, "accounts": account_rows}


def read_table(path, name):
    """Header and rows of the table between the markers of a name."""
    block = re.search(
        rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", path.read_text("utf-8"), re.DOTALL
    )
    lines = block[1].strip().splitlines()
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    return rows[0], rows[2:]


def write_table(path, name, rows):
    header, _ = read_table(path, name)
    lines = [f"| {' | '.join(cells)} |" for cells in (header, *rows)]
    lines.insert(1, "|---" * len(header) + "|")
    table = "\n".join(lines)
    before, _, rest = path.read_text("utf-8").partition(f"<!-- {name} -->\n")
    _, marker, after = rest.partition(f"<!-- /{name} -->")
    path.write_text(f"{before}<!-- {name} -->\n{table}\n{marker}{after}", "utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_table_of_the_readme_is_current(name):
    expected = TABLES[name]()
    if IS_UPDATE:
        write_table(READMES[0], name, expected)

    assert read_table(READMES[0], name)[1] == expected


@pytest.mark.parametrize("name", [*TABLES, "settings"])
def test_both_readmes_list_the_same_names(name):
    english, chinese = (read_table(path, name)[1] for path in READMES)

    assert [row[0] for row in chinese] == [row[0] for row in english]
    assert all(all(row) for row in chinese)
    if name == "accounts":
        assert chinese == english


def test_readme_lists_every_setting():
    names = [row[0].strip("`") for row in read_table(READMES[0], "settings")[1]]

    known = set(KNOWN) - FOR_DEVELOPERS | {"OPENAI_API_KEY", "OPENAI_BASE_URL"}
    assert set(names) == known


def test_both_readmes_have_the_same_shape():
    def shape(path):
        text = path.read_text("utf-8")
        return (
            len(re.findall(r"^#", text, re.MULTILINE)),
            re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL),
            len(re.findall(r"^\|", text, re.MULTILINE)),
            len(re.findall(r"^\d+\. ", text, re.MULTILINE)),
            sorted(set(re.findall(r"\]\(([^)]+/README\.md|\w+\.md|LICENSE)\)", text)) - other),
        )

    other = {path.name for path in READMES}
    assert shape(READMES[0]) == shape(READMES[1])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_and_names_in_documents_exist(path):
    text = path.read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []
    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= targets
    named = set(re.findall(r"`(?:\.venv/bin/)?sextant ([a-z]+)", text)) - PLANNED
    assert named <= set(commands)


PLANNED: set[str] = set()
"""Commands that documents name as not there yet."""


def test_planned_commands_are_not_there_yet():
    assert not PLANNED & set(commands)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with ``workspaces/demo`` in it, small, made by the command itself."""
    place = tmp_path_factory.mktemp("place")
    done = sextant("demo --customers 300", place)
    assert done.returncode == 0, done.stderr
    return place


def sextant(arguments, place):
    return python(["-m", "ui.cli", *shlex.split(arguments)], place)


def python(arguments, place):
    kept = ("PATH", "HOME", "TMPDIR", "LANG")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


def blocks(path, language):
    pattern = rf"^```{language}\n(.*?)^```"
    return re.findall(pattern, path.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_first_lines_of_the_readme_work(place):
    first, *questions = blocks(READMES[0], "bash")[0].strip().splitlines()
    assert first == "make install && .venv/bin/sextant demo"  # `place` is its result

    answers = [sextant(line.removeprefix(".venv/bin/sextant "), place) for line in questions]

    for answer in answers:
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert re.search(r"(?i)\bselect\b.*\bfrom\b", answer.stdout, re.DOTALL)
        assert re.search(r"\d", answer.stdout)
    assert re.search("[\u4e00-\u9fff]{4}", answers[0].stdout)
    assert re.search(r"[A-Za-z]{4}", answers[1].stdout)


def test_python_of_the_readme_works(place):
    (code,) = blocks(READMES[0], "python")

    done = python(["-c", code], place)
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d", done.stdout)
