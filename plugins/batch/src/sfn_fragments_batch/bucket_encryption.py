"""The rights to the key of a bucket that KMS encrypts: for the job's role, and for the machine's.

S3 asks KMS in the name of whoever writes or reads an object; a definition, which names the bucket
alone, cannot tell of the key.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from aws_cdk import Annotations, Stack, Token

from sfn_fragments_asl.model.definition import readable_text
from sfn_fragments_batch.names import asked_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aws_cdk.aws_iam import IGrantable, PolicyStatement
    from constructs import Construct

    from sfn_fragments_batch.settings import Settings

#: Id of the warning, by which ``Annotations.of(construct).acknowledge_warning`` silences it.
WARNING = "sfn-fragments-batch:bucket-encryption"

#: What writing an object takes, and what reading it takes.
ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")

# The buckets with a key of their own that fragments were given, for the machines made later.
_encrypted: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def has_own_key(bucket: Any) -> bool:
    """Whether a bucket is encrypted by a key that rights are needed for.

    It is remembered, for the roles of the state machines that use it.

    Args:
        bucket: A bucket, or its name, of which nothing is known.
    """
    if isinstance(bucket, str) or asked_once(bucket, "encryption_key") is None:
        return False
    _encrypted[bucket] = asked_once(asked_once(bucket, "encryption_key"), "key_arn")
    return True


def grant_key(bucket: Any, grantee: IGrantable | str | None) -> bool:
    """Allow somebody to write and read what the key of a bucket encrypts.

    Args:
        bucket: A bucket with a key of its own.
        grantee: A role, or what is known of it besides: its ARN, or nothing.

    Returns:
        Whether it is allowed now. A role of another account can be allowed by the key alone, which
        the app cannot change where it has imported it.
    """
    if grantee is None or isinstance(grantee, str):
        return False
    return bool(asked_once(bucket, "encryption_key").grant(grantee, *ACTIONS).success)


def role_statements(definition: Mapping[str, Any], scope: Construct) -> Iterator[PolicyStatement]:
    """What the role of a state machine needs for the keys of the buckets that it uses.

    Args:
        definition: The definition as parsed JSON.
        scope: The construct that holds the state machine.

    Yields:
        A statement for each key.
    """
    if not _encrypted:
        return
    text = json.dumps(definition, ensure_ascii=False)
    # What only hands the bucket's name on, to another machine, needs no rights to it.
    if ":s3:" not in text:
        return
    from aws_cdk.aws_iam import PolicyStatement

    stack, root = Stack.of(scope), scope.node.root
    for bucket, key_arn in list(_encrypted.items()):
        if bucket.node.root is not root:
            continue
        name = readable_text(stack.resolve(asked_once(bucket, "bucket_name")))
        if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", text):
            yield PolicyStatement(actions=list(ACTIONS), resources=[key_arn])


def warn_of_encryption(scope: Construct, settings: Settings) -> None:
    """Warn where the app does not show that the job's role may use the key of the bucket.

    Args:
        scope: The fragment.
        settings: Settings of the job.
    """
    if settings.given("job_role_lacks_key") is not True:
        return
    role = settings.given("job_role_arn")
    # The text of a token says nothing, and differs from process to process.
    named = "the job's role" if role is None or Token.is_unresolved(role) else str(role)
    Annotations.of(scope).add_warning_v2(
        WARNING,
        f"the bucket is encrypted by a key of KMS, and {named} may not be allowed to use it: give "
        f"the job's role as a construct, which then gets {' and '.join(ACTIONS)} on the key; or "
        "allow it yourself, to the role of the compute environment's instances where the job has "
        "none",
    )
