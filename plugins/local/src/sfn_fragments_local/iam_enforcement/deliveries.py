"""Which deliveries of services the policies of their targets let in; written for moto 5.2.5.

SNS, EventBridge and S3 send as themselves, on behalf of a topic, a rule or a bucket. Where the
policy of the queue, topic or function does not let them, AWS delivers nothing and tells nobody but
its metrics; S3 refuses to be told of such a target.
"""

from __future__ import annotations

from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING, Any, Final

from moto.events.models import Rule
from moto.s3 import notifications
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket
from moto.sns.models import Subscription

from sfn_fragments_local.iam_enforcement.resource_policies import lets_service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: What a service does with a target, by the service of the target.
_ACTIONS: Final = {
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
}

#: The kinds of targets that a bucket notifies, as moto names them.
_KINDS: Final = ("queue", "topic", "cloud_function")

# Untyped: their types name other arguments.
_Subscription: Final[Any] = Subscription
_Rule: Final[Any] = Rule
_Bucket: Final[Any] = FakeBucket


class _TargetRefusedError(S3ClientError):
    """S3's answer to a notification that its target would not let in."""

    def __init__(self) -> None:
        super().__init__(
            "InvalidArgument", "Unable to validate the following destination configurations"
        )


@contextmanager
def deliveries_checked(account: str, innermost: Callable[[], bool]) -> Iterator[None]:
    """Deliver what the policies of targets let in, and nothing else, in the ``with`` block.

    Args:
        account: Account of the engine.
        innermost: Whether no other engine was opened in the block.

    Yields:
        Nothing.
    """

    def let_in(service: str, source_arn: str, target: str) -> bool:
        action = _ACTIONS.get([*target.split(":"), "", ""][2])
        if action is None or not innermost():
            return True
        return lets_service(action, target, service, source_arn, account)

    def publish(subscription: Any, *args: Any, **kwargs: Any) -> None:
        if let_in("sns.amazonaws.com", subscription.topic.arn, str(subscription.endpoint)):
            published(subscription, *args, **kwargs)

    def send(rule: Any, resource_id: str, *args: Any, **kwargs: Any) -> None:
        start = ":".join(rule.arn.split(":")[:2])
        queue = f"{start}:sqs:{rule.region_name}:{rule.account_id}:{resource_id}"
        if let_in("events.amazonaws.com", rule.arn, queue):
            sent(rule, resource_id, *args, **kwargs)

    def configure(bucket: Any, configuration: Any) -> None:
        known = bucket.notification_configuration
        try:
            configured(bucket, configuration)
        except _TargetRefusedError:
            bucket.notification_configuration = known
            raise

    def test(account_id: str, bucket: Any) -> None:
        if targets_let_in(bucket) != _targets(bucket.notification_configuration):
            raise _TargetRefusedError
        tested(account_id, bucket)

    def tell(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        if bucket.notification_configuration is not None:
            let = targets_let_in(bucket)
            # Policies of targets may have changed since.
            bucket, configuration = copy(bucket), copy(bucket.notification_configuration)
            bucket.notification_configuration = configuration
            for kind in _KINDS:
                listed = getattr(configuration, kind)
                setattr(configuration, kind, [one for one in listed if one.arn in let])
        told(account_id, event_name, bucket, key)

    def targets_let_in(bucket: Any) -> list[str]:
        arns = _targets(bucket.notification_configuration)
        return [one for one in arns if let_in("s3.amazonaws.com", bucket.arn, one)]

    published, sent = _Subscription.publish, _Rule._send_to_sqs_queue
    configured = _Bucket.set_notification_configuration
    tested, told = notifications.send_test_event, notifications.send_event
    replaced: list[tuple[Any, str, Any, Any]] = [
        (_Subscription, "publish", publish, published),
        (_Rule, "_send_to_sqs_queue", send, sent),
        (_Bucket, "set_notification_configuration", configure, configured),
        (notifications, "send_test_event", test, tested),
        (notifications, "send_event", tell, told),
    ]
    for owner, name, replacement, _ in replaced:
        setattr(owner, name, replacement)
    try:
        yield
    finally:
        for owner, name, _, original in replaced:
            setattr(owner, name, original)


def _targets(configuration: Any) -> list[str]:
    """The ARNs that a bucket notifies."""
    return [one.arn for kind in _KINDS for one in getattr(configuration, kind)]
