"""Roles that are too large for IAM.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.permissions.policy_parts import (
    MAX_ATTACHED,
    MAX_INLINE,
    MAX_MANAGED,
    size_at_least,
)
from sfn_fragments_asl.reading.given_roles import given_role

if TYPE_CHECKING:
    from collections.abc import Iterator


def _too_large(checked: CheckedDefinition) -> Iterator[Finding]:
    role = given_role(checked)
    name = role.logical_id or role.name
    inline = sum(
        size_at_least(each.document) for each in role.policies if each.sure and not each.managed
    )
    if inline > MAX_INLINE:
        yield Finding(
            "definition",
            f"the inline policies of the role {name} have {inline:,} characters at "
            f"least, IAM takes {MAX_INLINE:,} of all of them together",
        )
    for policy in role.policies:
        size = size_at_least(policy.document) if policy.managed else 0
        if size > MAX_MANAGED:
            yield Finding(
                "definition",
                f"the managed policy {policy.place} of the role {name} has "
                f"{size:,} characters at least, IAM takes {MAX_MANAGED:,}",
            )


def _too_many(checked: CheckedDefinition) -> Iterator[Finding]:
    role = given_role(checked)
    name = role.logical_id or role.name
    if role.attached > MAX_ATTACHED:
        yield Finding(
            "definition",
            f"the role {name} has {role.attached} managed policies, and an account "
            f"takes {MAX_ATTACHED} unless AWS has raised its quota",
        )


ROLE_SIZE_CHECKS = (
    Check(
        "asl.role-size",
        "error",
        "IAM refuses such a policy, and the deployment fails. White space does not count.",
        _too_large,
        what="The inline policies of the role that a template gives have more than 10,240 "
        "characters together, or a managed one more than 6,144.",
        remedy="move statements into managed policies, or merge those that allow the same actions",
    ),
    Check(
        "asl.role-policies",
        "warning",
        "IAM refuses the next one (PoliciesPerRole), and the deployment fails.",
        _too_many,
        what="A template attaches more than 10 managed policies to the role.",
        remedy="merge policies, or ask AWS to raise the quota of the account, to 25 at most",
    ),
)
