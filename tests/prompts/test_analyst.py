import json
import re
from typing import get_args

import pytest

import tools
from prompts import load_prompt
from warehouse.query import Operator, QuerySpec

text = load_prompt("analyst").text
examples = [json.loads(found) for found in re.findall(r"`(\{.*?\}\})`", text, re.DOTALL)]


def test_every_tool_is_told_of():
    told = set(re.findall(r"^   - `(\w+)`:", text, re.MULTILINE))

    assert told == {tool.name for tool in tools.TOOLS}


@pytest.mark.parametrize("arguments", examples)
def test_examples_are_valid_specs(arguments):
    spec = QuerySpec.model_validate(arguments)

    assert spec.where


def test_there_is_an_example_call():
    assert len(examples) == 1


def test_every_operator_of_a_filter_is_told_of():
    told = re.search(r"`op`: (.*?)\.\n", text, re.DOTALL)

    assert set(told[1].split()) == set(get_args(Operator))


@pytest.mark.parametrize("ending", ["analyst_seeing", "analyst_unseeing"])
def test_both_endings_name_the_words_that_end_a_turn(ending):
    assert {"`ASK: ...`", "`CANNOT: ...`"} <= set(
        re.findall(r"`\w+: \.\.\.`", load_prompt(ending).text)
    )
