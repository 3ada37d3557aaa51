"""What a role is to allow now, and what no longer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.statements import derive_permissions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfn_fragments_asl.model.machine import Machine

#: What stands for the state machine itself, which may have another name before and after.
_ITSELF = "${StateMachine}"


@dataclass(frozen=True)
class PermissionChange:
    """Actions on resources that are needed only before, or only after.

    Attributes:
        actions: IAM actions.
        resources: ARNs, with what only CloudFormation knows as ``${LogicalId}``.
        condition: IAM conditions as JSON; empty where there are none.
        states: The states that need them.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: str
    states: tuple[str, ...]


def compare_permissions(
    old: Machine, new: Machine
) -> tuple[list[PermissionChange], list[PermissionChange]]:
    """Compare what the roles of two machines need.

    Args:
        old: The machine before.
        new: The machine after.

    Returns:
        What is needed after and not before, and what is needed before and not after.
    """
    before, after = _needed(old), _needed(new)
    gained = {key: states for key, states in after.items() if key not in before}
    lost = {key: states for key, states in before.items() if key not in after}
    return _grouped(gained), _grouped(lost)


# An action, a resource and the conditions.
_Key = tuple[str, str, str]


def _needed(machine: Machine) -> dict[_Key, dict[str, None]]:
    """Each single permission, and the states that need it."""
    found: dict[_Key, dict[str, None]] = {}
    for each in derive_permissions(machine, "", machine_arn=_ITSELF):
        condition = json.dumps(each.conditions, sort_keys=True) if each.conditions else ""
        for action in each.actions:
            for resource in each.resources:
                found.setdefault((action, resource, condition), {})[each.state] = None
    return found


def _grouped(needed: dict[_Key, dict[str, None]]) -> list[PermissionChange]:
    """Together what the same states need: first the actions on a resource, then the resources."""
    actions: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (action, resource, condition), states in needed.items():
        actions.setdefault((resource, condition, tuple(states)), []).append(action)
    resources: dict[tuple[tuple[str, ...], str, tuple[str, ...]], list[str]] = {}
    for (resource, condition, of_states), on_it in actions.items():
        resources.setdefault((_sorted(on_it), condition, of_states), []).append(resource)
    return [
        PermissionChange(of_actions, _sorted(on), condition, of_states)
        for (of_actions, condition, of_states), on in resources.items()
    ]


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(texts))
