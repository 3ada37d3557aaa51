"""What is literal in a value is never longer than what the value comes to."""

from __future__ import annotations

from typing import Any

import pytest
from jsonata import Jsonata

from sfn_fragments_asl.checks.literal_parts import compact_text, literal_part, literal_variables
from sfn_fragments_asl.model.machine import Machine

INPUTS: list[dict[str, Any]] = [
    {"a": "x", "b": ["y"], "c": True, "o": {"k": "v"}},
    {"a": "", "b": [], "c": False, "o": {"l": ""}},
    {"c": True},
]


@pytest.mark.parametrize(
    ("source", "least"),
    [
        ("{'k': 'long', 'n': a}", {"k": "long"}),
        ("{'k': ['a', a, {'b': 1.5}]}", {"k": ["a", {"b": 1.5}]}),
        ("'text ' & a & 7 & ' more'", "text  more"),
        ("c ? 'a longer one' : 'short'", "short"),
        ("c ? {'k': 'v'}", ""),
        ("c ? {'k': 'v'} : a", ""),
        ("($x := a; {'k': 'v', 'x': $x})", {"k": "v"}),
        ("$append([{'k': 'v'}], b)", [{"k": "v"}]),
        ("$append('one', ['two'])", ["one", "two"]),
        ("$merge([{'k': 'default', 'l': 'stays'}, {'k': 'v'}])", {"k": "v", "l": "stays"}),
        ("$merge([{'k': 'default', 'l': 'default'}, o])", {"k": "", "l": ""}),
        ("$merge([o, {'k': 'v'}])", {"k": "v"}),
        ("{'k': -2, 'b': true, 'n': null}", {"k": -2, "b": True, "n": None}),
        ("{'k': 'long text'}.k", ""),
        ("['long text', 'x'][1]", ""),
        ("$length('a long text')", ""),
        ("[1..3]", []),
        ("{'k': $substring('a long text', 0, 1)}", {}),
        ("not ( parsed", ""),
    ],
)
def test_an_expression(source: str, least: Any) -> None:
    assert literal_part(f"{{% {source} %}}") == least
    for given in [] if source == "not ( parsed" else INPUTS:
        found = Jsonata(source).evaluate(given)
        # What finds nothing fails in Step Functions.
        if found is not None:
            assert len(compact_text(least)) <= len(compact_text(found)), given


def test_templates() -> None:
    template = {
        "A.$": "$.a",
        "B.$": "States.Format('run {} of {}', $.a, $.b)",
        "C": ["${Bucket}/key", "{% 'x' & $y %}", 3, None],
        "D.$": "not ( parsed",
    }
    assert literal_part(template) == {
        "A": "",
        "B": "run  of ",
        "C": ["/key", "x", 3, None],
        "D": "",
    }


VARIABLES = {"one": {"two": "long", "three": ["x"]}}


@pytest.mark.parametrize(
    ("value", "least"),
    [
        ({"A.$": "$one.two", "B.$": "$one.four", "C.$": "$other"}, {"A": "long", "B": "", "C": ""}),
        ({"A.$": "$one.three[0]", "B.$": "$.one.two"}, {"A": "", "B": ""}),
        ("{% $one.two & '-' & $other %}", "long-"),
        ("{% {'k': $one, 'l': $other} %}", {"k": VARIABLES["one"]}),
        ("{% $merge([$one, {'two': 'x'}]) %}", {"two": "x", "three": ["x"]}),
        ("{% $one.three[0] %}", ""),
        ("{% ($one := 'x'; {'k': $one}) %}", {}),
    ],
)
def test_variables(value: Any, least: Any) -> None:
    assert literal_part(value, VARIABLES) == least


def test_variables_of_a_definition() -> None:
    choice = {"Type": "Choice", "Choices": [{"Assign": {"once": "a", "twice": "a"}}]}
    caught = {"Type": "Task", "Catch": [{"Assign": {"caught.$": "$.Error"}}]}
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Assign": {"inner": ["b"]}}}}
    states = {
        "A": {"Type": "Pass", "Assign": {"twice": "b", "formatted.$": "States.Format('c{}', $.d)"}},
        "B": choice,
        "C": caught,
        "D": {"Type": "Parallel", "Branches": [inner]},
    }
    machine = Machine({"StartAt": "A", "States": states})
    assert literal_variables(machine.every_state()) == {
        "formatted": "c",
        "once": "a",
        "caught": "",
        "inner": ["b"],
    }
