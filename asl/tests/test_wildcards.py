"""Why a policy holds wildcards: what is explained, and what is left for a reviewer to see."""

from __future__ import annotations

from typing import Any

import pytest

from sfn_fragments_asl.permissions.observation import LOG_DELIVERY, TRACES
from sfn_fragments_asl.permissions.wildcards import (
    DERIVED,
    WITHOUT_RESOURCES,
    Wildcard,
    explained_wildcards,
)

S3, REGION = "arn:aws:s3:::", "us-east-1:123456789012"


def statement(actions: str | list[str], *resources: Any, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": list(resources)}


def explained(*statements: dict[str, Any]) -> dict[str, str]:
    return explained_wildcards({"Statement": list(statements)})


ACTIONS = {
    "s3:.*": "s3:GetObject",
    "batch:.*": "batch:SubmitJob",
    "ecr:.*": "ecr:DescribeImages",
    "states:Start(Sync)?Execution": "states:StartExecution",
    "states:(DescribeExecution|StopExecution|RedriveExecution)": "states:StopExecution",
}


@pytest.mark.parametrize("kind", DERIVED, ids=lambda kind: kind.example)
def test_each_kind_explains_its_example(kind: Wildcard) -> None:
    action = ACTIONS.get(kind.actions, kind.actions)
    assert explained(statement(action, kind.example)) == {f"Resource::{kind.example}": kind.reason}
    # For another action it says nothing.
    assert explained(statement("sqs:SendMessage", kind.example)) == {}


@pytest.mark.parametrize(
    "actions",
    [
        list(LOG_DELIVERY),
        list(TRACES),
        ["batch:DescribeJobs"],
    ],
)
def test_actions_without_resources(actions: list[str]) -> None:
    document = {"Statement": [statement(actions, "*")]}
    assert list(explained_wildcards(document, WITHOUT_RESOURCES)) == ["Resource::*"]


def test_one_action_without_a_reason_leaves_the_wildcard_unexplained() -> None:
    assert explained(statement(["batch:DescribeJobs", "sqs:SendMessage"], "*")) == {}
    others = [statement("batch:DescribeJobs", "*"), statement("sqs:SendMessage", "*")]
    assert explained(*others) == {}


def test_reasons_of_several_statements_are_joined() -> None:
    found = explained(statement("batch:DescribeJobs", "*"), statement("xray:PutTraceSegments", "*"))
    assert [text.count(";") for text in found.values()] == [1]


def test_what_is_no_wildcard_or_denied_needs_no_reason() -> None:
    assert explained(statement("s3:GetObject", f"{S3}b/a")) == {}
    assert explained(statement("s3:GetObject", f"{S3}b/*", effect="Deny")) == {}


@pytest.mark.parametrize(
    ("resource", "finding"),
    [
        ({"Fn::Join": ["", [{"Fn::GetAtt": ["B", "Arn"]}, "/*"]]}, "<B.Arn>/*"),
        ({"Fn::Join": ["", [S3, {"Fn::ImportValue": "Other:B"}, "/*"]]}, f"{S3}Other:B/*"),
        (
            {"Fn::Join": ["", [S3, {"Fn::Select": [0, {"Ref": "Names"}]}, "/*"]]},
            f'{S3}{{"Fn::Select":[0,{{"Ref":"Names"}}]}}/*',
        ),
        ("arn:${AWS::Partition}:s3:::b/*", "arn:<AWS::Partition>:s3:::b/*"),
    ],
)
def test_findings_are_written_as_cdk_nag_writes_them(resource: Any, finding: str) -> None:
    assert list(explained(statement("s3:GetObject", resource))) == [f"Resource::{finding}"]
