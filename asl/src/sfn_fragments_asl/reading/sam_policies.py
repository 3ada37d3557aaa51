"""Policies that SAM makes of a name and its parameters.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html

What each allows is in ``sam_policies.json``, which ``tools/refresh_sam_policies.py`` writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from sfn_fragments_asl.reading.intrinsics import joined


@cache
def _templates() -> dict[str, dict[str, Any]]:
    """The templates by name; read when one is asked for first."""
    file = files("sfn_fragments_asl.reading").joinpath("sam_policies.json")
    templates: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return templates


def sam_policy(policy: Any) -> dict[str, Any] | None:
    """The document of a policy template of SAM.

    Args:
        policy: The policy as a template names it, such as
            ``{"LambdaInvokePolicy": {"FunctionName": "count"}}``.

    Returns:
        The document; None for one that SAM does not have, or that lacks a parameter.

    Examples:
        >>> document = sam_policy({"SNSPublishMessagePolicy": {"TopicName": {"Ref": "Name"}}})
        >>> document["Statement"][0]["Action"]
        ['sns:Publish']
    """
    if not (isinstance(policy, Mapping) and len(policy) == 1):
        return None
    name, parameters = next(iter(policy.items()))
    template = _templates().get(name) if isinstance(name, str) else None
    # One without parameters may be written with none at all.
    given = {} if parameters is None else parameters
    if template is None or not isinstance(given, Mapping):
        return None
    if not given.keys() >= set(template["Parameters"]):
        return None
    return {"Statement": [_filled(each, given) for each in template["Statement"]]}


def _filled(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A part of a statement, with parameters and what CloudFormation knows as intrinsics."""
    match value:
        case str() if "${" in value:
            return joined(value, parameters)
        case dict():
            return {key: _filled(item, parameters) for key, item in value.items()}
        case list():
            return [_filled(item, parameters) for item in value]
    return value
