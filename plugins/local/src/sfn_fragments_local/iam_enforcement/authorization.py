"""Which permissions AWS demands for a service call, given its actual arguments.

Actions and resources are those of the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/, with what was seen where that
is silent. Nothing here looks at the definition's derived permissions: this is the other side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

import botocore.session
from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends

from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_asl.permissions.action_names import actions_of
from sfn_fragments_local.iam_enforcement.policies import Request


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

    Examples:
        >>> place = Place("aws", "us-east-1", "123456789012")
        >>> requests_of_call("s3", "GetObject", {"Bucket": "b", "Key": "k"}, place)[0].resource
        'arn:aws:s3:::b/k'
    """
    rules = _RULES.get(service)
    if rules is None:
        return [Request(name, None) for name in _actions(service, action)]
    return list(rules(action, arguments, place))


def _actions(service: str, action: str) -> tuple[str, ...]:
    """The IAM actions of an API action, by the table of their names."""
    return actions_of(_integration(service), f"{action[0].lower()}{action[1:]}")


@cache
def _integration(service: str) -> str:
    """A service as Step Functions names it."""
    model = botocore.session.get_session().get_service_model(service)
    return re.sub(r"[\s-]", "", str(model.service_id)).lower().removesuffix("service")


#: What a parameter asks for besides, of a call that writes an object.
_WITH_OBJECT: Final = {
    "ACL": "PutObjectAcl",
    "GrantFullControl": "PutObjectAcl",
    "GrantRead": "PutObjectAcl",
    "GrantReadACP": "PutObjectAcl",
    "GrantWriteACP": "PutObjectAcl",
    "ObjectLockLegalHoldStatus": "PutObjectLegalHold",
    "ObjectLockMode": "PutObjectRetention",
    "Tagging": "PutObjectTagging",
}
#: Actions that have a name of their own for versions, by what stands before "Object".
_OF_VERSIONS: Final = re.compile(
    r"s3:(Get|Delete)Object$|s3:GetObject(Acl|Attributes|Tagging|Torrent)$"
    r"|s3:PutObject(Acl|Tagging)$|s3:DeleteObjectTagging$"
)

