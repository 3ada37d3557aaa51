"""The case of parameter names in service integrations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar, cast

T = TypeVar("T")

_WORD = re.compile(r"(?<=[A-Za-z0-9])_+([A-Za-z0-9])")


def convert_to_sfn_api_action_case(parameters: T) -> T:
    """Give every key the case that Step Functions wants: each word begins in upper case.

    A service's own API may say ``jobName``, and Python ``job_name``; Step Functions says
    ``JobName``. Keys are changed at every depth, values are kept.

    Args:
        parameters: A mapping, a sequence of mappings, or a value, which is returned as it is.

    Returns:
        A copy with the keys changed.

    Examples:
        >>> convert_to_sfn_api_action_case({"job_name": "a", "tags": [{"keyName": "k"}]})
        {'JobName': 'a', 'Tags': [{'KeyName': 'k'}]}
    """
    if isinstance(parameters, Mapping):
        converted: Any = {
            _pascal(key): convert_to_sfn_api_action_case(value) for key, value in parameters.items()
        }
    elif isinstance(parameters, list | tuple):
        converted = [convert_to_sfn_api_action_case(item) for item in parameters]
    else:
        converted = parameters
    return cast("T", converted)


def _pascal(key: str) -> str:
    joined = _WORD.sub(lambda match: match[1].upper(), key)
    return joined[:1].upper() + joined[1:]
