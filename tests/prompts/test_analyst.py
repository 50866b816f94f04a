import json
import re

import pytest

import tools
from prompts import load_prompt
from warehouse.query import QuerySpec

text = load_prompt("analyst").text
examples = [json.loads(found) for found in re.findall(r"`(\{.*?\})`", text, re.DOTALL)]
clauses = [
    json.loads("{" + found + "}") for found in re.findall(r'`("where": .*?)`', text, re.DOTALL)
]


def test_every_tool_is_told_of():
    told = set(re.findall(r"^   - `(\w+)`:", text, re.MULTILINE))

    assert told == {tool.name for tool in tools.TOOLS}


@pytest.mark.parametrize("arguments", [*examples, *({"metrics": ["orders"], **c} for c in clauses)])
def test_examples_are_valid_specs(arguments):
    assert QuerySpec.model_validate(arguments)


def test_there_is_an_example_call_and_an_example_filter():
    assert len(examples) == len(clauses) == 1
