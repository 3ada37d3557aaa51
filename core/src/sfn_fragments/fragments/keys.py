"""What the constructs of an app show: the keys that encrypt, and what references are."""

from __future__ import annotations

from functools import cache
from typing import Any

from sfn_fragments_asl.model.definition import readable_text
from sfn_fragments_asl.permissions.referred import KNOWN_BY_REFERENCE, Referred

# Of a bucket, a topic and a queue: its key, and what it is named by in a call.
_NAMED_BY = {
    "encryption_key": "bucket_name",
    "master_key": "topic_arn",
    "encryption_master_key": "queue_url",
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
    """What the logical ids of a stack are whose type tells more of them, if any is wanted.

    ``tokens`` gets the token of each role that a task definition has.
    """
    found: dict[str, Referred] = {}
    for each in stack.node.find_all() if wanted else ():
        kind = _type_of(each.__class__)
        # Stacks that are nested in it have logical ids of their own.
        if kind in KNOWN_BY_REFERENCE and each.stack is stack:
            given = [getattr(each, name, None) for name in ("task_role_arn", "execution_role_arn")]
            roles = {readable_text(stack.resolve(role)): role for role in given if role}
            tokens.update(roles)
            found[stack.resolve(each.logical_id)] = Referred(kind, tuple(roles))
    return found


@cache
def _type_of(construct: type) -> str:
    """The CloudFormation type of a class of CDK that matters here, else an empty text.

    It is asked once, and of few: it is a round trip to Node.
    """
    known = any(kind.endswith(f"::{construct.__name__[3:]}") for kind in KNOWN_BY_REFERENCE)
    return getattr(construct, "CFN_RESOURCE_TYPE_NAME", "") if known else ""
