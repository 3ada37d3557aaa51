"""The roles that calls give to services: ``iam:PassRole``.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.values import NOTHING, OPEN, Value
from sfn_fragments_asl.permissions.action_names import service_actions
from sfn_fragments_asl.permissions.call import arn, is_arn, is_marker
from sfn_fragments_asl.permissions.markers import ROLE_OF, part_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission

#: Service, as Step Functions names it, to the one that the role is given to, where it is known.
PASSED_TO = {
    "batch": "batch.amazonaws.com",
    "bedrock": "bedrock.amazonaws.com",
    "bedrockagent": "bedrock.amazonaws.com",
    "cloudformation": "cloudformation.amazonaws.com",
    "codebuild": "codebuild.amazonaws.com",
    "codepipeline": "codepipeline.amazonaws.com",
    "comprehend": "comprehend.amazonaws.com",
    "databrew": "databrew.amazonaws.com",
    "ecs": "ecs-tasks.amazonaws.com",
    "eks": "eks.amazonaws.com",
    "emr-serverless": "emr-serverless.amazonaws.com",
    "emrserverless": "emr-serverless.amazonaws.com",
    "eventbridge": "events.amazonaws.com",
    "firehose": "firehose.amazonaws.com",
    "glue": "glue.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "mediaconvert": "mediaconvert.amazonaws.com",
    "omics": "omics.amazonaws.com",
    "pipes": "pipes.amazonaws.com",
    "rekognition": "rekognition.amazonaws.com",
    "sagemaker": "sagemaker.amazonaws.com",
    "scheduler": "scheduler.amazonaws.com",
    "sfn": "states.amazonaws.com",
    "ssm": "ssm.amazonaws.com",
    "textract": "textract.amazonaws.com",
    "transcribe": "transcribe.amazonaws.com",
}
# Calls whose role a service does not get: Step Functions' name of the API, and why none is passed.
_NOT_PASSED = {
    # StartJobRun of EMR on EKS asks for no iam:PassRole, but for a condition of its own.
    ("emr-containers", "startJobRun"),
    ("emrcontainers", "startJobRun"),
}
_OF_ARN = re.compile(r"arn$", re.IGNORECASE)
#: Why any role may be passed: the call names what names it.
ELSEWHERE = (
    "The role is named where this definition does not show it: any role of the account. "
    "AllowedResources(job_roles=[...]) lists them instead."
)


def passed_roles(call: Call) -> Iterator[Permission]:
    """What it takes to give roles to the service that is called.

    Args:
        call: The call.
    """
    known = service_actions(call.service)
    parameters = known.roles.get(call.action, ()) if known else ()
    parameters = _OF_OPTIMIZED.get((call.service, call.action), parameters)
    if (call.service, call.action) in _NOT_PASSED:
        return
    for parameter, value in roles_in(call.arguments, parameters):
        yield from pass_role(call, parameter, value, PASSED_TO.get(call.service, ""))
    instances = _WITH_INSTANCES.get(call.action, ()) if call.service == "ec2" else ()
    if any(value != NOTHING for _, value in roles_in(call.arguments, instances)):
        yield from pass_any_role(call, "ec2.amazonaws.com")


#: What names an instance profile, whose role is passed, or may: a launch template has one as well.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html
_WITH_INSTANCES = {
    "associateIamInstanceProfile": ("IamInstanceProfile",),
    "createFleet": ("LaunchTemplateConfigs",),
    "replaceIamInstanceProfileAssociation": ("IamInstanceProfile",),
    "requestSpotInstances": ("LaunchSpecification.IamInstanceProfile",),
    "runInstances": ("IamInstanceProfile", "LaunchTemplate"),
}
#: Calls of the SDK or optimized integrations whose roles the table does not know.
_OF_OPTIMIZED = {
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-iam.html
    ("ssm", "startAutomationExecution"): ("Parameters.AutomationAssumeRole",),
    # Optimized integrations that botocore knows by another name.
    ("elasticmapreduce", "createCluster"): ("ServiceRole", "AutoScalingRole", "JobFlowRole"),
    ("emr-serverless", "startJobRun"): ("ExecutionRoleArn",),
}


def roles_in(value: Value, parameters: Sequence[str]) -> Iterator[tuple[str, Value]]:
    """What is known of each of some parameters that is given, or may be.

    Args:
        value: What is known of the arguments.
        parameters: The ways to the parameters, such as ``ContainerProperties.JobRoleArn``.
    """
    any_role = False
    for way in parameters:
        known = value
        for name in way.split("."):
            known = known.parameter(name)
        # Of what may be any role it is said once.
        if known != NOTHING and not (any_role and known == OPEN):
            any_role = any_role or known.open
            yield way.rpartition(".")[2], known


def pass_role(call: Call, parameter: str, value: Value, service: str) -> Iterator[Permission]:
    """The right to give a role to a service.

    Args:
        call: The call.
        parameter: The parameter that names it.
        value: What is known of it.
        service: The service's principal; empty where it is not known.
    """
    names = call.names("job_roles", parameter, value)
    if not names.patterns:
        return
    conditions: dict[str, Any] = {}
    if service:
        conditions["StringEquals"] = {"iam:PassedToService": service}
    roles = [role_arn(parameter, name) for name in names.patterns]
    yield call.need(["iam:PassRole"], roles, [names.note], **conditions)


def role_arn(parameter: str, name: str) -> str:
    """The ARN of a role; parameters whose names do not end so take its name as well.

    Args:
        parameter: The parameter that names it.
        name: Its name or ARN, written out or as a marker.
    """
    if name.startswith("arn:") or (is_marker(name) and (is_arn(name) or _OF_ARN.search(parameter))):
        return name
    known = part_of(ROLE_OF, name) if is_marker(name) else name
    return arn("iam", f"role/{known}", region=False)


def pass_any_role(call: Call, service: str) -> Iterator[Permission]:
    """The right to give roles to a service that the definition cannot tell.

    Args:
        call: The call.
        service: The service's principal.
    """
    if call.resources.lists("job_roles"):
        what = "an instance" if service.startswith("ec2.") else "the task definition"
        yield from pass_role(call, f"Roles of {what}", OPEN, service)
        return
    condition = {"StringEquals": {"iam:PassedToService": service}}
    roles = [arn("iam", "role/*", region=False)]
    yield call.need(["iam:PassRole"], roles, [ELSEWHERE], **condition)
