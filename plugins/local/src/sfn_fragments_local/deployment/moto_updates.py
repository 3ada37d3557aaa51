"""What moto leaves as it was when a template changes a resource; written for moto 5.2.5."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def take_from_role(role: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Take from a role the policies that its template does not give it any more.

    Those that it gives are given when a resource is completed.

    Args:
        role: moto's model of it.
        old: Its properties before, evaluated.
        new: Its properties now.
    """
    role.assume_role_policy_document = json.dumps(new["AssumeRolePolicyDocument"], default=str)
    names = {one["PolicyName"] for one in new.get("Policies") or []}
    for one in old.get("Policies") or []:
        if one["PolicyName"] not in names:
            role.delete_policy(one["PolicyName"])
    kept = new.get("ManagedPolicyArns") or []
    for arn in old.get("ManagedPolicyArns") or []:
        if arn not in kept and arn in role.managed_policies:
            role.managed_policies[arn].detach_from(role)
