"""Job definitions that are part of the stack, instead of being registered for each run.

Registering for each run costs two states and two calls of an API that throttles. Where image,
command, resources and mounts are known at synthesis, one definition serves every run.

A deployment that changes it makes a new revision. The old ones stay, and the role of the state
machine covers them, so that executions that are under way then go on with the one that they began
with: CloudFormation deregisters it otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Annotations, Aws, Fn

from sfn_fragments.utils import convert_to_sfn_api_action_case
from sfn_fragments_batch.environment import environment_variables
from sfn_fragments_batch.job_fields import container_fields, with_fields
from sfn_fragments_batch.names import asked_once
from sfn_fragments_batch.retries import default_retries

if TYPE_CHECKING:
    from sfn_fragments.fragments import EnvBaseStateMachineFragment
    from sfn_fragments_batch.settings import Settings

# A definition must have both; where they are computed, SubmitJob overrides these.
_LEAST = {"memory": "1024", "vcpus": "1"}
_KINDS = {"gpu": "GPU", "memory": "MEMORY", "vcpus": "VCPU"}
# Where the revision stands in the ARN of a job definition.
_REVISION = 6


def deployed_job_definition(scope: EnvBaseStateMachineFragment, settings: Settings) -> str:
    """Add a job definition to the stack.

    Args:
        scope: The fragment.
        settings: Settings of the job; ``image``, ``mount_points``, ``volumes``,
            ``platform_capabilities`` and the two roles must be literals or tokens.

    Returns:
        ARN of the job definition, with its revision, a token.
    """
    # Not before: it takes a third of a second.
    from aws_cdk.aws_batch import CfnJobDefinition

    from sfn_fragments_asl.checks.batch import problem_of_size

    properties: dict[str, Any] = {
        "Image": settings.known("image"),
        "ResourceRequirements": [
            {"Type": kind, "Value": str(value)}
            for name, kind in _KINDS.items()
            if (value := settings.known(name) or _LEAST.get(name)) and str(value) != "0"
        ],
    }
    if variables := environment_variables(settings.known("environment")):
        properties["Environment"] = variables
    for key, name in (
        ("Command", "command"),
        ("MountPoints", "mount_points"),
        ("Volumes", "volumes"),
        ("JobRoleArn", "job_role_arn"),
        ("ExecutionRoleArn", "execution_role_arn"),
    ):
        value = settings.known(name)
        if value:
            properties[key] = convert_to_sfn_api_action_case(value)
    # Its options are known at synthesis too.
    properties = with_fields(properties, container_fields(settings))
    name = _name(scope, settings)
    resource = CfnJobDefinition(scope, "JobDefinition", type="container", job_definition_name=name)
    overrides: dict[str, Any] = {
        "ContainerProperties": properties,
        "RetryStrategy": default_retries(settings.known("platform_capabilities")),
        "ResourceRetentionPolicy": {"SkipDeregisterOnUpdate": True},
    }
    if platforms := settings.known("platform_capabilities"):
        overrides["PlatformCapabilities"] = platforms
    for key, value in overrides.items():
        resource.add_property_override(key, value)
    # The rule does not see it at synthesis, where a machine is checked without its stack.
    if problem := problem_of_size({"JobDefinitionName": name, "Type": "container", **overrides}):
        Annotations.of(scope).add_error(
            f"[asl.job-definition-size] {name}: {problem}; move the environment or the command "
            "into a file of the image, or into S3"
        )
    partition, region, account = (
        asked_once(Aws, name) for name in ("PARTITION", "REGION", "ACCOUNT_ID")
    )
    revision = Fn.select(_REVISION, Fn.split(":", resource.ref))
    # The name is written out, so that the role can be narrowed to it, and to no revision.
    return f"arn:{partition}:batch:{region}:{account}:job-definition/{name}:{revision}"


def _name(scope: EnvBaseStateMachineFragment, settings: Settings) -> str:
    """A name that no other definition of the account and region has."""
    known = settings.known("name") or scope.node.id
    return f"{scope.env_base.prefixed(known)}-{scope.node.addr[-8:]}"
