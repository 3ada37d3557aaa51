"""Operations of AWS Batch as states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sfn_fragments.states.asl import chain, parameters, reference, state
from sfn_fragments.states.naming import variable_name
from sfn_fragments.utils import convert_to_sfn_api_action_case
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments_asl.model.retriers import BATCH_RETRY
from sfn_fragments_batch.parameters import check_operation, plain_amount
from sfn_fragments_batch.retries import default_retries
from sfn_fragments_batch.settings import settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_stepfunctions import Chain, CustomState
    from constructs import Construct


class BatchOperation:
    """Registers, submits and deregisters, each in one state.

    Texts and numbers may be literals, reference paths (``$.image``), intrinsic functions or CDK
    tokens. Where memory, vCPUs or GPUs are references, one more state leaves out those that turn
    out to be 0, which Batch refuses.
    """

    @classmethod
    def register_job_definition(
        cls,
        scope: Construct,
        id: str,
        command: list[str] | str | None,
        image: str,
        job_definition_name: str,
        job_role_arn: str | None = None,
        environment: Mapping[str, str] | str | None = None,
        memory: int | float | str | None = None,
        vcpus: int | float | str | None = None,
        gpu: int | float | str | None = None,
        mount_points: list[Any] | str | None = None,
        volumes: list[Any] | str | None = None,
        platform_capabilities: list[Literal["EC2", "FARGATE"]] | list[str] | str | None = None,
        result_path: str | None = "$",
        output_path: str | None = "$",
        *,
        execution_role_arn: str | None = None,
    ) -> Chain:
        """Register a job definition.

        Args:
            scope: The construct that holds the states.
            id: Names them, unique in the scope.
            command: Command of the container, or a reference path to a list.
            image: URI of the image.
            job_definition_name: Its name; a UUID is added, so that runs side by side do not
                become revisions of one definition.
            job_role_arn: ARN of the role of its jobs.
            environment: Environment variables, name to value; or a reference path to a list of
                ``Name`` and ``Value``.
            memory: Memory in MiB.
            vcpus: Number of vCPUs.
            gpu: Number of GPUs; 0 for none.
            mount_points: Mount points, or a reference path to them.
            volumes: Volumes, or a reference path to them.
            platform_capabilities: ``EC2`` or ``FARGATE``.
            result_path: Reference path of the result in the output; ``None`` means ``$``, and
                ``JsonPath.DISCARD`` passes the input on.
            output_path: Reference path of the part of the output to pass on; ``None`` means ``$``.
            execution_role_arn: ARN of the role by which ECS pulls the image and writes logs; jobs
                on ``FARGATE`` must have one.

        Returns:
            The chain. Its result is ``{"JobDefinitionArn": ..., "JobDefinitionName": ...,
            "Revision": ...}``.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        check_operation(
            "register_job_definition",
            scope=scope,
            id=id,
            command=command,
            image=image,
            job_definition_name=job_definition_name,
            job_role_arn=job_role_arn,
            execution_role_arn=execution_role_arn,
            environment=environment,
            memory=memory,
            vcpus=vcpus,
            gpu=gpu,
            mount_points=mount_points,
            volumes=volumes,
            platform_capabilities=platform_capabilities,
            result_path=result_path,
            output_path=output_path,
        )
        requirements, before = _resource_requirements(scope, id, memory, vcpus, gpu)
        properties = _present(
            Image=image,
            Command=command,
            Environment=_environment(environment),
            ResourceRequirements=requirements,
            MountPoints=convert_to_sfn_api_action_case(mount_points),
            Volumes=convert_to_sfn_api_action_case(volumes),
            JobRoleArn=job_role_arn,
            ExecutionRoleArn=execution_role_arn,
        )
        register = _task(
            scope,
            f"{id} Register job definition",
            "arn:aws:states:::aws-sdk:batch:registerJobDefinition",
            _present(
                JobDefinitionName=_unique(job_definition_name),
                Type="container",
                ContainerProperties=properties,
                RetryStrategy=default_retries(platform_capabilities),
                PlatformCapabilities=platform_capabilities,
            ),
            ("JobDefinitionArn", "JobDefinitionName", "Revision"),
            result_path,
            output_path,
        )
        return chain(*before, register)

    @classmethod
    def submit_job(
        cls,
        scope: Construct,
        id: str,
        job_name: str,
        job_definition: str,
        job_queue: str,
        parameters: Mapping[str, Any] | None = None,
        command: list[str] | str | None = None,
        environment: Mapping[str, str] | str | None = None,
        memory: int | float | str | None = None,
        vcpus: int | float | str | None = None,
        gpu: int | float | str | None = None,
        result_path: str | None = "$",
        output_path: str | None = "$",
    ) -> Chain:
        """Submit a job, and wait for it to end.

        Args:
            scope: The construct that holds the states.
            id: Names them, unique in the scope.
            job_name: Name of the job; a UUID is added.
            job_definition: Name or ARN of the job definition.
            job_queue: Name or ARN of the job queue.
            parameters: Values for the placeholders of the definition's command. Their names are
                written as Step Functions writes those of all parameters: ``input_file`` is the
                value for ``Ref::InputFile``.
            command: Overrides the definition's command.
            environment: Environment variables to add, name to value; or a reference path to a
                list of ``Name`` and ``Value``.
            memory: Overrides the memory, in MiB.
            vcpus: Overrides the number of vCPUs.
            gpu: Overrides the number of GPUs.
            result_path: Reference path of the result in the output; ``None`` means ``$``, and
                ``JsonPath.DISCARD`` passes the input on.
            output_path: Reference path of the part of the output to pass on; ``None`` means ``$``.

        Returns:
            The chain. Its result is ``{"JobName": ..., "JobId": ..., "JobArn": ...}``.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        check_operation(
            "submit_job",
            scope=scope,
            id=id,
            job_name=job_name,
            job_definition=job_definition,
            job_queue=job_queue,
            parameters=parameters,
            command=command,
            environment=environment,
            memory=memory,
            vcpus=vcpus,
            gpu=gpu,
            result_path=result_path,
            output_path=output_path,
        )
        requirements, before = _resource_requirements(scope, id, memory, vcpus, gpu)
        overrides = _present(
            Command=command,
            Environment=_environment(environment),
            ResourceRequirements=requirements,
        )
        submit = _task(
            scope,
            f"{id} Submit job",
            "arn:aws:states:::batch:submitJob.sync",
            _present(
                JobName=_unique(job_name),
                JobDefinition=job_definition,
                JobQueue=job_queue,
                Parameters=convert_to_sfn_api_action_case(parameters),
                ContainerOverrides=overrides or None,
            ),
            ("JobName", "JobId", "JobArn"),
            result_path,
            output_path,
        )
        return chain(*before, submit)

    @classmethod
    def deregister_job_definition(
        cls,
        scope: Construct,
        id: str,
        job_definition: str,
        result_path: str | None = "$",
        output_path: str | None = "$",
    ) -> Chain:
        """Deregister a job definition.

        Args:
            scope: The construct that holds the state.
            id: Names it, unique in the scope.
            job_definition: ARN, or name and revision, of the job definition.
            result_path: Reference path of the result in the output; ``None`` means ``$``, and
                ``JsonPath.DISCARD`` passes the input on.
            output_path: Reference path of the part of the output to pass on; ``None`` means ``$``.

        Returns:
            The chain. Its result is empty.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        check_operation(
            "deregister_job_definition",
            scope=scope,
            id=id,
            job_definition=job_definition,
            result_path=result_path,
            output_path=output_path,
        )
        deregister = _task(
            scope,
            f"{id} Deregister job definition",
            "arn:aws:states:::aws-sdk:batch:deregisterJobDefinition",
            {"JobDefinition": job_definition},
            (),
            result_path,
            output_path,
        )
        return chain(deregister)


