"""Runs that show what the data sync fragments do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments import Example

if TYPE_CHECKING:
    from sfn_fragments.sandbox import Sandbox


def _arguments(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "aibs_informatics_docker_asset": sandbox.image,
        "batch_job_queue": sandbox.job_queue,
        "scaffolding_bucket": sandbox.bucket,
    }


def _deployed(sandbox: Sandbox) -> dict[str, Any]:
    return {**_arguments(sandbox), "deploy_job_definition": True}


SYNC = Example(
    summary="Copies three objects from one bucket to another.",
    arguments=_deployed,
    input={
        "source_path": "s3://sandbox-source/measurements/",
        "destination_path": "s3://sandbox-results/copy/",
        "include_detailed_response": True,
    },
    objects={
        "sandbox-source": {
            "measurements/a.csv": "time,value\n0,1.5\n",
            "measurements/b.csv": "time,value\n0,2.5\n",
            "measurements/notes/readme.txt": "Taken at room temperature.\n",
        }
    },
    results=("sandbox-results",),
)

DISTRIBUTED_SYNC = Example(
    summary="Copies three folders from one bucket to another, by a job for each.",
    arguments=_deployed,
    input={
        "source_path": "s3://sandbox-source/plates/",
        "destination_path": "s3://sandbox-results/copy/",
        "batch_size_bytes_limit": 40,
    },
    objects={
        "sandbox-source": {
            f"plates/{plate}/{channel}.csv": "time,value\n0,1.5\n"
            for plate in ("p1", "p2", "p3")
            for channel in ("red", "green")
        }
    },
    results=("sandbox-results",),
)
