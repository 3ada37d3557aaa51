"""The data sync fragments, as the registry lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments import FragmentSpec, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def sfn_fragments_register() -> Iterator[FragmentSpec]:
    """Declare the fragments."""
    yield FragmentSpec(
        name="data_sync.sync",
        target="sfn_fragments_data_sync.sync:DataSyncFragment",
        summary="Copies data between S3 and EFS, by one job on AWS Batch.",
        keywords=("s3", "efs", "copy", "data"),
        request="sfn_fragments_data_sync.models:SyncRequest",
        response="sfn_fragments_data_sync.models:SyncResponse",
        example="sfn_fragments_data_sync.examples:SYNC",
    )
    yield FragmentSpec(
        name="data_sync.distributed_sync",
        target="sfn_fragments_data_sync.distributed_sync:DistributedDataSyncFragment",
        summary="Copies data between S3 and EFS in batches, by many jobs on AWS Batch.",
        keywords=("s3", "efs", "copy", "data", "parallel"),
        request="sfn_fragments_data_sync.models:DistributedSyncRequest",
        response="sfn_fragments_data_sync.models:DistributedSyncResponse",
        example="sfn_fragments_data_sync.examples:DISTRIBUTED_SYNC",
    )
