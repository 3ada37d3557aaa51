"""What S3 asks of those who look for an object that is not there.

Only who may list a bucket is told what is missing in it; to all others S3 says AccessDenied:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.s3.models import FakeDeleteMarker, s3_backends

from sfn_fragments_local.iam_enforcement.authorization import copied_from
from sfn_fragments_local.iam_enforcement.policies import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfn_fragments_local.iam_enforcement.authorization import Place

_READING: Final = frozenset({"GetObject", "GetObjectAttributes", "HeadObject"})
_COPYING: Final = frozenset({"CopyObject", "UploadPartCopy"})


def requests_of_missing_objects(
    action: str, arguments: Mapping[str, Any], place: Place
) -> Iterator[Request]:
    """What a call that reads an object needs besides, where there is no such object.

    Args:
        action: The API action of S3.
        arguments: The call's arguments, in the API's names.
        place: Where it is made.

    Yields:
        The permission to list the bucket, if it has no such object. A bucket that the engine does
        not have is not listed, and a version that is asked for is no matter of listing.
    """
    if action in _READING:
        bucket, key, version = (arguments.get(name) for name in ("Bucket", "Key", "VersionId"))
    elif action in _COPYING:
        bucket, key, version = copied_from(arguments["CopySource"])
    else:
        return
    if version is not None:
        return
    found = s3_backends[place.account][place.partition].buckets.get(str(bucket))
    # What was deleted from a bucket with versions is a marker.
    if found is not None and isinstance(found.keys.get(str(key)), FakeDeleteMarker | None):
        yield Request("s3:ListBucket", f"arn:{place.partition}:s3:::{bucket}")
