"""What every state machine gets, unless the app has said otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from aws_cdk.aws_kms import IKey
    from constructs import Construct

    from sfn_fragments import StateMachineOptions

#: Days that logs of executions are kept, of those numbers that CloudWatch Logs takes.
LOG_RETENTION_DAYS = 90

#: Managed policy, in each account, that bounds the roles of state machines.
BOUNDARY = "globex-boundary"

#: Key of the CDK context with the ARN of the key that encrypts logs. The key's policy has to let
#: CloudWatch Logs use it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
LOG_KEY = "globex:log-key"

#: Key of the CDK context that names the team, for the bill.
TEAM_KEY = "globex:team"


def set_options(options: StateMachineOptions, scope: Construct) -> None:
    """Change the options of a state machine that is about to be made.

    Args:
        options: To be changed in place.
        scope: The construct that will hold it.
    """
    from aws_cdk import Aws

    if options.log_retention_days is None:
        options.log_retention_days = LOG_RETENTION_DAYS
    if options.log_encryption_key is None:
        options.log_encryption_key = _log_key(scope)
    if options.permissions_boundary is None:
        options.permissions_boundary = (
            f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:policy/{BOUNDARY}"
        )
    options.tags.setdefault("organisation", "globex")
    options.tags.setdefault("team", scope.node.try_get_context(TEAM_KEY) or "unknown")


def _log_key(scope: Construct) -> IKey | None:
    """The key for logs, imported once per stack; None where the app's context names none."""
    from aws_cdk import Stack
    from aws_cdk.aws_kms import Key

    arn = scope.node.try_get_context(LOG_KEY)
    if arn is None:
        return None
    stack = Stack.of(scope)
    known = stack.node.try_find_child("GlobexLogKey")
    if known is not None:
        return cast("IKey", known)
    return Key.from_key_arn(stack, "GlobexLogKey", arn)
