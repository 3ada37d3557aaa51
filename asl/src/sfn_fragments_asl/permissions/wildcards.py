"""Why a policy holds the wildcards that it holds, for reviewers and for cdk-nag.

cdk-nag's rule ``AwsSolutions-IAM5`` reports each wildcard of a policy as a finding of its own, and
takes a reason for each: https://github.com/cdklabs/cdk-nag. A wildcard without an entry here gets
none, so that it is reported.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.permissions.observation import LOG_DELIVERY, TRACES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True)
class Wildcard:
    """A kind of wildcard, and why it is needed.

    Attributes:
        actions: Regular expression of the IAM actions that need it.
        resource: Regular expression of the resources, as cdk-nag writes them.
        example: Such a resource.
        reason: Why the resource cannot be narrower.
    """

    actions: str
    resource: str
    example: str
    reason: str


#: What holds whoever asks for it: IAM knows no resource of these actions.
WITHOUT_RESOURCES = (
    Wildcard(
        "|".join(LOG_DELIVERY),
        r"\*",
        "*",
        "delivering the logs of executions: log delivery has no resources in IAM",
    ),
    Wildcard(
        "|".join(TRACES),
        r"\*",
        "*",
        "tracing executions: X-Ray has no resources in IAM for traces and sampling",
    ),
    Wildcard(
        r"batch:DescribeJobs",
        r"\*",
        "*",
        "following a job to its end: Batch has no resources in IAM for describing jobs",
    ),
)

#: What holds for statements that are derived from a definition.
DERIVED = (
    Wildcard(
        r"s3:.*",
        r"arn:[^/]*:s3:::[^/]*\*[^/]*(/.*)?",
        "arn:<AWS::Partition>:s3:::dev-x-*/*",
        "the input of an execution may choose the bucket, of this prefix",
    ),
    Wildcard(
        r"s3:.*",
        # A bucket that is a name or an ARN is an intrinsic, which is written as JSON.
        r"[^*/]*(\{.*\})?/\*",
        "arn:<AWS::Partition>:s3:::<Bucket>/*",
        "the input of an execution may choose the key, in this bucket",
    ),
    Wildcard(
        r"s3:.*",
        r"[^*/]*(\{.*\})?/[^*]+\*",
        "arn:<AWS::Partition>:s3:::<Bucket>/scratch/*",
        "each execution has keys of its own, made up or chosen by its input, below this prefix",
    ),
    Wildcard(
        r"batch:.*",
        r"arn:.*:job-definition/.*\*",
        "arn:<AWS::Partition>:batch:<AWS::Region>:<AWS::AccountId>:job-definition/dev-x-sync-*",
        "each execution registers a job definition of its own, of this prefix, or its input may"
        " choose one; or a name stands for all of its revisions",
    ),
    Wildcard(
        r"batch:.*",
        r"arn:.*:job-queue/.*\*",
        "arn:<AWS::Partition>:batch:<AWS::Region>:<AWS::AccountId>:job-queue/dev-x-*",
        "the input of an execution may choose the job queue, of this prefix",
    ),
    Wildcard(
        r"batch:TerminateJob",
        r"arn:.*:job/\*",
        "arn:<AWS::Partition>:batch:<AWS::Region>:<AWS::AccountId>:job/*",
        "stopping the job of an execution that is stopped: Batch makes up the ids of jobs",
    ),
    Wildcard(
        r"iam:PassRole",
        r"arn:.*:role/.+\*",
        "arn:<AWS::Partition>:iam::<AWS::AccountId>:role/dev-x-*",
        "the input of an execution may choose the role of the job, of this prefix, and it can be"
        " passed to ECS tasks alone",
    ),
    Wildcard(
        r"states:Start(Sync)?Execution",
        r"arn:.*:stateMachine:.*\*",
        "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:dev-x-*",
        "the input of an execution may choose the state machine, of this prefix",
    ),
    Wildcard(
        r"states:(DescribeExecution|StopExecution|RedriveExecution)",
        r"arn:.*:execution:.*\*",
        "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:dev-x-sync:*",
        "following and stopping the executions that it starts, whose names are made up",
    ),
    Wildcard(
        r"lambda:InvokeFunction",
        r"(arn:.*:function:|<).*\*",
        "arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:dev-x-*",
        "the input of an execution may choose the function, of this prefix, or its version",
    ),
    Wildcard(
        r"ecr:.*",
        r"arn:.*:repository/.*",
        "arn:<AWS::Partition>:ecr:<AWS::Region>:<AWS::AccountId>:repository/dev-x/*",
        "the input of an execution may choose the image, of repositories of this prefix",
    ),
)

KINDS = (*WITHOUT_RESOURCES, *DERIVED)


def explained_wildcards(
    document: Mapping[str, Any], kinds: Sequence[Wildcard] = KINDS
) -> dict[str, str]:
    """The wildcards of a policy that have a reason.

    Args:
        document: A policy as CloudFormation has it: intrinsics stand for what is not known yet.
        kinds: The kinds to know of.

    Returns:
        Finding of cdk-nag, such as ``Resource::*``, to the reason. A wildcard is left out unless
        there is a reason for every action that is allowed on it, in every statement.

    Examples:
        >>> statement = {"Effect": "Allow", "Action": "batch:DescribeJobs", "Resource": "*"}
        >>> list(explained_wildcards({"Statement": [statement]}))
        ['Resource::*']
        >>> explained_wildcards({"Statement": [statement | {"Action": "sqs:SendMessage"}]})
        {}
    """
    reasons: dict[str, list[str]] = {}
    unexplained = set()
    for resource, action in _allowed(document):
        if "*" not in resource:
            continue
        reason = _reason(action, resource, kinds)
        if reason is None:
            unexplained.add(resource)
        elif reason not in reasons.setdefault(resource, []):
            reasons[resource].append(reason)
    return {
        f"Resource::{resource}": "; ".join(texts)
        for resource, texts in reasons.items()
        if resource not in unexplained
    }


def _reason(action: str, resource: str, kinds: Sequence[Wildcard]) -> str | None:
    for kind in kinds:
        if re.fullmatch(kind.actions, action) and re.fullmatch(kind.resource, resource):
            return kind.reason
    return None


def _allowed(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for statement in document.get("Statement", []):
        if statement.get("Effect") == "Allow":
            for resource in _listed(statement.get("Resource", [])):
                for action in _listed(statement.get("Action", [])):
                    yield _finding_text(resource), action


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _finding_text(value: Any) -> str:
    """A resource as cdk-nag writes it in a finding."""
    match value:
        case str():
            return value.replace("${", "<").replace("}", ">")
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_finding_text(part) for part in parts)
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"<{name}.{attribute}>"
        case {"Fn::ImportValue": name}:
            return _finding_text(name)
        case {"Ref": str(name)}:
            return f"<{name}>"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
