"""A run that shows what a demand execution does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sfn_fragments import Example

if TYPE_CHECKING:
    from aws_cdk.aws_efs import FileSystem

    from sfn_fragments.sandbox import Sandbox
    from sfn_fragments_batch import MountPointConfiguration


# Several fragments in one sandbox build upon the same constructs.
_made: WeakKeyDictionary[Sandbox, dict[str, Any]] = WeakKeyDictionary()


def _arguments(sandbox: Sandbox) -> dict[str, Any]:
    if sandbox not in _made:
        _made[sandbox] = _new_arguments(sandbox)
    return _made[sandbox]


def _new_arguments(sandbox: Sandbox) -> dict[str, Any]:
    """A file system, and the two state machines that the fragment builds upon."""
    from aws_cdk import Tags

    from sfn_fragments_batch import BatchInvokedLambdaFunction
    from sfn_fragments_data_sync import DataSyncFragment

    # By this tag the handlers find it and its access points.
    Tags.of(sandbox.file_system).add("env_base", sandbox.env_base)
    shared = _access_point(sandbox.file_system, "shared")
    scratch = _access_point(sandbox.file_system, "scratch")
    run_handler = BatchInvokedLambdaFunction.with_defaults(
        sandbox.stack,
        "RunHandler",
        sandbox.env_base,
        name="run-handler",
        job_queue=sandbox.job_queue,
        bucket_name=sandbox.bucket,
    )
    sync = DataSyncFragment(
        sandbox.stack,
        "Sync",
        sandbox.env_base,
        aibs_informatics_docker_asset=sandbox.image,
        batch_job_queue=sandbox.job_queue,
        scaffolding_bucket=sandbox.bucket,
        mount_point_configs=[shared, scratch],
    )
    return {
        "aibs_informatics_docker_asset": sandbox.image,
        "scaffolding_bucket": sandbox.bucket,
        "scaffolding_job_queue": sandbox.job_queue,
        "batch_invoked_lambda_state_machine": run_handler.to_state_machine("run-handler"),
        "data_sync_state_machine": sync.to_state_machine("sync"),
        "shared_mount_point_config": shared,
        "scratch_mount_point_config": scratch,
        "tags": {"project": "sandbox", "execution": "$.execution_id"},
    }


def _access_point(file_system: FileSystem, name: str) -> MountPointConfiguration:
    from sfn_fragments_batch import MountPointConfiguration

    point = file_system.add_access_point(name, path=f"/{name}")
    return MountPointConfiguration.from_access_point(point, f"/opt/efs/{name}")


EXECUTE = Example(
    summary="Counts the lines of two objects from S3, and puts the counts there.",
    arguments=_arguments,
    input={
        "execution_type": "count-lines",
        "execution_id": "0f1e2d3c-example",
        "execution_image": "public.ecr.aws/docker/library/bash:5",
        "execution_parameters": {
            "command": ["wc", "-l", "${TABLES}/*.csv", ">", "${COUNTS}"],
            "params": {
                "tables": "s3://sandbox-source/tables/",
                "counts": "counts.txt @ s3://sandbox-results/counts.txt",
            },
            "inputs": ["tables"],
            "outputs": ["counts"],
        },
        "execution_metadata": {"user": "you", "tags": {"purpose": "example"}},
        "execution_platform": {"aws_batch": {"job_queue_name": "dev-sandbox-queue"}},
        "resource_requirements": {"memory": 512, "vcpus": 1},
    },
    objects={
        "sandbox-source": {
            "tables/a.csv": "time,value\n0,1.5\n",
            "tables/b.csv": "time,value\n0,2.5\n1,3.5\n",
        }
    },
    results=("sandbox-results",),
)
