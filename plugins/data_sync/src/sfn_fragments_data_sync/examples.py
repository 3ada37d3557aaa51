"""Runs that show what the data sync fragments do."""

from __future__ import annotations

from sfn_fragments import Example

SYNC = Example(
    summary="Copies three objects from one bucket to another.",
    arguments=lambda sandbox: {
        "aibs_informatics_docker_asset": sandbox.image,
        "batch_job_queue": sandbox.job_queue,
        "scaffolding_bucket": sandbox.bucket,
    },
    input={
        "source_path": "s3://sandbox-source/measurements/",
        "destination_path": "s3://sandbox-results/copy/",
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
