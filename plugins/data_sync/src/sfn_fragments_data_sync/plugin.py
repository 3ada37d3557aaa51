"""The data sync fragments, as the registry lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sfn_fragments_data_sync
from sfn_fragments import FragmentSpec, TypedSpec, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator


SYNC = TypedSpec(
    name="data_sync.sync",
    target="sfn_fragments_data_sync.sync:DataSyncFragment",
    fragment=lambda: sfn_fragments_data_sync.DataSyncFragment,
    summary="Copies data between S3 and EFS, by one job on AWS Batch.",
    keywords=("s3", "efs", "copy", "data"),
    request="sfn_fragments_data_sync.models:SyncRequest",
    response="sfn_fragments_data_sync.models:SyncResponse",
    example="sfn_fragments_data_sync.examples:SYNC",
)
DISTRIBUTED_SYNC = TypedSpec(
    name="data_sync.distributed_sync",
    target="sfn_fragments_data_sync.distributed_sync:DistributedDataSyncFragment",
    fragment=lambda: sfn_fragments_data_sync.DistributedDataSyncFragment,
    summary="Copies data between S3 and EFS in batches, by many jobs on AWS Batch.",
    keywords=("s3", "efs", "copy", "data", "parallel"),
    request="sfn_fragments_data_sync.models:DistributedSyncRequest",
    response="sfn_fragments_data_sync.models:DistributedSyncResponse",
    example="sfn_fragments_data_sync.examples:DISTRIBUTED_SYNC",
)


@hookimpl
def sfn_fragments_register() -> Iterator[FragmentSpec]:
    """Declare the fragments."""
    yield SYNC
    yield DISTRIBUTED_SYNC
