"""The page's own words, and the language it chooses."""

import re
from pathlib import Path

import pytest
import yaml

from knowledge.languages import LANGUAGES
from ui.languages import language_of

ROOT = Path(__file__).parents[2]


def words(language):
    path = ROOT / "knowledge" / "languages" / language / "messages" / "ui.yml"
    return yaml.safe_load(path.read_text("utf-8"))


def test_every_language_has_the_same_words():
    first, *others = [words(language) for language in LANGUAGES]

    for other in others:
        assert other.keys() == first.keys()
        for name, text in first.items():
            assert sorted(re.findall(r"{(\w+)}", text)) == sorted(
                re.findall(r"{(\w+)}", other[name])
            )


def test_every_word_is_used_and_every_used_word_exists():
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "ui").rglob("*.py"))
    scripts = "".join(path.read_text("utf-8") for path in (ROOT / "ui" / "static").glob("*.js"))
    used = set(re.findall(r"\"(ui_\w+\w)\"", sources)) | set(re.findall(r"'(ui_\w+)'", sources))
    used |= {f"ui_{name}" for name in re.findall(r"said\(\"(\w+)\"", sources)}
    used |= {f"ui_do_{name}" for name in re.findall(r"(?:said|words\(\)\))\.(\w+)", scripts)}
    families = r"ui_(evidence|planner|engine|reason|chart|export)_\w+|ui_(today|this_week|earlier)"
    families += "|ui_(metrics|splits|segments)"  # counted one after the other
    made = {name for name in words("zh") if re.fullmatch(families, name)}
    login = set(re.findall(r'"(\w+)"', re.search(r"for name in \(([^)]*)\)", sources)[1]))

    assert (used | made | {f"ui_{name}" for name in login}) - {"ui_do_"} == set(words("zh"))


@pytest.mark.parametrize(
    ("query", "cookies", "accepted", "own", "expected"),
    [
        ({}, {}, "", None, "zh"),
        ({}, {}, "en-US,en;q=0.9", None, "en"),
        ({}, {}, "fr-FR, zh-CN;q=0.8, en;q=0.5", None, "zh"),
        ({}, {}, "fr-FR", None, "zh"),
        ({}, {}, "zh-CN", "en", "zh"),
        ({}, {}, "fr-FR", "en", "en"),
        ({}, {"sextant_language": "zh"}, "en-US", "en", "zh"),
        ({"lang": "en"}, {"sextant_language": "zh"}, "zh-CN", "zh", "en"),
        ({"lang": "<script>"}, {"sextant_language": "../../x"}, "", None, "zh"),
    ],
)
def test_language_follows_address_cookie_person_browser(query, cookies, accepted, own, expected):
    assert language_of(query, cookies, accepted, own) == expected
