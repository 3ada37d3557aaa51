"""Fragments that move data between S3 and EFS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.lazy import lazy_exports

if TYPE_CHECKING:
    from sfn_fragments_data_sync.distributed_sync import DistributedDataSyncFragment
    from sfn_fragments_data_sync.sync import DataSyncFragment

__all__ = ["DataSyncFragment", "DistributedDataSyncFragment"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "DataSyncFragment": "sfn_fragments_data_sync.sync",
        "DistributedDataSyncFragment": "sfn_fragments_data_sync.distributed_sync",
    },
)
