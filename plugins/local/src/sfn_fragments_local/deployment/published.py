"""Publishes assets, as ``cdk deploy`` does before it deploys a stack."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sfn_fragments_local.deployment.template import Template


def publish_assets(
    template: Template, client: Callable[[str], Any], account: str, region: str
) -> None:
    """Put the file assets that a stack names into the buckets where it looks for them.

    Args:
        template: The stack.
        client: Returns a boto3 client of the engine for a service.
        account: Account of the engine.
        region: Region of the engine.
    """
    if not template.assets:
        return
    s3 = client("s3")
    text = json.dumps(template.body)
    for key, asset in template.assets.items():
        if key not in text:
            continue
        bucket = asset.bucket.replace("${AWS::AccountId}", account)
        bucket = bucket.replace("${AWS::Region}", region).replace("${AWS::Partition}", "aws")
        _make_bucket(s3, bucket, region)
        known = s3.list_objects_v2(Bucket=bucket, Prefix=key)
        # Keys are hashes of the content.
        if not known["KeyCount"]:
            content = _zipped(asset.path) if asset.zipped else asset.path.read_bytes()
            s3.put_object(Bucket=bucket, Key=key, Body=content)


def _make_bucket(s3: Any, name: str, region: str) -> None:
    if name in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        return
    if region == "us-east-1":
        s3.create_bucket(Bucket=name)
    else:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})


def _zipped(path: Path) -> bytes:
    if path.is_file():
        return path.read_bytes()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path.rglob("*")):
            if file.is_file():
                # Without the time of day.
                name = zipfile.ZipInfo(file.relative_to(path).as_posix())
                archive.writestr(name, file.read_bytes())
    return content.getvalue()
