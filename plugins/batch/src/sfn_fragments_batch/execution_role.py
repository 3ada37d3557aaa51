"""What a job's execution role must be allowed: by it, ECS reads secrets and writes logs.

https://docs.aws.amazon.com/batch/latest/userguide/execution-IAM-role.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments.validation import is_literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from sfn_fragments_batch.settings import Settings

#: Id of the warning, by which ``Annotations.of(construct).acknowledge_warning`` silences it.
WARNING = "sfn-fragments-batch:secrets"

_SECRETS_MANAGER = ":secretsmanager:"


def grant_reading(role: Any, secrets: Mapping[str, Any]) -> bool:
    """Allow an execution role to read the secrets of its jobs.

    Args:
        role: The role; of an ARN alone, which the app cannot change, nothing is granted.
        secrets: Name of a variable to a secret, a parameter, or its ARN or name. What only an
            execution knows is passed over.

    Returns:
        Whether it may read all of them now.
    """
    if role is None or isinstance(role, str):
        return not secrets
    for source in secrets.values():
        if not isinstance(source, str):
            source.grant_read(role)
        elif is_literal(source):
            _allow(role, *_reading(source))
    return all(not isinstance(one, str) or is_literal(one) for one in secrets.values())


def warn_of_secrets(scope: Construct, settings: Settings) -> None:
    """Warn where the app does not show that the execution role may read the secrets of the job.

    Args:
        scope: The fragment.
        settings: Settings of the job.
    """
    if settings.given("execution_role_lacks_secrets") is not True:
        return
    from aws_cdk import Annotations

    Annotations.of(scope).add_warning_v2(
        WARNING,
        "the job has secrets, and its execution role may not be allowed to read all of them: give "
        "the role as a construct, and each secret as a construct or by its ARN; or allow it "
        "secretsmanager:GetSecretValue and ssm:GetParameters yourself",
    )


def grant_writing(role: Any, log_group: Any) -> None:
    """Allow an execution role to write to the log group of its jobs.

    Args:
        role: The role.
        log_group: The log group, where it is a construct.
    """
    if role is not None and not isinstance(role, str) and hasattr(log_group, "grant_write"):
        log_group.grant_write(role)


def _reading(source: str) -> tuple[str, str]:
    """The action that reads a secret, and its resource."""
    if _SECRETS_MANAGER in source:
        # The key, the stage and the version of a secret are no part of its ARN.
        return "secretsmanager:GetSecretValue", ":".join(source.split(":")[:7])
    if source.startswith("arn:"):
        return "ssm:GetParameters", source
    from aws_cdk import Aws

    name = source.removeprefix("/")
    place = f"{Aws.PARTITION}:ssm:{Aws.REGION}:{Aws.ACCOUNT_ID}"
    return "ssm:GetParameters", f"arn:{place}:parameter/{name}"


def _allow(role: Any, action: str, resource: str) -> None:
    from aws_cdk.aws_iam import PolicyStatement

    role.add_to_principal_policy(PolicyStatement(actions=[action], resources=[resource]))
