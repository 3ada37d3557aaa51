"""What it takes to log and trace executions; IAM knows no resources for either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.iam.permission import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

#: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
#: https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html
TRACES = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


def observation_permissions(*, logged: bool, traced: bool) -> Iterator[Permission]:
    """What the role of a state machine needs besides what its states do.

    Args:
        logged: Whether executions are logged to CloudWatch Logs.
        traced: Whether executions send traces to X-Ray.

    Yields:
        Permissions that no state needs.
    """
    if logged:
        yield Permission("", LOG_DELIVERY, ("*",))
    if traced:
        yield Permission("", TRACES, ("*",))
