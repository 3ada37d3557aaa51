"""The values of a template's parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sfn_fragments_local.deployment.coercion import as_text
from sfn_fragments_local.deployment.errors import UnusableValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Version of CDK's bootstrap stack, which asks for an account that is prepared; none is needed.
_BOOTSTRAP = "BootstrapVersion"

_SSM_VALUE = "AWS::SSM::Parameter::Value<"


def parameter_values(
    declared: Mapping[str, Mapping[str, Any]],
    given: Mapping[str, Any],
    client: Callable[[str], Any],
) -> dict[str, Any]:
    """The value of each parameter, as ``Ref`` gives it.

    Args:
        declared: ``Parameters`` of the template.
        given: Values by name, in place of defaults.
        client: Returns a boto3 client of the engine for a service.

    Raises:
        UnusableValueError: One has no value, or one that it does not take.
    """
    values = {}
    for name, one in declared.items():
        if name == _BOOTSTRAP:
            continue
        if name not in given and "Default" not in one:
            raise UnusableValueError(
                f"it has no default; give it a value: deploy(..., parameters={{{name!r}: ...}})",
                name,
            )
        text = _text(given.get(name, one.get("Default")))
        _require_allowed(name, text, one)
        values[name] = _typed(name, text, str(one.get("Type", "String")), client)
    return values


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(as_text(one) for one in value)
    return as_text(value)


def _typed(name: str, text: str, kind: str, client: Callable[[str], Any]) -> Any:
    if kind.startswith(_SSM_VALUE):
        inner = kind.removeprefix(_SSM_VALUE).removesuffix(">")
        return _typed(name, _from_ssm(name, text, inner, client), inner, client)
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        items = [one.strip() for one in text.split(",")] if text else []
        return [_number(name, one) for one in items] if kind == "List<Number>" else items
    return _number(name, text) if kind == "Number" else text


def _number(name: str, text: str) -> int | float:
    try:
        return int(text) if re.fullmatch(r"[-+]?\d+", text.strip()) else float(text)
    except ValueError:
        raise UnusableValueError(f"{text!r} is no number", name) from None


def _from_ssm(name: str, key: str, kind: str, client: Callable[[str], Any]) -> str:
    try:
        return str(client("ssm").get_parameter(Name=key)["Parameter"]["Value"])
    except ClientError as error:
        if key.startswith("/aws/service/") and "Image::Id" in kind:
            # An image of AWS's own for instances, of which the engine starts none.
            return "ami-0a1b2c3d4e5f60718"
        raise UnusableValueError(
            f"there is no SSM parameter {key!r} ({error}); put it there with "
            "engine.client('ssm').put_parameter, or deploy the stack that makes it first",
            name,
        ) from error


def _require_allowed(name: str, text: str, declared: Mapping[str, Any]) -> None:
    allowed = [as_text(one) for one in declared.get("AllowedValues") or []]
    if allowed and text not in allowed:
        raise UnusableValueError(f"{text!r} is not allowed; give one of {', '.join(allowed)}", name)
    pattern = declared.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, text):
        raise UnusableValueError(f"{text!r} does not match the allowed pattern {pattern!r}", name)
    limits: dict[str, float] = {"MinLength": len(text), "MaxLength": len(text)}
    if declared.get("Type") == "Number":
        number = _number(name, text)
        limits |= {"MinValue": number, "MaxValue": number}
    for limit, value in limits.items():
        bound = declared.get(limit)
        if bound is None:
            continue
        if value < float(bound) if limit.startswith("Min") else value > float(bound):
            raise UnusableValueError(f"{text!r} is outside of {limit} {bound}", name)