def _task(
    scope: Construct,
    label: str,
    resource: str,
    values: Mapping[str, Any],
    result: tuple[str, ...],
    result_path: str | None,
    output_path: str | None,
) -> CustomState:
    definition: dict[str, Any] = {
        "Type": "Task",
        "Resource": resource,
        "Parameters": parameters(values),
        "ResultPath": result_path or "$",
        "OutputPath": output_path or "$",
        "Retry": BATCH_RETRY,
    }
    if result:
        definition["ResultSelector"] = {f"{name}.$": f"$.{name}" for name in result}
    return state(scope, label, definition)


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _unique(name: str) -> str:
    known = reference(name)
    if is_dynamic(known):
        return f"States.Format('{{}}-{{}}', {known}, States.UUID())"
    return f"States.Format('{known}-{{}}', States.UUID())"


def _environment(environment: Mapping[str, Any] | str | None) -> Any:
    if environment is None or isinstance(environment, str):
        return environment
    return [
        {"Name": name, "Value": str(value) if isinstance(value, bool | int | float) else value}
        for name, value in environment.items()
    ]


def _resource_requirements(
    scope: Construct,
    id: str,
    memory: Any,
    vcpus: Any,
    gpu: Any,
) -> tuple[Any, list[CustomState]]:
    """The resources without zeros, and the state that lists them where they are references."""
    given = {"GPU": gpu, "MEMORY": memory, "VCPU": vcpus}
    wanted = {kind: plain_amount(settled(value)) for kind, value in given.items()}
    listed = [
        {
            "Type": kind,
            "Value": f"States.Format('{{}}', {value})" if is_dynamic(value) else str(value),
        }
        for kind, value in wanted.items()
        if value is not None and str(value) != "0"
    ]
    if not any(is_dynamic(item["Value"]) for item in listed):
        return listed or None, []
    variable = variable_name(scope, f"{id} resources")
    resolve = state(
        scope,
        f"{id} Resolve resources",
        {"Type": "Pass", "Assign": {variable: parameters(listed)}},
    )
    return f"${variable}[?(@.Value != '0')]", [resolve]
