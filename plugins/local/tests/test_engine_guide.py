"""The examples of docs/engine.md run as they stand, with what they take from their reader."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

from sfn_fragments_local import JobRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfn_fragments_local import Engine

GUIDE = Path(__file__).parents[3] / "docs" / "engine.md"

NOBODY = "arn:aws:iam::123456789012:role/of-another-stack"
BATCH = "arn:aws:states:::batch:submitJob.sync"


def names_of(beginning: str, **given: Any) -> dict[str, Any]:
    """Run the example that has a text in it; returns the names that it makes."""
    [example] = (
        block
        for block in re.findall(r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.M | re.S)
        if beginning in block
    )
    exec(compile(example, str(GUIDE), "exec"), given)
    return given


def machine(role: Any = NOBODY, **states: dict[str, Any]) -> dict[str, Any]:
    definition = {"StartAt": next(iter(states)), "States": states}
    properties = {"DefinitionString": json.dumps(definition), "RoleArn": role}
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"StateMachineName": "machine", **properties},
    }


def test_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    copy = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:copyObject",
        "Parameters": {
            "Bucket": "results",
            "Key": "copy/a.csv",
            "CopySource": "source/run-1/a.csv",
        },
        "ResultPath": None,
        "End": True,
    }
    monkeypatch.chdir(tmp_path)
    (tmp_path / "measurements").mkdir()
    (tmp_path / "measurements" / "a.csv").write_text("1")
    names_of("engine.upload", stack={"Resources": {"M": machine(Copy=copy)}})
    assert capsys.readouterr().out.startswith("SUCCEEDED {'source_path': 's3://source/run-1/'")
    assert (tmp_path / "out" / "copy" / "a.csv").read_text() == "1"


def test_an_app(sfn_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cdk.json").write_text(json.dumps({"app": "python app.py", "context": {}}))
    monkeypatch.chdir(tmp_path)

    def build(app: cdk.App) -> tuple[Any, Any]:
        platform: Any = cdk.Stack(app, "Platform")
        pipelines: Any = cdk.Stack(app, "Pipelines")
        cdk.CfnParameter(platform, "Cidr")
        platform.plates = s3.Bucket(platform, "Plates")
        pipelines.intake = sfn.StateMachine(
            pipelines,
            "Intake",
            definition_body=sfn.DefinitionBody.from_string(
                '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
            ),
        )
        return platform, pipelines

    names_of("app_from_cdk_json", build=build)["test_the_pipelines"](sfn_engine)


def test_a_fragment_in_a_test(sfn_run: Callable[..., Any]) -> None:
    def wait(stack: cdk.Stack, name: str, _: str) -> sfn.Chain:
        seconds = sfn.WaitTime.seconds_path("$.seconds")
        return sfn.Chain.start(sfn.Wait(stack, name, time=seconds))

    names_of("def test_wait", Wait=wait, EnvBase=str)["test_wait"](sfn_run)


def test_what_a_role_lacks(sfn_engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    service = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}}
    trust = {"Version": "2012-10-17", "Statement": [{**service, "Action": "sts:AssumeRole"}]}
    events = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
    definition = "arn:aws:batch:us-east-1:123456789012:job-definition/align:1"
    allowed = [*events, "batch:SubmitJob"]
    statement = {
        "Effect": "Allow",
        "Action": allowed,
        "Resource": ["arn:aws:events:*:*:rule/*", definition],
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "align",
            "AssumeRolePolicyDocument": trust,
            "Policies": [{"PolicyName": "p", "PolicyDocument": policy}],
        },
    }
    submit = {
        "Type": "Task",
        "Resource": BATCH,
        "Parameters": {"JobName": "j", "JobDefinition": definition, "JobQueue": "gpu"},
        "End": True,
    }
    resources = {"R": role, "M": machine({"Fn::GetAtt": ["R", "Arn"]}, Submit=submit)}
    sfn_engine.deploy({"Resources": resources})
    names_of("print(result.error)", sfn_engine=sfn_engine)
    error, cause = capsys.readouterr().out.splitlines()
    [told] = re.findall(r"^print\(result.error\).*?^```", GUIDE.read_text("utf-8"), re.M | re.S)
    said = " ".join(line.partition("# ")[2] for line in told.splitlines()[:-1])
    first, middle = said.removesuffix(" ...").split(" ... ")
    assert (error, middle in cause) == (first, True)


@pytest.mark.parametrize(
    "name",
    ["test_a_busy_queue_delays_the_alignment_only", "test_a_refused_submission_is_reported"],
)
def test_faults(sfn_engine: Engine, name: str) -> None:
    job = {"Image": "i", "Command": ["true"], "Vcpus": 1, "Memory": 512}
    transient = {"ErrorEquals": ["Batch.TooManyRequestsException"], "MaxAttempts": 5}
    alignment: dict[str, Any] = {
        "Register": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:batch:registerJobDefinition",
            "Parameters": {
                "JobDefinitionName.$": "$.sample",
                "Type": "container",
                "ContainerProperties": job,
            },
            "ResultPath": None,
            "Next": "Submit",
        },
        "Submit": {
            "Type": "Task",
            "Resource": BATCH,
            "Parameters": {
                "JobName": "align",
                "JobDefinition.$": "$.sample",
                "JobQueue": "dev-imaging-queue",
            },
            "Retry": [transient],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Give up"}],
            "End": True,
        },
        "Give up": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:batch:deregisterJobDefinition",
            "Parameters": {"JobDefinition.$": "States.Format('{}:1', $$.Execution.Input.sample)"},
            "ResultPath": None,
            "Next": "Fail",
        },
        "Fail": {"Type": "Fail", "ErrorPath": "$.Error", "CausePath": "$.Cause"},
    }
    names_of(name)[name](sfn_engine, {"Resources": {"M": machine(**alignment)}})


def test_a_runner() -> None:
    stub = names_of("class Stub")["Stub"]()
    assert isinstance(stub, JobRunner)
