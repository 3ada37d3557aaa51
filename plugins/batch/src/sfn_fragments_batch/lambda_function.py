"""Lambda handlers, run as jobs on Batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sfn_fragments.validation import fragment_problems
from sfn_fragments_batch.base import BatchInvokedBaseFragment
from sfn_fragments_batch.handler import handler_states
from sfn_fragments_batch.mount_points import AWSBatchMixins
from sfn_fragments_batch.parameters import (
    DEFAULT_KEY_PREFIX,
    job_seconds,
    job_settings,
    overridable_settings,
    overridable_values,
    with_open_roles,
)
from sfn_fragments_batch.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aws_cdk import Duration
    from aws_cdk.aws_batch import IJobQueue, JobQueue
    from aws_cdk.aws_ecr import IRepository
    from aws_cdk.aws_ecr_assets import DockerImageAsset
    from aws_cdk.aws_iam import IRole, Role
    from aws_cdk.aws_s3 import Bucket, IBucket
    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments_batch.job_options import JobOptions
    from sfn_fragments_batch.mount_points import MountPointConfiguration


class BatchInvokedLambdaFunction(BatchInvokedBaseFragment, AWSBatchMixins):
    """Runs a Lambda handler on Batch: its event goes to S3, its response comes back from there.

    The job finds what to do in its environment: ``AWS_LAMBDA_FUNCTION_NAME``,
    ``AWS_LAMBDA_FUNCTION_HANDLER``, ``AWS_LAMBDA_EVENT_PAYLOAD`` and
    ``AWS_LAMBDA_EVENT_RESPONSE_LOCATION``, the last two ``s3://`` locations. Its image, such as
    the one of ``aibs-informatics-aws-lambda``, acts on them. The compute environment's role must
    be allowed to read and write the bucket.

    Enters 6 states. Event and response are kept at
    ``s3://<bucket_name>/<key_prefix><execution>/<id>/request.json`` and ``response.json``.
    The job definition is registered for the run, and deregistered whatever comes of it; a failure
    keeps its own error and cause.

    All parameters but ``mount_point_configs`` may be literals, reference paths (``$.image``),
    intrinsic functions or CDK tokens.

    When to use:
        For a handler that takes JSON and returns JSON, and takes longer than the 15 minutes of a
        Lambda function, or needs more memory, a GPU or a file system.

        Not for a command that knows nothing of requests: ``batch.submit_job`` enters 2 states
        fewer, and needs no bucket.

    Deletes:
        No data. The job definition that was registered for the run is deregistered. Request and
        response stay in the bucket, at the keys above: give it a lifecycle rule. What the handler
        deletes is its own affair.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base.
        name: Name of the function; begins the names of job and job definition.
        image: The image: an asset, a repository, whose latest image is meant, or a URI.
        handler: Qualified name of the handler, such as ``package.module.handler``.
        job_queue: The job queue, or its name or ARN.
        bucket_name: Bucket of event and response, or its name.
        key_prefix: Begins their keys; a folder ends with a slash. Defaults to ``scratch/``.
        payload_path: Reference path of the event in the input. Defaults to ``$``.
        command: Command of the container. Defaults to the image's own.
        environment: More environment variables, name to value.
        memory: Memory in MiB; Batch refuses a job without. A list, ``[2048, 4096, 8192]``, tries
            again with the next amount where the memory ran out, and only then.
        vcpus: Number of vCPUs; Batch refuses a job without.
        gpu: Number of GPUs; 0 for none.
        mount_points: Mount points, as Batch's API has them.
        volumes: Volumes, as Batch's API has them.
        mount_point_configs: File systems to mount, instead of the two.
        platform_capabilities: ``EC2`` or ``FARGATE``.
        job_role_arn: Role of the job, or its ARN.
        deploy_job_definition: Make the job definition part of the stack, instead of registering
            one for each run: 2 states and 2 calls fewer. Image, mounts, platform and roles must
            then be known at synthesis, and an execution cannot override them.
        execution_role_arn: Role, or its ARN, by which ECS pulls the image and writes logs; jobs on
            ``FARGATE`` must have one.
        job_options: Any other setting of the job, such as its tags and its secrets.
        timeout: How long an attempt of the job may run, as a duration, in seconds (60 or more),
            or as a reference path to seconds. Batch then ends it, and the job has failed: its
            definition is deregistered. Defaults to no limit.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        BatchInvokedLambdaFunction(
            self, "Stats", env_base, name="stats", image=image, handler="pkg.stats.handler",
            job_queue="dev-x-queue", bucket_name=bucket.bucket_name, memory=2048, vcpus=1,
        ).to_state_machine("stats")
        ```
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        env_base: EnvBase,
        name: str,
        image: DockerImageAsset | IRepository | str,
        handler: str,
        job_queue: JobQueue | IJobQueue | str,
        bucket_name: Bucket | IBucket | str,
        key_prefix: str | None = None,
        payload_path: str | None = None,
        command: list[str] | str | None = None,
        environment: Mapping[str, str] | str | None = None,
        memory: int | float | str | Sequence[int | str] | None = None,
        vcpus: int | float | str | None = None,
        gpu: int | float | str | None = None,
        mount_points: list[Any] | str | None = None,
        volumes: list[Any] | str | None = None,
        mount_point_configs: Iterable[MountPointConfiguration] | None = None,
        platform_capabilities: list[Literal["EC2", "FARGATE"]] | list[str] | str | None = None,
        job_role_arn: Role | IRole | str | None = None,
        *,
        deploy_job_definition: bool = False,
        timeout: Duration | int | str | None = None,
        execution_role_arn: Role | IRole | str | None = None,
        job_options: JobOptions | None = None,
    ) -> None:
        values = job_settings(
            f"BatchInvokedLambdaFunction {id!r}",
            problems=fragment_problems(scope, id, env_base),
            scope=scope,
            job_options=job_options,
            env_base=env_base,
            deploy_job_definition=deploy_job_definition,
            mount_point_configs=mount_point_configs,
            name=name,
            image=image,
            handler=handler,
            job_queue=job_queue,
            bucket_name=bucket_name,
            key_prefix=key_prefix or DEFAULT_KEY_PREFIX,
            payload_path=payload_path,
            command=command,
            environment=environment,
            memory=memory,
            vcpus=vcpus,
            gpu=gpu,
            mount_points=mount_points,
            volumes=volumes,
            platform_capabilities=platform_capabilities,
            job_role_arn=job_role_arn,
            execution_role_arn=execution_role_arn,
            timeout=timeout,
        )
        super().__init__(scope, id, env_base)
        self.job_seconds = job_seconds(values)
        settings = Settings(self, values, deploy_job_definition=deploy_job_definition)
        self.definition = handler_states(self, settings, payload_path or "$")

    @classmethod
    def with_defaults(
        cls,
        scope: Construct,
        id: str,
        env_base: EnvBase,
        name: str,
        job_queue: JobQueue | IJobQueue | str,
        bucket_name: Bucket | IBucket | str,
        key_prefix: str | None = None,
        image_path: str | None = None,
        handler_path: str | None = None,
        payload_path: str | None = None,
        overrides_path: str | None = None,
        command: list[str] | str | None = None,
        memory: int | float | str | Sequence[int | str] = "1024",
        vcpus: int | float | str = "1",
        gpu: int | float | str = "0",
        environment: Mapping[str, str] | None = None,
        mount_point_configs: Iterable[MountPointConfiguration] | None = None,
        platform_capabilities: list[Literal["EC2", "FARGATE"]] | list[str] | None = None,
        job_role_arn: Role | IRole | str | None = None,
        *,
        deploy_job_definition: bool = False,
        timeout: Duration | int | str | None = None,
        execution_role_arn: Role | IRole | str | None = None,
        job_options: JobOptions | None = None,
    ) -> BatchInvokedLambdaFunction:
        """Make a fragment whose settings are defaults, which an execution's input overrides.

        Enters 6 states. The object at ``overrides_path`` may hold ``job_queue``, ``memory``,
        ``vcpus``, ``gpu``, ``command``, ``environment``, ``mount_points`` and ``volumes``,
        ``platform_capabilities``, ``bucket_name`` and ``key_prefix``, ``job_role_arn`` and
        ``execution_role_arn``; a field that is ``null`` counts as absent. Variables of
        ``environment`` are added to the defaults' one by one. A response above 256 KiB, which no
        state may hold, can stay in S3: with ``"return_response": false`` the output is its
        ``{"Bucket": ..., "Key": ...}``.

        Args:
            scope: The construct that holds the fragment.
            id: Its id, unique in the scope.
            env_base: Environment base.
            name: Name of the function.
            job_queue: The job queue, or its name or ARN.
            bucket_name: Bucket of event and response, or its name.
            key_prefix: Begins their keys; a folder ends with a slash. Defaults to ``scratch/``.
            image_path: Reference path of the image, or the image. Defaults to ``$.image``.
            handler_path: Reference path of the handler, or the handler. Defaults to
                ``$.handler``.
            payload_path: Reference path of the event. Defaults to ``$.payload``.
            overrides_path: Reference path of the overrides. Defaults to ``$``.
            command: Command of the container. Defaults to the image's own.
            memory: Memory in MiB, or the amounts to try one after the other.
            vcpus: Number of vCPUs.
            gpu: Number of GPUs; 0 for none.
            environment: More environment variables, name to value.
            mount_point_configs: File systems to mount.
            platform_capabilities: ``EC2`` or ``FARGATE``. Defaults to ``EC2``.
            job_role_arn: Role of the job, or its ARN.
            deploy_job_definition: Make the job definition part of the stack, instead of registering
                one for each run: 2 states and 2 calls fewer. Image, mounts, platform and roles must
                then be known at synthesis, and an execution cannot override them.
            execution_role_arn: Role, or its ARN, by which ECS pulls the image and writes logs; jobs
                on ``FARGATE`` must have one.
            job_options: Any other setting of the job, such as its tags and its secrets.
            timeout: How long an attempt of the job may run, as a duration, in seconds (60 or
                more), or as a reference path to seconds. Defaults to no limit.

        Returns:
            The fragment.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.

        Examples:
            With the defaults, the input ``{"image": ..., "handler": ..., "payload": {...},
            "memory": 4096}`` runs the handler on the payload with 4 GiB.
        """
        values = overridable_values(
            f"BatchInvokedLambdaFunction {id!r}",
            problems=fragment_problems(scope, id, env_base),
            scope=scope,
            job_options=job_options,
            renamed={"image": "image_path", "handler": "handler_path"},
            env_base=env_base,
            deploy_job_definition=deploy_job_definition,
            payload_path=payload_path,
            overrides_path=overrides_path,
            return_response=True,
            name=name,
            image=image_path or "$.image",
            handler=handler_path or "$.handler",
            job_queue=job_queue,
            bucket_name=bucket_name,
            key_prefix=key_prefix,
            command=command,
            environment=environment,
            memory=memory,
            vcpus=vcpus,
            gpu=gpu,
            mount_point_configs=mount_point_configs,
            platform_capabilities=platform_capabilities,
            job_role_arn=job_role_arn,
            execution_role_arn=execution_role_arn,
            timeout=timeout,
        )
        return cls.of_defaults(
            scope,
            id,
            env_base,
            with_open_roles(values),
            payload_path or "$.payload",
            overrides_path or "$",
            deploy_job_definition=deploy_job_definition,
        )

    @classmethod
    def of_defaults(
        cls,
        scope: Construct,
        id: str,
        env_base: EnvBase,
        values: Mapping[str, Any],
        payload_path: str,
        overrides_path: str,
        *,
        deploy_job_definition: bool = False,
    ) -> BatchInvokedLambdaFunction:
        """Make a fragment of settings that are checked already.

        Args:
            scope: The construct that holds the fragment.
            id: Its id, unique in the scope.
            env_base: Environment base.
            values: What ``overridable_values`` has made of the defaults.
            payload_path: Reference path of the event.
            overrides_path: Reference path of the overrides.
            deploy_job_definition: Whether the job definition is part of the stack.

        Returns:
            The fragment.
        """
        fragment = cls.__new__(cls)
        BatchInvokedBaseFragment.__init__(fragment, scope, id, env_base)
        fragment.job_seconds = job_seconds(values)
        settings = overridable_settings(
            fragment,
            values,
            overrides_path,
            also=["return_response"],
            deploy_job_definition=deploy_job_definition,
        )
        fragment.definition = handler_states(fragment, settings, payload_path)
        return fragment

    @classmethod
    def of_settings(
        cls,
        scope: Construct,
        id: str,
        env_base: EnvBase,
        values: Mapping[str, Any],
        *,
        deploy_job_definition: bool = False,
    ) -> BatchInvokedLambdaFunction:
        """Make a fragment of settings that are checked already, which no execution overrides.

        Args:
            scope: The construct that holds the fragment.
            id: Its id, unique in the scope.
            env_base: Environment base.
            values: Name to value.
            deploy_job_definition: Whether the job definition is part of the stack.

        Returns:
            The fragment; the event is its whole input.
        """
        fragment = cls.__new__(cls)
        BatchInvokedBaseFragment.__init__(fragment, scope, id, env_base)
        fragment.job_seconds = job_seconds(values)
        settings = Settings(fragment, values, deploy_job_definition=deploy_job_definition)
        fragment.definition = handler_states(fragment, settings, "$")
        return fragment
