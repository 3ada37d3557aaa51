"""The model of a definition: machines, states, calls, expressions, and the place of each."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfn_fragments_asl.model.calls import ServiceCall, service_call
from sfn_fragments_asl.model.expressions import Expression
from sfn_fragments_asl.model.json_data import below, texts
from sfn_fragments_asl.model.jsonata import free_variables, parse_jsonata
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_asl.model.paths import MalformedError

DEFINITION: dict[str, Any] = {
    "StartAt": "Choose",
    "States": {
        "Choose": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "Each"}],
            "Default": "Both",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {
                "StartAt": "In/one~",
                "States": {"In/one~": {"Type": "Pass", "End": True}},
            },
            "End": True,
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Wait",
                    "States": {
                        "Wait": {
                            "Type": "Task",
                            "QueryLanguage": "JSONata",
                            "Resource": "arn:${AWS::Partition}:states:::batch:submitJob.sync",
                            "Arguments": {"JobName": "{% 'a-' & $run.id %}", "Tags": ["{% $t %}"]},
                            "Assign": {"job": "{% $states.result.JobId %}"},
                            "Catch": [
                                {"ErrorEquals": ["States.ALL"], "Assign": {"e": "1"}, "Next": "No"}
                            ],
                            "End": True,
                        },
                        "No": {"Type": "Fail"},
                    },
                }
            ],
            "End": True,
        },
    },
}


def at(pointer: str) -> Any:
    """What a JSON Pointer leads to, by RFC 6901."""
    value: Any = DEFINITION
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def test_everything_tells_its_place() -> None:
    machine = Machine(DEFINITION)
    states = list(machine.every_state())
    assert [state.name for state in states] == ["Choose", "Each", "In/one~", "Both", "Wait", "No"]
    for state in states:
        assert at(state.pointer) is state.fields
        for transition in state.transitions:
            assert at(transition.pointer) == transition.target
        for expression in state.expressions:
            assert expression.source in at(expression.pointer)
    for inner in machine.walk():
        assert at(inner.pointer) is inner.body


def test_what_a_state_calls_reads_and_assigns() -> None:
    states = {state.name: state for state in Machine(DEFINITION).every_state()}
    wait = states["Wait"]
    assert wait.call == ServiceCall("batch", "submitJob", ".sync", sdk=False)
    assert wait.call is not None
    assert wait.call.waits_for_end
    made = wait.integration()
    assert made is not None
    assert made.arguments is wait.fields["Arguments"]
    assert {name for name, needed in wait.reads.items() if needed} == {"run", "t"}
    assert wait.assigned == {"job", "e"}
    assert [(each.field, each.target) for each in states["Choose"].transitions] == [
        ("Default", "Both"),
        ("Choices[0].Next", "Each"),
    ]
    assert [each.source for each in states["Choose"].expressions] == ["$.a"]


@pytest.mark.parametrize("value", [Machine(DEFINITION), Machine(DEFINITION).start])
def test_it_is_frozen(value: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.pointer = "/elsewhere"


@pytest.mark.parametrize(
    ("resource", "call"),
    [
        ("arn:aws:states:::aws-sdk:s3:putObject", ServiceCall("s3", "putObject", "", True)),
        (
            "arn:aws:states:::states:startExecution.sync:2",
            ServiceCall("states", "startExecution", ".sync:2"),
        ),
        ("arn:aws:lambda:us-west-2:123456789012:function:f", None),
        ("arn:aws:states:us-west-2:123456789012:activity:a", None),
        ("${Function}", None),
    ],
)
def test_resources(resource: str, call: ServiceCall | None) -> None:
    assert service_call(resource) == call


@pytest.mark.parametrize(
    ("source", "free"),
    [
        ("$a.b & $c[0]", {"a", "c"}),
        ("$sum($list.size)", {"list"}),
        ("$map($list, function($v, $i) { $v + $i + $offset })", {"list", "offset"}),
        ("($x := $a; $y := function($n) { $n * $x }; $y(2))", {"a"}),
        ("$o@$book.title[$book.id = $id]", {"o", "id"}),
        ("$exists($maybe.a) ? $maybe.a : $other", {"other"}),
        ("\"$text\" & '$also' & `$name`", set()),
        ("/[$]a/", set()),
        ("$states.input.a", set()),
        ("$uppercase", set()),
        # Outside of its function a name is free again.
        ("$map($l, function($v) { $v }) & $v", {"l", "v"}),
        ("${Count} + $n", {"n"}),
    ],
)
def test_the_variables_that_jsonata_needs(source: str, free: set[str]) -> None:
    needed = {name for name, needs in free_variables(parse_jsonata(source)).items() if needs}
    assert needed == free


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("$a.b", {"a"}),
        ("States.Format('{}{}', $a, States.ArrayLength($b[0]))", {"a", "b"}),
        ("$.items[?(@.id == $run)]", {"run"}),
        ("$$.Execution.Name", set()),
        ("$.a", set()),
        # What is malformed is read as far as it can be.
        ("States.Format($a", {"a"}),
    ],
)
def test_the_variables_that_jsonpath_needs(source: str, names: set[str]) -> None:
    assert set(Expression(source, jsonata=False).reads) == names


@pytest.mark.parametrize("source", ["", "$a +", "{", "a b", "'x"])
def test_malformed_jsonata(source: str) -> None:
    with pytest.raises(MalformedError):
        parse_jsonata(source)
    assert Expression(source, jsonata=True).tree is None
    assert Expression(source, jsonata=True).problem


def test_reading_jsonata_leaves_the_process_as_it_is() -> None:
    import sys

    limit = sys.getrecursionlimit()
    parse_jsonata("$a")
    assert sys.getrecursionlimit() == limit


@given(st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_read_or_refused(source: str) -> None:
    for jsonata in (True, False):
        expression = Expression(source, jsonata=jsonata)
        assert (expression.tree is None) == bool(expression.problem)


@given(st.recursive(st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)))
def test_places_of_texts(value: Any) -> None:
    for pointer, text in texts(value):
        found = value
        for part in pointer.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            found = found[int(name)] if isinstance(found, list) else found[name]
        assert found == text


def test_pointers() -> None:
    assert below("", "a/b", "~", 0) == "/a~1b/~0/0"
