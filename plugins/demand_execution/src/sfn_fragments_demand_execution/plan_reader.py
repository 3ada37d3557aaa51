"""The Lambda function that takes a plan in S3 apart, with a role that can do this alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from aws_cdk import Duration, Stack
from aws_cdk.aws_iam import (
    IGrantable,
    IPrincipal,
    IRole,
    PolicyDocument,
    PolicyStatement,
    Role,
    ServicePrincipal,
)

from sfn_fragments_batch.bucket_encryption import grant_key, has_own_key

if TYPE_CHECKING:
    from aws_cdk.aws_s3 import Bucket, IBucket
    from constructs import Construct

#: Begins the keys of plans and of their parts.
PLAN_PREFIX = "scratch/demand-plans/"

_CODE = Path(__file__).with_name("plan_function.py")


def plan_reader(scope: Construct, bucket: Bucket | IBucket | str, bucket_name: str) -> str:
    """Add the function to the stack.

    Args:
        scope: The construct that holds it.
        bucket: Bucket of the plans, or its name.
        bucket_name: Its name.

    Returns:
        Its ARN, a token.
    """
    # Most stacks have no use for it, and importing it takes long.
    from aws_cdk.aws_lambda import Code, Function, Runtime
    from aws_cdk.aws_logs import LogGroup, RetentionDays

    logs = LogGroup(scope, "PlanReaderLogs", retention=RetentionDays.ONE_MONTH)
    objects = f"arn:{Stack.of(scope).partition}:s3:::{bucket_name}/{PLAN_PREFIX}*"
    statements = [
        PolicyStatement(actions=["s3:GetObject", "s3:PutObject"], resources=[objects]),
        PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[f"{logs.log_group_arn}:*"],
        ),
    ]
    role = Role(
        scope,
        "PlanReaderRole",
        assumed_by=cast("IPrincipal", ServicePrincipal("lambda.amazonaws.com")),
        inline_policies={"plan": PolicyDocument(statements=statements)},
    )
    if has_own_key(bucket):
        grant_key(bucket, cast("IGrantable", role))
    function = Function(
        scope,
        "PlanReader",
        description="Takes the plan of a demand execution apart.",
        runtime=Runtime.PYTHON_3_13,
        handler="index.handler",
        code=Code.from_inline(_CODE.read_text("utf-8")),
        role=cast("IRole", role),
        log_group=logs,
        memory_size=512,
        timeout=Duration.minutes(1),
    )
    return function.function_arn
