"""Fragments that run one handler for data paths each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_batch import BatchInvokedLambdaFunction
from sfn_fragments_batch.described import described_by
from sfn_fragments_batch.handler_job import HandlerJob
from sfn_fragments_efs.handlers import (
    GET_DATA_PATH_STATS,
    OUTDATED_DATA_PATH_SCANNER,
    REMOVE_DATA_PATHS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aws_cdk import Duration
    from aws_cdk.aws_batch import IJobQueue, JobQueue
    from aws_cdk.aws_ecr import IRepository
    from aws_cdk.aws_ecr_assets import DockerImageAsset
    from aws_cdk.aws_iam import IRole, Role
    from aws_cdk.aws_s3 import Bucket, IBucket
    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments_batch import JobOptions, MountPointConfiguration
    from sfn_fragments_efs.handlers import Handler


@described_by(HandlerJob)
def get_data_path_stats_fragment(
    scope: Construct,
    id: str,
    env_base: EnvBase,
    aibs_informatics_docker_asset: DockerImageAsset | IRepository | str,
    batch_job_queue: JobQueue | IJobQueue | str,
    scaffolding_bucket: Bucket | IBucket | str,
    mount_point_configs: Iterable[MountPointConfiguration] | None = None,
    memory: int | float | str | Sequence[int | str] = 1024,
    vcpus: int | float | str = 1,
    *,
    deploy_job_definition: bool = False,
    timeout: Duration | int | str | None = None,
    batch_job_role: Role | IRole | str | None = None,
    job_options: JobOptions | None = None,
) -> BatchInvokedLambdaFunction:
    """Measure a path on EFS or in S3: its size, the number of its files, and each path right in it.

    The input is ``{"path": "efs://fs-0123456789abcdef0:/data"}``; the output is the path with
    ``path_stats`` (``size_bytes``, ``object_count`` and ``last_modified``) and ``children``,
    the same of each path right below, by its name.

    Enters 6 states. The input may override the job's ``job_queue``, ``memory``, ``vcpus`` and the
    other settings of
    `with_defaults`.

    When to use:
        To know how large and how old something is, before it is copied, cleaned or paid for.

    Deletes:
        Nothing. The job definition that was registered for the run is deregistered.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base.
        aibs_informatics_docker_asset: Image with ``get_data_path_stats_handler`` of
            ``aibs-informatics-aws-lambda``, or its URI.

    Returns:
        The fragment.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        get_data_path_stats_fragment(
            self, "Stats", env_base, aibs_informatics_docker_asset=image,
            batch_job_queue="dev-x-queue", scaffolding_bucket=bucket,
            mount_point_configs=[MountPointConfiguration.from_file_system(file_system)],
        ).to_state_machine("data-path-stats")
        ```
    """
    return _fragment(GET_DATA_PATH_STATS, **locals())


@described_by(HandlerJob)
def outdated_data_path_scanner_fragment(
    scope: Construct,
    id: str,
    env_base: EnvBase,
    aibs_informatics_docker_asset: DockerImageAsset | IRepository | str,
    batch_job_queue: JobQueue | IJobQueue | str,
    scaffolding_bucket: Bucket | IBucket | str,
    mount_point_configs: Iterable[MountPointConfiguration] | None = None,
    memory: int | float | str | Sequence[int | str] = 1024,
    vcpus: int | float | str = 1,
    *,
    deploy_job_definition: bool = False,
    timeout: Duration | int | str | None = None,
    batch_job_role: Role | IRole | str | None = None,
    job_options: JobOptions | None = None,
) -> BatchInvokedLambdaFunction:
    """Find the paths below a root on EFS or in S3 in which nothing has been modified for days.

    The input is ``{"path": "efs://fs-0123456789abcdef0:/scratch", "days_since_last_accessed": 3}``,
    and may bound the search by ``min_depth`` and ``max_depth`` below the path, and what is found
    by ``min_size_bytes_allowed``, the size to leave. A folder is as old as the newest file in it.
    The output is ``{"paths": [...]}``; objects in S3 are named by their keys.

    Enters 6 states. The input may override the job's ``job_queue``, ``memory``, ``vcpus`` and the
    other settings of
    `with_defaults`.

    When to use:
        To see what ``efs.clean_file_system`` would remove, or to decide about it yourself, in a
        state between this fragment and ``efs.remove_paths``.

    Deletes:
        Nothing: it lists. The job definition that was registered for the run is deregistered.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base.
        aibs_informatics_docker_asset: Image with ``outdated_data_path_scanner_handler`` of
            ``aibs-informatics-aws-lambda``, or its URI.

    Returns:
        The fragment.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        outdated_data_path_scanner_fragment(
            self, "Scan", env_base, aibs_informatics_docker_asset=image,
            batch_job_queue="dev-x-queue", scaffolding_bucket=bucket,
            mount_point_configs=[MountPointConfiguration.from_file_system(file_system)],
        ).to_state_machine("outdated-path-scanner")
        ```
    """
    return _fragment(OUTDATED_DATA_PATH_SCANNER, **locals())


@described_by(HandlerJob)
def remove_data_paths_fragment(
    scope: Construct,
    id: str,
    env_base: EnvBase,
    aibs_informatics_docker_asset: DockerImageAsset | IRepository | str,
    batch_job_queue: JobQueue | IJobQueue | str,
    scaffolding_bucket: Bucket | IBucket | str,
    mount_point_configs: Iterable[MountPointConfiguration] | None = None,
    memory: int | float | str | Sequence[int | str] = 1024,
    vcpus: int | float | str = 1,
    *,
    deploy_job_definition: bool = False,
    timeout: Duration | int | str | None = None,
    batch_job_role: Role | IRole | str | None = None,
    job_options: JobOptions | None = None,
) -> BatchInvokedLambdaFunction:
    """Remove files and folders on EFS.

    The input is ``{"paths": ["efs://fs-0123456789abcdef0:/scratch/run-1"]}``; the output is
    ``{"size_bytes_removed": 42, "paths_removed": [...]}``, the paths as the job sees them. The
    handler passes over what is in S3, and over what it cannot remove or is not there, which it
    lists as removed all the same.

    Enters 6 states. The input may override the job's ``job_queue``, ``memory``, ``vcpus`` and the
    other settings of
    `with_defaults`.

    When to use:
        To remove paths that you know, such as the working folder of a run.

        Not for whatever is old: ``efs.clean_file_system`` finds and removes it.

    Deletes:
        Each path of the input, a folder with all that is in it, whatever its age, and without
        another question. For good: EFS has no earlier versions, and only a backup brings them back.

        Nothing in S3. The job definition that was registered for the run is deregistered.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base.
        aibs_informatics_docker_asset: Image with ``remove_data_paths_handler`` of
            ``aibs-informatics-aws-lambda``, or its URI.

    Returns:
        The fragment.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        remove_data_paths_fragment(
            self, "Remove", env_base, aibs_informatics_docker_asset=image,
            batch_job_queue="dev-x-queue", scaffolding_bucket=bucket,
            mount_point_configs=[MountPointConfiguration.from_file_system(file_system)],
        ).to_state_machine("remove-paths")
        ```
    """
    return _fragment(REMOVE_DATA_PATHS, **locals())


def _fragment(
    handler: Handler, scope: Construct, id: str, env_base: EnvBase, **given: Any
) -> BatchInvokedLambdaFunction:
    """What the functions have in common; they give all of their parameters."""
    subject = f"{handler.name} {id!r}"
    job = HandlerJob.of(subject, {"scope": scope, "id": id, "env_base": env_base, **given})
    values = job.values(
        subject, scope, env_base, name=handler.name, handler=handler.path, return_response=True
    )
    return BatchInvokedLambdaFunction.of_defaults(
        scope, id, env_base, values, "$", "$", deploy_job_definition=job.deploy_job_definition
    )
