"""What it takes to start executions of state machines, and to wait for them.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.permissions.call import Call, arn, arns
from sfn_fragments_asl.permissions.permission import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Stands for the name of a state machine in the marker of its executions.
NAME_OF = "NameOf:"


def start_execution(call: Call) -> Iterator[Permission]:
    """What it takes to start an execution, and to wait for it.

    Args:
        call: The call.
    """
    names = call.names("state_machines", "StateMachineArn")
    machines = arns("states", "stateMachine:", names.patterns, markers=True)
    actions = ["states:StartSyncExecution" if "Sync" in call.action else "states:StartExecution"]
    yield call.need(actions, machines, [names.note])
    if call.made.waits_for_end:
        # An execution whose parent is stopped is stopped too.
        yield call.need(
            ["states:DescribeExecution", "states:StopExecution"],
            [executions(machine, ":") for machine in machines],
            [names.note],
        )
        yield call.managed_rule("StepFunctionsGetEventsForStepFunctionsExecutionRule")


def map_run(state: str, machine: str) -> Iterator[Permission]:
    """What a distributed Map needs to start, watch and stop its child executions.

    They are executions of the machine itself.
    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html

    Args:
        state: The Map.
        machine: ARN of the machine.
    """
    # The Map run's label is in the ARN of a child, but not in the ARNs of AWS's policy.
    children = executions(machine, "/")
    both = (executions(machine, ":"), children)
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


def executions(machine: str, separator: str) -> str:
    """ARN of the executions of a state machine.

    Args:
        machine: Its ARN, written out or as a marker.
        separator: What stands behind the machine's name: a colon, or a slash before the label
            of a Map run.
    """
    if machine.startswith("${"):
        # Only CloudFormation knows the name: it takes it out of the ARN.
        name = f"${{{NAME_OF}{machine[2:-1]}}}"
        return arn("states", f"execution:{name}{separator}*")
    begun = machine.replace(":stateMachine:", ":execution:")
    return begun if begun.endswith("*") else f"{begun}{separator}*"


def refers_to(permission: Permission, machine: str | None) -> bool:
    """Whether a permission is one on a state machine or its executions.

    Args:
        permission: The permission.
        machine: The marker of the machine's ARN, or ``None`` where it is not asked for.
    """
    if machine is None:
        return False
    name = machine[2:-1]
    markers = (machine, f"${{{NAME_OF}{name}}}")
    return any(marker in resource for marker in markers for resource in permission.resources)
