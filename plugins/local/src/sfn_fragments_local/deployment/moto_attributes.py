"""What ``Ref`` and ``Fn::GetAtt`` give of moto's models; written for moto 5.2.5.

moto gives some models no physical id, so that ``Ref`` would show a Python object, and most lack
attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException

from sfn_fragments_local.deployment.errors import UnusableValueError
from sfn_fragments_local.deployment.passed_over import why_passed_over

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sfn_fragments_local.deployment.made import Order


def _version_arn(model: Any, order: Order) -> str:
    function = str(order.properties["FunctionName"]).rpartition(":function:")[2]
    return order.arn("lambda", f"function:{function}:{model.version}")


#: Physical ids that moto's models do not have.
_REFS: Mapping[str, Callable[[Any, Order], Any]] = {
    "AWS::EFS::AccessPoint": lambda model, _: model.access_point_id,
    "AWS::Events::EventBus": lambda model, _: model.name,
    "AWS::Lambda::Version": _version_arn,
}

#: Attributes that they do not have.
_ATTRIBUTES: Mapping[str, Mapping[str, Callable[[Any, Order], Any]]] = {
    "AWS::EFS::AccessPoint": {
        "AccessPointId": lambda model, _: model.access_point_id,
        "Arn": lambda model, _: model.access_point_arn,
    },
    "AWS::EFS::FileSystem": {
        "Arn": lambda model, _: model.file_system_arn,
        "FileSystemId": lambda model, _: model.file_system_id,
    },
    "AWS::Events::Rule": {"RuleName": lambda model, _: model.name},
    "AWS::KMS::Key": {"KeyId": lambda model, _: model.id},
    "AWS::Lambda::Version": {
        "FunctionArn": _version_arn,
        "Version": lambda model, _: str(model.version),
    },
    "AWS::SNS::Topic": {"TopicArn": lambda model, _: model.arn},
    "AWS::SQS::Queue": {"QueueUrl": lambda model, _: model.physical_resource_id},
}


def physical_id(model: Any, order: Order) -> str:
    """The physical id of a model of moto's, or the logical id of what has none.

    Args:
        model: The model.
        order: What it was made for.
    """
    if order.kind in _REFS:
        return str(_REFS[order.kind](model, order))
    # Nothing refers to those that have none.
    return str(getattr(model, "physical_resource_id", None) or order.logical_id)


def attribute(model: Any, name: str, order: Order) -> Any:
    """An attribute of a model of moto's.

    Args:
        model: The model.
        name: The attribute.
        order: What it was made for.

    Raises:
        UnusableValueError: Neither moto nor the resource's properties tell it.
    """
    own = _ATTRIBUTES.get(order.kind, {}).get(name)
    if own is not None:
        return own(model, order)
    try:
        value = model.get_cfn_attribute(name)
        if value is not None:
            return value
    except (UnformattedGetAttTemplateException, NotImplementedError, AttributeError, LookupError):
        # In each of these ways a model of moto's says that it does not know the attribute.
        pass
    if name in order.properties:
        return order.properties[name]
    if why_passed_over(order.kind) is not None:
        return f"{physical_id(model, order)}.{name}"
    raise UnusableValueError(
        f"moto knows no attribute {name!r} of {order.logical_id} ({order.kind})"
    )
