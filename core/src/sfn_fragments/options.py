"""What plugins may adjust on a state machine before it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_cdk import Duration
    from aws_cdk.aws_iam import IManagedPolicy
    from aws_cdk.aws_kms import IKey
    from aws_cdk.aws_stepfunctions import LogOptions


# Without a dictionary, since an option that nobody knows would be set in silence.
@dataclass(slots=True)
class StateMachineOptions:
    """Options of a state machine that is about to be made; plugins change them in place.

    Args:
        name: Name of the state machine; ``None`` lets CloudFormation choose one.
        timeout: How long one execution may take; ``None`` sets no limit.
        logs: Where executions are logged, and at which level; ``None`` logs nothing.
        tracing_enabled: Whether executions send traces to AWS X-Ray.
        tags: Tags of the state machine, key to value.
        log_retention_days: How long the log group keeps events, of those numbers of days that
            CloudWatch Logs takes; ``None`` for what the group is made with. This and the next one
            are for the log group that is made with the state machine: what an app has made itself
            stays as it is.
        log_encryption_key: Encrypts the log group; a key that is imported has to let CloudWatch
            Logs use it.
        permissions_boundary: Managed policy, or its ARN, that bounds the state machine's role,
            unless the app has set one. For a role that is imported it cannot be set, and synthesis
            warns.

    Examples:
        >>> options = StateMachineOptions(name="dev-sync")
        >>> options.tags["team"] = "imaging"
        >>> options.tracing_enabled
        True
    """

    name: str | None = None
    timeout: Duration | None = None
    logs: LogOptions | None = None
    tracing_enabled: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    log_retention_days: int | None = None
    log_encryption_key: IKey | None = None
    permissions_boundary: IManagedPolicy | str | None = None
