"""Makes the policies of queues, topics, functions and secrets, by the services' own APIs.

What such a policy is for may belong to another stack, and not be here; then there is nothing to do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sfn_fragments_local.deployment.coercion import as_request
from sfn_fragments_local.deployment.errors import UnusableValueError
from sfn_fragments_local.deployment.made import Made, Maker, Order
from sfn_fragments_local.iam_enforcement.policies import UnsupportedPolicyError
from sfn_fragments_local.iam_enforcement.resource_policies import listed_statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Between the parts of a physical id; in no ARN, URL or name of a statement.
_AND = "|"

_NO_STATEMENT = json.dumps({"Version": "2012-10-17", "Statement": []})

_MISSING = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "NotFound",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)


@contextmanager
def _unless_missing() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in _MISSING:
            raise


def _policy(order: Order, name: str) -> str:
    """The policy that a property holds, as the services take it.

    Raises:
        UnusableValueError: It is none.
    """
    given = order.properties[name]
    try:
        parsed = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        parsed = given
    if not isinstance(parsed, Mapping):
        raise UnusableValueError(f"{given!r} is no policy; give an object with a Statement", name)
    try:
        listed_statements(parsed)
    except UnsupportedPolicyError as error:
        raise UnusableValueError(f"{error}; give objects with an Effect", name) from error
    return json.dumps(parsed, default=str)


def _kind(service: str, call: str, names: tuple[str, str], policy: tuple[str, str]) -> Maker:
    """The maker of policies that are an attribute of what they are for.

    Args:
        service: The service.
        call: Its call that sets attributes.
        names: The property that names the resource or lists them, and the call's argument.
        policy: The name of the attribute, and what it is without a policy.
    """
    given, argument = names
    attribute, none = policy

    def put(client: Callable[[str], Any], resource: str, value: str) -> None:
        with _unless_missing():
            # SNS sets one attribute a call, SQS all of them.
            arguments: dict[str, Any] = {"Attributes": {attribute: value}}
            if service == "sns":
                arguments = {"AttributeName": attribute, "AttributeValue": value}
            getattr(client(service), call)(**{argument: resource}, **arguments)

    def make(order: Order) -> Made:
        listed = order.properties[given]
        resources = [str(one) for one in (listed if isinstance(listed, list) else [listed])]
        before = (order.before or "").split(_AND)
        for resource in filter(None, {*before} - {*resources}):
            put(order.client, resource, none)
        policy = _policy(order, "PolicyDocument")
        for resource in resources:
            put(order.client, resource, policy)
        return Made(_AND.join(resources))

    def remove(client: Callable[[str], Any], ref: str) -> None:
        for resource in ref.split(_AND):
            put(client, resource, none)

    return Maker(make, remove)


def _permission(order: Order) -> Made:
    """Let a service or an account invoke a function."""
    if order.before is not None:
        _remove_permission(order.client, order.before)
    request = as_request("lambda", "AddPermission", order.properties)
    # moto knows functions by their names here.
    whole = request["FunctionName"].rpartition(":function:")[2]
    name, _, qualifier = whole.partition(":")
    sid = order.name(None, 100)
    request |= {"FunctionName": name, "StatementId": sid}
    if qualifier:
        request["Qualifier"] = qualifier
    with _unless_missing():
        order.client("lambda").add_permission(**request)
    return Made(_AND.join([name, sid]), {"Id": sid})


def _remove_permission(client: Callable[[str], Any], ref: str) -> None:
    name, sid = ref.split(_AND)
    with _unless_missing():
        client("lambda").remove_permission(FunctionName=name, StatementId=sid)


def _policy_of_secret(order: Order) -> Made:
    secret = str(order.properties["SecretId"])
    policy = _policy(order, "ResourcePolicy")
    with _unless_missing():
        order.client("secretsmanager").put_resource_policy(SecretId=secret, ResourcePolicy=policy)
    return Made(secret, {"Id": secret})


def _remove_policy_of_secret(client: Callable[[str], Any], secret: str) -> None:
    with _unless_missing():
        client("secretsmanager").delete_resource_policy(SecretId=secret)


_QUEUES = ("sqs", "set_queue_attributes")
_TOPICS = ("sns", "set_topic_attributes")

RESOURCE_POLICIES = {
    "AWS::Lambda::Permission": Maker(_permission, _remove_permission),
    "AWS::SNS::TopicInlinePolicy": _kind(
        *_TOPICS, ("TopicArn", "TopicArn"), ("Policy", _NO_STATEMENT)
    ),
    "AWS::SNS::TopicPolicy": _kind(*_TOPICS, ("Topics", "TopicArn"), ("Policy", _NO_STATEMENT)),
    "AWS::SQS::QueueInlinePolicy": _kind(*_QUEUES, ("Queue", "QueueUrl"), ("Policy", "")),
    "AWS::SQS::QueuePolicy": _kind(*_QUEUES, ("Queues", "QueueUrl"), ("Policy", "")),
    "AWS::SecretsManager::ResourcePolicy": Maker(_policy_of_secret, _remove_policy_of_secret),
}
