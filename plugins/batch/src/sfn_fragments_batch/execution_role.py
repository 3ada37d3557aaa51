"""What a job's execution role must be allowed: by it, ECS reads secrets and writes logs.

https://docs.aws.amazon.com/batch/latest/userguide/execution-IAM-role.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments.validation import is_literal

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECRETS_MANAGER = ":secretsmanager:"


def grant_reading(role: Any, secrets: Mapping[str, Any]) -> None:
    """Allow an execution role to read the secrets of its jobs.

    Args:
        role: The role; of an ARN alone, which the app cannot change, nothing is granted.
        secrets: Name of a variable to a secret, a parameter, or its ARN or name. What only an
            execution knows is passed over.
    """
    if role is None or isinstance(role, str):
        return
    for source in secrets.values():
        if not isinstance(source, str):
            source.grant_read(role)
        elif is_literal(source):
            _allow(role, *_reading(source))


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
