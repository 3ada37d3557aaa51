"""The settings of the jobs that sync data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_batch.parameters import job_seconds, overridable_settings, overridable_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import Duration
    from aws_cdk.aws_batch import IJobQueue, JobQueue
    from aws_cdk.aws_ecr import IRepository
    from aws_cdk.aws_ecr_assets import DockerImageAsset
    from aws_cdk.aws_iam import IRole, Role
    from aws_cdk.aws_s3 import Bucket, IBucket

    from sfn_fragments_batch import BatchInvokedBaseFragment, MountPointConfiguration
    from sfn_fragments_batch.settings import Settings


def sync_settings(
    fragment: BatchInvokedBaseFragment,
    subject: str,
    *,
    name: str,
    handler: str,
    aibs_informatics_docker_asset: DockerImageAsset | IRepository | str,
    batch_job_queue: JobQueue | IJobQueue | str,
    scaffolding_bucket: Bucket | IBucket | str,
    batch_job_role: Role | IRole | str | None,
    mount_point_configs: Iterable[MountPointConfiguration] | None,
    memory: int = 1024,
    vcpus: int = 1,
    deploy_job_definition: bool = False,
    timeout: Duration | int | str | None = None,
) -> Settings:
    """The settings of a job that runs a handler of ``aibs-informatics-aws-lambda``.

    Args:
        fragment: The fragment.
        subject: The fragment, for error messages.
        name: Begins the names of job and job definition.
        handler: The handler, in ``aibs_informatics_aws_lambda.handlers.data_sync``.
        aibs_informatics_docker_asset: Image, or its URI.
        batch_job_queue: Job queue, or its name or ARN.
        scaffolding_bucket: Bucket of the job's request and response, or its name.
        batch_job_role: Role of the job, or its ARN.
        mount_point_configs: File systems to mount.
        memory: Memory in MiB.
        vcpus: Number of vCPUs.
        deploy_job_definition: Whether the job definition is part of the stack.
        timeout: How long an attempt of the job may run.

    Returns:
        The settings.

    Raises:
        InvalidParametersError: Some cannot work; all of them are named.
    """
    values = overridable_values(
        subject,
        env_base=fragment.env_base,
        name=name,
        image=aibs_informatics_docker_asset,
        handler=f"aibs_informatics_aws_lambda.handlers.data_sync.{handler}",
        job_queue=batch_job_queue,
        bucket_name=scaffolding_bucket,
        memory=str(memory),
        vcpus=str(vcpus),
        gpu="0",
        mount_point_configs=mount_point_configs,
        job_role_arn=batch_job_role,
        deploy_job_definition=deploy_job_definition,
        timeout=timeout,
    )
    fragment.job_seconds = job_seconds(values)
    return overridable_settings(fragment, values, "$", deploy_job_definition=deploy_job_definition)
