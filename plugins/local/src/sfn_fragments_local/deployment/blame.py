"""What an exception of a service says about a resource's properties."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError

from sfn_fragments_local.deployment.errors import UnusableValueError

if TYPE_CHECKING:
    from collections.abc import Mapping


def blamed(error: BaseException, properties: Mapping[str, Any] | None = None) -> UnusableValueError:
    """What is wrong, and with which property, as far as that can be told.

    Args:
        error: What was raised when a resource was made.
        properties: The evaluated properties of the resource.
    """
    if isinstance(error, UnusableValueError):
        return error
    properties = properties or {}
    message = _message(error)
    if isinstance(error, KeyError) and error.args and str(error.args[0]) not in properties:
        name = str(error.args[0])
        if re.fullmatch(r"[A-Z][A-Za-z0-9]+", name):
            return UnusableValueError("the engine needs this property; give it", name)
    missing = re.search(r'Missing required parameter in input: "(\w+)"', message)
    if missing:
        name = missing[1][:1].upper() + missing[1][1:]
        return UnusableValueError("the service needs this property; give it", name)
    place = _property(message, properties)
    if not place and properties and isinstance(error, TypeError | AttributeError | ValueError):
        message += f" (one of its properties: {', '.join(properties)})"
    return UnusableValueError(message, place)


def _message(error: BaseException) -> str:
    if isinstance(error, ClientError):
        text = str(error.response.get("Error", {}).get("Message") or "")
        if text and not text.lstrip().startswith("<"):
            return text
        # moto answers calls that it lacks with a page.
        return f"the engine lacks {error.operation_name}; leave it out of the stack that you test"
    if isinstance(error, ParamValidationError):
        return " ".join(str(error).split())
    for name in ("message", "description"):
        said: object = getattr(error, name, None)
        if isinstance(said, str) and said and not said.lstrip().startswith("<"):
            return said
    return (
        f"the engine cannot make it ({type(error).__name__}: {error}); if no run needs it, leave "
        "it out of the stack that you test"
    )


def _property(message: str, properties: Mapping[str, Any]) -> str:
    """The property whose name, or whose value, a message speaks of."""
    words = set(re.findall(r"\w+", message.lower()))
    named = [name for name in properties if name.lower() in words]
    if named:
        return named[0]
    for name, value in properties.items():
        if isinstance(value, str) and len(value) > 2 and value in message:
            return name
    return ""
