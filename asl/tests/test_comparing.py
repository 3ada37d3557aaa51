"""What differs between two definitions: each kind of change in words, and none is overlooked."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.drawn_machines import definition
from tests.proofs import FULL

from sfn_fragments_asl.comparing import MachineDifference, compare, compare_machines
from sfn_fragments_asl.comparing.values import same, value_changes
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_asl.reading.templates import FoundMachine, state_machines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BASE: dict[str, Any] = {
    "StartAt": "Prepare",
    "States": {
        "Prepare": {"Type": "Pass", "Assign": {"x": 1}, "Next": "Submit"},
        "Submit": {
            "Type": "Task",
            "Resource": "arn:aws:states:::batch:submitJob.sync",
            "Parameters": {
                "JobName": "a",
                "JobQueue": "q",
                "JobDefinition": "d:1",
                "Tags": {"a": "b"},
            },
            "Retry": [{"ErrorEquals": ["A"]}, {"ErrorEquals": ["B"]}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Bad"}],
            "Next": "Any?",
        },
        "Any?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.n", "NumericGreaterThan": 0, "Next": "Each"},
                {"Variable": "$.m", "IsPresent": True, "Next": "Bad"},
            ],
            "Default": "Bad",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.files",
            "ItemProcessor": {
                "StartAt": "Copy",
                "States": {
                    "Copy": {"Type": "Pass", "Next": "Wait"},
                    "Wait": {"Type": "Wait", "Seconds": 3, "End": True},
                },
            },
            "End": True,
        },
        "Bad": {"Type": "Fail", "Error": "E"},
    },
}


def changed(change: Callable[[dict[str, Any]], object]) -> MachineDifference:
    after = deepcopy(BASE)
    change(after["States"])
    return compare_machines(Machine(BASE), Machine(after))


def of_state(name: str, **fields: Any) -> tuple[str, ...]:
    """What is told of a state whose fields are others."""
    after = deepcopy(BASE)
    after["States"][name] |= fields
    (change,) = compare_machines(Machine(BASE), Machine(after)).states
    assert (change.kind, change.name) == ("changed", name)
    return change.words


def test_nothing_differs_from_itself_whatever_the_order_of_keys() -> None:
    for seed in range(300 if FULL else 12):
        one = definition(seed)
        assert compare_machines(Machine(one), Machine(backwards(one))).same


def backwards(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(item) for item in value] if isinstance(value, list) else value


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each object or list, and each key or index in it."""
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        yield value, key
        yield from places(value[key])


def test_no_change_is_overlooked() -> None:
    count = sum(1 for _ in places(BASE))
    assert count > 50
    for index in range(count):
        for change in (replace, remove):
            after = deepcopy(BASE)
            holder, key = [*places(after)][index]
            change(holder, key)
            before = compare_machines(Machine(BASE), Machine(after))
            assert not before.same, (key, change)
            # And back: what was gained is lost.
            back = compare_machines(Machine(after), Machine(BASE))
            assert (back.gained, back.lost) == (before.lost, before.gained)
            kinds = sorted(each.kind for each in before.states)
            opposite = {"added": "removed", "removed": "added"}
            assert kinds == sorted(opposite.get(each.kind, each.kind) for each in back.states)


def replace(holder: Any, key: Any) -> None:
    value = holder[key]
    holder[key] = f"{value}x" if isinstance(value, str) else [7] if value != [7] else 8


def remove(holder: Any, key: Any) -> None:
    del holder[key]


def test_states_are_added_and_removed() -> None:
    notify = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:111122223333:done"},
        "End": True,
    }
    found = changed(lambda states: states.update(Tell=notify))
    (added,) = found.states
    assert (added.kind, added.name, added.type) == ("added", "Tell", "Task")
    assert added.words == ("SNS: publish", "done")
    (gained,) = found.gained
    assert gained.actions == ("sns:Publish",)
    assert gained.resources == ("arn:aws:sns:eu-west-1:111122223333:done",)
    assert (gained.states, found.lost) == (("Tell",), ())
    back = compare_machines(
        Machine({**BASE, "States": {**BASE["States"], "Tell": notify}}), Machine(BASE)
    )
    assert [each.kind for each in back.states] == ["removed"]
    assert back.lost == (gained,)


