"""Lambda handlers, run as jobs on Batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sfn_fragments.validation import fragment_problems
from sfn_fragments_batch.base import BatchInvokedBaseFragment
from sfn_fragments_batch.described import described_by
from sfn_fragments_batch.handler import handler_states
from sfn_fragments_batch.job_parameters import JobParameters, job_parameters
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


@described_by(JobParameters)
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
        handler: Qualified name of the handler, such as ``package.module.handler``.
        payload_path: Reference path of the event in the input. Defaults to ``$``.

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
            env_base=env_base,
            defaults={"key_prefix": DEFAULT_KEY_PREFIX},
            handler=handler,
            payload_path=payload_path,
            **job_parameters(locals()),
        )
        super().__init__(scope, id, env_base)
        self.job_seconds = job_seconds(values)
        settings = Settings(self, values, deploy_job_definition=deploy_job_definition)
        self.definition = handler_states(self, settings, payload_path or "$")

    @classmethod
    @described_by(JobParameters)
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
            image_path: Reference path of the image, or the image. Defaults to ``$.image``.
            handler_path: Reference path of the handler, or the handler. Defaults to
                ``$.handler``.
            payload_path: Reference path of the event. Defaults to ``$.payload``.
            overrides_path: Reference path of the overrides. Defaults to ``$``.

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
            renamed={"image": "image_path", "handler": "handler_path"},
            env_base=env_base,
            payload_path=payload_path,
            overrides_path=overrides_path,
            return_response=True,
            image=image_path or "$.image",
            handler=handler_path or "$.handler",
            **job_parameters(locals()),
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
