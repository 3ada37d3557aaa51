"""Sizes of the data that passes through states, as far as the definition tells them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfn_fragments_asl.forecast.forecast import forecast
from sfn_fragments_asl.forecast.payload import largest_input, size_of
from sfn_fragments_asl.model.machine import Machine


def sizes(states: dict[str, Any], language: str = "JSONPath") -> dict[str, Any]:
    """Name of a state to the least and greatest size of its input and output."""
    definition = {"QueryLanguage": language, "StartAt": next(iter(states)), "States": states}
    found = forecast(Machine(definition))
    return {
        part.name: ((part.input.least, part.input.most), (part.output.least, part.output.most))
        for part in found.parts
    } | {"largest": (found.payload.least, found.payload.most)}


ANY = (1, None)


def after(first: dict[str, Any], language: str = "JSONPath") -> Any:
    """What is known of the output of a state."""
    return sizes({"A": {**first, "Next": "B"}, "B": {"Type": "Succeed"}}, language)["B"][0]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Result": {"a": "é"}}, (10, 10)),
        ({"Result": {"a": 1}, "ResultPath": None}, ANY),
        ({"Result": {"a": 1}, "ResultPath": "$.b"}, (len('{"b":{"a":1}}'), None)),
        ({"Result": {"a": [1, 2]}, "OutputPath": "$.a"}, (5, 5)),
        ({"InputPath": None}, (2, 2)),
        ({"InputPath": "$.a"}, ANY),
        ({"Parameters": {"a": 1, "b.$": "$.c"}}, (len('{"a":1,"b":1}'), None)),
        ({"Parameters": {"a": [1, "x"]}}, (13, 13)),
        ({"Parameters": {"a": "${Bucket}"}}, (len('{"a":""}'), None)),
        ({"Parameters": {"a.$": "$$.Execution.Id"}, "ResultPath": None}, ANY),
    ],
)
def test_a_pass_state(fields: dict[str, Any], expected: tuple[int, int | None]) -> None:
    assert after({"Type": "Pass", **fields}) == expected


def test_what_passes_by_stays_as_it_is() -> None:
    keep = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": None}
    states = {
        "A": {"Type": "Pass", "Result": {"a": 1}, "Next": "B"},
        "B": {**keep, "Next": "C"},
        "C": {"Type": "Wait", "Seconds": 1, "Next": "D"},
        "D": {**keep, "ResultPath": "$.r", "ResultSelector": {"x": True}, "End": True},
    }
    found = sizes(states)
    assert found["C"] == ((7, 7), (7, 7))
    # At least the result at its place: the input may have had another there.
    assert found["D"][1] == (len('{"r":{"x":true}}'), len('{"a":1,"r":{"x":true}}') + 1)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Output": {"a": "b"}}, (9, 9)),
        ({"Output": {"a": "{% $states.input.x %}"}}, (len('{"a":1}'), None)),
        ({"Output": "{% $states.input %}"}, ANY),
        ({"Output": ["{% $f() %}", 1]}, (5, None)),
        ({}, ANY),
    ],
)
def test_jsonata(fields: dict[str, Any], expected: tuple[int, int | None]) -> None:
    assert after({"Type": "Pass", **fields}, "JSONata") == expected


def test_lists_of_maps_and_parallel_states() -> None:
    item = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Output": "ab", "End": True}}}
    three = {"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": item}
    assert after(three, "JSONata") == (len('["ab","ab","ab"]'),) * 2
    open_ended = {"Type": "Map", "Items": "{% $a %}", "ItemProcessor": item}
    assert after(open_ended, "JSONata") == (2, None)
    both = {"Type": "Parallel", "Branches": [item, item]}
    assert after(both, "JSONata") == (len('["ab","ab"]'),) * 2
    empty = {"Type": "Map", "Items": [], "ItemProcessor": item}
    assert after(empty, "JSONata") == (2, 2)


def test_the_largest_is_that_of_the_way_on_which_it_is_smallest() -> None:
    states = {
        "A": {"Type": "Pass", "Parameters": {"a": 1}, "Next": "Which"},
        "Which": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "Large"}],
            "Default": "Small",
        },
        "Large": {"Type": "Pass", "Result": "x" * 98, "End": True},
        "Small": {"Type": "Pass", "Result": "x" * 8, "End": True},
    }
    assert sizes(states)["largest"] == (10, None)
    # What an execution is started with may be of any size; what a literal begins with is known.
    assert sizes(states)["Which"] == ((7, 7), (7, 7))


def test_sizes_of_what_ran() -> None:
    value = {"a": "é", "b": [1, None]}
    assert size_of(value) == len(json.dumps(value, ensure_ascii=False).replace(" ", "").encode())
    entered = [{"stateEnteredEventDetails": {"input": text}} for text in ('{"a":1}', '"é"')]
    assert largest_input([{}, *entered]) == 7
    assert largest_input([]) == 0