#: What a listing asks for, as condition keys:
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
_S3_CONDITIONS: Final = {
    "Delimiter": "s3:delimiter",
    "MaxKeys": "s3:max-keys",
    "Prefix": "s3:prefix",
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
    if action.startswith("ListObject"):
        context = _conditions(arguments, _S3_CONDITIONS)
    else:
        context = _conditions(arguments, _S3_HEADERS if action in _S3_WRITING else {})
    if action == "DeleteObjects":
        objects = [(one["Key"], one.get("VersionId")) for one in arguments["Delete"]["Objects"]]
    else:
        given = (arguments.get("Key"), arguments.get("VersionId"))
        objects = [given] if given[0] else []
    for key, version in objects:
        for name in _actions("s3", action):
            yield Request(_of_version(name) if version else name, f"{bucket}/{key}", context)
    if not objects:
        resource = bucket if "Bucket" in arguments else "*"
        for name in _actions("s3", action):
            yield Request(name, resource, context)
    if action in _S3_WRITING:
        besides = dict.fromkeys(_WITH_OBJECT[name] for name in arguments if name in _WITH_OBJECT)
        for name in besides:
            yield Request(f"s3:{name}", f"{bucket}/{arguments['Key']}")
    if action in ("CopyObject", "UploadPartCopy"):
        name, key, version = copied_from(arguments["CopySource"])
        source = f"arn:{place.partition}:s3:::{name}/{key}"
        yield Request("s3:GetObjectVersion" if version else "s3:GetObject", source)


def _conditions(
    arguments: Mapping[str, Any], keys: Mapping[str, str]
) -> Mapping[str, Sequence[str]]:
    return {key: [str(arguments[name])] for name, key in keys.items() if name in arguments}


def _of_version(action: str) -> str:
    if not _OF_VERSIONS.match(action):
        return action
    return action.replace("Object", "ObjectVersion", 1)


def copied_from(source: str | Mapping[str, Any]) -> tuple[str, str, str | None]:
    """Bucket, key and version that a ``CopySource`` of S3 names.

    Args:
        source: The argument: a text, which is encoded as URLs are, or boto3's mapping.

    Examples:
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


# arn:aws:states:<region>:<account>:stateMachine:<name>
_COLONS_OF_MACHINE: Final = 6


def _states(action: str, arguments: Mapping[str, Any], _: Place) -> Iterator[Request]:
    names = ("stateMachineArn", "executionArn", "mapRunArn", "activityArn")
    resource = next((str(arguments[name]) for name in names if name in arguments), None)
    context: dict[str, list[str]] = {}
    if resource is not None and ":stateMachine:" in resource:
        # IAM knows the machine, and its version or alias as a key of the request:
        # https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
        machine, last = resource.rpartition(":")[::2]
        if machine.count(":") == _COLONS_OF_MACHINE:
            resource, context = machine, {"states:StateMachineQualifier": [last]}
    yield Request(f"states:{action}", resource, context)


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
    for each in _actions("lambda", action):
        yield Request(each, name)


def _ecr(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    name = arguments.get("repositoryName")
    owner = Place(place.partition, place.region, arguments.get("registryId") or place.account)
    resource = None if name is None else owner.arn("ecr", f"repository/{name}")
    yield Request(f"ecr:{action}", resource)


#: What an item of a transaction does, to the action that it takes.
_TRANSACTIONS: Final = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
_STATEMENT: Final = re.compile(
    r"\s*(select|insert|update|delete)\b(?:.*?\b(?:from|into)\b)?\s*\"?([\w.-]+)", re.I | re.S
)


def _dynamodb(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    def table(name: str) -> str:
        return place.arn("dynamodb", name if name.startswith("arn:") else f"table/{name}")

    if action.startswith("Transact"):
        for item in arguments["TransactItems"]:
            for kind, each in item.items():
                yield Request(f"dynamodb:{_TRANSACTIONS[kind]}", table(each["TableName"]))
    elif action in ("BatchGetItem", "BatchWriteItem"):
        for name in arguments["RequestItems"]:
            yield Request(f"dynamodb:{action}", table(name))
    elif action == "ExecuteStatement":
        found = _STATEMENT.match(arguments["Statement"])
        verb = found[1].capitalize() if found else "Select"
        yield Request(f"dynamodb:PartiQL{verb}", table(found[2]) if found else None)
    else:
        name = str(arguments.get("TableName", ""))
        index = arguments.get("IndexName")
        resource = table(name) if name else None
        for each in _actions("dynamodb", action):
            yield Request(each, f"{resource}/index/{index}" if index else resource)


def _sns(action: str, arguments: Mapping[str, Any], _: Place) -> Iterator[Request]:
    resource = arguments.get("TopicArn", arguments.get("TargetArn", arguments.get("ResourceArn")))
    for each in _actions("sns", action):
        # A text message to a telephone has no topic.
        yield Request(each, "*" if "PhoneNumber" in arguments else resource)


def _sqs(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    url, name = arguments.get("QueueUrl"), arguments.get("QueueName")
    if url is not None:
        owner, name = ["", *url.split("/")][-2:]
        # The queue may be another account's.
        place = replace(place, account=owner) if owner.isdecimal() else place
    for each in _actions("sqs", action):
        yield Request(each, None if name is None else place.arn("sqs", name))


def _events(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    if action != "PutEvents":
        yield Request(f"events:{action}", None)
        return
    for bus in dict.fromkeys(one.get("EventBusName", "default") for one in arguments["Entries"]):
        resource = bus if bus.startswith("arn:") else f"event-bus/{bus}"
        yield Request("events:PutEvents", place.arn("events", resource))


def _ecs(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    if action not in ("RunTask", "StopTask", "DescribeTasks"):
        yield Request(f"ecs:{action}", None)
        return
    cluster = str(arguments.get("cluster", "default")).rpartition("/")[2]
    context = {"ecs:cluster": [place.arn("ecs", f"cluster/{cluster}")]}
    if action != "RunTask":
        tasks = [arguments.get("task"), *arguments.get("tasks", [])]
        for task in filter(None, tasks):
            resource = f"task/{cluster}/{str(task).rpartition('/')[2]}"
            yield Request(f"ecs:{action}", place.arn("ecs", resource), context)
        return
    definition = str(arguments["taskDefinition"]).rpartition("/")[2]
    family, _, revision = definition.partition(":")
    # A family is the latest revision of it.
    latest = f"task-definition/{family}:{revision or '1'}"
    yield Request("ecs:RunTask", place.arn("ecs", latest), context)
    passed = {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}
    overrides = arguments.get("overrides", {})
    for name in ("taskRoleArn", "executionRoleArn"):
        if name in overrides:
            yield Request("iam:PassRole", overrides[name], passed)


def _by_name(
    service: str, kind: str, *parameters: str
) -> Callable[[str, Mapping[str, Any], Place], Iterator[Request]]:
    """The rule of a service whose calls name their resource by a parameter."""

    def rule(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
        named = [arguments[name] for name in parameters if arguments.get(name)]
        listed = [one for name in named for one in (name if isinstance(name, list) else [name])]
        for each in _actions(service, action):
            prefix = each.partition(":")[0]
            found = [
                name if name.startswith("arn:") else place.arn(prefix, f"{kind}{name.lstrip('/')}")
                for name in listed
            ]
            for resource in found or [None]:
                yield Request(each, resource)

    return rule


def _secrets(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    name = arguments.get("SecretId", arguments.get("Name"))
    resource = None
    known = secretsmanager_backends[place.account][place.region].secrets.get(name or "")
    if known is not None:
        resource = known.arn
    elif name is not None:
        # Secrets Manager puts six characters behind the name.
        resource = name if name.startswith("arn:") else f"secret:{name}-AbCdEf"
    yield Request(f"secretsmanager:{action}", resource and place.arn("secretsmanager", resource))


def _sts(action: str, arguments: Mapping[str, Any], _: Place) -> Iterator[Request]:
    yield Request(f"sts:{action}", arguments.get("RoleArn"))


def _kms(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    key = arguments.get("KeyId")
    context = {}
    if key and "alias/" in key:
        context = {"kms:ResourceAliases": [key.rpartition(":")[2]]}
        key = kms_backends[place.account][place.region].any_id_to_key_id(key)
    for each in _actions("kms", action):
        resource = None if key is None else place.arn("kms", f"key/{key}")
        if key is not None and key.startswith("arn:"):
            resource = key
        yield Request(each, resource, context)


def _logs(action: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Request]:
    group, stream = arguments.get("logGroupName"), arguments.get("logStreamName")
    resource = None
    if group is not None and not action.startswith("DescribeLogGroups"):
        behind = "" if stream is None else f"log-stream:{stream}"
        resource = place.arn("logs", f"log-group:{group}:{behind}")
    yield Request(f"logs:{action}", resource)


_RULES: Final[Mapping[str, Callable[[str, Mapping[str, Any], Place], Iterator[Request]]]] = {
    "batch": _batch,
    "dynamodb": _dynamodb,
    "ecr": _ecr,
    "ecs": _ecs,
    "events": _events,
    "firehose": _by_name("firehose", "deliverystream/", "DeliveryStreamName"),
    "glue": _by_name("glue", "job/", "JobName"),
    "kinesis": _by_name("kinesis", "stream/", "StreamARN", "StreamName"),
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "s3": _s3,
    "secretsmanager": _secrets,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _by_name("ssm", "parameter/", "Name", "Names", "Path"),
    "stepfunctions": _states,
    "sts": _sts,
}

# The rules by which Step Functions hears of the end of what a ``.sync`` task started:
# https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
_MANAGED_RULES: Final = {
    ("batch", "submitJob"): "sForBatchJobs",
    ("codebuild", "startBuild"): "ForCodeBuildStartBuild",
    ("codebuild", "startBuildBatch"): "ForCodeBuildStartBuildBatch",
    ("codebuild", "retryBuildBatch"): "ForCodeBuildStartBuildBatch",
    ("ecs", "runTask"): "sForECSTask",
    ("elasticmapreduce", "addStep"): "ForEMRAddJobFlowSteps",
    ("elasticmapreduce", "createCluster"): "ForEMRRunJobFlow",
    ("elasticmapreduce", "terminateCluster"): "ForEMRTerminateJobFlows",
    ("emr-serverless", "cancelJobRun"): "sForEMRServerlessJob",
    ("emr-serverless", "createApplication"): "sForEMRServerlessApplication",
    ("emr-serverless", "deleteApplication"): "sForEMRServerlessApplication",
    ("emr-serverless", "startApplication"): "sForEMRServerlessApplication",
    ("emr-serverless", "startJobRun"): "sForEMRServerlessJob",
    ("emr-serverless", "stopApplication"): "sForEMRServerlessApplication",
    ("mediaconvert", "createJob"): "sForMediaConvertJob",
    ("sagemaker", "createHyperParameterTuningJob"): "sForSageMakerTuningJobs",
    ("sagemaker", "createLabelingJob"): "sForSageMakerLabelingJobs",
    ("sagemaker", "createProcessingJob"): "sForSageMakerProcessingJobs",
    ("sagemaker", "createTrainingJob"): "sForSageMakerTrainingJobs",
    ("sagemaker", "createTransformJob"): "sForSageMakerTransformJobs",
    ("states", "startExecution"): "sForStepFunctionsExecution",
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
    # A Task with a role of its own waits with that.
    states = [state for state in machine.every_state() if "Credentials" not in state.fields]
    calls = [state.call for state in states if state.call and state.call.waits_for_end]
    rules = {_MANAGED_RULES.get((call.service, call.action)) for call in calls} - {None}
    return [
        Request(f"events:{action}", place.arn("events", f"rule/StepFunctionsGetEvent{rule}Rule"))
        for rule in sorted(filter(None, rules))
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
