"""Job definitions that are part of the stack, instead of being registered for each run.

Registering for each run costs two states and two calls of an API that throttles. Where image,
command, resources and mounts are known at synthesis, one definition serves every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import CfnResource

from sfn_fragments.utils import convert_to_sfn_api_action_case

if TYPE_CHECKING:
    from constructs import Construct

    from sfn_fragments_batch.settings import Settings

# A definition must have both; where they are computed, SubmitJob overrides these.
_LEAST = {"memory": "1024", "vcpus": "1"}

_KINDS = {"gpu": "GPU", "memory": "MEMORY", "vcpus": "VCPU"}


def deployed_job_definition(
    scope: Construct, settings: Settings, retry_strategy: dict[str, Any]
) -> str:
    """Add a job definition to the stack.

    Args:
        scope: The fragment.
        settings: Settings of the job; ``image``, ``mount_points``, ``volumes``,
            ``platform_capabilities`` and the two roles must be literals or tokens.
        retry_strategy: When Batch tries a job again.

    Returns:
        ARN of the job definition, a token.
    """
    properties: dict[str, Any] = {
        "Image": settings.known("image"),
        "ResourceRequirements": [
            {"Type": kind, "Value": str(value)}
            for name, kind in _KINDS.items()
            if (value := settings.known(name) or _LEAST.get(name)) and str(value) != "0"
        ],
    }
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
    definition: dict[str, Any] = {
        "Type": "container",
        "ContainerProperties": properties,
        "RetryStrategy": retry_strategy,
    }
    if platforms := settings.known("platform_capabilities"):
        definition["PlatformCapabilities"] = platforms
    # The generic construct: `aws_batch` would be imported for this one resource.
    resource = CfnResource(
        scope, "JobDefinition", type="AWS::Batch::JobDefinition", properties=definition
    )
    return resource.ref
