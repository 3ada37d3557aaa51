"""The case of parameter names in service integrations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

T = TypeVar("T")


def convert_to_sfn_api_action_case(parameters: T) -> T:
    """Give every key the case that Step Functions wants: its first letter in upper case.

    A service's own API may say ``jobName``; Step Functions says ``JobName``. Keys are changed
    at every depth, values are kept.

    Args:
        parameters: A mapping, a sequence of mappings, or a value, which is returned as it is.

    Returns:
        A copy with the keys changed.

    Example:
        >>> convert_to_sfn_api_action_case({"jobName": "a", "tags": [{"key": "k"}]})
        {'JobName': 'a', 'Tags': [{'Key': 'k'}]}
    """
    if isinstance(parameters, Mapping):
        converted: Any = {
            key[:1].upper() + key[1:]: convert_to_sfn_api_action_case(value)
            for key, value in parameters.items()
        }
    elif isinstance(parameters, list | tuple):
        converted = [convert_to_sfn_api_action_case(item) for item in parameters]
    else:
        converted = parameters
    return cast("T", converted)
