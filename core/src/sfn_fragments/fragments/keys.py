"""What the constructs of an app show: the keys that encrypt, and what references are."""

from __future__ import annotations

from typing import Any

from sfn_fragments_asl.model.definition import readable_text
from sfn_fragments_asl.permissions.referred import KNOWN_BY_REFERENCE, Referred

# Of a bucket, a topic and a queue: its key, and what it is named by in a call.
_NAMED_BY = {
    "encryption_key": "bucket_name",
    "master_key": "topic_arn",
    "encryption_master_key": "queue_url",
}
# What Python calls the classes of CDK that matter here, and their types.
_KINDS = {
    f"<class 'aws_cdk.aws_{service.lower()}.Cfn{name}'>": f"AWS::{service}::{name}"
    for _, service, name in (kind.split("::") for kind in KNOWN_BY_REFERENCE)
}


def encrypted(stack: Any) -> list[tuple[Any, Any]]:
    """Name and ARN of the key of all that the app encrypts by keys of its own, as tokens."""
    return [
        (getattr(each, _NAMED_BY[name]), key.key_arn)
        for each in stack.node.root.node.find_all()
        for name in _NAMED_BY
        if (key := getattr(each, name, None)) is not None
    ]


def markers(stack: Any, found: list[tuple[Any, Any]], tokens: dict[str, Any]) -> dict[str, str]:
    """Each name and its key as a definition has them; ``tokens`` gets the token of each key."""
    keys: dict[str, str] = {}
    for name, key in found:
        # As CDK has it: of another stack it becomes an export or a parameter at the end.
        tokens[marker := readable_text(stack.resolve(key))] = key
        keys[readable_text(stack.resolve(name))] = marker
    return keys


def referred_to(stack: Any, wanted: set[str], tokens: dict[str, Any]) -> dict[str, Referred]:
    """What those of the wanted logical ids of a stack are whose type tells more of them.

    ``tokens`` gets the token of each role that a task definition has. The classes of CDK tell
    their types: asking them would be a round trip to Node, as most else is that is asked here.
    """
    nodes = stack.node.find_all() if wanted else ()
    known = [(each, kind) for each in nodes if (kind := _KINDS.get(str(type(each))))]
    names = stack.resolve([each.logical_id for each, _ in known]) if known else []
    found: dict[str, Referred] = {}
    for (each, kind), name in zip(known, names, strict=True):
        # Stacks that are nested in it have logical ids of their own.
        if name in wanted and each.stack is stack:
            given = [getattr(each, role, None) for role in ("task_role_arn", "execution_role_arn")]
            roles = {readable_text(stack.resolve(role)): role for role in given if role}
            tokens.update(roles)
            found[name] = Referred(kind, tuple(roles))
    return found
