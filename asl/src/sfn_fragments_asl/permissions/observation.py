"""What it takes to log and trace executions; IAM knows no resources for either."""

from __future__ import annotations

from sfn_fragments_asl.permissions.permission import Permission

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


def observation_permissions(*, logged: bool, traced: bool) -> list[Permission]:
    """What the role of a state machine needs besides what its states do.

    Args:
        logged: Whether executions are logged to CloudWatch Logs.
        traced: Whether executions send traces to X-Ray.

    Returns:
        Permissions that no state needs.
    """
    return [
        Permission("", actions, ("*",))
        for actions, needed in ((LOG_DELIVERY, logged), (TRACES, traced))
        if needed
    ]
