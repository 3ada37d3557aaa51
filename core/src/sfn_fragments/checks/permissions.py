"""What a definition calls, and the role of its state machine does not allow."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from sfn_fragments.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments.iam.role_report import allowed_actions
from sfn_fragments.iam.statements import derive_permissions

if TYPE_CHECKING:
    from collections.abc import Iterator


def _missing(checked: CheckedDefinition) -> Iterator[Finding]:
    if checked.logical_id is None:
        return
    allowed = allowed_actions(checked.resources, checked.logical_id)
    if allowed is None:
        return
    # IAM ignores the case of actions.
    patterns = [pattern.lower() for pattern in allowed]
    missing: dict[str, list[str]] = {}
    for permission in derive_permissions(checked.definition, ""):
        for action in permission.actions:
            if not any(fnmatchcase(action.lower(), pattern) for pattern in patterns):
                missing.setdefault(permission.state, []).append(action)
    for state, actions in missing.items():
        yield Finding(state, f"the role allows nowhere {', '.join(dict.fromkeys(actions))}")


PERMISSION_CHECKS = (
    Check(
        "core.missing-permission",
        "warning",
        "The execution fails at the state (AccessDenied), unless a policy of the resource itself "
        "lets the role in.",
        _missing,
        what="The role of a state machine, both in the same template, lacks an action that a state "
        "calls; resources are not compared.",
        remedy="make the state machine by to_state_machine or create_state_machine, whose roles "
        "are derived from the definition, or allow the action",
        at_synthesis=False,
    ),
)
