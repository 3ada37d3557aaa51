"""Each gap of moto's interpreter: closed by `moto_gaps.apply`, and still open without it.

The probes run twice: in this process, after `apply`, and in one process of its own without it,
for which this file is a script that prints what every probe gave.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from tests.proofs import few, long_proof

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/machine"
#: This file as a program of its own, which finds what pytest finds.
ALONE = {**os.environ, "AWS_ENDPOINT_URL": "", "PYTHONPATH": str(Path(__file__).parents[3])}
CONFIG: Any = {
    "stepfunctions": {"execute_state_machine": True},
    "batch": {"use_docker": False},
}


def credentials() -> dict[str, str]:
    return {
        "region_name": REGION,
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
    }


class World:
    """A bucket, a job queue and a job definition, and a way to run a definition among them."""

    def __init__(self, endpoint_url: str | None = None) -> None:
        self.endpoint_url = endpoint_url
        self.sfn = self.client("stepfunctions")
        self.s3 = self.client("s3")
        self.s3.create_bucket(Bucket="bucket")
        self.s3.put_object(Bucket="bucket", Key="doc.json", Body=b'{"a": {"list": [1, 2, 3]}}')
        self.s3.put_object(Bucket="bucket", Key="list.json", Body=b"[1, 2, 3]")
        self._create_batch()

    def client(self, service: str) -> Any:
        session = boto3.session.Session()
        return session.client(service, endpoint_url=self.endpoint_url, **credentials())

    def _create_batch(self) -> None:
        role = self.client("iam").create_role(RoleName="batch", AssumeRolePolicyDocument="{}")
        batch = self.client("batch")
        environment = batch.create_compute_environment(
            computeEnvironmentName="environment",
            type="UNMANAGED",
            state="ENABLED",
            serviceRole=role["Role"]["Arn"],
        )
        batch.create_job_queue(
            jobQueueName="queue",
            state="ENABLED",
            priority=1,
            computeEnvironmentOrder=[
                {"order": 1, "computeEnvironment": environment["computeEnvironmentArn"]}
            ],
        )
        batch.register_job_definition(
            jobDefinitionName="definition",
            type="container",
            containerProperties={
                "image": "busybox",
                "command": ["true"],
                "resourceRequirements": [
                    {"type": "VCPU", "value": "1"},
                    {"type": "MEMORY", "value": "512"},
                ],
                "environment": [{"name": "A", "value": "definition"}],
                "mountPoints": [{"containerPath": "/mnt", "sourceVolume": "efs"}],
                "volumes": [
                    {"name": "efs", "efsVolumeConfiguration": {"fileSystemId": "fs-12345678"}}
                ],
            },
        )

    def create(self, states: dict[str, Any], **fields: Any) -> str:
        definition = {"StartAt": next(iter(states)), "States": states, **fields}
        arn: str = self.sfn.create_state_machine(
            name=f"m{uuid.uuid4().hex}", definition=json.dumps(definition), roleArn=ROLE
        )["stateMachineArn"]
        return arn

    def wait(self, arn: str, seconds: float = 20) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            execution: dict[str, Any] = self.sfn.describe_execution(executionArn=arn)
            if execution["status"] != "RUNNING":
                return execution
            time.sleep(0.02)
        return {"status": "RUNNING"}

    def run(self, states: dict[str, Any], payload: Any = None, **fields: Any) -> Any:
        """Run a definition, and return its output, or its error and cause."""
        arn = self.sfn.start_execution(
            stateMachineArn=self.create(states, **fields), input=json.dumps(payload or {})
        )["executionArn"]
        execution = self.wait(arn)
        if execution["status"] == "SUCCEEDED":
            return json.loads(execution["output"])
        history = self.sfn.get_execution_history(executionArn=arn)["events"]
        details = history[-1].get("executionFailedEventDetails", {})
        return {"error": details.get("error"), "cause": details.get("cause")}


def error_of(result: Any) -> Any:
    return result.get("error") if isinstance(result, dict) else result


@dataclass(frozen=True)
class Probe:
    run: Callable[[World], Any]
    expected: Any


PROBES: dict[str, Probe] = {}


def probe(expected: Any) -> Callable[[Callable[[World], Any]], Callable[[World], Any]]:
    def register(function: Callable[[World], Any]) -> Callable[[World], Any]:
        PROBES[function.__name__] = Probe(function, expected)
        return function

    return register


def sdk(action: str, parameters: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::aws-sdk:{action}",
        "Parameters": parameters,
        "End": True,
        **fields,
    }


def submitting(**parameters: Any) -> dict[str, Any]:
    job = {"JobName": "job", "JobQueue": "queue", "JobDefinition": "definition"}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob.sync",
        "Parameters": {**job, **parameters},
        "End": True,
    }


def passing(parameters: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Pass", "Parameters": parameters, "End": True, **fields}


def assigning(variables: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Pass", "Assign": variables, "Next": "Then", **fields}


def body_of(world: World, body: Any) -> str:
    parameters = {"Bucket": "bucket", "Key": "body", "Body": body}
    world.run({"Put": sdk("s3:putObject", parameters)})
    text: str = world.s3.get_object(Bucket="bucket", Key="body")["Body"].read().decode()
    world.s3.delete_object(Bucket="bucket", Key="body")
    return text


# 1: parameters and responses of integrations


@probe(['{"a":[1,2.5,null]}', '"text"', "true", "[1]"])
def blobs_are_json(world: World) -> Any:
    return [body_of(world, body) for body in ({"a": [1, 2.5, None]}, "text", True, [1])]


@probe({"Body": '{"a": {"list": [1, 2, 3]}}', "Length": 26})
def a_streaming_body_is_read(world: World) -> Any:
    selector = {"Body.$": "$.Body", "Length.$": "$.ContentLength"}
    parameters = {"Bucket": "bucket", "Key": "doc.json"}
    return world.run({"Get": sdk("s3:getObject", parameters, ResultSelector=selector)})


@probe({"Names": ["definition"], "Paths": ["/mnt"]})
def nested_members_of_responses_are_pascal_case(world: World) -> Any:
    selector = {
        "Names.$": "$.JobDefinitions[*].JobDefinitionName",
        "Paths.$": "$.JobDefinitions[0].ContainerProperties.MountPoints[*].ContainerPath",
    }
    parameters = {"JobDefinitionName": "definition"}
    task = sdk("batch:describeJobDefinitions", parameters, ResultSelector=selector)
    return world.run({"Describe": task})


@probe({"one": "a", "camelCase": "b"})
def nested_members_of_requests_are_translated_and_maps_kept(world: World) -> Any:
    parameters = {
        "JobDefinitionName": f"d{uuid.uuid4().hex}",
        "Type": "container",
        "ContainerProperties": {
            "Image": "busybox",
            "Vcpus": 1,
            "Memory": 4,
            "Environment": [{"Name": "N", "Value": "V"}],
        },
        "Parameters": {"one": "a", "camelCase": "b"},
    }
    world.run({"Register": sdk("batch:registerJobDefinition", parameters)})
    described = world.client("batch").describe_job_definitions(
        jobDefinitionName=parameters["JobDefinitionName"]
    )["jobDefinitions"][0]
    assert described["containerProperties"]["environment"] == [{"name": "N", "value": "V"}]
    return described["parameters"]


@probe(["States.Runtime", True])
def unknown_parameters_fail(world: World) -> Any:
    parameters = {"Bucket": "bucket", "Key": "doc.json", "Keyy": 1}
    result = world.run({"Get": sdk("s3:getObject", parameters)})
    cause = str(result.get("cause"))
    return [result.get("error"), 'The field "Keyy" is not supported by Step Functions' in cause]


# 2: variables and JSONata


@probe(
    {
        "whole": {"b": [{"x": "0"}, {"x": "1"}]},
        "member": [{"x": "0"}, {"x": "1"}],
        "filtered": [{"x": "1"}],
        "item": "1",
        "text": "x=1",
        "count": 1,
    }
)
def variables_in_paths_and_intrinsics(world: World) -> Any:
    parameters = {
        "whole.$": "$v",
        "member.$": "$v.b",
        "filtered.$": "$v.b[?(@.x != '0')]",
        "item.$": "$v.b[1].x",
        "text.$": "States.Format('x={}', $v.b[1].x)",
        "count.$": "States.ArrayLength($v.b[?(@.x != '0')])",
    }
    payload = {"b": [{"x": "0"}, {"x": "1"}]}
    return world.run({"Assign": assigning({"v.$": "$"}), "Then": passing(parameters)}, payload)


@probe([{"seen": 7, "item": 1}, {"seen": 7, "item": 2}])
def variables_in_items_path_and_item_selector(world: World) -> Any:
    then = {
        "Type": "Map",
        "ItemsPath": "$v.items",
        "ItemSelector": {"item.$": "$$.Map.Item.Value", "seen.$": "$v.seen"},
        "ItemProcessor": {
            "StartAt": "Item",
            "States": {"Item": passing({"item.$": "$.item", "seen.$": "$v.seen"})},
        },
        "End": True,
    }
    return world.run(
        {"Assign": assigning({"v.$": "$"}), "Then": then}, {"items": [1, 2], "seen": 7}
    )


@probe({"took": "equal"})
def variables_in_choices(world: World) -> Any:
    states = {
        "Assign": assigning({"v": {"n": 3}, "m": 3}),
        "Then": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$v.absent", "IsPresent": True, "Next": "No"},
                {
                    "And": [
                        {"Variable": "$v.n", "NumericEqualsPath": "$m"},
                        {"Variable": "$v.n", "IsPresent": True},
                    ],
                    "Next": "Yes",
                },
            ],
            "Default": "No",
        },
        "Yes": passing({"took": "equal"}),
        "No": passing({"took": "default"}),
    }
    return world.run(states)


@probe({"assigned": "deep"})
def choices_assign_from_the_input(world: World) -> Any:
    states = {
        "Choose": {
            "Type": "Choice",
            "Choices": [
                {
                    "Variable": "$.a",
                    "IsPresent": True,
                    "Next": "Then",
                    "Assign": {"v.$": "$.a"},
                }
            ],
        },
        "Then": passing({"assigned.$": "$v.b"}),
    }
    return world.run(states, {"a": {"b": "deep"}})


@probe({"error": "Custom.Error", "cause": "why"})
def variables_in_error_and_cause_paths(world: World) -> Any:
    states = {
        "Assign": assigning({"e": {"name": "Custom.Error", "text": "why"}}),
        "Then": {"Type": "Fail", "ErrorPath": "$e.name", "CausePath": "$e.text"},
    }
    return world.run(states)


@probe({"error": "Custom.Error", "kept": 5})
def catchers_assign(world: World) -> Any:
    catcher = {
        "ErrorEquals": ["States.ALL"],
        "Assign": {"error.$": "$.Error"},
        "ResultPath": None,
        "Next": "Then",
    }
    states = {
        "Try": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Custom.Error"}}}
            ],
            "Catch": [catcher],
            "Next": "Then",
        },
        "Then": passing({"error.$": "$error", "kept.$": "$.kept"}),
    }
    return world.run(states, {"kept": 5})


@probe({"raw": 26, "selected": 26})
def tasks_assign_the_raw_result(world: World) -> Any:
    task = sdk(
        "s3:getObject",
        {"Bucket": "bucket", "Key": "doc.json"},
        Assign={"raw.$": "$.ContentLength"},
        ResultSelector={"selected.$": "$.ContentLength"},
    )
    del task["End"]
    then = passing({"raw.$": "$raw", "selected.$": "$.selected"})
    return world.run({"Get": {**task, "Next": "Then"}, "Then": then})


@probe([])
def jobs_are_described_without_a_look_at_all_of_them(world: World) -> Any:
    from moto.batch.models import batch_backends

    class NotToBeWalked(dict[str, Any]):
        def items(self) -> Any:
            raise RuntimeError("dictionary changed size during iteration")

    backend = batch_backends["123456789012"]["us-east-1"]
    jobs, backend._jobs = backend._jobs, NotToBeWalked()
    try:
        return backend.describe_jobs(["none"])
    except RuntimeError as error:
        return str(error)
    finally:
        backend._jobs = jobs


@probe({"list": ["it's {} a \\ path"], "text": "it's {x} and {}, Ada"})
def escaped_text_is_an_argument_unescaped(world: World) -> Any:
    escaped = {
        "list.$": r"States.Array('it\'s \{\} a \\ path')",
        "text.$": r"States.Format('it\'s \{x\} and \{\}, {}', $.name)",
    }
    return world.run({"P": passing(escaped)}, {"name": "Ada"})


@probe('say "hi"\nthere')
def escaped_text_is_assigned_unescaped(world: World) -> Any:
    states = {
        "Assign": assigning({"v": {"t": 'say "hi"\nthere'}}),
        "Then": passing({"t.$": "$v.t"}),
    }
    return world.run(states)["t"]


@probe(
    {
        "n": 3,
        "literal": {"a": [1, None, True]},
        "null": None,
        "half": 0.5,
        "name": "x-1",
        "parsed": {"a": 1},
        "parts": [[1, 2], [3]],
        "range": [1, 3, 5],
        "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "uuid": 36,
        "random": True,
        "state": "Then",
        "unchanged": [3, 1],
    }
)
def jsonata(world: World) -> Any:
    output = {
        "n": "{% $sum($states.input.list) - 1 %}",
        "literal": {"a": [1, None, True]},
        "null": "{% $states.input.nothing %}",
        "half": "{% 1/2 %}",
        "name": "{% 'x-' & $v.k %}",
        "parsed": "{% $parse('{\"a\": 1}') %}",
        "parts": "{% $partition([1,2,3], 2) %}",
        "range": "{% $range(1, 5, 2) %}",
        "hash": "{% $hash('test', 'SHA-256') %}",
        "uuid": "{% $length($uuid()) %}",
        "random": "{% $random() < 1 and $random(1) = $random(1) %}",
        "state": "{% $states.context.State.Name %}",
        "unchanged": "{% ($sort($states.input.list); $states.input.list) %}",
    }
    states = {
        "Assign": {"Type": "Pass", "Assign": {"v": {"k": "{% 1 %}"}}, "Next": "Then"},
        "Then": {"Type": "Pass", "Output": output, "End": True},
    }
    return world.run(states, {"list": [3, 1], "nothing": None}, QueryLanguage="JSONata")


@probe({"error": "S3.NoSuchKeyException", "took": "caught"})
def jsonata_in_tasks_choices_and_catchers(world: World) -> Any:
    get = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Arguments": {"Bucket": "{% $states.input.bucket %}", "Key": "absent"},
        "Catch": [
            {
                "ErrorEquals": ["S3.NoSuchKeyException"],
                "Assign": {"error": "{% $states.errorOutput.Error %}"},
                "Output": {"went": "{% $states.errorOutput.Error %}"},
                "Next": "Choose",
            }
        ],
        "End": True,
    }
    choose = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.went = $error %}", "Next": "Fine"}],
        "Default": "Bad",
    }
    output = {"error": "{% $error %}", "took": "caught"}
    states = {
        "Get": get,
        "Choose": choose,
        "Fine": {"Type": "Pass", "Output": output, "End": True},
        "Bad": {"Type": "Fail"},
    }
    return world.run(states, {"bucket": "bucket"}, QueryLanguage="JSONata")


@probe([[2, 4], "States.QueryEvaluationError", {"error": "E.1", "cause": "because"}])
def jsonata_in_maps_and_fails(world: World) -> Any:
    each = {
        "Type": "Map",
        "QueryLanguage": "JSONata",
        "Items": "{% $states.input.items %}",
        "ItemSelector": {"twice": "{% $states.context.Map.Item.Value * 2 %}"},
        "ItemProcessor": {
            "StartAt": "Item",
            "States": {
                "Item": {"Type": "Pass", "Output": "{% $states.input.twice %}", "End": True}
            },
        },
        "End": True,
    }
    undefined = {"Type": "Pass", "Output": "{% $states.input.nope %}", "End": True}
    fail = {"Type": "Fail", "Error": "{% 'E.' & 1 %}", "Cause": "{% 'because' %}"}
    return [
        world.run({"Each": each}, {"items": [1, 2]}, QueryLanguage="JSONata"),
        error_of(world.run({"Undefined": undefined}, QueryLanguage="JSONata")),
        world.run({"Fail": fail}, QueryLanguage="JSONata"),
    ]


# 3 and 13: error names


@probe([[{"n": 5}], [{"n": 5}]])
def inner_states_have_the_query_language_of_the_machine(world: World) -> Any:
    inner = {
        "StartAt": "P",
        "States": {"P": {"Type": "Pass", "Parameters": {"n.$": "$.n"}, "End": True}},
    }
    jsonata = {"QueryLanguage": "JSONata", "End": True}
    parallel = {"Type": "Parallel", "Branches": [inner], **jsonata}
    each = {"Type": "Map", "ItemProcessor": inner, "Items": "{% [$states.input] %}", **jsonata}
    return [world.run({"S": one}, {"n": 5}) for one in (parallel, each)]


@probe({"error": "States.TaskFailed", "cause": "why"})
def a_fail_state_may_name_a_reserved_error(world: World) -> Any:
    return world.run({"F": {"Type": "Fail", "Error": "States.TaskFailed", "Cause": "why"}})


@probe([{"error": "States.Timeout", "cause": "why"}] * 2 + [{"caught": "States.Timeout"}])
def errors_leave_parallel_and_map_under_their_own_name(world: World) -> Any:
    inner = {
        "StartAt": "F",
        "States": {"F": {"Type": "Fail", "Error": "States.Timeout", "Cause": "why"}},
    }
    parallel = {"Type": "Parallel", "Branches": [inner], "End": True}
    each = {"Type": "Map", "ItemProcessor": inner, "End": True}
    catcher = {"ErrorEquals": ["States.Timeout"], "Next": "Then"}
    caught = {"P": {**parallel, "Catch": [catcher]}, "Then": passing({"caught.$": "$.Error"})}
    return [
        world.run({"P": parallel}),
        error_without_decoration(world.run({"M": each}, [1])),
        world.run(caught),
    ]


def error_without_decoration(result: dict[str, Any]) -> dict[str, Any]:
    return {"error": result.get("error"), "cause": result.get("cause")}


@probe("States.Runtime")
def a_runtime_error_is_not_caught_by_all(world: World) -> Any:
    task = sdk(
        "s3:getObject",
        {"Bucket": "bucket", "Key.$": "$.absent"},
        Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Then"}],
    )
    return error_of(world.run({"Get": task, "Then": {"Type": "Succeed"}}))


@probe("States.NoChoiceMatched")
def a_choice_without_a_match_says_so(world: World) -> Any:
    rule = {"Variable": "$.a", "IsPresent": True, "Next": "Then"}
    states = {"C": {"Type": "Choice", "Choices": [rule]}, "Then": {"Type": "Succeed"}}
    return error_of(world.run(states))


# 4: names of SDK errors


@probe(
    [
        "S3.NoSuchBucketException",
        "S3.NoSuchKeyException",
        "S3.NoSuchKeyException",
        "S3.S3Exception",
        "Batch.ClientException",
    ]
)
def sdk_errors_are_named_as_on_aws(world: World) -> Any:
    job = {"JobName": "j", "JobQueue": "nope", "JobDefinition": "nope"}
    tasks = [
        sdk("s3:getObject", {"Bucket": "absent", "Key": "k"}),
        sdk("s3:getObject", {"Bucket": "bucket", "Key": "absent"}),
        sdk("s3:headObject", {"Bucket": "bucket", "Key": "absent"}),
        sdk("s3:getBucketPolicy", {"Bucket": "bucket"}),
        sdk("batch:submitJob", job),
    ]
    return [error_of(world.run({"T": task})) for task in tasks]


# 5: null


@probe({"JobName": "named", "Tags": {"a": "b"}})
def null_parameters_are_absent(world: World) -> Any:
    parameters = {
        "JobName": "named",
        "JobQueue": "queue",
        "JobDefinition": "definition",
        "Parameters": None,
        "ContainerOverrides": {"Command": None, "Environment": [{"Name": "X", "Value": "y"}]},
        "Tags": {"a": "b", "c": None},
    }
    submitted = world.run({"S": sdk("batch:submitJob", parameters)})
    job = world.client("batch").describe_jobs(jobs=[submitted["JobId"]])["jobs"][0]
    assert job["container"]["command"] == ["true"]
    return {"JobName": job["jobName"], "Tags": job["tags"]}


# 6 and 12: names of executions


@probe([36, True, True, True])
def an_execution_without_a_name_gets_one(world: World) -> Any:
    states = {"P": passing({"name.$": "$$.Execution.Name", "id.$": "$$.Execution.Id"})}
    machine = world.create(states)
    arns = [world.sfn.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(2)]
    output = json.loads(world.wait(arns[0])["output"])
    name = output["name"] or ""
    return [len(name), output["id"] == arns[0], arns[0].endswith(name or "?"), arns[0] != arns[1]]


def nested(machine: str, suffix: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::states:startExecution{suffix}",
        "Parameters": {"StateMachineArn": machine, "Input": {"x.$": "$.x"}},
        "End": True,
    }


@probe([{"twice": [1, 1]}, '{"twice":[1,1]}', True, "text", "States.TaskFailed", "Child.Error"])
def nested_executions(world: World) -> Any:
    child = world.create({"P": passing({"twice.$": "States.Array($.x, $.x)"})})
    texts = world.create({"P": {"Type": "Pass", "Result": "text", "End": True}})
    failing = world.create({"F": {"Type": "Fail", "Error": "Child.Error"}})
    sync2 = world.run({"N": nested(child, ".sync:2")}, {"x": 1})
    sync = world.run({"N": nested(child, ".sync")}, {"x": 1})
    plain = world.run({"N": nested(child, "")}, {"x": 1})
    text = world.run({"N": nested(texts, ".sync:2")}, {"x": 1})
    failed = world.run({"N": nested(failing, ".sync:2")}, {"x": 1})
    arns = {sync2["ExecutionArn"], sync["ExecutionArn"], plain["ExecutionArn"]}
    return [
        sync2["Output"],
        sync["Output"],
        len(arns) == 3,
        text["Output"],
        failed["error"],
        json.loads(failed["cause"])["Error"],
    ]


@probe("StepFunctions.ValidationException")
def an_input_above_256_kib_is_refused(world: World) -> Any:
    child = world.create({"P": {"Type": "Pass", "End": True}})
    task = nested(child, "")
    task["Parameters"]["Input"] = {"one.$": "$.x", "other.$": "$.x"}
    return error_of(world.run({"N": task}, {"x": "x" * 140_000}))


@probe("Lambda.ResourceNotFoundException")
def an_error_of_the_lambda_service_has_its_name(world: World) -> Any:
    absent = "arn:aws:lambda:us-east-1:123456789012:function:absent"
    return error_of(world.run({"F": {"Type": "Task", "Resource": absent, "End": True}}))


# 7: paths


@probe({"none": [], "one": [2], "scalar": "0", "deep": [1, 2]})
def paths_that_may_match_several_give_lists(world: World) -> Any:
    items = [{"x": "0", "a": {"b": 1}}, {"x": "1", "a": {"b": 2}}]
    parameters = {
        "none.$": "$.items[?(@.x == 'no')]",
        "one.$": "$.items[?(@.x == '1')].a.b",
        "scalar.$": "$.items[0].x",
        "deep.$": "$..b",
    }
    return world.run({"P": passing(parameters)}, {"items": items})


# 8: distributed Map


def distributed(states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Map",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": next(iter(states)),
            "States": states,
        },
        "End": True,
        **fields,
    }


def reader(key: str, **config: Any) -> dict[str, Any]:
    return {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON", **config},
        "Parameters": {"Bucket": "bucket", "Key": key},
    }


FAILING_CHILDREN: dict[str, Any] = {
    "C": {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "F"}],
        "Default": "P",
    },
    "P": {"Type": "Pass", "End": True},
    "F": {"Type": "Fail", "Error": "Child"},
}


@probe([[1, 2, 3], [1, 2]])
def items_pointer_and_integer_percentage(world: World) -> Any:
    states = {"P": {"Type": "Pass", "End": True}}
    whole = distributed(
        states,
        ItemReader=reader("doc.json", ItemsPointer="/a/list"),
        ToleratedFailurePercentage=5,
    )
    some = distributed(states, ItemReader=reader("doc.json", ItemsPointer="/a/list", MaxItems=2))
    return [world.run({"M": whole}), world.run({"M": some})]


@probe(["States.ItemReaderFailed"] * 2)
def an_item_reader_fails_under_its_own_name(world: World) -> Any:
    states = {"P": {"Type": "Pass", "End": True}}
    readers = [reader("absent.json"), reader("doc.json", ItemsPointer="/a/nope")]
    return [error_of(world.run({"M": distributed(states, ItemReader=r)})) for r in readers]


@probe([["FAILED_0.json", "SUCCEEDED_0.json", "manifest.json"]] * 2 + [["Child"], ["1", "3"]])
def a_result_writer_writes_of_each_child(world: World) -> Any:
    s3 = world.client("s3")
    found = []
    for tolerated in (0, 1):
        writer = {
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": "bucket", "Prefix": f"written-{tolerated}"},
        }
        mapped = distributed(
            FAILING_CHILDREN,
            ItemReader=reader("list.json"),
            ResultWriter=writer,
            ToleratedFailureCount=tolerated,
        )
        world.run({"M": mapped})
        listed = s3.list_objects_v2(Bucket="bucket", Prefix=f"written-{tolerated}/")
        keys = [str(one["Key"]) for one in listed.get("Contents", ())]
        found.append([key.rpartition("/")[2] for key in keys])
    told = [json.loads(s3.get_object(Bucket="bucket", Key=key)["Body"].read()) for key in keys]
    return [*found, [one["Error"] for one in told[0]], [one["Output"] for one in told[1]]]


@probe("States.ResultWriterFailed")
def a_result_writer_fails_under_its_own_name(world: World) -> Any:
    writer = {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": "absent", "Prefix": "results"},
    }
    states = {"P": {"Type": "Pass", "End": True}}
    mapped = distributed(states, ItemReader=reader("list.json"), ResultWriter=writer)
    return error_of(world.run({"M": mapped}))


@probe(["States.ExceedToleratedFailureThreshold", 3])
def failed_children_are_counted(world: World) -> Any:
    strict = distributed(FAILING_CHILDREN, ItemReader=reader("list.json"))
    tolerant = distributed(
        FAILING_CHILDREN, ItemReader=reader("list.json"), ToleratedFailureCount=1
    )
    return [error_of(world.run({"M": strict})), len(world.run({"M": tolerant}))]


@probe(["States.ExceedToleratedFailureThreshold", [7, 7, 7]])
def children_of_a_distributed_map_see_no_outer_variables(world: World) -> Any:
    fields = {"ItemReader": reader("list.json")}
    seen = distributed({"P": passing({"v.$": "$v"})}, **fields)
    given = distributed(
        {"P": {"Type": "Pass", "InputPath": "$.v", "End": True}},
        **fields,
        ItemSelector={"v.$": "$v"},
    )
    assign = assigning({"v": 7})
    return [
        error_of(world.run({"A": assign, "Then": seen})),
        world.run({"A": assign, "Then": given}),
    ]


@probe([3, 3])
def children_of_a_distributed_map_have_names_of_their_own(world: World) -> Any:
    states = {"P": passing({"name.$": "$$.Execution.Name", "id.$": "$$.Execution.Id"})}
    outputs = world.run({"M": distributed(states, ItemReader=reader("list.json"))})
    return [len({output[key] for output in outputs}) for key in ("name", "id")]


# 10: time


@probe(True)
def waits_and_retries_are_scaled(world: World) -> Any:
    start = time.monotonic()
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2}
    get = sdk("s3:getObject", {"Bucket": "absent", "Key": "k"}, Retry=[retry])
    world.run({"W": {"Type": "Wait", "Seconds": 1, "Next": "Get"}, "Get": get})
    # Not scaled, they take four seconds: one of the Wait, one and two between the attempts.
    return time.monotonic() - start < 4


# 11: Batch


@probe(
    {
        "JobName": "job",
        "Status": "SUCCEEDED",
        "Paths": ["/mnt"],
        "FileSystem": "fs-12345678",
        "Command": ["echo"],
        "Variables": ["A=override", "B=2", "MANAGED_BY_AWS=STARTED_BY_STEP_FUNCTIONS"],
        "Memory": "1024",
        "Cpus": "1",
    }
)
def batch_sync_returns_the_whole_job(world: World) -> Any:
    task = submitting(
        PropagateTags=True,
        ShareIdentifier="share",
        ContainerOverrides={
            "Command": ["echo"],
            "Environment": [{"Name": "A", "Value": "override"}, {"Name": "B", "Value": "2"}],
            "ResourceRequirements": [{"Type": "MEMORY", "Value": "1024"}],
        },
    )
    job = world.run({"Submit": task})
    container = job["Container"]
    variables = [f"{v['Name']}={v['Value']}" for v in container["Environment"]]
    resources = {r["Type"]: r["Value"] for r in container["ResourceRequirements"]}
    return {
        "JobName": job["JobName"],
        "Status": job["Status"],
        "Paths": [point["ContainerPath"] for point in container["MountPoints"]],
        "FileSystem": container["Volumes"][0]["EfsVolumeConfiguration"]["FileSystemId"],
        "Command": container["Command"],
        "Variables": [v for v in variables if not v.startswith("AWS_BATCH")],
        "Memory": resources["MEMORY"],
        "Cpus": resources["VCPU"],
    }


@probe({"result": {"Status": "done"}, "threads": 0})
def a_sync_task_waits_for_no_token(world: World) -> Any:
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_callback,
    )
    from moto.stepfunctions.parser.utils import TMP_THREADS

    task: Any = SimpleNamespace(
        resource=SimpleNamespace(resource_arn="arn"),
        _eval_wait_for_task_token=lambda **_: None,
    )
    env: Any = SimpleNamespace(is_running=lambda: True)
    endpoint: Any = SimpleNamespace()
    before = len(TMP_THREADS)
    result = state_task_service_callback.StateTaskServiceCallback._eval_sync(
        task, env, lambda: {"Status": "done"}, None, endpoint, None
    )
    return {"result": result, "threads": len(TMP_THREADS) - before}


@probe([1, 2, 1])
def the_newest_active_revision_is_meant(world: World) -> Any:
    batch = world.client("batch")
    arns = []
    for _ in range(3):
        registered = batch.register_job_definition(
            jobDefinitionName="newest",
            type="container",
            containerProperties={"image": "i", "command": ["true"], "vcpus": 1, "memory": 8},
        )
        arns.append(registered["jobDefinitionArn"])

    def revision(definition: str) -> int:
        job = batch.submit_job(jobName="j", jobQueue="queue", jobDefinition=definition)["jobId"]
        [described] = batch.describe_jobs(jobs=[job])["jobs"]
        return int(described["jobDefinition"].rpartition(":")[2])

    batch.deregister_job_definition(jobDefinition=arns[2])
    found = [revision("newest:1"), revision("newest")]
    batch.deregister_job_definition(jobDefinition=arns[1])
    return [*found, revision(arns[0].rpartition(":")[0])]


@probe([[["FARGATE"], True, {"attempts": 3}, {"a": "b"}], [None, False, None, {}]])
def a_revision_inherits_nothing(world: World) -> Any:
    batch = world.client("batch")
    given: dict[str, Any] = {
        "platformCapabilities": ["FARGATE"],
        "propagateTags": True,
        "retryStrategy": {"attempts": 3},
        "parameters": {"a": "b"},
    }
    resources = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]
    properties = {"image": "i", "resourceRequirements": resources, "executionRoleArn": ROLE}
    found = []
    for options in ({"propagateTags": False}, given, {"propagateTags": False}):
        arn = batch.register_job_definition(
            jobDefinitionName="revised",
            type="container",
            containerProperties=properties,
            **options,
        )["jobDefinitionArn"]
        [made] = batch.describe_job_definitions(jobDefinitions=[arn])["jobDefinitions"]
        found.append([made.get(name) for name in given])
    return found[1:]


@probe(True)
def batch_refuses_unknown_parameters(world: World) -> Any:
    cause = str(world.run({"Submit": submitting(Colour="red")}).get("cause"))
    return 'The field "Colour" is not supported by Step Functions' in cause


@probe("ABORTED")
def a_stopped_execution_stays_stopped(world: World) -> Any:
    child = world.create({"W": {"Type": "Wait", "Seconds": 3600, "End": True}})
    task = nested(child, ".sync:2") | {"ResultSelector": {"name.$": "$.Name"}}
    started = world.sfn.start_execution(
        stateMachineArn=world.create({"N": task}), name="stopped", input='{"x": 1}'
    )
    arn = started["executionArn"]
    ends = time.monotonic() + 20
    while "TaskSubmitted" not in str(world.sfn.get_execution_history(executionArn=arn)):
        assert time.monotonic() < ends
        time.sleep(0.02)
    world.sfn.stop_execution(executionArn=arn)
    for one in world.sfn.list_executions(stateMachineArn=child)["executions"]:
        world.sfn.stop_execution(executionArn=one["executionArn"])
    return world.wait(arn)["status"]


@probe({"few_objects": True, "machines": 0, "names": []})
def models_that_are_gone_are_not_kept(world: World) -> Any:
    from moto.s3.models import FakeKey, s3_backends
    from moto.stepfunctions.models import StateMachine

    world.create({"P": {"Type": "Pass", "End": True}})
    for _ in range(150):
        world.s3.put_object(Bucket="bucket", Key="replaced", Body=b"")
    world.s3.delete_object(Bucket="bucket", Key="replaced")
    tracked: Any = (FakeKey, StateMachine)
    objects, machines = (len(model.instances_tracked) for model in tracked)
    tags = s3_backends["123456789012"]["aws"].tagger.tags
    names = [name for name in tags if "replaced" in name]
    return {"few_objects": objects < 100, "machines": machines, "names": names}


@probe([b"old".hex(), True])
def an_object_that_is_replaced_is_read_to_its_end(world: World) -> Any:
    """By who has found it already; its file is closed when nobody holds it any more."""
    from moto.s3.models import s3_backends

    world.s3.put_object(Bucket="bucket", Key="read", Body=b"old")
    found = s3_backends["123456789012"]["aws"].get_object("bucket", "read")
    assert found is not None
    world.s3.put_object(Bucket="bucket", Key="read", Body=b"new")
    value, file = found.value.hex(), found._value_buffer
    del found
    return [value, file.closed]


@probe(200)
def moto_does_not_judge_by_the_policy_of_a_bucket(world: World) -> Any:
    from sfn_fragments_local.moto_gaps.settings import get_endpoint_url, set_endpoint_url

    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::bucket/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    before = get_endpoint_url()
    # As while an engine is open.
    set_endpoint_url("http://127.0.0.1:1")
    world.s3.put_bucket_policy(Bucket="bucket", Policy=policy)
    try:
        answer = world.s3.put_object(Bucket="bucket", Key="with-a-policy", Body=b"x")
    finally:
        world.s3.delete_bucket_policy(Bucket="bucket")
        set_endpoint_url(before)
    return answer["ResponseMetadata"]["HTTPStatusCode"]


def policy_of_size(size: int) -> str:
    """A policy of which IAM counts so many characters."""

    def policy(resource: str) -> str:
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        return json.dumps(document, separators=(",", ": "))

    bucket = "arn:aws:s3:::"
    return policy(bucket + "b" * (size - len(policy(bucket).replace(" ", ""))))


@probe(
    [
        "Maximum policy size of 10240 bytes exceeded for role large",
        "Cannot exceed quota for PolicySize: 6144",
        "Cannot exceed quota for PolicySize: 6144",
        "Cannot exceed quota for PoliciesPerRole: 10",
    ]
)
def roles_and_policies_that_are_too_large_are_refused(world: World) -> Any:
    iam = world.client("iam")
    iam.create_role(RoleName="large", AssumeRolePolicyDocument="{}")
    refused = []

    def ask(call: Callable[..., Any], **parameters: Any) -> Any:
        try:
            return call(**parameters)
        except iam.exceptions.LimitExceededException as error:
            refused.append(error.response["Error"]["Message"])

    def put(name: str, size: int) -> None:
        policy = policy_of_size(size)
        ask(iam.put_role_policy, RoleName="large", PolicyName=name, PolicyDocument=policy)

    # The sum counts, and what a policy had before does not.
    for name, size in (("one", 240), ("two", 9000), ("one", 1240), ("three", 240)):
        put(name, size)
    for number, size in enumerate([6144] * 11 + [6145]):
        policy = policy_of_size(size)
        ask(iam.create_policy, PolicyName=f"large{number}", PolicyDocument=policy)
    account = "arn:aws:iam::123456789012:policy"
    policy = policy_of_size(6145)
    ask(iam.create_policy_version, PolicyArn=f"{account}/large0", PolicyDocument=policy)
    # One that is attached already is no other one.
    for number in [*range(10), 0, 10]:
        arn = f"{account}/large{number}"
        ask(iam.attach_role_policy, RoleName="large", PolicyArn=arn)
    return refused


def outcome(probed: Probe, world: World) -> Any:
    """What a probe gave, as JSON; where moto is so far off that the probe breaks, how it broke."""
    try:
        return json.loads(json.dumps(probed.run(world), default=str))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    from sfn_fragments_local import moto_gaps

    moto_gaps.apply(time_scale=0.01)
    with mock_aws(config=CONFIG):
        yield World()
    moto_gaps.set_time_scale(1.0)


@pytest.fixture(scope="module")
def without_apply() -> dict[str, Any]:
    completed = subprocess.run(
        [sys.executable, __file__],
        env=ALONE,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr[-4000:]
    results: dict[str, Any] = json.loads(completed.stdout.splitlines()[-1])
    return results


@few(16)
@pytest.mark.parametrize("name", PROBES)
def test_gap_is_closed(name: str, world: World) -> None:
    assert json.loads(json.dumps(PROBES[name].run(world))) == PROBES[name].expected


@long_proof
@pytest.mark.parametrize("name", PROBES)
def test_gap_is_still_open_in_moto(name: str, without_apply: dict[str, Any]) -> None:
    assert without_apply[name] != PROBES[name].expected, (
        f"moto itself closes {name!r} now: what moto_gaps does for it is no longer needed"
    )


def test_a_failed_batch_job_fails_its_task(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_SIMPLE_BATCH_FAIL_AFTER", "0")
    result = world.run({"Submit": submitting(RetryStrategy={"attempts": 5})})
    assert result["error"] == "States.TaskFailed"
    job = json.loads(result["cause"])
    assert (job["Status"], job["JobName"]) == ("FAILED", "job")


def test_sdk_parameters_in_the_spelling_of_the_api_are_refused(world: World) -> None:
    job = {"jobName": "j", "JobQueue": "queue", "JobDefinition": "definition"}
    result = world.run({"S": sdk("batch:submitJob", job)})
    assert 'The field "jobName" is not supported by Step Functions' in result["cause"]


def test_a_missing_attribute_of_moto_is_named() -> None:
    from sfn_fragments_local import moto_gaps
    from sfn_fragments_local.moto_gaps.patching import load, replace

    with pytest.raises(moto_gaps.UnsupportedMotoError, match=r"moto [\d.]+ has no .*:Nothing"):
        load("models:Nothing")
    with pytest.raises(moto_gaps.UnsupportedMotoError, match="install that version"):
        replace(load("models"), "nothing", 1)


def test_moto_still_wants_two_letters_in_the_name_of_a_job() -> None:
    from sfn_fragments_local.moto_gaps import batch

    assert batch.JOB_NAME_OF_MOTO.match("j") is None


def test_moto_still_has_no_redrive() -> None:
    script = (
        "from moto.stepfunctions.responses import StepFunctionResponse as Response; "
        "assert not hasattr(Response, 'redrive_execution'), 'moto itself redrives now'"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_negative_time_scale_is_refused() -> None:
    from sfn_fragments_local import moto_gaps

    with pytest.raises(ValueError, match="-1"):
        moto_gaps.set_time_scale(-1)


def test_a_timeout_is_not_scaled(world: World) -> None:
    child = world.create({"W": {"Type": "Wait", "Seconds": 500, "End": True}})
    task = {
        **nested(child, ".sync:2"),
        "TimeoutSeconds": 1,
        "Parameters": {"StateMachineArn": child},
    }
    start = time.monotonic()
    assert error_of(world.run({"N": task})) == "States.Timeout"
    assert time.monotonic() - start >= 1


@long_proof
def test_nothing_follows_the_last_event(world: World) -> None:
    # Not a probe: in plain moto a nested execution fails before it could time out.
    child = world.create({"W": {"Type": "Wait", "Seconds": 500, "End": True}})
    task = {**nested(child, ".sync:2"), "Parameters": {"StateMachineArn": child}}
    fail = {"Type": "Fail", "Error": "E"}
    wait = {"Type": "Wait", "Seconds": 50, "Next": "F"}
    branches = [
        {"StartAt": "N", "States": {"N": task}},
        {"StartAt": "W", "States": {"W": wait, "F": fail}},
    ]
    parallel = {"Type": "Parallel", "Branches": branches, "End": True}
    distributed = {
        "Type": "Map",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "N",
            "States": {"N": task},
        },
        "ItemsPath": "$.items",
        "End": True,
    }
    of_map = {
        **parallel,
        "Parameters": {"items": [1]},
        "Branches": [{"StartAt": "M", "States": {"M": distributed}}, branches[1]],
    }
    for states in ({"N": {**task, "TimeoutSeconds": 1}}, {"P": parallel}, {"P": of_map}):
        arn = world.sfn.start_execution(stateMachineArn=world.create(states))["executionArn"]
        world.wait(arn)
        # The thread of the abandoned task looks every 50 ms whether it is still needed.
        time.sleep(0.3)
        types = [
            event["type"] for event in world.sfn.get_execution_history(executionArn=arn)["events"]
        ]
        assert types.index("ExecutionFailed") == len(types) - 1, types


def test_history_of_branches_names_their_states(world: World) -> None:
    inner = {"StartAt": "Inner", "States": {"Inner": {"Type": "Pass", "End": True}}}
    machine = world.create(
        {
            "P": {"Type": "Parallel", "Branches": [inner], "Next": "M"},
            "M": {
                "Type": "Map",
                "ItemProcessor": {
                    "StartAt": "Each",
                    "States": {"Each": {"Type": "Pass", "End": True}},
                },
                "End": True,
            },
        }
    )
    arn = world.sfn.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    world.wait(arn)
    events = world.sfn.get_execution_history(executionArn=arn)["events"]
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in events
        if event["type"].endswith("StateEntered")
    ]
    assert entered == ["P", "Inner", "M", "Each"]


def test_inner_scopes_cannot_set_outer_variables(world: World) -> None:
    inner = {
        "StartAt": "Set",
        "States": {"Set": {"Type": "Pass", "Assign": {"v": 2}, "End": True}},
    }
    states = {
        "A": assigning({"v": 1}),
        "Then": {"Type": "Parallel", "Branches": [inner], "End": True},
    }
    assert error_of(world.run(states)) == "States.Runtime"


def test_executions_run_side_by_side(world: World) -> None:
    task = sdk("s3:getObject", {"Bucket": "bucket", "Key": "list.json"})
    task["ResultSelector"] = {
        "items.$": "States.StringToJson($.Body)",
        "n.$": "$$.Execution.Input.n",
    }
    states = {
        "Get": task,
    }
    machine = world.create(states)
    arns: dict[int, str] = {}

    def start(number: int) -> None:
        arns[number] = world.sfn.start_execution(
            stateMachineArn=machine, input=json.dumps({"n": number})
        )["executionArn"]

    threads = [threading.Thread(target=start, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outputs = {number: json.loads(world.wait(arn)["output"]) for number, arn in arns.items()}
    assert outputs == {number: {"items": [1, 2, 3], "n": number} for number in range(50)}


@long_proof
def test_it_works_with_a_server(world: World) -> None:
    completed = subprocess.run(
        [sys.executable, __file__, "--serve"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=ALONE,
    )
    assert completed.returncode == 0, completed.stderr[-4000:]
    results = json.loads(completed.stdout.splitlines()[-1])
    names = ["blobs_are_json", "batch_sync_returns_the_whole_job", "nested_executions"]
    assert results == {name: PROBES[name].expected for name in names}


def serve() -> dict[str, Any]:
    """Run some probes against a server on a free port, as the engine does."""
    from moto.core.config import default_user_config
    from moto.server import ThreadedMotoServer

    from sfn_fragments_local import moto_gaps

    moto_gaps.apply(time_scale=0.01)
    default_user_config.update(CONFIG)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    moto_gaps.set_endpoint_url(f"http://{host}:{port}")
    world = World(f"http://{host}:{port}")
    names = ["blobs_are_json", "batch_sync_returns_the_whole_job", "nested_executions"]
    results = {name: outcome(PROBES[name], world) for name in names}
    server.stop()
    return results


def main() -> None:
    if "--serve" in sys.argv:
        results = serve()
    else:
        with mock_aws(config=CONFIG):
            world = World()
            results = {name: outcome(probed, world) for name, probed in PROBES.items()}
    print(json.dumps(results))


if __name__ == "__main__":
    main()
