"""Which permissions AWS demands for a service call, given its actual arguments.

Actions and resources are those of the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/, with what was seen where that
is silent. Nothing here looks at the definition's derived permissions: this is the other side.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

import botocore.session

from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_local.iam_enforcement.policies import Request

# Services that sign with another name than the prefix of their actions.
_PREFIXES: Final = {"monitoring": "cloudwatch"}


@dataclass(frozen=True)
class Place:
    """Where a call is made, as ARNs spell it.

    Attributes:
        partition: Such as ``aws``.
        region: Such as ``us-east-1``.
        account: The account's id.
    """

    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account; a resource that is one already stays."""
        if resource.startswith("arn:"):
            return resource
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


def requests_of_call(
    service: str, action: str, arguments: Mapping[str, Any], place: Place
) -> list[Request]:
    """What the caller of an API action must be allowed.

    Args:
        service: The service as boto3 names it, such as ``stepfunctions``.
        action: The API action, such as ``StartExecution``.
        arguments: The call's arguments, in the API's names.
        place: Where it is made.

    Returns:
        One request for each permission; all must be allowed. For services that this module has
        no rules for, the action alone, on whatever resource.

    Example:
        >>> place = Place("aws", "us-east-1", "123456789012")
        >>> requests_of_call("s3", "GetObject", {"Bucket": "b", "Key": "k"}, place)[0].resource
        'arn:aws:s3:::b/k'
    """
    rules = _RULES.get(service)
    if rules is None:
        return [Request(f"{_prefix(service)}:{action}", None)]
    return list(rules(action, arguments, place))


@cache
def _prefix(service: str) -> str:
    model = botocore.session.get_session().get_service_model(service)
    return str(_PREFIXES.get(model.signing_name, model.signing_name))


_S3_ACTIONS: Final = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "SelectObjectContent": "GetObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}

#: What a listing asks for, as condition keys:
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
_S3_CONDITIONS: Final = {
    "Delimiter": "s3:delimiter",
    "MaxKeys": "s3:max-keys",
    "Prefix": "s3:prefix",
}


#: Actions that have another name where a version of an object is named.
_S3_VERSIONS: Final = {
    "DeleteObject": "DeleteObjectVersion",
    "GetObject": "GetObjectVersion",
}

#: What is said of an object that is written takes a permission of its own.
_S3_BESIDES: Final = {
    "ACL": "PutObjectAcl",
    "ObjectLockLegalHoldStatus": "PutObjectLegalHold",
    "ObjectLockMode": "PutObjectRetention",
    "Tagging": "PutObjectTagging",
}
_S3_WRITING: Final = frozenset({"CopyObject", "CreateMultipartUpload", "PutObject"})


#: What is said of an object that is written, as condition keys.
_S3_HEADERS: Final = {
    "ACL": "s3:x-amz-acl",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
}


