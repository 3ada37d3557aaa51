"""The libraries that are compared, by the names that they have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Library:
    """A library of fragments, whose classes share names and parameters with the other one's.

    Args:
        key: Names it on a command line.
        distribution: Names it in results.
        modules: Where each class or function is imported from.
    """

    key: str
    distribution: str
    modules: Mapping[str, str] = field(repr=False)

    @property
    def version(self) -> str | None:
        """The installed version; None where it is not installed."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return None

    def load(self, name: str) -> Any:
        """A class or function by its name.

        Args:
            name: One of those in ``modules``.

        Raises:
            ImportError: The library is not installed.
        """
        # By name, since the other library is installed for benchmarks only.
        return getattr(import_module(self.modules[name]), name)


_PEER = "aibs_informatics_cdk_lib.constructs_"
_PEER_FRAGMENTS = f"{_PEER}.sfn.fragments"

OURS = Library(
    "ours",
    "sfn-fragments",
    {
        "BatchInvokedExecutorFragment": "sfn_fragments_batch",
        "BatchInvokedLambdaFunction": "sfn_fragments_batch",
        "CleanFileSystemFragment": "sfn_fragments_efs",
        "DataSyncFragment": "sfn_fragments_data_sync",
        "DemandExecutionFragment": "sfn_fragments_demand_execution",
        "DistributedDataSyncFragment": "sfn_fragments_data_sync",
        "MountPointConfiguration": "sfn_fragments_batch",
        "S3Operation": "sfn_fragments.states",
        "SubmitJobFragment": "sfn_fragments_batch",
        "get_data_path_stats_fragment": "sfn_fragments_efs",
        "outdated_data_path_scanner_fragment": "sfn_fragments_efs",
        "remove_data_paths_fragment": "sfn_fragments_efs",
    },
)
REFERENCE = Library(
    "reference",
    "aibs-informatics-cdk-lib",
    {
        "BatchInvokedExecutorFragment": f"{_PEER_FRAGMENTS}.informatics",
        "BatchInvokedLambdaFunction": f"{_PEER_FRAGMENTS}.informatics",
        "CleanFileSystemFragment": f"{_PEER_FRAGMENTS}.informatics",
        "DataSyncFragment": f"{_PEER_FRAGMENTS}.informatics",
        "DemandExecutionFragment": f"{_PEER_FRAGMENTS}.informatics",
        "DistributedDataSyncFragment": f"{_PEER_FRAGMENTS}.informatics",
        "MountPointConfiguration": f"{_PEER}.efs.file_system",
        "S3Operation": f"{_PEER}.sfn.states.s3",
        "SubmitJobFragment": f"{_PEER_FRAGMENTS}.batch",
        "get_data_path_stats_fragment": f"{_PEER_FRAGMENTS}.informatics.efs",
        "outdated_data_path_scanner_fragment": f"{_PEER_FRAGMENTS}.informatics.efs",
        "remove_data_paths_fragment": f"{_PEER_FRAGMENTS}.informatics.efs",
    },
)
LIBRARIES = {library.key: library for library in (OURS, REFERENCE)}
