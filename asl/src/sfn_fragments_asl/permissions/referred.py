"""What references to resources of a known type are: an ARN as it is, or the roles of a task.

What a call names by ``${Thing}`` may be a resource or a parameter, a name or an ARN: permissions
take the name out of either, which is right whatever it is. Who knows the resources of the template
needs no such detour, and gets a policy that can be read.

A task of ECS is run by its task definition, and ECS asks for the right to pass the roles in that:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.definition import readable_text
from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.permissions.call import arn
from sfn_fragments_asl.permissions.markers import (
    MACHINE_OF,
    NAME_OF,
    bucket_ids,
    buckets_by_name,
)
from sfn_fragments_asl.permissions.passed_roles import ELSEWHERE, role_arn
from sfn_fragments_asl.permissions.resource_texts import KINDS
from sfn_fragments_asl.reading.intrinsics import without_sub

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments_asl.permissions.permission import Permission

_BUCKET = "AWS::S3::Bucket"
#: A Task names it as it names a function, and needs nothing for it.
ACTIVITY = "AWS::StepFunctions::Activity"
_WITH_ARN = frozenset(name for name, kind in KINDS.items() if kind.ref == "arn")
#: The types whose ``Ref`` is an ARN, or a name where others have an ARN.
KNOWN_BY_REFERENCE = _WITH_ARN | {_BUCKET, ACTIVITY}

_BEFORE_NAMES = frozenset(arn(KINDS[name].service, KINDS[name].before) for name in _WITH_ARN)
# A name that is taken out of what is referred to, and what stands for any revision or suffix.
_TAKEN_OUT = re.compile(r"^(?P<before>.+)\$\{\w+Of:(?P<id>\w+)\}(:\*|-\?{6})?$")
_EXECUTIONS = re.compile(rf"(?<=:execution:)\$\{{{MACHINE_OF}(\w+)\}}")
_INVOKE = ("lambda:InvokeFunction",)
_REFERENCE = re.compile(r"\$\{(\w+)(?:\.Arn)?\}")
_TASK_ROLES = ("TaskRoleArn", "ExecutionRoleArn")


@dataclass(frozen=True)
class Referred:
    """A resource that a definition refers to.

    Attributes:
        type: Its type in CloudFormation.
        roles: The roles of a task definition, by ARN or name, with markers; None where a condition
            chooses them.
    """

    type: str
    roles: tuple[str, ...] | None = ()


def taken_apart(permissions: Sequence[Permission]) -> set[str]:
    """What permissions depend on the type of: an ARN or a name, a function or an activity.

    Args:
        permissions: The permissions.

    Returns:
        The names by which the definition refers to it: logical ids, and those of parameters.
    """
    texts = [text for each in permissions for text in each.resources]
    found = map(_TAKEN_OUT.match, texts)
    ids = {match["id"] for match in found if match and match["before"] in _BEFORE_NAMES}
    invoked = [text for each in permissions if each.actions == _INVOKE for text in each.resources]
    # CDK refers to activities by Ref, and to functions by the attribute.
    ids |= {text[2:-1] for text in invoked if _REFERENCE.fullmatch(text) and "." not in text}
    return ids.union(*map(bucket_ids, texts))


def resources_of(resources: Mapping[str, Any], tokens: dict[str, Any]) -> dict[str, Referred]:
    """What the resources of a template are, by logical id.

    Args:
        resources: The resources.
        tokens: Gets each marker of a role with its intrinsic.
    """
    found: dict[str, Referred] = {}
    for name, resource in resources.items():
        kind, roles = str(mapping(resource).get("Type")), None
        properties = mapping(mapping(resource).get("Properties"))
        given = [without_sub(properties[each]) for each in _TASK_ROLES if each in properties]
        if not any("Fn::If" in mapping(each) for each in given):
            roles = tuple(readable_text(each, tokens) for each in given)
        found[name] = Referred(kind, roles)
    return found


def with_referred(
    permissions: Sequence[Permission], known: Mapping[str, Referred]
) -> list[Permission]:
    """Permissions in which what is referred to is what it is known to be.

    A reference that is an ARN stands as it is, a state that gives work to an activity needs
    nothing, and one that runs a task of ECS passes the roles of its task definition, no others.

    Args:
        permissions: The permissions of a definition.
        known: What is known of resources, by logical id.

    Examples:
        >>> from sfn_fragments_asl.permissions.permission import Permission
        >>> name = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:"
        >>> start = Permission("Go", ("states:StartExecution",), (f"{name}${{MachineOf:Next}}",))
        >>> machine = Referred("AWS::StepFunctions::StateMachine")
        >>> [found] = with_referred([start], {"Next": machine})
        >>> found.resources
        ('${Next}',)
    """
    found: list[Permission] = []
    roles: dict[str, list[str] | None] = {}
    for each in permissions:
        if each.actions == _INVOKE and activity_in(each.resources[0], known):
            continue
        plain = tuple(dict.fromkeys(_plain(text, known) for text in each.resources))
        if each.actions == ("ecs:RunTask",):
            roles[each.state] = _roles_of(plain, known)
        exact = roles.get(each.state) if each.note == ELSEWHERE else None
        if exact is None:
            found.append(replace(each, resources=plain))
        elif exact:
            found.append(replace(each, resources=tuple(exact), note=""))
    return found


def activity_in(text: str, known: Mapping[str, Referred]) -> str | None:
    """Logical id of the activity that a text refers to, and nothing but it.

    Args:
        text: A marker, such as ``${Work}``.
        known: What is known of resources, by logical id.
    """
    match = _REFERENCE.fullmatch(text)
    found = known.get(match[1]) if match else None
    return match[1] if match and found and found.type == ACTIVITY else None


def _plain(text: str, known: Mapping[str, Referred]) -> str:
    """A resource of a policy, with the ARN that is referred to where it is known to be one."""
    text = buckets_by_name(text, lambda name: name in known and known[name].type == _BUCKET)
    match = _EXECUTIONS.search(text)
    if match and match[1] in known and known[match[1]].type.endswith("::StateMachine"):
        return text.replace(match[0], f"${{{NAME_OF}{match[1]}}}")
    match = _TAKEN_OUT.match(text)
    kind = KINDS.get(known[match["id"]].type) if match and match["id"] in known else None
    if match is None or kind is None or kind.ref != "arn":
        return text
    return f"${{{match['id']}}}" if match["before"] == arn(kind.service, kind.before) else text


def _roles_of(resources: Sequence[str], known: Mapping[str, Referred]) -> list[str] | None:
    """The ARNs of the roles of task definitions; None where one of these is not known."""
    found: dict[str, None] = {}
    for text in resources:
        definition = known.get(text[2:-1])
        if definition is None or definition.roles is None or "::ECS::" not in definition.type:
            return None
        found |= dict.fromkeys(role_arn("Role", role) for role in definition.roles)
    return list(found)
