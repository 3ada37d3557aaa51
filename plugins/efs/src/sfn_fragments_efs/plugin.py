"""The EFS fragments, as the registry lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sfn_fragments_efs
from sfn_fragments import FragmentSpec, TypedSpec, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator


CLEAN_FILE_SYSTEM = TypedSpec(
    name="efs.clean_file_system",
    target="sfn_fragments_efs.clean_file_system:CleanFileSystemFragment",
    fragment=lambda: sfn_fragments_efs.CleanFileSystemFragment,
    summary="Removes what has not been modified for days from EFS, by two jobs on AWS Batch.",
    keywords=("efs", "clean-up", "schedule"),
    request="sfn_fragments_efs.models:CleanFileSystemRequest",
    response="sfn_fragments_efs.models:RemovePathsResponse",
    example="sfn_fragments_efs.examples:CLEAN_FILE_SYSTEM",
)
DATA_PATH_STATS = TypedSpec(
    name="efs.data_path_stats",
    target="sfn_fragments_efs.data_paths:get_data_path_stats_fragment",
    fragment=lambda: sfn_fragments_efs.get_data_path_stats_fragment,
    summary="Measures a path on EFS or in S3, and each path in it, by one job on AWS Batch.",
    keywords=("efs", "size", "statistics"),
    request="sfn_fragments_efs.models:DataPathStatsRequest",
    response="sfn_fragments_efs.models:DataPathStatsResponse",
    example="sfn_fragments_efs.examples:DATA_PATH_STATS",
)
OUTDATED_PATH_SCANNER = TypedSpec(
    name="efs.outdated_path_scanner",
    target="sfn_fragments_efs.data_paths:outdated_data_path_scanner_fragment",
    fragment=lambda: sfn_fragments_efs.outdated_data_path_scanner_fragment,
    summary="Lists the paths not modified for days, by one job on AWS Batch.",
    keywords=("efs", "clean-up", "scan"),
    request="sfn_fragments_efs.models:OutdatedPathScannerRequest",
    response="sfn_fragments_efs.models:OutdatedPathScannerResponse",
    example="sfn_fragments_efs.examples:OUTDATED_PATH_SCANNER",
)
REMOVE_PATHS = TypedSpec(
    name="efs.remove_paths",
    target="sfn_fragments_efs.data_paths:remove_data_paths_fragment",
    fragment=lambda: sfn_fragments_efs.remove_data_paths_fragment,
    summary="Removes paths on EFS, by one job on AWS Batch.",
    keywords=("efs", "clean-up", "delete"),
    request="sfn_fragments_efs.models:RemovePathsRequest",
    response="sfn_fragments_efs.models:RemovePathsResponse",
    example="sfn_fragments_efs.examples:REMOVE_PATHS",
)


@hookimpl
def sfn_fragments_register() -> Iterator[FragmentSpec]:
    """Declare the fragments."""
    yield CLEAN_FILE_SYSTEM
    yield DATA_PATH_STATS
    yield OUTDATED_PATH_SCANNER
    yield REMOVE_PATHS
