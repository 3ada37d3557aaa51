"""The handlers of ``aibs-informatics-aws-lambda`` for data paths, and the jobs that run them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import Duration
    from aws_cdk.aws_batch import IJobQueue, JobQueue
    from aws_cdk.aws_iam import IRole, Role
    from aws_cdk.aws_s3 import Bucket, IBucket

    from sfn_fragments_batch import MountPointConfiguration


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


def job_defaults(
    batch_job_queue: JobQueue | IJobQueue | str,
    scaffolding_bucket: Bucket | IBucket | str,
    mount_point_configs: Iterable[MountPointConfiguration] | None,
    memory: int | float | str,
    vcpus: int | float | str,
    deploy_job_definition: bool,
    timeout: Duration | int | str | None,
    batch_job_role: Role | IRole | str | None,
) -> dict[str, Any]:
    """The settings that the jobs of these handlers have in common.

    Args:
        batch_job_queue: Job queue, or its name or ARN.
        scaffolding_bucket: Bucket of the job's request and response, or its name.
        mount_point_configs: File systems to mount.
        memory: Memory in MiB.
        vcpus: Number of vCPUs.
        deploy_job_definition: Whether the job definition is part of the stack.
        timeout: How long an attempt of the job may run.
        batch_job_role: Role of the job, or its ARN.

    Returns:
        The settings by name.
    """
    return {
        "job_queue": batch_job_queue,
        "bucket_name": scaffolding_bucket,
        "memory": memory,
        "vcpus": vcpus,
        "gpu": "0",
        "mount_point_configs": mount_point_configs,
        "deploy_job_definition": deploy_job_definition,
        "timeout": timeout,
        "job_role_arn": batch_job_role,
    }
