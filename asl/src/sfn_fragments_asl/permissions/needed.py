"""What a state machine needs its role to allow, as a role would hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.role_report import RoleStatement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfn_fragments_asl.permissions.permission import Permission


def needed_statements(permissions: Iterable[Permission]) -> list[RoleStatement]:
    """What the service calls of a definition need, as a role would hold it.

    Args:
        permissions: What is derived from the definition.

    Returns:
        A statement for each set of resources, in the order of the states.
    """
    found: dict[tuple[tuple[str, ...], str], RoleStatement] = {}
    for each in permissions:
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
