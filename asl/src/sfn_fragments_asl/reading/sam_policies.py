"""Policies that SAM makes of a name and a parameter, as far as state machines use them.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TABLE_READS = (
    "dynamodb:BatchGetItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
)
_TABLE_WRITES = ("dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
_BUCKET_READS = (
    "s3:GetBucketLocation",
    "s3:GetLifecycleConfiguration",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:ListBucket",
)
_TABLE = ("dynamodb:table/", ("", "/index/*"))
_BUCKET = ("s3:", ("", "/*"))
#: Name of a policy to its parameter, its actions, the service with what stands before the name in
#: the ARN, and what stands behind it.
_TEMPLATES: Mapping[str, tuple[str, tuple[str, ...], str, tuple[str, ...]]] = {
    "DynamoDBCrudPolicy": (
        "TableName",
        (*_TABLE_READS, *_TABLE_WRITES, "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem"),
        *_TABLE,
    ),
    "DynamoDBReadPolicy": ("TableName", _TABLE_READS, *_TABLE),
    "DynamoDBWritePolicy": ("TableName", _TABLE_WRITES, *_TABLE),
    "EventBridgePutEventsPolicy": (
        "EventBusName",
        ("events:PutEvents",),
        "events:event-bus/",
        ("",),
    ),
    "LambdaInvokePolicy": ("FunctionName", ("lambda:InvokeFunction",), "lambda:function:", ("*",)),
    "S3CrudPolicy": (
        "BucketName",
        (
            *_BUCKET_READS,
            "s3:DeleteObject",
            "s3:PutLifecycleConfiguration",
            "s3:PutObject",
            "s3:PutObjectAcl",
        ),
        *_BUCKET,
    ),
    "S3ReadPolicy": ("BucketName", _BUCKET_READS, *_BUCKET),
    "SNSPublishMessagePolicy": ("TopicName", ("sns:Publish",), "sns:", ("",)),
    "SQSSendMessagePolicy": ("QueueName", ("sqs:SendMessage*",), "sqs:", ("",)),
    "StepFunctionsExecutionPolicy": (
        "StateMachineName",
        ("states:StartExecution",),
        "states:stateMachine:",
        ("",),
    ),
}


def sam_policy(policy: Any) -> dict[str, Any] | None:
    """The document of a policy template of SAM.

    Args:
        policy: The policy as a template names it, such as
            ``{"LambdaInvokePolicy": {"FunctionName": "count"}}``.

    Returns:
        The document, or None for one that is not known here.

    Example:
        >>> document = sam_policy({"S3ReadPolicy": {"BucketName": "data"}})
        >>> document["Statement"][0]["Resource"][0]
        {'Fn::Join': ['', ['arn:', {'Ref': 'AWS::Partition'}, ':s3:::', 'data', '']]}
    """
    if not (isinstance(policy, Mapping) and len(policy) == 1):
        return None
    name, parameters = next(iter(policy.items()))
    if name not in _TEMPLATES or not isinstance(parameters, Mapping):
        return None
    parameter, actions, where, endings = _TEMPLATES[name]
    if parameter not in parameters:
        return None
    service, _, before = where.partition(":")
    place: list[Any] = [":::"]
    if service != "s3":
        place = [":", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}, f":{before}"]
    beginning = ["arn:", {"Ref": "AWS::Partition"}, f":{service}{place[0]}", *place[1:]]
    resources = [
        {"Fn::Join": ["", [*beginning, parameters[parameter], ending]]} for ending in endings
    ]
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": resources}
    return {"Statement": [statement]}
