"""Folders to buckets and back, byte for byte."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import FragmentsError

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 1024 * 1024


def upload_folder(s3: Any, bucket: str, folder: Path, prefix: str = "") -> int:
    """Put every file of a folder into a bucket.

    Args:
        s3: A boto3 S3 client.
        bucket: Name of an existing bucket.
        folder: The folder; keys are the paths below it.
        prefix: Put before each key as it is; end it with ``/`` for a folder.

    Returns:
        The number of files.

    Raises:
        FragmentsError: There is no such folder.
    """
    if not folder.is_dir():
        raise FragmentsError(f"upload to {bucket!r}: {str(folder)!r} is not a folder")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        key = prefix + path.relative_to(folder).as_posix()
        with path.open("rb") as file:
            s3.put_object(Bucket=bucket, Key=key, Body=file)
    return len(files)


def download_folder(s3: Any, bucket: str, folder: Path, prefix: str = "") -> int:
    """Get every object of a bucket into a folder.

    Args:
        s3: A boto3 S3 client.
        bucket: Name of an existing bucket.
        folder: The folder, made if missing.
        prefix: Only keys that start so; it is cut off.

    Returns:
        The number of files.

    Raises:
        FragmentsError: A key leads out of the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root = folder.resolve()
    count = 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            key = item["Key"]
            # A key that ends with "/" is a folder that a console made.
            name = key.removeprefix(prefix).lstrip("/")
            if not name or name.endswith("/"):
                continue
            target = (root / name).resolve()
            if not target.is_relative_to(root):
                raise FragmentsError(
                    f"download from {bucket!r}: key {key!r} leads out of {str(folder)!r}"
                )
            target.parent.mkdir(parents=True, exist_ok=True)
            # One request per object; boto3's own transfer makes two.
            body = s3.get_object(Bucket=bucket, Key=key)["Body"]
            with body, target.open("wb") as file:
                shutil.copyfileobj(body, file, _CHUNK)
            count += 1
    return count
