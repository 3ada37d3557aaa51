"""A run that goes well and one that fails, with all that a report shows of runs."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

from tests.batch_jobs import define

if TYPE_CHECKING:
    from sfn_fragments_local import Engine, ExecutionResult

#: What no report may show.
PASSWORD = 'corr"ect horse'
TOKEN = "tok-7f3a9c11"

_FUNCTION = """
def handler(event, context):
    print("looking up", event["sample"])
    return {"files": ["a.csv", "b.csv", "c.csv"]}
"""
_JOB = """
echo "aligning with password $PASSWORD"
for i in $(seq 1 40); do echo "batch $i of 40: aligned"; done
echo "error: no space left on device" >&2
exit 3
"""

_ITEM = {
    "StartAt": "Is it empty?",
    "States": {
        "Is it empty?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$", "StringEquals": "b.csv", "Next": "Empty file"}],
            "Default": "Count",
        },
        "Count": {"Type": "Pass", "End": True},
        "Empty file": {"Type": "Fail", "Error": "EmptyFile", "Cause": "b.csv has no rows"},
    },
}
_ARCHIVE = {
    "StartAt": "Name",
    "States": {"Name": {"Type": "Pass", "Result": {"archive": "A1.zip"}, "End": True}},
}


def _states(archive: str) -> dict[str, Any]:
    return {
        "Prepare": {
            "Type": "Pass",
            "Assign": {"attempt": 1, "run.$": "$$.Execution.Name"},
            "Next": "Get token",
        },
        "Get token": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:secretsmanager:getSecretValue",
            "Parameters": {"SecretId": "token"},
            "ResultPath": "$.token",
            "Next": "Look up",
        },
        "Look up": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "look-up", "Payload.$": "$"},
            "ResultSelector": {"files.$": "$.Payload.files"},
            "ResultPath": "$.found",
            "Assign": {"attempt": 2},
            "Next": "Store list",
        },
        "Store list": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
            "Parameters": {"Bucket": "samples", "Key": "A1/list.json", "Body.$": "$.found"},
            "ResultPath": None,
            "Retry": [{"ErrorEquals": ["S3.S3Exception"], "IntervalSeconds": 20, "MaxAttempts": 3}],
            "Next": "At once",
        },
        "At once": {
            "Type": "Parallel",
            "ResultPath": None,
            "Branches": [
                {
                    "StartAt": "Let it settle",
                    "States": {"Let it settle": {"Type": "Wait", "Seconds": 30, "End": True}},
                },
                {
                    "StartAt": "Each file",
                    "States": {
                        "Each file": {
                            "Type": "Map",
                            "ItemsPath": "$.found.files",
                            "ItemProcessor": {
                                "StartAt": "Check file",
                                "States": {"Check file": {"Type": "Pass", "End": True}},
                            },
                            "End": True,
                        }
                    },
                },
            ],
            "Next": "Count rows",
        },
        "Count rows": {
            "Type": "Map",
            "Label": "Rows",
            "ItemsPath": "$.found.files",
            "ToleratedFailureCount": 2,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                **_ITEM,
            },
            "ResultPath": None,
            "Next": "Archive",
        },
        "Archive": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": archive, "Input": {"sample.$": "$.sample"}},
            "ResultSelector": {"name.$": "$.Output.archive"},
            "ResultPath": "$.archive",
            "Next": "Is it urgent?",
        },
        "Is it urgent?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.align", "BooleanEquals": True, "Next": "Align"}],
            "Default": "Done",
        },
        "Align": {
            "Type": "Task",
            "Resource": "arn:aws:states:::batch:submitJob.sync",
            "Parameters": {
                "JobName": "align-A1",
                "JobQueue": "queue",
                "JobDefinition": "job",
                "ContainerOverrides": {"Environment": [{"Name": "SAMPLE", "Value.$": "$.sample"}]},
            },
            "ResultPath": None,
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Clean up"}],
            "Next": "Done",
        },
        "Clean up": {"Type": "Pass", "Next": "Give up"},
        "Give up": {"Type": "Fail", "Error": "AlignmentFailed", "Cause": "The job did not align"},
        "Done": {"Type": "Succeed"},
    }


def prepare(engine: Engine) -> None:
    """Make what both runs need: a role, secrets, a function, a job, the machines."""
    role = _role(engine)
    secrets = engine.client("secretsmanager")
    password = secrets.create_secret(
        Name="password", SecretString=json.dumps({"password": PASSWORD})
    )["ARN"]
    secrets.create_secret(Name="token", SecretString=TOKEN)
    engine.create_bucket("samples")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", _FUNCTION)
    engine.client("lambda").create_function(
        FunctionName="look-up",
        Runtime="python3.12",
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"TABLE": "samples"}},
    )
    define(
        engine,
        ["sh", "-c", _JOB],
        executionRoleArn=role,
        secrets=[{"name": "PASSWORD", "valueFrom": f"{password}:password::"}],
        environment=[{"name": "THREADS", "value": "4"}],
    )
    engine.create_job_queue("queue")
    states = engine.client("stepfunctions")
    archive_arn = states.create_state_machine(
        name="archive", definition=json.dumps(_ARCHIVE), roleArn=role
    )["stateMachineArn"]
    definition = {"StartAt": "Prepare", "States": _states(archive_arn)}
    states.create_state_machine(name="align", definition=json.dumps(definition), roleArn=role)


def _role(engine: Engine) -> str:
    trusted = ["states.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": trusted},
        "Action": "sts:AssumeRole",
    }
    iam = engine.client("iam")
    role = iam.create_role(
        RoleName="align",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )["Role"]["Arn"]
    services = ["batch:*", "events:*", "lambda:InvokeFunction", "secretsmanager:*", "states:*"]
    statements = [
        {"Effect": "Allow", "Action": services, "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::samples/*"},
    ]
    iam.put_role_policy(
        RoleName="align",
        PolicyName="own",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )
    return str(role)


def good_run(engine: Engine) -> ExecutionResult:
    """A run that succeeds."""
    return engine.execute({"sample": "A1", "align": False}, "align")


def failed_run(engine: Engine) -> ExecutionResult:
    """A run with a retry, whose job fails; its error is caught, and a Fail state ends it."""
    with engine.fail("s3:PutObject", "SlowDown", times=1, state="Store list"):
        return engine.execute({"sample": "A1", "align": True}, "align")
