"""Requests and responses of the data sync fragments.

The one place of this distribution that imports ``aibs_informatics_core``, whose licence forbids
commercial use without permission.
"""

from __future__ import annotations

from typing import Any

from aibs_informatics_core.models.aws.s3 import S3Path
from aibs_informatics_core.models.data_sync import (
    DataSyncRequest,
    DataSyncResponse,
    PrepareBatchDataSyncRequest,
)
from pydantic import BaseModel, Field, field_validator

from sfn_fragments_batch.models import JobOverrides


class SyncRequest(DataSyncRequest, JobOverrides):
    """Input of ``data_sync.sync``: what to copy where, and what to change about the job."""

    @field_validator("source_path", "destination_path", mode="before")
    @classmethod
    def _s3_path_is_whole(cls, value: Any) -> Any:
        # A malformed S3 path would pass as the name of a local file.
        if isinstance(value, str) and value[:3].lower() == "s3:" and not S3Path.is_valid(value):
            raise ValueError(
                "is not a valid S3 path: write s3://bucket/key; the name of a bucket has 3 to 63 "
                "lower-case letters, digits, dots and hyphens"
            )
        return value

    @field_validator("source_path", mode="before")
    @classmethod
    def _source_is_below_a_bucket(cls, value: Any) -> Any:
        if isinstance(value, str) and S3Path.is_valid(value) and not S3Path(value).key:
            raise ValueError("name a prefix too: the handler does not take a whole bucket")
        return value


class DistributedSyncRequest(PrepareBatchDataSyncRequest, SyncRequest):
    """Input of ``data_sync.distributed_sync``: that of ``data_sync.sync``, and how to batch."""


class SyncResponse(DataSyncResponse):
    """Output of ``data_sync.sync``: the request, and what was transferred."""


class MapResults(BaseModel):
    """Where Step Functions put the manifest of a Map's results."""

    bucket: str
    key: str


class DistributedSyncResponse(BaseModel):
    """Output of ``data_sync.distributed_sync``: the Map run of the batches, and its results."""

    map_run_arn: str
    results: MapResults = Field(
        description="The manifest; it lists the files that hold the batches' responses and errors."
    )
