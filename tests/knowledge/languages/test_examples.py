"""The examples in the docstrings of the languages are true."""

import doctest
import importlib

import pytest

MODULES = (
    "detect", "formatting", "messages", "normalise", "numbers", "times", "en.numbers", "zh.numbers",
    "time_grammar.periods",
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"knowledge.languages.{name}"))

    assert result.attempted > 0
    assert result.failed == 0
