"""A bucket of the engine, read and written in place rather than by requests.

A request passes through botocore, HTTP and the routing of moto, which takes many times as long as
what it does in the end. Here that alone is done, with the effect of a request of boto3: versions,
events and checksums are the same. What a bucket may refuse, or do besides, is left to requests.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.s3.models import s3_backends
from moto.s3.utils import ARCHIVE_STORAGE_CLASSES
from moto.utilities.utils import get_partition

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Stored:
    """An object in a bucket, in its newest version.

    Attributes:
        key: Its key.
        size: Its size in bytes.
    """

    key: str
    size: int


class Bucket:
    """A bucket of the engine that runs in this process.

    Args:
        s3: A boto3 client of the engine.
        account: The engine's account.
        region: The engine's region.
        name: Name of the bucket.
    """

    def __init__(self, s3: Any, account: str, region: str, name: str) -> None:
        """Look for nothing yet."""
        self.name = name
        self._s3 = s3
        self._backend = s3_backends[account][get_partition(region)]

    def find(self) -> None:
        """Find the bucket, which comes before all else.

        Raises:
            ClientError: There is none such.
            BotoCoreError: S3 takes no such name.
        """
        # By a request, so that it is refused in S3's words.
        self._s3.list_objects_v2(Bucket=self.name, MaxKeys=1)
        self._bucket = self._backend.get_bucket(self.name)

    def objects(self, prefix: str = "") -> Iterable[Stored]:
        """What is in the bucket, sorted by key.

        Args:
            prefix: Only keys that start so.
        """
        # moto's own type is too narrow: without a limit all keys are returned, sorted.
        keys: Any = self._backend.list_objects(self._bucket, prefix, None, None, None)[0]
        return [Stored(key.name, key.size) for key in keys]

    def put(self, key: str, content: bytes) -> None:
        """Write an object.

        Args:
            key: Its key.
            content: Its content.

        Raises:
            ClientError: S3 refuses it.
        """
        if self._bucket.object_lock_enabled:
            self._s3.put_object(Bucket=self.name, Key=key, Body=content)
            return
        checksum = base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()
        made = self._backend.put_object(self.name, key, content, checksum_value=checksum)
        # What botocore sends of itself.
        made.checksum_algorithm = "CRC32"
        made.set_acl(self._bucket.acl)
        # Also where there are no tags: moto tells of it.
        self._backend.put_object_tagging(made, {})

    def content(self, key: str) -> bytes:
        """Read an object.

        Args:
            key: Its key.

        Raises:
            ClientError: S3 refuses it, as it does what is archived or gone.
        """
        found = self._backend.get_object(self.name, key)
        if found is None or str(found.storage_class) in ARCHIVE_STORAGE_CLASSES:
            body: bytes = self._s3.get_object(Bucket=self.name, Key=key)["Body"].read()
            return body
        return found.value
