"""Any command in any image, run as a job on Batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sfn_fragments.errors import InvalidValue
from sfn_fragments.fragments import EnvBaseStateMachineFragment
from sfn_fragments.validation import fragment_problems
from sfn_fragments_batch.described import described_by
from sfn_fragments_batch.job_parameters import JobParameters, job_parameters
from sfn_fragments_batch.job_states import JobStates
from sfn_fragments_batch.mount_points import AWSBatchMixins
from sfn_fragments_batch.option_table import IN_DEFINITION
from sfn_fragments_batch.parameters import (
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
    from aws_cdk.aws_batch import IJobDefinition, IJobQueue, JobQueue
    from aws_cdk.aws_ecr import IRepository
    from aws_cdk.aws_ecr_assets import DockerImageAsset
    from aws_cdk.aws_iam import IRole, Role
    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments_batch.job_options import JobOptions
    from sfn_fragments_batch.mount_points import MountPointConfiguration

_HELD = "the job definition has it, and SubmitJob cannot override it"


@described_by(JobParameters)
class SubmitJobFragment(EnvBaseStateMachineFragment, AWSBatchMixins):
    """Registers a job definition, runs a job of it, and deregisters it, whatever comes of it.

    Enters 4 states. All parameters may be literals, reference paths (``$.image``), intrinsic
    functions or CDK tokens. The output is the input with ``taskResult.submit``, which holds
    ``JobName``, ``JobId`` and ``JobArn``. A failing job keeps its own error and cause.

    When to use:
        For a command in an image of your own that finds all it needs on its command line, in its
        environment, or in S3 by itself.

        Not for a program that takes a JSON request and returns a JSON response:
        ``batch.lambda_function`` and ``batch.executor`` carry both. Not for a command that wants
        its data as files: ``demand_execution.execute`` brings them and takes the results back.

    Deletes:
        No data. The job definition that was registered for the run is deregistered. What the
        command deletes is its own affair.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base.
        image: The image: an asset, a repository, whose latest image is meant, or a URI; none with
            a ``job_definition``.
        job_definition: A job definition that exists, its ARN, or its name, instead of one that is
            made of the settings: 2 states and 2 calls fewer. What it holds stays; ``command``,
            ``environment``, ``memory``, ``vcpus`` and ``gpu`` override it where they are given.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        SubmitJobFragment(
            self, "Align", env_base, name="align", job_queue="dev-x-queue", image=image,
            command=["align", "--sample", "$.sample"], memory=8192, vcpus=4,
        ).to_state_machine("align")
        ```
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        env_base: EnvBase,
        name: str,
        job_queue: JobQueue | IJobQueue | str,
        image: DockerImageAsset | IRepository | str | None = None,
        command: list[str] | str | None = None,
        environment: Mapping[str, str] | str | None = None,
        memory: int | float | str | Sequence[int | str] | None = None,
        vcpus: int | float | str | None = None,
        gpu: int | float | str | None = None,
        mount_points: list[Any] | str | None = None,
        volumes: list[Any] | str | None = None,
        platform_capabilities: list[Literal["EC2", "FARGATE"]] | list[str] | str | None = None,
        job_role_arn: Role | IRole | str | None = None,
        *,
        deploy_job_definition: bool = False,
        timeout: Duration | int | str | None = None,
        execution_role_arn: Role | IRole | str | None = None,
        job_options: JobOptions | None = None,
        job_definition: IJobDefinition | str | None = None,
    ) -> None:
        problems = fragment_problems(scope, id, env_base)
        given = job_parameters(locals())
        lacking: dict[str, str] = {}
        if job_definition is not None:
            held = {
                "image": image,
                "mount_points": mount_points,
                "volumes": volumes,
                "platform_capabilities": platform_capabilities,
                "job_role_arn": job_role_arn,
                "execution_role_arn": execution_role_arn,
                "deploy_job_definition": deploy_job_definition or None,
            }
            problems += [
                InvalidValue(name, value, f"leave it out: {_HELD}")
                for name, value in held.items()
                if value is not None
            ]
            lacking = dict.fromkeys(IN_DEFINITION, _HELD)
            del given["image"]
        values = job_settings(
            f"SubmitJobFragment {id!r}",
            problems=problems,
            lacking=lacking,
            job_definition=job_definition,
            scope=scope,
            env_base=env_base,
            **given,
        )
        super().__init__(scope, id, env_base)
        self.job_seconds = job_seconds(values)
        self.definition = JobStates(
            self, Settings(self, values, deploy_job_definition=deploy_job_definition)
        ).without_payload()

    @classmethod
    @described_by(JobParameters)
    def from_defaults(
        cls,
        scope: Construct,
        id: str,
        env_base: EnvBase,
        name: str,
        job_queue: JobQueue | IJobQueue | str,
        image: DockerImageAsset | IRepository | str,
        command: list[str] | str = "",
        memory: int | float | str | Sequence[int | str] = 1024,
        vcpus: int | float | str = 1,
        gpu: int | float | str = 0,
        environment: Mapping[str, str] | None = None,
        mount_point_configs: Iterable[MountPointConfiguration] | None = None,
        job_role_arn: Role | IRole | str | None = None,
        *,
        deploy_job_definition: bool = False,
        timeout: Duration | int | str | None = None,
        execution_role_arn: Role | IRole | str | None = None,
        job_options: JobOptions | None = None,
    ) -> SubmitJobFragment:
        """Make a fragment whose settings are defaults, which an execution's input overrides.

        Enters 4 states. The input may hold ``image``, ``command``, ``environment``, ``memory``,
        ``vcpus``, ``gpu``, ``job_queue``, ``mount_points`` and ``volumes``,
        ``platform_capabilities``, ``job_role_arn`` and ``execution_role_arn``.

        Args:
            scope: The construct that holds the fragment.
            id: Its id, unique in the scope.
            env_base: Environment base.

        Returns:
            The fragment.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        values = overridable_values(
            f"SubmitJobFragment {id!r}",
            problems=fragment_problems(scope, id, env_base),
            lacking={},
            scope=scope,
            env_base=env_base,
            **job_parameters(locals()),
        )
        fragment = cls.__new__(cls)
        EnvBaseStateMachineFragment.__init__(fragment, scope, id, env_base)
        fragment.job_seconds = job_seconds(values)
        settings = overridable_settings(
            fragment,
            with_open_roles(values),
            "$",
            also=["image"],
            deploy_job_definition=deploy_job_definition,
        )
        fragment.definition = JobStates(fragment, settings).without_payload()
        return fragment
