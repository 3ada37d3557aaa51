"""A job that runs a given handler, as the fragments of the families are told about it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sfn_fragments.validation import items_of, refuse
from sfn_fragments_batch.described import described_by
from sfn_fragments_batch.job_parameters import JobParameters
from sfn_fragments_batch.parameters import (
    handler_job_problems,
    job_seconds,
    overridable_settings,
    overridable_values,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration
    from aws_cdk.aws_batch import IJobQueue, JobQueue
    from aws_cdk.aws_ecr import IRepository
    from aws_cdk.aws_ecr_assets import DockerImageAsset
    from aws_cdk.aws_iam import IRole, Role
    from aws_cdk.aws_s3 import Bucket, IBucket
    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments.errors import InvalidValue
    from sfn_fragments.fragments import EnvBaseStateMachineFragment
    from sfn_fragments_batch.job_options import JobOptions
    from sfn_fragments_batch.mount_points import MountPointConfiguration
    from sfn_fragments_batch.settings import Settings


@described_by(JobParameters)
@dataclass(frozen=True, kw_only=True)
class HandlerJob:
    """What the fragments that run a handler of ``aibs-informatics-aws-lambda`` have in common.

    Args:
        aibs_informatics_docker_asset: Image with ``aibs-informatics-aws-lambda``: an asset, a
            repository, whose latest image is meant, or its URI.
        batch_job_queue: Job queue, or its name or ARN. The input may override it.
        scaffolding_bucket: Bucket of the job's request and response, or its name.
        batch_job_role: Role of the job, or its ARN; a file system that denies anonymous clients
            needs one. Defaults to that of the compute environment.
        mount_point_configs: File systems to mount; a path on EFS needs its own. The input may
            override them.
        deploy_job_definition: Make the job definition part of the stack, instead of registering
            one for each run: 2 states and 2 calls fewer. The input cannot override mount points
            then.

    Examples:
        >>> job = HandlerJob(
        ...     aibs_informatics_docker_asset="lambda:1",
        ...     batch_job_queue="dev-x-queue",
        ...     scaffolding_bucket="dev-x-bucket",
        ... )
        >>> job.memory
        1024
    """

    aibs_informatics_docker_asset: DockerImageAsset | IRepository | str
    batch_job_queue: JobQueue | IJobQueue | str
    scaffolding_bucket: Bucket | IBucket | str
    batch_job_role: Role | IRole | str | None = None
    mount_point_configs: list[MountPointConfiguration] | None = None
    memory: int | float | str | Sequence[int | str] = 1024
    vcpus: int | float | str = 1
    deploy_job_definition: bool = False
    timeout: Duration | int | str | None = None
    job_options: JobOptions | None = None

    @classmethod
    def of(
        cls, subject: str, given: Mapping[str, Any], others: Sequence[InvalidValue] = ()
    ) -> HandlerJob:
        """The job of a fragment, or of a function that makes one, before anything is made.

        Args:
            subject: The fragment, for error messages.
            given: The parameters by name, as ``locals()`` has them: ``scope``, ``id``,
                ``env_base``, and those of this class that the fragment has.
            others: What is wrong with parameters that are not the job's.

        Returns:
            The job.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        own = {each.name: given[each.name] for each in fields(cls) if each.name in given}
        configs = items_of(given["mount_point_configs"])
        job = cls(**{**own, "mount_point_configs": configs})
        place = (given["scope"], given["id"], given["env_base"])
        refuse(subject, [*handler_job_problems(*place, **vars(job)), *others])
        return job

    def values(
        self, subject: str, scope: Construct, env_base: EnvBase, **given: Any
    ) -> dict[str, Any]:
        """The settings of the job, which an execution overrides.

        Args:
            subject: The fragment, for error messages.
            scope: The construct that holds it.
            env_base: Environment base.
            **given: ``name`` and ``handler``, and settings instead of those that are here.

        Returns:
            The settings.

        Raises:
            InvalidParametersError: Some cannot work; all of them are named.
        """
        settings = {
            "image": self.aibs_informatics_docker_asset,
            "job_queue": self.batch_job_queue,
            "bucket_name": self.scaffolding_bucket,
            "job_role_arn": self.batch_job_role,
            "mount_point_configs": self.mount_point_configs,
            "memory": self.memory,
            "vcpus": self.vcpus,
            "gpu": "0",
            "deploy_job_definition": self.deploy_job_definition,
            "timeout": self.timeout,
            "job_options": self.job_options,
        }
        return overridable_values(
            subject,
            scope=scope,
            env_base=env_base,
            renamed={"job_role_arn": "batch_job_role"},
            **{**settings, **given},
        )

    def settings(
        self, fragment: EnvBaseStateMachineFragment, subject: str, **given: Any
    ) -> Settings:
        """The same, for the states of a fragment whose whole input overrides them.

        Args:
            fragment: The fragment; it learns how long its job may take.
            subject: What it is, for error messages.
            **given: As for `values`.

        Returns:
            The settings.

        Raises:
            InvalidParametersError: Some cannot work; all of them are named.
        """
        values = self.values(subject, fragment, fragment.env_base, **given)
        fragment.job_seconds = job_seconds(values)
        return overridable_settings(
            fragment, values, "$", deploy_job_definition=self.deploy_job_definition
        )
