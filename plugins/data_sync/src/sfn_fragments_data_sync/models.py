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
    """Input of ``data_sync.sync``: what to copy where, and what to change about the job.

    What is only in the destination is deleted, unless ``delete`` is false.

    Attributes:
        source_path: What is copied: ``s3://bucket/prefix/``, a path on EFS, or a path of the job.
        destination_path: Where it goes, in the same forms.
        source_path_prefix: Copies only keys below the source that begin with this.
        filter_config: Which files are copied; all, if left out.
        filter_config.include: Regular expressions; a path below the source matches one as a whole.
        filter_config.exclude: The same for what is left out. It wins over ``include``.
        filter_root: Set by a distributed sync for its batches: leave it out.
        max_concurrency: How many transfers run at a time.
        retain_source_data: Whether the source stays. If false, it is deleted once it is copied.
        delete: Whether files that are only in the destination are deleted, those that the filter
            leaves out included. Give false to add to what is there.
        require_lock: Whether the destination is locked for the length of the copy.
        force: Whether files that seem to be there already are copied again.
        size_only: Whether files of the same size count as the same.
        fail_if_missing: Whether a source that does not exist is an error.
        include_detailed_response: Whether files and bytes are counted for the response.
        remote_to_local_config: How objects get to a file system.
        remote_to_local_config.use_custom_tmp_dir: Whether they are written to another folder
            first, not beside their destination.
        remote_to_local_config.custom_tmp_dir: That folder.
    """

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
    """Input of ``data_sync.distributed_sync``: that of ``data_sync.sync``, and how to batch.

    Attributes:
        batch_size_bytes_limit: How much one job copies at the most, in bytes.
        temporary_request_payload_path: Where the batches are listed, in S3.
    """


class SyncResponse(DataSyncResponse):
    """Output of ``data_sync.sync``: the request, and what was transferred.

    Attributes:
        request: The request, with its defaults.
        result: What was copied, if the request asked for the details.
        result.bytes_transferred: How much, in bytes.
        result.files_transferred: How many files.
    """


class MapResults(BaseModel):
    """Where Step Functions put the manifest of a Map's results."""

    bucket: str = Field(description="Its bucket.")
    key: str = Field(description="Its key.")


class DistributedSyncResponse(BaseModel):
    """Output of ``data_sync.distributed_sync``: the Map run of the batches, and its results."""

    map_run_arn: str = Field(description="ARN of the Map run.")
    results: MapResults = Field(
        description="The manifest; it lists the files that hold the batches' responses and errors."
    )
