"""Definitions in words; the examples of these packages say what they show."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments_asl import comparing, drawing, wording
from sfn_fragments_asl.model.machine import Machine, State
from sfn_fragments_asl.wording.calls import name_in_words, subject_in_words, task_in_words
from sfn_fragments_asl.wording.conditions import condition_in_words
from sfn_fragments_asl.wording.states import (
    duration_in_words,
    retrier_in_words,
    retries_in_words,
    state_in_words,
    ways,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULES = [
    f"{package.__name__}.{module.name}"
    for package in (comparing, drawing, wording)
    for module in pkgutil.iter_modules(package.__path__)
]


@pytest.mark.parametrize("module", MODULES)
def test_examples_show_what_comes_out(module: str) -> None:
    assert doctest.testmod(import_module(module)).failed == 0


def state(fields: Mapping[str, Any], language: str = "JSONPath") -> State:
    machine = Machine({"StartAt": "A", "QueryLanguage": language, "States": {"A": fields}})
    return machine.states["A"]


def of(variable: str, **comparison: Any) -> dict[str, Any]:
    return {"Variable": variable, **comparison}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (of("$.a", NumericEquals=3), "a is 3"),
        (of("$.a", NumericLessThanEquals=3), "a ≤ 3"),
        (of("$.a", NumericGreaterThanEqualsPath="$.b.c"), "a ≥ b.c"),
        (of("$.a", StringEquals="x y"), 'a is "x y"'),
        (of("$.a", StringEquals="$.b"), 'a is "$.b"'),
        (of("$.a", StringMatches="log-*"), 'a matches "log-*"'),
        (of("$.a", BooleanEquals=True), "a is true"),
        (of("$.a", IsPresent=True), "a is there"),
        (of("$.a", IsPresent=False), "a is missing"),
        (of("$.a", IsNull=False), "a is not null"),
        (of("$x.y", IsString=True), "$x.y is a text"),
        (of("$$.Execution.Name", TimestampLessThan="2030"), 'Execution.Name < "2030"'),
        ({"Not": of("$.a", IsNumeric=True)}, "a is no number"),
        ({"Not": {"Not": of("$.a", NumericLessThan=1)}}, "a < 1"),
        (
            {
                "And": [
                    of("$.a", IsNull=True),
                    {"Or": [of("$.b", IsNull=True), of("$.c", IsNull=True)]},
                ]
            },
            "a is null and (b is null or c is null)",
        ),
        # What is not both is one of the two opposites.
        (
            {"Not": {"And": [of("$.a", NumericEquals=1), of("$.b", NumericGreaterThan=2)]}},
            "a is not 1 or b ≤ 2",
        ),
        (
            {"Condition": "{% $states.input.n >= 2 or $not($exists($a.b)) %}"},
            "n ≥ 2 or $a.b is missing",
        ),
        (
            {"Condition": "{% $k in ['a', 'b'] and $contains($s, 'x') %}"},
            '$k is in "a", "b" and $s contains "x"',
        ),
        ({"Condition": "{% $count($states.input.files) = 0 %}"}, "count of files is 0"),
        # What has no shorter words is shown as it is, on one line.
        ({"Condition": "{% $a[b = 1]\n   .c = 2 %}"}, "$a[b = 1] .c = 2"),
        ({"Condition": "{% $a > %}"}, "$a >"),
        ({"Condition": True}, "True"),
        ({}, ""),
    ],
)
def test_conditions(rule: dict[str, Any], words: str) -> None:
    assert condition_in_words(rule) == words


@pytest.mark.parametrize(
    ("resource", "arguments", "words", "subject"),
    [
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", {"QueueUrl": "https://sqs.eu/1/q"},
         "SQS: send message, wait for its token", "q"),
        ("arn:aws:states:::aws-sdk:dynamodb:getItem", {"TableName": "${Table1A2B3C4D}"},
         "DynamoDB: get item", "Table"),
        ("arn:aws:states:::states:startExecution.sync:2",
         {"StateMachineArn": "arn:aws:states:eu:1:stateMachine:Inner"},
         "Step Functions: start execution, wait", "Inner"),
        ("arn:aws:states:::lambda:invoke", {"FunctionName.$": "$.name"}, "Lambda: invoke", ""),
        ("arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:clean", {},
         "Lambda: invoke", "clean"),
        ("arn:aws:states:eu:1:activity:approve", {}, "activity approve", ""),
        ("${Function.Arn}", {}, "Function", ""),
        ("", {}, "calls nothing", ""),
    ],
)  # fmt: skip
def test_calls(resource: str, arguments: dict[str, Any], words: str, subject: str) -> None:
    task = state({"Type": "Task", "Resource": resource, "Parameters": arguments})
    assert (task_in_words(task), subject_in_words(task)) == (words, subject)


def test_names_of_resources() -> None:
    place = "${Fn_Select_6_Fn_Split_Ref_JobDefinition6EBDA285}:1"
    assert name_in_words(f"arn:aws:batch:eu:1:job-definition/{place}") == "JobDefinition"
    assert name_in_words("${Table.Arn}") == "Table"


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({"Type": "Wait", "Seconds": 3_700}, ["for 1 h 1 min 40 s"]),
        ({"Type": "Wait", "SecondsPath": "$.s"}, ["for s s"]),
        ({"Type": "Wait", "Timestamp": "2030-01-31T12:00:00Z"}, ["until 2030-01-31T12:00:00Z"]),
        ({"Type": "Wait"}, []),
        ({"Type": "Pass", "Assign": {"a.$": "$.a", "b": 1}}, ["sets $a, $b"]),
        ({"Type": "Fail", "Error": "Acme.Bad"}, ["Acme.Bad"]),
        ({"Type": "Fail", "ErrorPath": "$.error"}, ["error"]),
        (
            {"Type": "Map", "ItemsPath": "$.files", "MaxConcurrency": 5},
            ["each of files", "5 at a time"],
        ),
        ({"Type": "Map", "Items": [1, 2], "MaxConcurrency": 0}, ["each of 2 items"]),
        ({"Type": "Parallel", "Branches": [{}, {}]}, ["2 branches at the same time"]),
        ({"Type": "Succeed"}, []),
        ({"Type": "Odd"}, []),
    ],
)
def test_states(fields: dict[str, Any], lines: list[str]) -> None:
    assert state_in_words(state(fields)) == lines


def test_a_distributed_map_over_objects() -> None:
    fields = {
        "Type": "Map",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}},
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:listObjectsV2",
            "Parameters": {"Bucket": "b", "Prefix.$": "$.folder"},
        },
    }
    assert state_in_words(state(fields)) == ["each item of S3: folder", "an execution for each"]


def test_retries() -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
    retriers = [
        {"ErrorEquals": ["A"], "MaxAttempts": 0},
        {"ErrorEquals": ["B"], "MaxAttempts": 1, "JitterStrategy": "FULL"},
        {"ErrorEquals": ["States.ALL"], "BackoffRate": 1.5},
    ]
    tried = state({**task, "Retry": retriers})
    assert state_in_words(tried) == ["Lambda: invoke", "up to 3 retries"]
    assert retries_in_words(tried) == [
        "on A: no retry",
        "on B: up to 1 retry, after 1 s, with jitter",
        "on any error: up to 3 retries, after 1 s, then 1.5 times as long each time",
    ]
    assert "$n s" in retrier_in_words({"ErrorEquals": ["A"], "IntervalSeconds": "{% $n %}"})
    assert duration_in_words(1.5) == "1.5 s"


def test_ways_come_in_the_order_in_which_they_are_tried() -> None:
    rule = of("$.a", IsNull=True)
    choice = state(
        {"Type": "Choice", "Default": "C", "Choices": [{**rule, "Next": "B"}, 3, {"Next": "D"}]}
    )
    found = [(way.kind, way.words, way.target) for way in ways(choice)]
    assert found == [
        ("choice", "a is null", "B"),
        ("choice", "", "D"),
        ("otherwise", "otherwise", "C"),
    ]
    task = state({"Type": "Task", "Next": "B", "Catch": [{"ErrorEquals": ["A"], "Next": "C"}]})
    assert [(way.kind, way.words, way.pointer) for way in ways(task)] == [
        ("next", "", "/States/A/Next"),
        ("catch", "on A", "/States/A/Catch/0/Next"),
    ]
