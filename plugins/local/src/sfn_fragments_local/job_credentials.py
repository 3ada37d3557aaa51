"""What a job signs its calls with: a session of its role, of its host's role, or nothing.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html: a container without
a task role has the rights of the instance that it runs on, and none on Fargate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments_local.iam_enforcement import RoleSessions

#: Who assumes the roles of jobs.
ECS = "ecs-tasks.amazonaws.com"
_EC2 = "ec2.amazonaws.com"

#: Of a host that has no role, as the engine's own are.
_NO_ROLE = (
    "jobs without a role may do everything here; on AWS they have the role of the instance that "
    "they run on. Give them a job role, or say which that of the instances is: "
    "Engine(instance_role=...)"
)

#: Where the metadata of a machine must not be asked: this one may be of EC2 itself.
_WITHOUT = {"AWS_EC2_METADATA_DISABLED": "true"}


@dataclass(frozen=True)
class Host:
    """What a job runs on.

    Attributes:
        fargate: Whether it is Fargate, whose hosts have no role.
        instance_role: ARN of the role of its instances, where that is known.
    """

    fargate: bool = False
    instance_role: str | None = None


@dataclass(frozen=True)
class JobCredentials:
    """The credentials of a job.

    Attributes:
        variables: Environment variables; None for the engine's own, with which a job may do
            everything.
        note: Where AWS would allow less, in a sentence.
    """

    variables: Mapping[str, str] | None = field(repr=False)
    note: str | None = None


def job_credentials(
    sessions: RoleSessions, role_arn: str | None, host: Host, task_arn: str
) -> JobCredentials:
    """What a job signs its calls with.

    Args:
        sessions: Those of the engine.
        role_arn: Its job role, if it has one.
        host: What it runs on.
        task_arn: ARN of the task of ECS that it is.

    Raises:
        RoleNotAssumedError: The role does not trust ECS, or that of the instances EC2.
    """
    if role_arn:
        return _of_role(sessions, role_arn, ECS, task_arn)
    if host.fargate:
        return JobCredentials(_WITHOUT)
    if host.instance_role is None:
        return JobCredentials(None, _NO_ROLE)
    return _of_role(sessions, host.instance_role, _EC2)


def _of_role(
    sessions: RoleSessions, role_arn: str, service: str, source_arn: str | None = None
) -> JobCredentials:
    variables = sessions.variables(role_arn, service, source_arn)
    return JobCredentials(variables) if variables else JobCredentials(None, unknown_role(role_arn))


def unknown_role(role_arn: str) -> str:
    """What is to be said of a role that the engine does not have.

    Args:
        role_arn: Its ARN.
    """
    return (
        f"whoever has the role {role_arn} may do everything here, since the engine has no such "
        "role: deploy the stack that makes it, or make it by the API of IAM"
    )


def role_of_instances(compute_environment: Any) -> str | None:
    """The role of the instances of a compute environment.

    Args:
        compute_environment: moto's.

    Returns:
        Its ARN; None where the compute environment names no instance profile of the engine's.
    """
    profile = (compute_environment.compute_resources or {}).get("instanceRole")
    if not profile:
        return None
    _, partition, _, _, account, *_ = compute_environment.arn.split(":")
    for known in list(iam_backends[account][partition].instance_profiles.values()):
        if profile in (known.arn, known.name) and known.roles:
            return str(known.roles[0].arn)
    return None
