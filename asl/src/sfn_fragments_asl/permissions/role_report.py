"""What the role of a synthesized state machine holds, and what each part of it is for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.errors import AslError
from sfn_fragments_asl.model.definition import Definition, readable_text
from sfn_fragments_asl.permissions.call import arn
from sfn_fragments_asl.permissions.markers import marker_of
from sfn_fragments_asl.permissions.observation import LOG_DELIVERY, TRACES
from sfn_fragments_asl.permissions.referred import resources_of, with_referred
from sfn_fragments_asl.permissions.resource_scope import covers
from sfn_fragments_asl.permissions.statements import derive_permissions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sfn_fragments_asl.permissions.permission import Permission

#: How the policies end that hold what is derived from a definition.
DERIVED_POLICIES = ("-definition", "-map-runs")

_REQUIRED = "required"
_OBSERVATION = dict.fromkeys(LOG_DELIVERY, "logging") | dict.fromkeys(TRACES, "tracing")


@dataclass(frozen=True)
class RoleStatement:
    """A part of a role.

    Attributes:
        effect: ``Allow`` or ``Deny``.
        actions: IAM actions; none for a managed policy.
        resources: ARNs, with what only CloudFormation knows as ``${LogicalId}``; ``*`` for any.
        conditions: IAM conditions.
        states: The states that need it; none where ``reason`` says what it is for.
        reason: What else it is for: ``logging``, ``tracing``, the hook or the property of the
            fragment that adds it, or the name of its policy.
        notes: Why its resources are not narrower, and how to narrow them.
        managed_policy: ARN of the managed policy, where it is one.
    """

    effect: str = "Allow"
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    conditions: Mapping[str, Any] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    managed_policy: str = ""


def role_statements(
    template: Mapping[str, Any], machine_id: str, name_prefix: str
) -> list[RoleStatement]:
    """Everything that the role of a state machine holds.

    Args:
        template: The CloudFormation template.
        machine_id: Logical id of the state machine.
        name_prefix: The environment base.

    Returns:
        The statements: those that states need first, in their order, then the others.

    Raises:
        AslError: The role is not in the template.
    """
    resources = template["Resources"]
    machine = resources[machine_id]["Properties"]
    role_id = _role_id(machine)
    if role_id is None or role_id not in resources:
        raise AslError(f"{machine_id}: its role is not part of the template")
    definition = Definition.from_resolved(machine["DefinitionString"])
    name = machine.get("StateMachineName")
    machine_arn = (
        arn("states", f"stateMachine:{resource_text(name)}") if name else f"${{{machine_id}}}"
    )
    permissions = with_referred(
        derive_permissions(definition.machine, name_prefix, machine_arn=machine_arn),
        resources_of(resources, {}),
    )
    found = [
        part
        for policy, document in _policies(resources, role_id)
        for statement in _listed(document["Statement"])
        for part in _parts(policy, statement, permissions)
    ]
    found += [
        RoleStatement(managed_policy=resource_text(policy), reason="required_managed_policies")
        for policy in resources[role_id]["Properties"].get("ManagedPolicyArns", [])
    ]
    return sorted(found, key=lambda statement: not statement.states)


def _role_id(machine: Mapping[str, Any]) -> str | None:
    match machine.get("RoleArn"):
        case {"Fn::GetAtt": [str(role_id), "Arn"]}:
            return role_id
    return None


def _policies(
    resources: Mapping[str, Any], role_id: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name and document of each policy of the role, those in the role itself first."""
    for policy in resources[role_id]["Properties"].get("Policies", []):
        name = policy["PolicyName"]
        reason = "required_inline_policy_statements" if name == _REQUIRED else f"policy {name}"
        yield reason, policy["PolicyDocument"]
    for logical_id, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] not in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            continue
        if {"Ref": role_id} in properties.get("Roles", []):
            # What continues a policy that is too large says so in its description.
            name = properties.get("PolicyName", properties.get("Description", logical_id))
            yield resource_text(name), properties["PolicyDocument"]


def _parts(
    policy: str, statement: Mapping[str, Any], permissions: Sequence[Permission]
) -> Iterator[RoleStatement]:
    """A statement, or the parts of it that are there for different reasons."""
    actions = [
        str(action) for action in _listed(statement.get("Action", statement.get("NotAction")))
    ]
    resources = tuple(map(resource_text, _listed(statement.get("Resource", "*"))))
    conditions = _texts(statement.get("Condition", {}))
    of_actions = [
        each
        for each in permissions
        if policy.endswith(DERIVED_POLICIES)
        and set(each.actions) & set(actions)
        and dict(each.conditions) == conditions
    ]
    of_states = {
        action
        for each in of_actions
        if any(covers(own, needed) for own in resources for needed in each.resources)
        for action in each.actions
    }
    reasons: dict[str, list[str]] = {}
    for action in actions:
        reason = "" if action in of_states else _reason(policy, action)
        reasons.setdefault(reason, []).append(action)
    for reason, each_for in reasons.items():
        part = RoleStatement(
            statement["Effect"], tuple(each_for), resources, conditions, reason=reason
        )
        yield from (part,) if reason else _for_each_state(part, of_actions)


def _for_each_state(
    part: RoleStatement, permissions: Sequence[Permission]
) -> Iterator[RoleStatement]:
    """What states need, apart where it is not the same states that need the resources."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for resource in part.resources:
        needing = [
            each
            for each in permissions
            if any(covers(resource, needed) for needed in each.resources)
        ]
        states = dict.fromkeys(each.state for each in needing)
        notes = dict.fromkeys(line for each in needing for line in each.note.splitlines())
        found.setdefault((tuple(states), tuple(notes)), []).append(resource)
    for (of_states, of_notes), resources in found.items():
        yield replace(part, resources=tuple(resources), states=of_states, notes=of_notes)


def _reason(policy: str, action: str) -> str:
    # With a role of the machine's own they are in the derived policy, else where CDK puts them.
    default = "DefaultPolicy" in policy
    if (default or policy.endswith(DERIVED_POLICIES)) and action in _OBSERVATION:
        return _OBSERVATION[action]
    return "the hook sfn_fragments_role_statements, or the app" if default else policy


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> Any:
    if isinstance(value, dict) and not any(key == "Ref" or key.startswith("Fn::") for key in value):
        return {key: _texts(item) for key, item in value.items()}
    return (
        [resource_text(item) for item in value] if isinstance(value, list) else resource_text(value)
    )


def resource_text(value: Any) -> str:
    """A resource as permissions have it.

    Args:
        value: A resource of a policy; what only CloudFormation knows is an intrinsic.
    """
    match value:
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(resource_text(part) for part in parts)
    return marker_of(value) or readable_text(value)
