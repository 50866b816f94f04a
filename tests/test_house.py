"""The house itself: locks, project file, Makefile, texts that every folder must have."""

import os
import re
import stat
import subprocess
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock")
FOLDERS = ("warehouse", "knowledge", "prompts", "tools", "agent", "ui", "evals", "tests")

project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
makefile = (ROOT / "Makefile").read_text("utf-8")


def locked(name):
    """Requirement lines of a lock, ``name==version ; marker``, each with its hashes."""
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text("utf-8").strip())
    return {entry.split(" \\\n")[0]: re.findall(r"--hash=(\S+)", entry) for entry in entries}


def tracked_files():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, env=os.environ
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_address(name):
    text = (ROOT / name).read_text("utf-8")

    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host|file:| @ ", text)
    assert not re.search(r"(^|\s)[./~]*/\w", text, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_version_and_hashes(name):
    for requirement, hashes in locked(name).items():
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[\w.!+]+( ; .+)?", requirement)
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes)


@pytest.mark.parametrize("name", LOCKS[:2])
def test_locks_hold_the_hashes_of_every_platform(name):
    """A lock made from a mirror of one platform's wheels would install nowhere else."""
    hashes = {requirement.split("==")[0]: found for requirement, found in locked(name).items()}

    assert all(len(hashes[package]) > 10 for package in ("numpy", "duckdb", "pydantic-core"))


def test_both_locks_agree():
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")

    assert {name: dev.get(name) for name in run} == run


def test_every_dependency_is_locked():
    groups = project["dependency-groups"]
    needed = [*project["project"]["dependencies"], *groups["build"]]

    assert _names(needed) <= _names(locked("requirements.lock"))
    assert _names([*needed, *groups["dev"]]) <= _names(locked("requirements-dev.lock"))
    assert set(project["build-system"]["requires"]) <= set(groups["build"])


def _names(requirements):
    return {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in requirements}


def test_every_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    lines = re.findall(r'^    "[\w.-]+[><=].*$', text, re.MULTILINE)

    assert len(lines) > 20
    assert [line for line in lines if "  # " not in line] == []


def test_wheel_holds_exactly_our_folders():
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    assert sorted(packages) == sorted(set(FOLDERS) - {"tests"})
    assert sorted(project["tool"]["mypy"]["packages"]) == sorted(FOLDERS)


def test_every_package_folder_has_a_docstring():
    bare = [
        path.parent.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("__init__.py")
        if not path.read_text("utf-8").startswith('"""')
    ]

    assert bare == []


def test_make_lists_every_target():
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    phony = re.search(r"^\.PHONY: (.*?[^\\])$", makefile, re.MULTILINE | re.DOTALL)[1]
    assert (
        re.findall(r"^  make ([a-z-]+)", listed, re.MULTILINE) == phony.replace("\\\n", " ").split()
    )


@pytest.mark.parametrize("name", [".ci/run", ".ci/install", ".ci/venv", ".ci/system-parts"])
def test_script_can_be_run(name):
    path = ROOT / name

    assert path.read_text("utf-8").startswith("#!/usr/bin/env bash\n")
    assert path.stat().st_mode & stat.S_IXUSR
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        ("", {}),
        (
            "global.index-url='https://a.example/simple'",
            {"UV_DEFAULT_INDEX": "https://a.example/simple"},
        ),
        (
            "global.extra-index-url='\\nhttps://a.example\\nhttps://b.example'\n"
            "global.find-links='wheels more'",
            {"UV_INDEX": "https://a.example https://b.example", "UV_FIND_LINKS": "wheels,more"},
        ),
        (
            "global.index-url='https://a.example'\ninstall.index-url='https://b.example'\n"
            ":env:.index-url='https://c.example'\nfreeze.index-url='https://d.example'",
            {"UV_DEFAULT_INDEX": "https://c.example"},
        ),
        (":env:.disable-pip-version-check='1'\nglobal.timeout='60'", {"UV_HTTP_TIMEOUT": "60"}),
    ],
)
def test_uv_takes_over_the_settings_of_pip(listing, expected):
    spec = spec_from_file_location("pip_settings", ROOT / ".ci" / "pip_settings.py")
    script = module_from_spec(spec)
    spec.loader.exec_module(script)

    settings = script.uv_settings(script.pip_settings(listing))
    assert settings == {"UV_INDEX_STRATEGY": "unsafe-best-match", **expected}


def test_licence_is_apache():
    text = (ROOT / "LICENSE").read_text("utf-8")

    assert project["project"]["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_decisions_are_numbered_dated_and_short():
    text = (ROOT / "DECISIONS.md").read_text("utf-8")
    entries = re.split(r"^## ", text, flags=re.MULTILINE)[1:]

    assert [int(entry.split(".")[0]) for entry in entries] == list(range(1, len(entries) + 1))
    for entry in entries:
        title, *lines = entry.strip().splitlines()
        body = [line for line in lines if line]
        assert re.fullmatch(r"\d+\. .+ \(\d{4}-\d{2}-\d{2}\)", title)
        assert len(body) <= 12, title
        for part in ("Context:", "Decision:", "Consequence:"):
            assert any(line.startswith(part) for line in body), (title, part)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_says_what_it_is(folder):
    text = (ROOT / folder / "README.md").read_text("utf-8")

    assert text.startswith(f"# {folder}: ")
    assert "\n| Noun | Meaning |\n" in text
    assert "\n**The one rule:** " in text
    assert re.search(r"\n\*\*To add an? .+?:\*\* ", text)


def test_no_file_names_the_place_it_stands_in():
    places = {str(ROOT), str(Path.home()), str(Path(sys.prefix))} - {"/", "/root"}
    named = [
        path.relative_to(ROOT).as_posix()
        for path in tracked_files()
        if path.is_file() and any(place.encode() in path.read_bytes() for place in places)
    ]

    assert named == []
