"""Messages: every code in every language, with the same placeholders, whoever wrote the file."""

import importlib
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import knowledge.languages as languages
from knowledge.languages import ASSUMPTIONS, LANGUAGES, messages, say

FOLDER = Path(languages.__file__).parent
FILES = sorted({file.name for file in FOLDER.glob("*/messages/*.yml")})


def read(language: str, name: str) -> dict[str, str]:
    return yaml.safe_load((FOLDER / language / "messages" / name).read_text(encoding="utf-8"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", FILES)
def test_every_message_file_stands_in_every_language(name: str) -> None:
    codes = [set(read(language, name)) for language in LANGUAGES]

    assert codes[0] == codes[1]


@pytest.mark.parametrize("name", FILES)
def test_messages_have_the_same_placeholders_in_every_language(name: str) -> None:
    zh, en = (read(language, name) for language in LANGUAGES)

    differing = {code for code in zh if placeholders(zh[code]) != placeholders(en.get(code, ""))}
    assert differing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_empty_or_unnamed(language: str) -> None:
    for code, text in messages(language).items():
        assert text.strip(), code
        assert "" not in placeholders(text), code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_assumption_has_its_message(language: str) -> None:
    known = {code for code in messages(language) if code.startswith("assumed_")}

    assert known == {f"assumed_{code}" for code in ASSUMPTIONS}


def test_say_fills_a_message() -> None:
    assert say("range", "zh", start="2026-09-01", stop="2026-09-30") == "2026-09-01 至 2026-09-30"


def test_say_joins_lists_as_people_write_them() -> None:
    assert say("points", "zh", value=["a", "b"]) == "a、b 个百分点"
    assert say("points", "en", value=["a", "b"]) == "a, b pp"


def test_an_unknown_code_is_a_programming_error() -> None:
    with pytest.raises(KeyError, match="No message 'nonsense' in 'en'"):
        say("nonsense", "en")


def test_a_missing_parameter_is_a_programming_error() -> None:
    with pytest.raises(KeyError, match="stop"):
        say("range", "en", start="x")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "en" / "messages").mkdir(parents=True)
    # The front door's function hides the module of the same name.
    module = importlib.import_module("knowledge.languages.messages")
    monkeypatch.setattr(module, "_FOLDER", tmp_path)
    messages.cache_clear()
    yield tmp_path / "en" / "messages"
    messages.cache_clear()


@pytest.mark.parametrize(
    ("files", "expected_error"),
    [
        ({"a.yml": "x: one", "b.yml": "x: two"}, "Message 'x' of 'en' stands in b.yml again."),
        ({"a.yml": "- x"}, "must hold texts by code. Got list."),
        ({"a.yml": "x: 1"}, "message 'x' must be a text. Put it in quotes."),
        ({"a.yml": "yes: y"}, "message True must be a text. Put it in quotes."),
    ],
)
def test_wrong_message_files_are_refused(
    folder: Path, files: dict[str, str], expected_error: str
) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")

    with pytest.raises(ValueError) as error:
        messages("en")

    assert expected_error in str(error.value)
