"""Roles that Tasks assume and give away, distributed Maps, and several states together."""

from __future__ import annotations

from typing import Any

from tests.contract.permission_cases.case import (
    ANY,
    GUIDE,
    REFERENCE,
    Case,
    allow,
    arn,
    passes,
    role,
    s3,
    sdk,
    task,
)

_CROSS = f"{GUIDE}concepts-access-cross-acct-resources.html"
_MAP = f"{GUIDE}iam-policies-eg-dist-map.html"
_PASS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"
_OTHER = {"Credentials": {"RoleArn": role("other")}}
_MACHINE = arn("states", "stateMachine:*")
_CHILDREN = (
    allow("states:StartExecution", _MACHINE),
    allow(
        "states:DescribeExecution states:RedriveExecution states:StopExecution",
        arn("states", "execution:*"),
    ),
)


def _map(**fields: Any) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "One",
        "States": {"One": {"Type": "Pass", "End": True}},
    }
    return {"Each": {"Type": "Map", "ItemProcessor": processor, **fields, "End": True}}


def _given(
    name: str, action: str, parameters: dict[str, Any], allowed: str, service: str, on: str = ANY
) -> Case:
    return sdk(
        name, _PASS, action, parameters, allow(allowed, on), passes("given", service), runs=False
    )


CASES = [
    sdk(
        "a Task with a role of its own",
        _CROSS,
        "s3:getObject",
        {"Bucket": "data", "Key": "a/b"},
        allow("sts:AssumeRole", role("other")),
        fields=_OTHER,
    ),
    task(
        "a Task with a role of another account waits",
        _CROSS,
        "batch:submitJob.sync",
        {"JobName": "j", "JobDefinition": "d", "JobQueue": "q"},
        allow("sts:AssumeRole", "arn:aws:iam::210987654321:role/jobs"),
        fields={"Credentials": {"RoleArn": "arn:aws:iam::210987654321:role/jobs"}},
        runs=False,
    ),
    sdk(
        "a Task with a role of the input's",
        _CROSS,
        "s3:getObject",
        {"Bucket": "data", "Key": "a/b"},
        allow("sts:AssumeRole", "arn:aws:iam::*:role/*"),
        fields={"Credentials": {"RoleArn.$": "$.role"}},
        input={"role": role("other")},
    ),
    sdk(
        "a Task with a role in an account of the input's",
        _CROSS,
        "s3:getObject",
        {"Bucket": "data", "Key": "a/b"},
        allow("sts:AssumeRole", "arn:aws:iam::*:role/*"),
        fields={
            "Credentials": {"RoleArn.$": "States.Format('arn:aws:iam::{}:role/other', $.account)"}
        },
        input={"account": "123456789012"},
    ),
    Case(
        "a function with a role of its own",
        _CROSS,
        {
            "Call": {
                "Type": "Task",
                "Resource": arn("lambda", "function:greet"),
                **_OTHER,
                "End": True,
            }
        },
        (allow("sts:AssumeRole", role("other")),),
        fails="Lambda.",
    ),
    sdk(
        "a function is made",
        _PASS,
        "lambda:createFunction",
        {"FunctionName": "f", "Role": role("given"), "Code": {}},
        allow("lambda:CreateFunction", arn("lambda", "function:f")),
        passes("given", "lambda"),
        runs=False,
    ),
    _given(
        "a rule gets a target",
        "eventbridge:putTargets",
        {"Rule": "r", "Targets": [{"Id": "1", "Arn": "a", "RoleArn": role("given")}]},
        "events:PutTargets",
        "events",
        arn("events", "rule/r"),
    ),
    _given(
        "a schedule is made",
        "scheduler:createSchedule",
        {"Name": "s", "Target": {"Arn": "a", "RoleArn": role("given")}},
        "scheduler:CreateSchedule",
        "scheduler",
        arn("scheduler", "schedule/default/s"),
    ),
    _given(
        "a state machine is made",
        "sfn:createStateMachine",
        {"Name": "m", "Definition": "{}", "RoleArn": role("given")},
        "states:CreateStateMachine",
        "states",
    ),
    _given(
        "a transcription with a role",
        "transcribe:startTranscriptionJob",
        {"JobExecutionSettings": {"DataAccessRoleArn": role("given")}},
        "transcribe:StartTranscriptionJob",
        "transcribe",
    ),
    _given(
        "a model of SageMaker",
        "sagemaker:createModel",
        {"ModelName": "m", "ExecutionRoleArn": role("given")},
        "sagemaker:CreateModel",
        "sagemaker",
    ),
    sdk(
        "a stack with a role",
        _PASS,
        "cloudformation:createStack",
        {"StackName": "s", "RoleARN": role("given")},
        allow("cloudformation:CreateStack", arn("cloudformation", "stack/s/*")),
        passes("given", "cloudformation"),
        runs=False,
    ),
    sdk(
        "a call that reads gives no role away",
        f"{REFERENCE}awsglue.html",
        "glue:getJobs",
        {},
        allow("glue:GetJobs", ANY),
    ),
    Case(
        "a distributed Map over an object",
        _MAP,
        _map(
            ItemReader={
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {"Bucket": "data", "Key": "items.json"},
            }
        ),
        (allow("s3:GetObject", s3("data/items.json")), *_CHILDREN),
        runs=False,
    ),
    Case(
        "a distributed Map over a folder, which writes its results",
        _MAP,
        _map(
            ItemReader={
                "Resource": "arn:aws:states:::s3:listObjectsV2",
                "Parameters": {"Bucket": "data", "Prefix": "a/"},
            },
            ResultWriter={
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {"Bucket": "data", "Prefix": "out"},
            },
        ),
        (
            allow("s3:ListBucket", s3("data"), StringLike={"s3:prefix": ["a/"]}),
            allow(
                "s3:AbortMultipartUpload s3:GetObject s3:ListMultipartUploadParts s3:PutObject",
                s3("data/out*"),
            ),
            *_CHILDREN,
        ),
        runs=False,
    ),
    Case(
        "two states with one object",
        f"{GUIDE}procedure-create-iam-role.html",
        {
            "Put": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
                "Parameters": {"Bucket": "data", "Key": "a/b", "Body": "x"},
                "Next": "Get",
            },
            "Get": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
                "Parameters": {"Bucket": "data", "Key": "a/b"},
                "End": True,
            },
        },
        (allow("s3:GetObject s3:PutObject", s3("data/a/b")),),
    ),
    Case(
        "a variable names the bucket",
        f"{GUIDE}workflow-variables.html",
        {
            "Choose": {"Type": "Pass", "Assign": {"bucket": "data"}, "Next": "Get"},
            "Get": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
                "Parameters": {"Bucket.$": "$bucket", "Key": "a/b"},
                "End": True,
            },
        },
        (allow("s3:GetObject", s3("data/a/b")),),
    ),
    Case(
        "a condition names one of two queues",
        f"{GUIDE}sqs-iam.html",
        {
            "Send": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage",
                "Arguments": {
                    "QueueUrl": "{% $states.input.fast ? "
                    "'https://sqs.us-east-1.amazonaws.com/123456789012/fast' : "
                    "'https://sqs.us-east-1.amazonaws.com/123456789012/work' %}",
                    "MessageBody": "m",
                },
                "End": True,
            }
        },
        (allow("sqs:SendMessage", arn("sqs", "fast"), arn("sqs", "work")),),
        language="JSONata",
        input={"fast": False},
    ),
]
