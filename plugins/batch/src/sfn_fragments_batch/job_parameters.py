"""The parameters of a job, described once for all that run one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aws_cdk import Duration
    from aws_cdk.aws_batch import IJobQueue
    from aws_cdk.aws_ecr import IRepository
    from aws_cdk.aws_ecr_assets import DockerImageAsset
    from aws_cdk.aws_iam import IRole
    from aws_cdk.aws_s3 import IBucket

    from sfn_fragments_batch.job_options import JobOptions
    from sfn_fragments_batch.mount_points import MountPointConfiguration


class JobParameters(TypedDict, total=False):
    """Parameters by which a fragment is told of its job.

    A fragment has some of them, with defaults of its own; what it says otherwise of one, its
    docstring has. All but ``mount_point_configs`` and ``deploy_job_definition`` may be literals,
    reference paths (``$.image``), intrinsic functions or CDK tokens.

    Attributes:
        name: Begins the names of job and job definition.
        image: The image: an asset, a repository, whose latest image is meant, or a URI.
        job_queue: The job queue, or its name or ARN.
        bucket_name: Bucket of the job's request and response, or its name.
        key_prefix: Begins their keys; a folder ends with a slash. Defaults to ``scratch/``.
        command: Command of the container, as a list or one line. Defaults to the image's own.
        environment: Environment variables, name to value; or a reference path to them, as an
            object or a list of ``Name`` and ``Value``.
        memory: Memory in MiB, 4 or more, which each job must have. A list,
            ``[2048, 4096, 8192]``, tries again with the next amount where the memory ran out, and
            only then.
        vcpus: Number of vCPUs, which each job must have; fractions on ``FARGATE`` alone.
        gpu: Number of GPUs; 0 for none.
        mount_points: Mount points, as Batch's API has them.
        volumes: Volumes, as Batch's API has them.
        mount_point_configs: File systems to mount, instead of ``mount_points`` and ``volumes``.
        platform_capabilities: ``EC2`` or ``FARGATE``. Defaults to what the compute environment of
            the queue shows, where the queue is a construct, else ``EC2``.
        job_role_arn: Role of the job, or its ARN: what the job itself may do.
        execution_role_arn: Role, or its ARN, by which ECS pulls the image and writes logs; jobs on
            ``FARGATE`` must have one.
        deploy_job_definition: Make the job definition part of the stack, instead of registering
            one for each run: 2 states and 2 calls fewer. Image, mounts, platform and roles must
            then be known at synthesis, and an execution cannot override them.
        timeout: How long an attempt of the job may run, as a duration, in seconds (60 or more),
            or as a reference path to seconds. Batch then ends it, and the job has failed: its
            definition is deregistered. Defaults to no limit.
        job_options: Any other setting of the job, such as its tags and its secrets.
    """

    name: str
    image: DockerImageAsset | IRepository | str
    job_queue: IJobQueue | str
    bucket_name: IBucket | str
    key_prefix: str | None
    command: Sequence[str] | str | None
    environment: Mapping[str, str] | str | None
    memory: int | float | str | Sequence[int | str] | None
    vcpus: int | float | str | None
    gpu: int | float | str | None
    mount_points: Sequence[Any] | str | None
    volumes: Sequence[Any] | str | None
    mount_point_configs: Iterable[MountPointConfiguration] | None
    platform_capabilities: Sequence[str] | str | None
    job_role_arn: IRole | str | None
    execution_role_arn: IRole | str | None
    deploy_job_definition: bool
    timeout: Duration | int | str | None
    job_options: JobOptions | None


def job_parameters(given: Mapping[str, Any]) -> JobParameters:
    """The parameters of a job among those of a constructor.

    Args:
        given: What the constructor was given by name, as ``locals()`` has it.

    Returns:
        Those that `JobParameters` has.
    """
    names = JobParameters.__annotations__
    return cast("JobParameters", {name: value for name, value in given.items() if name in names})