def test_a_state_is_renamed_with_what_leads_to_it() -> None:
    after = json.loads(json.dumps(BASE).replace('"Submit"', '"Send"').replace('"Bad"', '"Failed"'))
    found = compare_machines(Machine(BASE), Machine(after))
    renamed = {each.before: each.name for each in found.states}
    assert renamed == {"Submit": "Send", "Bad": "Failed"}
    assert {each.words for each in found.states} == {()}
    assert found.settings == ()


def test_of_several_that_are_alike_none_is_renamed() -> None:
    alike = {name: {"Type": "Succeed"} for name in ("A", "B")}
    others = {name: {"Type": "Succeed"} for name in ("C", "D")}
    found = compare_machines(
        Machine({"StartAt": "A", "States": alike}), Machine({"StartAt": "C", "States": others})
    )
    assert sorted(each.kind for each in found.states) == ["added", "added", "removed", "removed"]
    assert found.settings == ("starts with C instead of A",)


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("Prepare", {"Next": "Any?"}, "goes on to Any? instead of Submit"),
        ("Prepare", {"Type": "Succeed"}, "is a Succeed instead of a Pass"),
        ("Prepare", {"Assign": {"x": 2, "y": "$.a"}}, "Assign.x: 2 instead of 1"),
        ("Prepare", {"Assign": {"x.$": "$.a"}}, "Assign.x: a instead of 1"),
        ("Prepare", {"Comment": "why"}, 'Comment: "why" instead of ""'),
        ("Submit", {"TimeoutSeconds": 60}, "TimeoutSeconds: 60 is new"),
        (
            "Submit",
            {"Resource": "arn:aws:states:::batch:submitJob"},
            "calls Batch: submit job instead of Batch: submit job, wait",
        ),
        (
            "Submit",
            {"Parameters": {**BASE["States"]["Submit"]["Parameters"], "JobQueue": "p"}},
            'argument.JobQueue: "p" instead of "q"',
        ),
        ("Submit", {"Catch": []}, "no longer: on any error: goes on to Bad"),
        ("Submit", {"Retry": [{"ErrorEquals": ["B"]}, {"ErrorEquals": ["A"]}]},
         "its retriers are tried in another order"),
        ("Submit", {"Retry": [{"ErrorEquals": ["A"]}, {"ErrorEquals": ["B"], "MaxAttempts": 9}]},
         "retries on B: up to 9 retries, after 1 s, then 2 times as long each time "
         "(was: up to 3 retries, after 1 s, then 2 times as long each time)"),
        ("Submit", {"Retry": [{"ErrorEquals": ["A"]}, {"ErrorEquals": ["B"], "BackoffRate": 2}]},
         'now: {"ErrorEquals": ["B"], "BackoffRate": 2} instead of {"ErrorEquals": ["B"]}'),
        ("Submit", {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Each"}]},
         "on any error: goes on to Each (was: goes on to Bad)"),
        ("Submit", {"Catch": [{"ErrorEquals": ["A", "B"], "Next": "Bad"}]},
         "on A or B: goes on to Bad (was: on any error)"),
        ("Submit", {"Catch": [*BASE["States"]["Submit"]["Catch"], {"ErrorEquals": ["A"]}]},
         "now: on A: goes on to None"),
        ("Any?", {"Default": "Each"}, "otherwise goes on to Each instead of Bad"),
        ("Any?", {"Default": None},
         "no longer goes on to Bad otherwise, and fails where no rule holds"),
        ("Any?", {"Choices": BASE["States"]["Any?"]["Choices"][::-1]},
         "its rules are tried in another order"),
        ("Any?", {"Choices": BASE["States"]["Any?"]["Choices"][:1]},
         "no longer: if m is there: goes on to Bad"),
        ("Each", {"MaxConcurrency": 5}, "MaxConcurrency: 5 is new"),
        ("Bad", {"Error": "F"}, 'Error: "F" instead of "E"'),
    ],
)  # fmt: skip
def test_a_state_is_changed(name: str, fields: dict[str, Any], words: str) -> None:
    assert words in of_state(name, **fields)


