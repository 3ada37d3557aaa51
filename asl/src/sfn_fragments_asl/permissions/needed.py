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
        A statement for each set of resources and the states that need the same actions on it, in
        the order of the states.

    Examples:
        >>> from sfn_fragments_asl.permissions.permission import Permission
        >>> both = Permission("A", ("ec2:DescribeVolumes", "ec2:DescribeInstances"), ("*",))
        >>> one = Permission("B", ("ec2:DescribeInstances",), ("*",))
        >>> [(each.actions, each.states) for each in needed_statements([both, one])]
        [(('ec2:DescribeVolumes',), ('A',)), (('ec2:DescribeInstances',), ('A', 'B'))]
    """
    users: dict[tuple[str, tuple[str, ...], str], list[Permission]] = {}
    for each in permissions:
        for action in each.actions:
            users.setdefault((action, each.resources, repr(each.conditions)), []).append(each)
    found: dict[tuple[tuple[str, ...], str, tuple[str, ...]], RoleStatement] = {}
    for (action, resources, conditions), needing in users.items():
        states = tuple(dict.fromkeys(each.state for each in needing))
        notes = [line for each in needing for line in each.note.splitlines()]
        before = found.get((resources, conditions, states), RoleStatement())
        found[resources, conditions, states] = RoleStatement(
            actions=(*before.actions, action),
            resources=resources,
            conditions=needing[0].conditions,
            states=states,
            notes=tuple(dict.fromkeys((*before.notes, *notes))),
        )
    return list(found.values())
