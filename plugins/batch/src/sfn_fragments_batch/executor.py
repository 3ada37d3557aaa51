"""Executors, run as jobs on Batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sfn_fragments.validation import fragment_problems
from sfn_fragments_batch.base import BatchInvokedBaseFragment
from sfn_fragments_batch.described import described_by
from sfn_fragments_batch.handler import place_environment
from sfn_fragments_batch.job_parameters import JobParameters, job_parameters
from sfn_fragments_batch.job_states import JobStates
from sfn_fragments_batch.mount_points import AWSBatchMixins
from sfn_fragments_batch.parameters import DEFAULT_KEY_PREFIX, job_seconds, job_settings
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

#: The console script of aibs-informatics-core that runs an executor.
ENTRY_POINT = "run_cli_executor"


@described_by(JobParameters)
class BatchInvokedExecutorFragment(BatchInvokedBaseFragment, AWSBatchMixins):
    """Runs an executor class on Batch: its request goes to S3, its response comes back from there.

    The executor is a subclass of ``aibs_informatics_core.executors.BaseExecutor`` that reads and
    writes S3 (its ``load_input__remote`` and ``write_output__remote``). The job's command is
    ``run_cli_executor --executor <executor> --input s3://... --output-location s3://...``, of the
    package ``aibs-informatics-core`` in the image. The compute environment's role must be allowed
    to read and write the bucket.

    Enters 6 states. Request and response are kept at
    ``s3://<bucket_name>/<key_prefix><execution>/<id>/request.json`` and ``response.json``.
    The job definition is registered for the run, and deregistered whatever comes of it; a failure
    keeps its own error and cause.

    All parameters but ``mount_point_configs`` may be literals, reference paths (``$.image``),
    intrinsic functions or CDK tokens.

    When to use:
        For an executor class that you have already. For a handler, use ``batch.lambda_function``;
        for any other command, ``batch.submit_job``.

    Deletes:
        No data. The job definition that was registered for the run is deregistered. Request and
        response stay in the bucket, at the keys above: give it a lifecycle rule. What the executor
        deletes is its own affair.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base.
        executor: Qualified name of the executor class, such as ``package.module.Executor``.
        payload_path: Reference path of the request in the input. Defaults to ``$``.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        BatchInvokedExecutorFragment(
            self, "Align", env_base, name="align", image=image, executor="pkg.align.Align",
            job_queue="dev-x-queue", bucket_name=bucket.bucket_name, memory=2048, vcpus=1,
        ).to_state_machine("align")
        ```
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        env_base: EnvBase,
        name: str,
        image: DockerImageAsset | IRepository | str,
        executor: str,
        job_queue: JobQueue | IJobQueue | str,
        bucket_name: Bucket | IBucket | str,
        key_prefix: str | None = None,
        payload_path: str | None = None,
        environment: Mapping[str, str] | str | None = None,
        memory: int | float | str | Sequence[int | str] | None = None,
        vcpus: int | float | str | None = None,
        mount_point_configs: Iterable[MountPointConfiguration] | None = None,
        mount_points: list[Any] | str | None = None,
        volumes: list[Any] | str | None = None,
        platform_capabilities: list[Literal["EC2", "FARGATE"]] | list[str] | str | None = None,
        job_role_arn: Role | IRole | str | None = None,
        *,
        deploy_job_definition: bool = False,
        timeout: Duration | int | str | None = None,
        execution_role_arn: Role | IRole | str | None = None,
        job_options: JobOptions | None = None,
    ) -> None:
        values = job_settings(
            f"BatchInvokedExecutorFragment {id!r}",
            problems=fragment_problems(scope, id, env_base),
            scope=scope,
            env_base=env_base,
            defaults={"key_prefix": DEFAULT_KEY_PREFIX},
            executor=executor,
            payload_path=payload_path,
            **job_parameters(locals()),
        )
        super().__init__(scope, id, env_base)
        self.job_seconds = job_seconds(values)
        settings = Settings(self, values, deploy_job_definition=deploy_job_definition)
        states = JobStates(self, settings)
        self.definition = states.with_payload(
            payload_path or "$",
            place_environment(self),
            command=[
                ENTRY_POINT,
                "--executor",
                settings.get("executor"),
                "--input",
                states.uri("request"),
                "--output-location",
                states.uri("response"),
            ],
        )
