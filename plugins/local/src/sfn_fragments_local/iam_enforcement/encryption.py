"""What the callers of S3 need besides, where KMS encrypts the objects.

S3 asks KMS in the caller's name: for a data key when it writes, and to decrypt it when it reads.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.kms.models import kms_backends
from moto.s3.models import FakeKey, s3_backends

from sfn_fragments_local.iam_enforcement.authorization import copied_from
from sfn_fragments_local.iam_enforcement.policies import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfn_fragments_local.iam_enforcement.authorization import Place

#: What an API action makes S3 ask of KMS, for the object that it is about.
_WRITING: Final[Mapping[str, tuple[str, ...]]] = {
    "PutObject": ("GenerateDataKey",),
    "CopyObject": ("GenerateDataKey",),
    # The parts are put together, and the checksums computed, once more.
    "CreateMultipartUpload": ("GenerateDataKey", "Decrypt"),
    "UploadPart": ("GenerateDataKey", "Decrypt"),
}
_READING: Final = frozenset({"GetObject", "HeadObject", "SelectObjectContent"})


def requests_of_encryption(
    action: str, arguments: Mapping[str, Any], place: Place
) -> list[Request]:
    """What S3 asks of KMS for a call.

    Args:
        action: The API action of S3.
        arguments: The call's arguments, in the API's names.
        place: Where it is made.

    Returns:
        One request for each permission. None for objects that are encrypted by keys of S3's or
        AWS's own, which need no permission, and for keys that the engine does not have.
    """
    asked = [(name, _default_key(arguments, place)) for name in _WRITING.get(action, ())]
    if action in _READING:
        asked.append(("Decrypt", _key_of(arguments.get("Bucket"), arguments.get("Key"), place)))
    if action == "CopyObject":
        bucket, key, _ = copied_from(arguments["CopySource"])
        asked.append(("Decrypt", _key_of(bucket, key, place)))
    return [request for name, key_id in asked for request in _requests(name, key_id, place)]


def _requests(name: str, key_id: str | None, place: Place) -> Iterator[Request]:
    key = None if key_id is None else _known_key(key_id, place)
    if key is not None:
        context = {
            "kms:ViaService": [f"s3.{place.region}.amazonaws.com"],
            "kms:CallerAccount": [place.account],
        }
        yield Request(f"kms:{name}", key.arn, context)


def _bucket(name: Any, place: Place) -> Any:
    return s3_backends[place.account][place.partition].buckets.get(name)


def _default_key(arguments: Mapping[str, Any], place: Place) -> str | None:
    """The key of an object that is to be written: the call's, or else the bucket's."""
    kind, key_id = arguments.get("ServerSideEncryption"), arguments.get("SSEKMSKeyId")
    bucket = _bucket(arguments.get("Bucket"), place)
    if kind is None and bucket is not None and bucket.encryption:
        default = bucket.encryption["Rule"]["ApplyServerSideEncryptionByDefault"]
        kind, key_id = default.get("SSEAlgorithm"), default.get("KMSMasterKeyID")
    return key_id if kind in ("aws:kms", "aws:kms:dsse") else None


def _key_of(bucket_name: Any, key: Any, place: Place) -> str | None:
    """The key of an object that is there."""
    bucket = _bucket(bucket_name, place)
    found = None if bucket is None else bucket.keys.get(key)
    # What was deleted from a bucket with versions is a marker, which nothing encrypts.
    if not isinstance(found, FakeKey) or found.encryption not in ("aws:kms", "aws:kms:dsse"):
        return None
    key_id: str | None = found.kms_key_id
    return key_id


def _known_key(key_id: str, place: Place) -> Any:
    backend = kms_backends[place.account][place.region]
    return backend.keys.get(backend.any_id_to_key_id(key_id))