def test_ends_and_what_is_inside() -> None:
    def end(states: dict[str, Any]) -> None:
        states["Prepare"] = {"Type": "Pass", "Assign": {"x": 1}, "End": True}

    assert changed(end).states[0].words == ("ends instead of going on to Submit",)

    def inside(states: dict[str, Any]) -> None:
        states["Each"]["ItemProcessor"]["StartAt"] = "Wait"
        states["Each"]["ItemProcessor"]["ProcessorConfig"] = {"Mode": "DISTRIBUTED"}

    (each,) = [one for one in changed(inside).states if one.name == "Each"]
    assert "starts with Wait inside, instead of Copy" in each.words
    assert 'ProcessorConfig: {"Mode": "DISTRIBUTED"} is new' in each.words

    def out(states: dict[str, Any]) -> None:
        states["Wait"] = states["Each"]["ItemProcessor"]["States"].pop("Wait")

    (moved,) = [one for one in changed(out).states if one.name == "Wait"]
    assert moved.words == ("is now outside of Map and Parallel states instead of inside Each",)


def test_what_a_run_enters_and_costs() -> None:
    found = changed(lambda states: states["Prepare"].update(Next="Any?"))
    figures = {each.name: each.words for each in found.figures}
    assert figures["states entered"] == ("4 or more", "3 or more")
    assert figures["price of a run"] == ("$0.0001 or more", "$0.000075 or more")
    express = compare_machines(Machine(BASE), Machine(BASE), express=True)
    assert express.settings == ("is of type Express instead of Standard",)
    assert express.states == ()
    assert "price of a run" in {each.name for each in express.figures}


def test_values() -> None:
    assert not same(True, 1)
    assert same({"a": [1, {"b": 2.0}]}, {"a": [1.0, {"b": 2}]})
    old, new = "a" * 200 + "b" * 300, "a" * 200 + "c" * 300
    (line,) = value_changes(old, new, "x")
    assert line.startswith(f"x: …{'a' * 20}ccc")
    assert len(line) < 300


def template(**machines: dict[str, Any]) -> list[FoundMachine]:
    resources = {
        logical_id: {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
        for logical_id, properties in machines.items()
    }
    found, problems = state_machines({"Resources": resources}, Path("template.json"))
    assert problems == []
    return found


def machine(seconds: int, **properties: Any) -> dict[str, Any]:
    states = {"A": {"Type": "Wait", "Seconds": seconds, "End": True}}
    return {"Definition": {"StartAt": "A", "States": states}, **properties}


def test_machines_of_templates_are_paired() -> None:
    found = compare(
        template(One=machine(1), Two=machine(2)), template(Two=machine(2), One=machine(1))
    )
    assert found.same
    assert [pair.new.name for pair in found.pairs] == ["Two", "One"]
    # By the name that is given, and the last one on each side whatever it is called.
    before = template(Old=machine(1, StateMachineName="nightly"), Other=machine(2))
    after = template(New=machine(9, StateMachineName="nightly"), Another=machine(2))
    pairs = compare(before, after).pairs
    assert [(pair.old.name, pair.new.name) for pair in pairs] == [
        ("Old", "New"),
        ("Other", "Another"),
    ]
    assert [pair.difference.same for pair in pairs] == [False, True]
    grown = compare(template(One=machine(1)), template(One=machine(1), Two=machine(2)))
    assert [each.name for each in grown.added] == ["Two"]
    assert not grown.same
    back = compare(template(One=machine(1), Two=machine(2)), template(One=machine(1)))
    assert [each.name for each in back.removed] == ["Two"]
