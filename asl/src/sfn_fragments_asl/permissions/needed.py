"""What a state machine needs its role to allow, as a role would hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.role_report import RoleStatement
from sfn_fragments_asl.permissions.statements import derive_permissions

if TYPE_CHECKING:
    from sfn_fragments_asl.model.machine import Machine


def needed_statements(machine: Machine, name_prefix: str, machine_arn: str) -> list[RoleStatement]:
    """What the service calls of a definition need, no more.

    Args:
        machine: The definition.
        name_prefix: How the names of resources begin that an execution may choose; empty for any.
        machine_arn: ARN of the state machine, by which a distributed Map starts its children.

    Returns:
        A statement for each set of resources, in the order of the states.
    """
    found: dict[tuple[tuple[str, ...], str], RoleStatement] = {}
    for each in derive_permissions(machine, name_prefix, machine_arn=machine_arn):
        key = (each.resources, repr(each.conditions))
        before = found.get(key, RoleStatement())
        found[key] = RoleStatement(
            actions=tuple(dict.fromkeys((*before.actions, *each.actions))),
            resources=each.resources,
            conditions=each.conditions,
            states=tuple(dict.fromkeys((*before.states, each.state))),
            notes=tuple(dict.fromkeys((*before.notes, *each.note.splitlines()))),
        )
    return list(found.values())
