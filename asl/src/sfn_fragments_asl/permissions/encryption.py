"""What the callers of S3, SNS and SQS need besides, where KMS encrypts what they write and read.

These services ask KMS in the caller's name: for a data key when something is written, and to
decrypt it when it is read.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.call import arn
from sfn_fragments_asl.permissions.kms_calls import keys_by_name
from sfn_fragments_asl.permissions.permission import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sfn_fragments_asl.model.machine import Machine

_WRITE, _READ = "kms:GenerateDataKey", "kms:Decrypt"
# What an action makes its service ask of KMS.
_ASKED = {
    "s3:GetObject": (_READ,),
    "s3:GetObjectVersion": (_READ,),
    "s3:PutObject": (_WRITE,),
    "sns:Publish": (_WRITE, _READ),
    "sqs:ReceiveMessage": (_READ,),
    "sqs:SendMessage": (_WRITE, _READ),
}
# Parts are read to be put together.
_IN_PARTS = frozenset(
    {"completeMultipartUpload", "createMultipartUpload", "uploadPart", "uploadPartCopy"}
)
_SERVICES = frozenset({"sns", "sqs"})


def asks_kms(machine: Machine, *, s3: bool) -> bool:
    """Whether a definition calls a service that asks KMS in its caller's name.

    Args:
        machine: The definition.
        s3: Whether S3 counts among these.
    """
    calls = (
        made.call
        for state in machine.every_state()
        for field in (None, "ItemReader", "ResultWriter")
        if (made := state.integration(field))
    )
    return any(call.service in _SERVICES or (s3 and call.service == "s3") for call in calls)


def key_permissions(
    permissions: Sequence[Permission], machine: Machine, keys: Mapping[str, str]
) -> Iterator[Permission]:
    """What permissions on encrypted resources take besides, on their keys.

    Args:
        permissions: The permissions that are derived from a definition.
        machine: The definition.
        keys: The name, ARN or URL of each encrypted resource, as the definition has it, to the ARN
            of its key.

    Yields:
        A permission for each that needs one.

    Examples:
        >>> from sfn_fragments_asl.model.machine import Machine
        >>> publish = Permission("Tell", ("sns:Publish",), ("${Topic}",))
        >>> [found] = key_permissions([publish], Machine({}), {"${Topic}": "${Key.Arn}"})
        >>> found.actions, found.resources
        (('kms:GenerateDataKey', 'kms:Decrypt'), ('${Key.Arn}',))
    """
    calls = ((state.name, state.call) for state in machine.every_state())
    in_parts = {name for name, call in calls if call is not None and call.action in _IN_PARTS}
    for each in permissions:
        asked = [action for name in each.actions for action in _ASKED.get(name, ())]
        if "s3:AbortMultipartUpload" in each.actions or each.state in in_parts:
            asked.append(_READ)
        for name, key in keys.items() if asked else ():
            if any(_names(resource, name) for resource in each.resources):
                yield Permission(each.state, tuple(dict.fromkeys(asked)), (key,))


def _names(resource: str, name: str) -> bool:
    """Whether an ARN is that of a name: the marker may stand for a part of it."""
    known = re.escape(name[2:-1]) if name.startswith("${") else None
    pattern = re.escape(name) if known is None else rf"\$\{{(?:\w+:)?{known}\}}"
    return re.search(rf"(?<![\w.-]){pattern}(?![\w.-])", resource) is not None


def own_key_permissions(key: str, kind: str, own: str, state: str = "") -> Iterator[Permission]:
    """What the role of a state machine needs on the key that encrypts executions or activities.

    https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html

    Args:
        key: Id, ARN or alias of the key.
        kind: What is encrypted, as Step Functions tells KMS: ``stateMachine`` or ``activity``.
        own: Its ARN.
        state: The state that needs it; empty for all of the executions.

    Examples:
        >>> [found] = own_key_permissions("${Key.Arn}", "activity", "${Work}")
        >>> found.actions
        ('kms:Decrypt', 'kms:GenerateDataKey')
        >>> found.conditions
        {'StringEquals': {'kms:EncryptionContext:aws:states:activityArn': '${Work}'}}
    """
    resources, conditions = keys_by_name([key])
    context = {"StringEquals": {f"kms:EncryptionContext:aws:states:{kind}Arn": own}}
    yield Permission(state, (_READ, _WRITE), tuple(resources), {**conditions, **context})


def log_key_permissions(key: str) -> Iterator[Permission]:
    """What it takes to log the executions of a state machine that has a key of its own.

    https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html

    Args:
        key: Id, ARN or alias of the key.
    """
    resources, conditions = keys_by_name([key])
    context = {"StringEquals": {"kms:EncryptionContext:SourceArn": arn("logs", "*")}}
    yield Permission("", (_WRITE,), tuple(resources), {**conditions, **context})
