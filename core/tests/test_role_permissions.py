"""Permissions follow from the definition, and reach no further than it says."""

from __future__ import annotations

from typing import Any

import pytest

from sfn_fragments.definition import Definition
from sfn_fragments.iam import derive_permissions, policy_document

BASE = "${AWS::Region}:${AWS::AccountId}"


def task(resource: str, parameters: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, **fields}


def derive(**states: dict[str, Any]) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    permissions = derive_permissions({"States": states}, "dev-x")
    return [(p.state, p.actions, p.resources) for p in permissions]


def s3(value: str) -> str:
    return "arn:${AWS::Partition}:s3:::" + value


@pytest.mark.parametrize(
    ("bucket", "key", "resources"),
    [
        ({"Bucket": "b"}, {"Key": "a/b"}, [s3("b/a/b")]),
        ({"Bucket": "${Bucket}"}, {"Key.$": "$.key"}, [s3("${Bucket}/*")]),
        ({"Bucket": "b"}, {"Key.$": "States.Format('a/{}/b', $.x)"}, [s3("b/a/*")]),
        ({"Bucket.$": "$.bucket"}, {"Key": "a"}, [s3("dev-x-*/a")]),
        ({"Bucket": "{% $states.input.b %}"}, {"Key": '{% "a/" & $x.id %}'}, [s3("dev-x-*/a/*")]),
    ],
)
def test_objects(bucket: dict[str, str], key: dict[str, str], resources: list[str]) -> None:
    put = task("arn:aws:states:::aws-sdk:s3:putObject", {**bucket, **key})
    assert derive(Put=put) == [("Put", ("s3:PutObject",), tuple(resources))]


def test_values_of_variables_are_looked_up() -> None:
    states = {
        "Prepare": {
            "Type": "Pass",
            "Assign": {"job": {"bucket": "own", "defaults": {"prefix": "scratch"}, "id.$": "$.i"}},
        },
        "Get": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
            "Arguments": {
                "Bucket": "{% $job.bucket %}",
                "Key": '{% $job.prefix & "/" & $job.id %}',
            },
        },
    }
    # The prefix can be overridden, so the bucket is the boundary.
    assert derive(**states) == [("Get", ("s3:GetObject",), (s3("own/*"),))]


def test_a_job_of_its_own_definition() -> None:
    def sdk(action: str, **parameters: Any) -> dict[str, Any]:
        return task(f"arn:aws:states:::aws-sdk:batch:{action}", parameters)

    found = derive(
        Register=sdk(
            "registerJobDefinition",
            JobDefinitionName='{% "dev-x-sync-" & $job.id %}',
            ContainerProperties={"JobRoleArn": "${Role.Arn}"},
            Tags={"a": "b"},
        ),
        Submit=task(
            "arn:aws:states:::batch:submitJob.sync",
            {"JobDefinition": "{% $definition %}", "JobQueue": "${Queue.JobQueueArn}"},
        ),
        Deregister=sdk("deregisterJobDefinition", JobDefinition="{% $definition %}"),
    )
    definitions = f"arn:${{AWS::Partition}}:batch:{BASE}:job-definition/dev-x-sync-*"
    rule = f"arn:${{AWS::Partition}}:events:{BASE}:rule/StepFunctionsGetEventsForBatchJobsRule"
    assert found == [
        ("Register", ("batch:RegisterJobDefinition", "batch:TagResource"), (definitions,)),
        ("Register", ("iam:PassRole",), ("${Role.Arn}",)),
        ("Submit", ("batch:SubmitJob",), (definitions, "${Queue.JobQueueArn}")),
        ("Submit", ("batch:DescribeJobs", "batch:TerminateJob"), ("*",)),
        ("Submit", ("events:PutTargets", "events:PutRule", "events:DescribeRule"), (rule,)),
        ("Deregister", ("batch:DeregisterJobDefinition",), (definitions,)),
    ]


def test_passing_a_role_is_bound_to_the_job() -> None:
    register = task(
        "arn:aws:states:::aws-sdk:batch:registerJobDefinition",
        {"JobDefinitionName": "n", "ContainerProperties": {"JobRoleArn.$": "$.role"}},
    )
    (_, pass_role) = derive_permissions({"States": {"Register": register}}, "dev-x")
    assert pass_role.resources == ("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/dev-x-*",)
    assert pass_role.conditions == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }


def test_nested_executions_and_functions() -> None:
    found = derive(
        Start=task(
            "arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": "${Machine}"}
        ),
        Invoke=task("arn:aws:states:::lambda:invoke", {"FunctionName": "${Function.Arn}"}),
        ByArn=task("arn:aws:lambda:us-east-1:123456789012:function:f", {}),
    )
    assert found[0] == ("Start", ("states:StartExecution",), ("${Machine}",))
    assert {action for state, actions, _ in found if state == "Start" for action in actions} >= {
        "states:DescribeExecution",
        "states:StopExecution",
        "events:PutRule",
    }
    assert [entry for entry in found if entry[0] != "Start"] == [
        ("Invoke", ("lambda:InvokeFunction",), ("${Function.Arn}", "${Function.Arn}:*")),
        (
            "ByArn",
            ("lambda:InvokeFunction",),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:f",
                "arn:aws:lambda:us-east-1:123456789012:function:f:*",
            ),
        ),
    ]


def test_states_inside_others_count_and_other_types_do_not() -> None:
    inner = {
        "StartAt": "In",
        "States": {"In": task("arn:aws:states:::aws-sdk:sqs:sendMessage", {})},
    }
    found = derive(
        Wait={"Type": "Wait", "Seconds": 1},
        Each={"Type": "Map", "ItemProcessor": inner},
        Both={"Type": "Parallel", "Branches": [inner]},
    )
    assert found == [("In", ("sqs:SendMessage",), ("*",))] * 2


def test_a_document_merges_what_is_equal_and_fills_in_what_cloudformation_knows() -> None:
    definition = Definition.from_resolved(
        {
            "Fn::Join": [
                "",
                [
                    '{"States":{"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s3:putObject",'
                    '"Parameters":{"Bucket":"',
                    {"Ref": "Bucket"},
                    '","Key":"a/b"}},"B":{"Type":"Task",'
                    '"Resource":"arn:aws:states:::aws-sdk:s3:getObject","Parameters":{"Bucket":"',
                    {"Ref": "Bucket"},
                    '","Key":"a/b"}}}}',
                ],
            ]
        }
    )
    document = policy_document(derive_permissions(definition.states, "dev-x"), definition)
    assert document["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": [
                {
                    "Fn::Join": [
                        "",
                        [
                            "arn:",
                            {"Ref": "AWS::Partition"},
                            ":s3:::",
                            {"Ref": "Bucket"},
                            "/a/b",
                        ],
                    ]
                }
            ],
        }
    ]
