"""Fragments that measure, scan and clean EFS file systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.lazy import lazy_exports

if TYPE_CHECKING:
    from sfn_fragments_efs.clean_file_system import CleanFileSystemFragment
    from sfn_fragments_efs.data_paths import (
        get_data_path_stats_fragment,
        outdated_data_path_scanner_fragment,
        remove_data_paths_fragment,
    )
    from sfn_fragments_efs.triggers import (
        CleanFileSystemTriggerConfig,
        CleanFileSystemTriggerRuleConfig,
    )

__all__ = [
    "CleanFileSystemFragment",
    "CleanFileSystemTriggerConfig",
    "CleanFileSystemTriggerRuleConfig",
    "get_data_path_stats_fragment",
    "outdated_data_path_scanner_fragment",
    "remove_data_paths_fragment",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "CleanFileSystemFragment": "sfn_fragments_efs.clean_file_system",
        "CleanFileSystemTriggerConfig": "sfn_fragments_efs.triggers",
        "CleanFileSystemTriggerRuleConfig": "sfn_fragments_efs.triggers",
        "get_data_path_stats_fragment": "sfn_fragments_efs.data_paths",
        "outdated_data_path_scanner_fragment": "sfn_fragments_efs.data_paths",
        "remove_data_paths_fragment": "sfn_fragments_efs.data_paths",
    },
)
