"""The handlers of ``aibs-informatics-aws-lambda`` for data paths, and the jobs that run them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Handler:
    """A handler, and the name of the function that it is.

    Attributes:
        name: Begins the names of its jobs and job definitions.
        path: Its qualified name.
    """

    name: str
    path: str


_MODULE = "aibs_informatics_aws_lambda.handlers.data_sync"

GET_DATA_PATH_STATS = Handler("get-data-path-stats", f"{_MODULE}.get_data_path_stats_handler")
OUTDATED_DATA_PATH_SCANNER = Handler(
    "outdated-data-path-scanner", f"{_MODULE}.outdated_data_path_scanner_handler"
)
REMOVE_DATA_PATHS = Handler("remove-data-paths", f"{_MODULE}.remove_data_paths_handler")
