"""What it takes to use a key of KMS.

https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.permissions.call import arn, arns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission


def kms_permissions(call: Call, actions: Sequence[str]) -> Iterator[Permission]:
    """What a call of KMS needs that names a key by its id, its ARN or an alias.

    Args:
        call: The call.
        actions: Its IAM actions.
    """
    yield key_permission(call, "KeyId", actions)


def key_permission(call: Call, parameter: str, actions: Sequence[str]) -> Permission:
    """The permission on the key that a parameter names.

    Args:
        call: The call.
        parameter: The parameter.
        actions: The actions on the key.
    """
    names = call.patterns(parameter)
    resources, conditions = keys_by_name(names.patterns)
    return call.need(actions, resources, [names.note], **conditions)


def keys_by_name(names: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """Keys as a policy names them: by ARN, or by a condition on their aliases.

    Args:
        names: Ids and ARNs of keys, and aliases.

    Returns:
        The resources, and the conditions.
    """
    aliases = [name.rpartition(":")[2] for name in names if "alias/" in name]
    if aliases and len(aliases) == len(names):
        # IAM knows keys alone; what the request names is a condition.
        condition = {"ForAnyValue:StringLike": {"kms:ResourceAliases": aliases}}
        return [arn("kms", "key/*")], condition
    keys = [name for name in names if "alias/" not in name]
    return arns("kms", "key/", ["*"] if aliases else keys), {}
