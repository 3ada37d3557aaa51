"""The policies of a role, as the engine's IAM holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, iam_backends

from sfn_fragments_local.iam_enforcement.policies import Statement, read_statements


def role_statements(role_arn: str) -> tuple[Statement, ...] | None:
    """The statements of all policies of a role: its own, and the managed ones attached to it.

    They are read anew each time, which takes microseconds, so that a change counts at once;
    a document that is read again is not parsed again.

    Args:
        role_arn: ARN of the role.

    Returns:
        The statements; None if the engine has no such role.
    """
    role = known_role(role_arn)
    if role is None:
        return None
    documents = [
        *role.policies.values(),
        *(_default_version(policy).document for policy in role.managed_policies.values()),
    ]
    return tuple(one for document in documents for one in _statements(document))


def boundary_statements(role_arn: str) -> tuple[Statement, ...] | None:
    """The statements of a role's permissions boundary, above which it may do nothing.

    Args:
        role_arn: ARN of the role.

    Returns:
        The statements; None if the engine has no such role, or it has no boundary, or the engine
        has no such policy.
    """
    role = known_role(role_arn)
    arn = None if role is None else role.permissions_boundary_arn
    if not arn:
        return None
    _, partition, _, _, account, _ = role_arn.split(":", 5)
    policy = iam_backends[account][partition].managed_policies.get(arn)
    return None if policy is None else _statements(_default_version(policy).document)


def _default_version(policy: Any) -> Any:
    versions = policy.versions
    return next(one for one in versions if one.version_id == policy.default_version_id)


def known_role(role_arn: str) -> Any:
    """The engine's role of an ARN; None if it has none, or the text is no ARN.

    Args:
        role_arn: ARN of the role.
    """
    if role_arn.count(":") < 5:
        return None
    _, partition, _, _, account, _ = role_arn.split(":", 5)
    roles = list(iam_backends[account][partition].roles.values())
    return next((role for role in roles if role.arn == role_arn), None)


def _statements(document: object) -> tuple[Statement, ...]:
    # CloudFormation's policies are parsed already, and their dicts cannot be keys of a cache.
    if isinstance(document, Mapping):
        return read_statements(document)
    return _parsed(str(document))


@lru_cache(maxsize=256)
def _parsed(document: str) -> tuple[Statement, ...]:
    return read_statements(json.loads(document))


def know_aws_managed_policy(arn: str, account: str, region: str) -> None:
    """Let the engine's IAM know a policy of AWS's own; moto knows none unless all are loaded.

    Args:
        arn: ARN of the policy. One that is no policy of AWS's is left alone.
        account: Account of the engine.
        region: Its region.
    """
    _, partition, _, _, owner, resource = arn.split(":", 5)
    policies = iam_backends[account][partition].managed_policies
    data = _aws_managed_policies().get(resource.rpartition("/")[2])
    if owner == "aws" and arn not in policies and data is not None:
        name = resource.rpartition("/")[2]
        policies[arn] = AWSManagedPolicy.from_data(name, account, region, data)


@cache
def _aws_managed_policies() -> Mapping[str, dict[str, Any]]:
    policies: Mapping[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return policies
