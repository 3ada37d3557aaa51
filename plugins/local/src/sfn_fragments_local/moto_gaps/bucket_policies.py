"""Policies of buckets are for `iam_enforcement`: moto reads neither principals nor conditions.

CDK's ``enforce_ssl`` denies all that is not encrypted on its way; to moto, it denies everything.
"""

from __future__ import annotations

from typing import Any, Final

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from sfn_fragments_local.moto_gaps.patching import load, replace
from sfn_fragments_local.moto_gaps.settings import get_endpoint_url

_get_permission: Final = load("/moto.s3.models:FakeBucket.get_permission")


def _permission(self: FakeBucket, action: str, resource: str) -> Any:
    # Without an engine, moto is as it ever was.
    if get_endpoint_url() is None:
        return _get_permission(self, action, resource)
    return PermissionResult.NEUTRAL


def close() -> None:
    """Let buckets with a policy answer; who may ask is decided before."""
    replace(FakeBucket, "get_permission", _permission)
