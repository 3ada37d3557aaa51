"""Closes gaps of moto's CloudFormation; written for moto 5.2.5.

References to EFS resources: moto gives an access point no physical id, so that ``Ref`` shows a
Python object, and neither an access point nor a file system has attributes for ``Fn::GetAtt``.
"""

from __future__ import annotations

from typing import Any

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.efs.models import AccessPoint, FileSystem

_ATTRIBUTES: dict[type, dict[str, str]] = {
    AccessPoint: {"AccessPointId": "access_point_id", "Arn": "access_point_arn"},
    FileSystem: {"FileSystemId": "file_system_id", "Arn": "file_system_arn"},
}


def close() -> None:
    """Close the gaps for the whole process; calling it again changes nothing."""
    for model in _ATTRIBUTES:
        # Through Any, since these replace attributes that moto's types do not have.
        target: Any = model
        target.has_cfn_attr = classmethod(_has_attribute)
        target.get_cfn_attribute = _attribute
    access_point: Any = AccessPoint
    access_point.physical_resource_id = property(lambda self: self.access_point_id)


def _has_attribute(model: type, name: str) -> bool:
    return name in _ATTRIBUTES[model]


def _attribute(resource: Any, name: str) -> str:
    try:
        return str(getattr(resource, _ATTRIBUTES[type(resource)][name]))
    except KeyError:
        raise UnformattedGetAttTemplateException from None