def _s3(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    bucket = f"arn:{place.partition}:s3:::{arguments.get('Bucket', '')}"
    needed = _S3_ACTIONS.get(action, action)
    if action == "DeleteObjects":
        for one in arguments["Delete"]["Objects"]:
            yield _of_object(needed, f"{bucket}/{one['Key']}", one.get("VersionId"))
        return
    if "Key" in arguments:
        resource = f"{bucket}/{arguments['Key']}"
        headers = _conditions(arguments, _S3_HEADERS if action in _S3_WRITING else {})
        yield _of_object(needed, resource, arguments.get("VersionId"), headers)
        if action in _S3_WRITING:
            for name, besides in _S3_BESIDES.items():
                if name in arguments:
                    yield Request(f"s3:{besides}", resource)
    else:
        lists = action.startswith("ListObject")
        context = _conditions(arguments, _S3_CONDITIONS if lists else {})
        yield Request(f"s3:{needed}", bucket if "Bucket" in arguments else "*", context)
    if action in ("CopyObject", "UploadPartCopy"):
        name, key, version = copied_from(arguments["CopySource"])
        yield _of_object("GetObject", f"arn:{place.partition}:s3:::{name}/{key}", version)


def _of_object(
    action: str,
    resource: str,
    version: str | None,
    context: Mapping[str, Sequence[str]] | None = None,
) -> Request:
    name = action if version is None else _S3_VERSIONS.get(action, action)
    return Request(f"s3:{name}", resource, context or {})


def _conditions(
    arguments: Mapping[str, Any], keys: Mapping[str, str]
) -> Mapping[str, Sequence[str]]:
    return {key: [str(arguments[name])] for name, key in keys.items() if name in arguments}


def copied_from(source: str | Mapping[str, Any]) -> tuple[str, str, str | None]:
    """Bucket, key and version that a ``CopySource`` of S3 names.

    Args:
        source: The argument: a text, which is encoded as URLs are, or boto3's mapping.

    Example:
        >>> copied_from("bucket/a%20b?versionId=1")
        ('bucket', 'a b', '1')
    """
    if isinstance(source, Mapping):
        return source["Bucket"], source["Key"], source.get("VersionId")
    path, _, version = source.partition("?versionId=")
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    return bucket, key, version or None


def _batch(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    # An ARN has the revision that the caller wrote, and none if there was none
    # (aws/aws-sdk-js#4280).
    definition = arguments.get("jobDefinition", arguments.get("jobDefinitionName", ""))
    resources = {
        "RegisterJobDefinition": [f"job-definition/{definition}"],
        "DeregisterJobDefinition": [f"job-definition/{definition}"],
        "SubmitJob": [f"job-definition/{definition}", f"job-queue/{arguments.get('jobQueue')}"],
        "CancelJob": [f"job/{arguments.get('jobId')}"],
        "TerminateJob": [f"job/{arguments.get('jobId')}"],
    }.get(action)
    if resources is None:
        # What describes and lists knows no resources.
        named = action.startswith(("Describe", "List"))
        yield Request(f"batch:{action}", "*" if named else None)
        return
    arns = [
        kind_and_name.partition("/")[2]
        if "/arn:" in kind_and_name
        else place.arn("batch", kind_and_name)
        for kind_and_name in resources
    ]
    for arn in arns:
        yield Request(f"batch:{action}", arn)
    if tags := arguments.get("tags"):
        # Seen on the resources of the call itself (wri/gfw-data-api#175).
        context = {
            "aws:TagKeys": list(tags),
            **{f"aws:RequestTag/{key}": [str(value)] for key, value in tags.items()},
        }
        for arn in arns:
            yield Request("batch:TagResource", arn, context)
    if action == "RegisterJobDefinition":
        passed = {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}
        for role in dict.fromkeys(_passed_roles(arguments)):
            yield Request("iam:PassRole", role, passed)


def _passed_roles(node: object) -> Iterator[str]:
    """The roles that a job definition gives to its containers, in whichever of its forms."""
    if isinstance(node, list):
        for item in node:
            yield from _passed_roles(item)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key in ("jobRoleArn", "executionRoleArn", "taskRoleArn"):
                if value:
                    yield str(value)
            else:
                yield from _passed_roles(value)


def _states(action: str, arguments: Mapping[str, Any], _: Place) -> Iterator[Request]:
    names = ("stateMachineArn", "executionArn", "mapRunArn", "activityArn")
    resource = next((str(arguments[name]) for name in names if name in arguments), None)
    yield Request(f"states:{action}", resource)


def _lambda(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    name = arguments.get("FunctionName")
    if name is None:
        yield Request(f"lambda:{action}", None)
        return
    if not name.startswith("arn:"):
        # A name, or an ARN that begins with the account.
        name = place.arn("lambda", f"function:{name.rpartition(':function:')[2]}")
    if qualifier := arguments.get("Qualifier"):
        name = f"{name}:{qualifier}"
    yield Request("lambda:InvokeFunction" if action == "Invoke" else f"lambda:{action}", name)


def _ecr(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    name = arguments.get("repositoryName")
    owner = Place(place.partition, place.region, arguments.get("registryId") or place.account)
    resource = None if name is None else owner.arn("ecr", f"repository/{name}")
    yield Request(f"ecr:{action}", resource)


def _dynamodb(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    name = str(arguments.get("TableName", ""))
    table = name if name.startswith("arn:") else f"table/{name}"
    yield Request(f"dynamodb:{action}", place.arn("dynamodb", table) if name else None)


def _sns(action: str, arguments: Mapping[str, Any], _: Place) -> Iterator[Request]:
    yield Request(f"sns:{action}", arguments.get("TopicArn", arguments.get("TargetArn")))


def _sqs(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    url = arguments.get("QueueUrl")
    resource = None if url is None else place.arn("sqs", url.rpartition("/")[2])
    yield Request(f"sqs:{action}", resource)


_RULES: Final[Mapping[str, Callable[[str, Mapping[str, Any], Place], Iterator[Request]]]] = {
    "batch": _batch,
    "dynamodb": _dynamodb,
    "ecr": _ecr,
    "lambda": _lambda,
    "s3": _s3,
    "sns": _sns,
    "sqs": _sqs,
    "stepfunctions": _states,
}

# The rules by which Step Functions hears of the end of what a ``.sync`` task started:
# https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
_MANAGED_RULES: Final = {
    "batch": "StepFunctionsGetEventsForBatchJobsRule",
    "ecs": "StepFunctionsGetEventsForECSTaskRule",
    "states": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
}
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
_LOG_DELIVERY: Final = (
    "CreateLogDelivery",
    "GetLogDelivery",
    "UpdateLogDelivery",
    "DeleteLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "DescribeResourcePolicies",
    "DescribeLogGroups",
)


def requests_for_managed_rules(definition: str, place: Place) -> list[Request]:
    """What a role must be allowed before a machine with its definition can be created.

    Args:
        definition: The definition, as JSON.
        place: Where the machine is.

    Returns:
        One request for each permission; none if it is no JSON, which the engine refuses itself.
    """
    try:
        machine = Machine(json.loads(definition))
    except ValueError:
        return []
    calls = (state.call for state in machine.every_state())
    services = {call.service for call in calls if call is not None and call.waits_for_end}
    return [
        Request(f"events:{action}", place.arn("events", f"rule/{_MANAGED_RULES[service]}"))
        for service in sorted(services & _MANAGED_RULES.keys())
        for action in ("PutTargets", "PutRule", "DescribeRule")
    ]


def requests_for_logging() -> list[Request]:
    """What a role must be allowed before a machine can log to CloudWatch Logs."""
    return [Request(f"logs:{action}", "*") for action in _LOG_DELIVERY]


def requests_of_map_run(machine_arn: str, execution_arn: str) -> list[Request]:
    """What a distributed Map needs to start its children, and to hear of them.

    See https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html, whose
    policy for executions names those of the machine itself.

    Args:
        machine_arn: The machine that has the Map state.
        execution_arn: Its execution.

    Returns:
        One request for each permission.
    """
    return [
        Request("states:StartExecution", machine_arn),
        Request("states:DescribeExecution", execution_arn),
    ]


def requests_of_result_writer(arguments: Mapping[str, Any], place: Place) -> list[Request]:
    """What the ResultWriter of a distributed Map needs besides putting an object.

    It writes large results in parts, and reads what it wrote:
    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html

    Args:
        arguments: ``Bucket`` and ``Key`` of an object that it puts.
        place: Where it does so.

    Returns:
        One request for each permission.
    """
    resource = f"arn:{place.partition}:s3:::{arguments['Bucket']}/{arguments['Key']}"
    return [
        Request(f"s3:{action}", resource)
        for action in ("GetObject", "ListMultipartUploadParts", "AbortMultipartUpload")
    ]
