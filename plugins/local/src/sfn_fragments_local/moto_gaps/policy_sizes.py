"""IAM: roles and policies that are too large, which moto takes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sfn_fragments_asl.permissions.policy_parts import (
    MAX_ATTACHED,
    MAX_INLINE,
    MAX_MANAGED,
    size_at_least,
    size_of_text,
)
from sfn_fragments_local.moto_gaps.patching import load, replace

_IAMBackend: Final = load("/moto.iam.models:IAMBackend")
_LimitExceeded: Final = load("/moto.iam.exceptions:LimitExceededException")

_put_role_policy: Final = _IAMBackend.put_role_policy
_create_policy: Final = _IAMBackend.create_policy
_create_policy_version: Final = _IAMBackend.create_policy_version
_attach_role_policy: Final = _IAMBackend.attach_role_policy


def _size(document: Any) -> int:
    # Of a template, moto keeps some documents as they are.
    return size_at_least(document) if isinstance(document, Mapping) else size_of_text(str(document))


def _put_checked(backend: Any, role_name: str, policy_name: str, policy_json: Any) -> None:
    policies = {**backend.get_role(role_name).policies, policy_name: policy_json}
    if sum(map(_size, policies.values())) > MAX_INLINE:
        raise _LimitExceeded(
            f"Maximum policy size of {MAX_INLINE} bytes exceeded for role {role_name}"
        )
    _put_role_policy(backend, role_name, policy_name, policy_json)


def _refuse_large(document: str) -> None:
    if _size(document) > MAX_MANAGED:
        raise _LimitExceeded(f"Cannot exceed quota for PolicySize: {MAX_MANAGED}")


def _create_checked(
    backend: Any, description: str, path: str, policy_document: str, *rest: Any, **named: Any
) -> Any:
    _refuse_large(policy_document)
    return _create_policy(backend, description, path, policy_document, *rest, **named)


def _create_version_checked(
    backend: Any, policy_arn: str, policy_document: str, set_as_default: bool
) -> Any:
    _refuse_large(policy_document)
    return _create_policy_version(backend, policy_arn, policy_document, set_as_default)


def _attach_checked(backend: Any, policy_arn: str, role_name: str) -> None:
    attached = {*backend.get_role(role_name).managed_policies, policy_arn}
    if len(attached) > MAX_ATTACHED:
        raise _LimitExceeded(f"Cannot exceed quota for PoliciesPerRole: {MAX_ATTACHED}")
    _attach_role_policy(backend, policy_arn, role_name)


def close() -> None:
    """Refuse what is too large, in AWS's words."""
    replace(_IAMBackend, "put_role_policy", _put_checked)
    replace(_IAMBackend, "create_policy", _create_checked)
    replace(_IAMBackend, "create_policy_version", _create_version_checked)
    replace(_IAMBackend, "attach_role_policy", _attach_checked)
