"""Values as CloudFormation coerces them: texts from and to numbers and booleans.

What a property wants is told by the API that makes the resource, whose members have the names of
the properties, in another case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from sfn_fragments_local.deployment.errors import UnusableValueError

_NUMBERS = {"integer": int, "long": int, "float": float, "double": float}


def as_text(value: Any) -> str:
    """A value where a text is wanted: ``true`` for a boolean, JSON for an object.

    Args:
        value: The value.
    """
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), default=str)


def as_request(service: str, operation: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of a resource as the parameters of the call that makes it.

    Args:
        service: The service's name in boto3.
        operation: The call, such as ``RegisterJobDefinition``.
        properties: The properties; each must be a parameter of the call.

    Returns:
        The parameters, of the types that the call wants.

    Raises:
        UnusableValueError: A property is no parameter, or its value cannot be converted.
    """
    shape = _service(service).operation_model(operation).input_shape
    request: dict[str, Any] = _coerced(properties, shape, "", strict=True)
    return request


def coerced_like(service: str, operation: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties with values of the types of a call's parameters, wherever names agree.

    Args:
        service: The service's name in boto3.
        operation: The call.
        properties: The properties; names are kept, those that the call lacks with their values.

    Raises:
        UnusableValueError: A value cannot be converted.
    """
    shape = _service(service).operation_model(operation).input_shape
    kept: dict[str, Any] = _coerced(properties, shape, "", strict=False)
    return kept


@cache
def _service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def _coerced(value: Any, shape: Any, place: str, *, strict: bool) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        return _structure(value, shape, place, strict=strict)
    if kind == "list":
        if isinstance(value, list):
            return [
                _coerced(one, shape.member, f"{place}[{n}]", strict=strict)
                for n, one in enumerate(value)
            ]
        if strict:
            raise UnusableValueError(f"{value!r} is no list", place)
        return value
    if kind == "map" and isinstance(value, Mapping):
        return {
            str(key): _coerced(one, shape.value, f"{place}.{key}", strict=strict)
            for key, one in value.items()
        }
    if kind in ("structure", "map"):
        if strict:
            raise UnusableValueError(f"{value!r} is no object", place)
        return value
    return _scalar(value, kind, place)


def _structure(value: Mapping[str, Any], shape: Any, place: str, *, strict: bool) -> Any:
    members = {name.lower(): name for name in shape.members}
    made = {}
    for key, one in value.items():
        at = f"{place}.{key}" if place else key
        name = members.get(key.lower())
        if name is not None:
            made[name if strict else key] = _coerced(one, shape.members[name], at, strict=strict)
        elif strict:
            known = ", ".join(sorted(one[:1].upper() + one[1:] for one in shape.members))
            raise UnusableValueError(f"the engine's API has no such property; it has {known}", at)
        else:
            made[key] = one
    return made


def _scalar(value: Any, kind: str, place: str) -> Any:
    if kind == "string" and isinstance(value, list | Mapping):
        raise UnusableValueError(f"{value!r} is no text", place)
    if kind == "string" and isinstance(value, bool | int | float):
        return as_text(value)
    if kind == "boolean" and isinstance(value, str):
        if value.lower() not in ("true", "false"):
            raise UnusableValueError(f"{value!r} is no boolean; give true or false", place)
        return value.lower() == "true"
    if kind in _NUMBERS and isinstance(value, str):
        try:
            return _NUMBERS[kind](value)
        except ValueError:
            raise UnusableValueError(f"{value!r} is no number", place) from None
    return value
