"""What moto leaves as it was when a template changes a resource; written for moto 5.2.5."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from sfn_fragments_local.iam_enforcement.roles import know_aws_managed_policy

if TYPE_CHECKING:
    from collections.abc import Mapping


def update_role(
    role: Any, old: Mapping[str, Any], new: Mapping[str, Any], account: str, region: str
) -> None:
    """Bring the policies of a role up to date, of which moto changes none.

    A permission that a deployment takes away would stay otherwise.

    Args:
        role: moto's model of it.
        old: Its properties before, evaluated.
        new: Its properties now.
        account: Its account.
        region: Region of the stack.
    """
    backend = iam_backends[account][get_partition(region)]
    role.assume_role_policy_document = json.dumps(new["AssumeRolePolicyDocument"], default=str)
    inline = {one["PolicyName"]: one["PolicyDocument"] for one in new.get("Policies", [])}
    for one in old.get("Policies", []):
        if one["PolicyName"] not in inline:
            role.delete_policy(one["PolicyName"])
    for name, document in inline.items():
        role.put_policy(name, document)
    before, after = (each.get("ManagedPolicyArns", []) for each in (old, new))
    for arn in before:
        if arn not in after and arn in role.managed_policies:
            backend.detach_role_policy(arn, role.name)
    for arn in after:
        if arn not in role.managed_policies:
            know_aws_managed_policy(arn, account, region)
            # One that the engine does not know, as one of another account, allows nothing here.
            if arn in backend.managed_policies:
                backend.attach_role_policy(arn, role.name)
