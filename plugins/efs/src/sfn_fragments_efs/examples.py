"""Runs that show what the EFS fragments do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments import Example

if TYPE_CHECKING:
    from sfn_fragments.sandbox import Sandbox

_MOUNT_POINT = "/opt/data"

_FILES = {
    "scratch/run-1/reads.txt": "ACGTACGT\n",
    "scratch/run-1/log/steps.txt": "align\nsort\n",
    "scratch/run-2/reads.txt": "TTGACA\n",
    "results/summary.txt": "2 runs\n",
}


def _arguments(sandbox: Sandbox) -> dict[str, Any]:
    from sfn_fragments_batch import MountPointConfiguration

    return {
        "aibs_informatics_docker_asset": sandbox.image,
        "batch_job_queue": sandbox.job_queue,
        "scaffolding_bucket": sandbox.bucket,
        "mount_point_configs": [
            MountPointConfiguration.from_file_system(sandbox.file_system, mount_point=_MOUNT_POINT)
        ],
        "deploy_job_definition": True,
    }


CLEAN_FILE_SYSTEM = Example(
    summary="Removes the folders below scratch/, whatever their age, and leaves results/ alone.",
    arguments=_arguments,
    input={"path": f"{_MOUNT_POINT}/scratch", "days_since_last_accessed": 0, "min_depth": 1},
    files=_FILES,
)

DATA_PATH_STATS = Example(
    summary="Counts the files of a file system and measures them, folder by folder.",
    arguments=_arguments,
    input={"path": _MOUNT_POINT},
    files=_FILES,
)

OUTDATED_PATH_SCANNER = Example(
    summary="Lists the folders below scratch/, whatever their age, as they would be removed.",
    arguments=_arguments,
    input={"path": f"{_MOUNT_POINT}/scratch", "days_since_last_accessed": 0, "min_depth": 1},
    files=_FILES,
)

REMOVE_PATHS = Example(
    summary="Removes a folder and a file.",
    arguments=_arguments,
    input={"paths": [f"{_MOUNT_POINT}/scratch/run-1", f"{_MOUNT_POINT}/scratch/run-2/reads.txt"]},
    files=_FILES,
)
