"""Makes what belongs to Batch; moto reads templates of it in ways that CDK does not write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.batch.models import batch_backends

from sfn_fragments_local.deployment.coercion import as_request
from sfn_fragments_local.deployment.made import Made, Maker, Order

if TYPE_CHECKING:
    from collections.abc import Callable

#: Role of the compute environments, which Batch wants and nothing here looks at.
_BATCH_ROLE = "sfn-fragments-batch"


def create_compute_environment(client: Callable[[str], Any], name: str) -> str:
    """Make a compute environment, unless there is one of this name.

    Args:
        client: Returns a boto3 client of the engine for a service.
        name: Its name.

    Returns:
        Its ARN.
    """
    batch = client("batch")
    known = batch.describe_compute_environments(computeEnvironments=[name])["computeEnvironments"]
    if known:
        return str(known[0]["computeEnvironmentArn"])
    iam = client("iam")
    try:
        role = iam.get_role(RoleName=_BATCH_ROLE)
    except iam.exceptions.NoSuchEntityException:
        role = iam.create_role(RoleName=_BATCH_ROLE, AssumeRolePolicyDocument="{}")
    made = batch.create_compute_environment(
        computeEnvironmentName=name,
        # moto would start EC2 instances for a managed one.
        type="UNMANAGED",
        state="ENABLED",
        serviceRole=role["Role"]["Arn"],
    )
    return str(made["computeEnvironmentArn"])


def _compute_environment(order: Order) -> Made:
    name = order.name(order.properties.get("ComputeEnvironmentName"))
    arn = create_compute_environment(order.client, name)
    # Nothing else of it shows in a job. moto takes no resources without networks and images.
    given = order.properties.get("ComputeResources") or {}
    [environment] = [
        one
        for one in batch_backends[order.account][order.region]._compute_environments.values()
        if one.arn == arn
    ]
    environment.compute_resources = {
        "type": given.get("Type"),
        "instanceRole": given.get("InstanceRole"),
    }
    return Made(arn, {"ComputeEnvironmentArn": arn})


def _job_queue(order: Order) -> Made:
    batch = order.client("batch")
    name = order.name(order.properties.get("JobQueueName"))
    # State machines look at no tags of queues, and UpdateJobQueue takes none.
    request = as_request("batch", "CreateJobQueue", order.properties)
    request = {"state": "ENABLED", **request, "jobQueueName": name}
    arn = order.arn("batch", f"job-queue/{name}")
    if batch.describe_job_queues(jobQueues=[arn])["jobQueues"]:
        fixed = ("jobQueueName", "tags", "jobQueueType")
        changes = {key: value for key, value in request.items() if key not in fixed}
        batch.update_job_queue(jobQueue=arn, **changes)
    else:
        batch.create_job_queue(**request)
    return Made(arn, {"JobQueueArn": arn})


def _remove_job_queue(client: Callable[[str], Any], arn: str) -> None:
    client("batch").update_job_queue(jobQueue=arn, state="DISABLED")
    client("batch").delete_job_queue(jobQueue=arn)


def _job_definition(order: Order) -> Made:
    batch = order.client("batch")
    properties = dict(order.properties)
    retention = properties.pop("ResourceRetentionPolicy", None) or {}
    name = order.name(properties.pop("JobDefinitionName", None))
    properties["Type"] = str(properties.get("Type", "container")).lower()
    request = as_request("batch", "RegisterJobDefinition", properties)
    arn = str(batch.register_job_definition(**request, jobDefinitionName=name)["jobDefinitionArn"])
    kept = str(retention.get("SkipDeregisterOnUpdate", False)).lower() == "true"
    if order.before is not None and not kept:
        batch.deregister_job_definition(jobDefinition=order.before)
    return Made(arn, {"JobDefinitionArn": arn})


def _deregister(client: Callable[[str], Any], arn: str) -> None:
    client("batch").deregister_job_definition(jobDefinition=arn)


def _scheduling_policy(order: Order) -> Made:
    batch = order.client("batch")
    name = order.name(order.properties.get("Name"))
    request = as_request("batch", "CreateSchedulingPolicy", order.properties)
    if order.before is None:
        made = batch.create_scheduling_policy(**{**request, "name": name})
        arn = str(made["arn"])
    else:
        arn = order.before
        batch.update_scheduling_policy(arn=arn, fairsharePolicy=request.get("fairsharePolicy", {}))
    return Made(arn, {"Arn": arn})


BATCH = {
    "AWS::Batch::ComputeEnvironment": Maker(_compute_environment),
    "AWS::Batch::JobDefinition": Maker(_job_definition, _deregister),
    "AWS::Batch::JobQueue": Maker(_job_queue, _remove_job_queue),
    "AWS::Batch::SchedulingPolicy": Maker(_scheduling_policy),
}
