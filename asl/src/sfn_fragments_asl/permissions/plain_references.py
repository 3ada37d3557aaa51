"""References to resources of a known type: where CloudFormation's ``Ref`` is an ARN, it is the ARN.

What a call names by ``${Thing}`` may be a resource or a parameter, a name or an ARN: permissions
take the name out of either, which is right whatever it is. Who knows the resources of the template
needs no such detour, and gets a policy that can be read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.permissions.call import arn
from sfn_fragments_asl.permissions.markers import NAME_IN_ARN, NAME_OF
from sfn_fragments_asl.permissions.resource_texts import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments_asl.permissions.permission import Permission

#: The types whose ``Ref`` is an ARN.
ARN_BY_REFERENCE = frozenset(name for name, kind in KINDS.items() if kind.ref == "arn")

_BEFORE_NAMES = frozenset(arn(KINDS[name].service, KINDS[name].before) for name in ARN_BY_REFERENCE)
# A name that is taken out of what is referred to, and what stands for any revision or suffix.
_TAKEN_OUT = re.compile(r"^(?P<before>.+)\$\{\w+Of:(?P<id>\w+)\}(:\*|-\?{6})?$")
_EXECUTIONS = re.compile(rf"(?<=:execution:)\$\{{{NAME_OF}(\w+)\}}")


def taken_apart(permissions: Sequence[Permission]) -> set[str]:
    """What permissions take a name out of, since it may be the ARN of a resource of the template.

    Args:
        permissions: The permissions.

    Returns:
        The names by which the definition refers to it: logical ids, and those of parameters.
    """
    found = (_TAKEN_OUT.match(text) for each in permissions for text in each.resources)
    return {match["id"] for match in found if match and match["before"] in _BEFORE_NAMES}


def resource_types(resources: Mapping[str, Any]) -> dict[str, str]:
    """The type of each resource of a template, by logical id.

    Args:
        resources: The resources.
    """
    return {name: str(mapping(each).get("Type")) for name, each in resources.items()}


def with_plain_references(
    permissions: Sequence[Permission], types: Mapping[str, str]
) -> list[Permission]:
    """Permissions in which a reference that is an ARN stands as it is.

    Args:
        permissions: The permissions.
        types: The CloudFormation type of each resource that is known, by logical id.

    Example:
        >>> from sfn_fragments_asl.permissions.permission import Permission
        >>> name = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:"
        >>> start = Permission("Go", ("states:StartExecution",), (f"{name}${{NameOf:Next}}",))
        >>> types = {"Next": "AWS::StepFunctions::StateMachine"}
        >>> [found] = with_plain_references([start], types)
        >>> found.resources
        ('${Next}',)
    """
    return [
        replace(
            each,
            resources=tuple(dict.fromkeys(_plain(text, types) for text in each.resources)),
        )
        for each in permissions
    ]


def _plain(text: str, types: Mapping[str, str]) -> str:
    if (found := _EXECUTIONS.search(text)) and types.get(found[1], "").endswith("::StateMachine"):
        return text.replace(found[0], f"${{{NAME_IN_ARN}{found[1]}}}")
    match = _TAKEN_OUT.match(text)
    kind = KINDS.get(types.get(match["id"], "")) if match else None
    if match is None or kind is None or kind.ref != "arn":
        return text
    return f"${{{match['id']}}}" if match["before"] == arn(kind.service, kind.before) else text
