"""What moto's models need of a resource before and after they make it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.efs.models import FileSystem
from moto.iam.models import Role

from sfn_fragments_local.deployment.coercion import coerced_like
from sfn_fragments_local.deployment.errors import UnusableValueError
from sfn_fragments_local.iam_enforcement.roles import know_aws_managed_policy
from sfn_fragments_local.lambda_functions import provide_code

if TYPE_CHECKING:
    from sfn_fragments_local.deployment.made import Order

#: The call whose parameters tell of which types the properties of a resource are.
_LIKE = {
    "AWS::DynamoDB::Table": ("dynamodb", "CreateTable"),
    "AWS::EFS::AccessPoint": ("efs", "CreateAccessPoint"),
    "AWS::EFS::FileSystem": ("efs", "CreateFileSystem"),
    "AWS::EC2::Subnet": ("ec2", "CreateSubnet"),
    "AWS::Kinesis::Stream": ("kinesis", "CreateStream"),
    "AWS::Lambda::EventSourceMapping": ("lambda", "CreateEventSourceMapping"),
    "AWS::Lambda::Function": ("lambda", "CreateFunction"),
    "AWS::Logs::LogGroup": ("logs", "PutRetentionPolicy"),
    "AWS::SSM::Parameter": ("ssm", "PutParameter"),
}


def adapted(order: Order) -> dict[str, Any]:
    """The properties of a resource as moto's model takes them.

    Args:
        order: What is to be made.

    Raises:
        UnusableValueError: A value cannot be converted to what the service wants.
    """
    properties = dict(order.properties)
    for name, value in properties.items():
        if name.endswith("Name") and isinstance(value, list | Mapping):
            raise UnusableValueError(f"{value!r} is no text", name)
    if order.kind in _LIKE:
        properties = coerced_like(*_LIKE[order.kind], properties)
    if order.kind == "AWS::Lambda::Function":
        provide_code(properties, order.assets, order.client)
    if str(properties.get("FifoQueue", properties.get("FifoTopic", False))).lower() == "true":
        # CloudFormation ends the names that it gives so; moto's do not, and are refused then.
        name = "QueueName" if order.kind == "AWS::SQS::Queue" else "TopicName"
        properties.setdefault(name, f"{order.name(None, 75)}.fifo")
    if order.kind == "AWS::ECR::Repository":
        properties.setdefault("RepositoryName", order.name(None, 200).lower())
    if order.kind == "AWS::SSM::Parameter":
        properties.setdefault("Name", f"CFN-{order.name(None, 200)}")
    if order.kind == "AWS::EC2::Subnet":
        zone = str(properties.get("AvailabilityZone", ""))
        # One that CDK has not looked up yet (``dummy1a``), or of the region that the stack is for.
        if zone and not zone.startswith(order.region):
            properties["AvailabilityZone"] = f"{order.region}{zone[-1]}"
    return properties


def completed(model: Any, order: Order) -> dict[str, str]:
    """Give a resource what moto's model leaves out.

    Args:
        model: The model.
        order: What was to be made.

    Returns:
        What could not be given, and why.
    """
    if isinstance(model, FileSystem):
        policy = order.properties.get("FileSystemPolicy")
        model.file_system_policy = policy and json.dumps(policy, default=str)
    return _give_policies(model, order) if isinstance(model, Role) else {}


def _give_policies(role: Role, order: Order) -> dict[str, str]:
    """Give a role its managed policies, and changes of its own ones."""
    iam = order.client("iam")
    properties: Mapping[str, Any] = order.properties
    for policy in properties.get("Policies") or []:
        iam.put_role_policy(
            RoleName=role.name,
            PolicyName=policy["PolicyName"],
            PolicyDocument=json.dumps(policy["PolicyDocument"]),
        )
    unknown = {}
    if boundary := properties.get("PermissionsBoundary"):
        know_aws_managed_policy(boundary, order.account, order.region)
        iam.put_role_permissions_boundary(RoleName=role.name, PermissionsBoundary=boundary)
        try:
            iam.get_policy(PolicyArn=boundary)
        except iam.exceptions.NoSuchEntityException:
            unknown[boundary] = "the engine has no such policy, so that it bounds nothing"
    elif role.permissions_boundary_arn:
        iam.delete_role_permissions_boundary(RoleName=role.name)
    for arn in properties.get("ManagedPolicyArns") or []:
        know_aws_managed_policy(arn, order.account, order.region)
        try:
            iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)
        except iam.exceptions.NoSuchEntityException:
            unknown[arn] = "the engine has no such policy"
    return unknown
