"""What it takes to start executions of state machines, and to wait for them.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.call import Call, arn, arns, is_marker
from sfn_fragments_asl.permissions.markers import MACHINE_OF, NAME_OF, part_of
from sfn_fragments_asl.permissions.permission import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# arn:aws:states:<region>:<account>:stateMachine:<name>[:<version or alias>]
_QUALIFIER = 7


def start_execution(call: Call) -> Iterator[Permission]:
    """What it takes to start an execution, and to wait for it.

    Args:
        call: The call.
    """
    names = call.names("state_machines", "StateMachineArn")
    machines = machine_arns(names.patterns)
    actions = ["states:StartSyncExecution" if "Sync" in call.action else "states:StartExecution"]
    yield from on_machines(call, actions, machines, [names.note])
    if call.made.waits_for_end:
        # An execution whose parent is stopped is stopped too.
        yield call.need(
            ["states:DescribeExecution", "states:StopExecution"],
            list(dict.fromkeys(executions(machine, ":") for machine in machines)),
            [names.note],
        )
        yield call.managed_rule("StepFunctionsGetEventsForStepFunctionsExecutionRule")


def machine_arns(names: Sequence[str]) -> list[str]:
    """ARNs of state machines, which calls name by these; an open one is known by its name.

    Args:
        names: ARNs, or patterns of names.
    """
    return [
        name if is_marker(name) else arns("states", "stateMachine:", [name])[0] for name in names
    ]


def on_machines(
    call: Call, actions: Sequence[str], machines: Sequence[str], notes: Sequence[str] = ()
) -> Iterator[Permission]:
    """Permissions on state machines, which may be named by a version or an alias.

    IAM knows the machine alone, and the version or alias as a condition:
    https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html

    Args:
        call: The call that names them.
        actions: The actions.
        machines: ARNs of machines, versions and aliases.
        notes: Why there are more than the definition names.
    """
    plain = [_unqualified(machine) for machine in machines if _qualifier(machine) is None]
    if plain:
        yield call.need(actions, plain, notes)
    for machine in machines:
        if (qualifier := _qualifier(machine)) is not None:
            operator = "StringLike" if qualifier.endswith("*") else "StringEquals"
            condition = {"states:StateMachineQualifier": [qualifier]}
            yield call.need(
                actions, [_unqualified(machine)], notes, **{f"ForAnyValue:{operator}": condition}
            )


def _qualifier(machine: str) -> str | None:
    """The version or alias that an ARN names; ``None`` for one of a machine, or of a marker."""
    if is_marker(machine):
        return None
    parts = _parts(machine)
    return parts[_QUALIFIER] if len(parts) > _QUALIFIER else None


def _unqualified(machine: str) -> str:
    """The ARN of the machine itself."""
    if is_marker(machine):
        # It may be that of a version or an alias.
        return arn("states", f"stateMachine:{part_of(MACHINE_OF, machine)}")
    return ":".join(_parts(machine)[:_QUALIFIER])


def _parts(arn_text: str) -> list[str]:
    """An ARN at its colons, but for those in markers."""
    return re.split(r":(?![^{}]*\})", arn_text)


def map_run(state: str, machine: str) -> Iterator[Permission]:
    """What a distributed Map needs to start, watch and stop its child executions.

    They are executions of the machine itself.
    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html

    Args:
        state: The Map.
        machine: ARN of the machine.
    """
    # The Map run's label is in the ARN of a child, but not in the ARNs of AWS's policy.
    children = executions(machine, "/", NAME_OF)
    both = (executions(machine, ":", NAME_OF), children)
    yield Permission(state, ("states:StartExecution",), (machine,))
    yield Permission(
        state, ("states:DescribeExecution", "states:StopExecution"), tuple(dict.fromkeys(both))
    )
    yield Permission(
        state,
        ("states:RedriveExecution",),
        (children,),
        note="Used when a failed execution is redriven, which takes its children along.",
    )


def executions(machine: str, separator: str, part: str = MACHINE_OF) -> str:
    """ARN of the executions of a state machine.

    Args:
        machine: Its ARN or name, written out or as a marker.
        separator: What stands behind the machine's name: a colon, or a slash before the label
            of a Map run.
        part: How the name is taken out of what only CloudFormation knows.
    """
    if is_marker(machine):
        return arn("states", f"execution:{part_of(part, machine)}{separator}*")
    begun = _unqualified(machine).replace(":stateMachine:", ":execution:")
    return begun if begun.endswith("*") else f"{begun}{separator}*"


def refers_to(permission: Permission, machine: str | None) -> bool:
    """Whether a permission is one on a state machine or its executions.

    Args:
        permission: The permission.
        machine: The marker of the machine's ARN, or ``None`` where it is not asked for.
    """
    if machine is None:
        return False
    markers = (machine, part_of(MACHINE_OF, machine), part_of(NAME_OF, machine))
    texts = (*permission.resources, repr(permission.conditions))
    return any(marker in text for marker in markers for text in texts)
