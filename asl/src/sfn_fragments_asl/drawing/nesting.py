"""Which state machines of a file are drawn inside of which."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sfn_fragments_asl.drawing.layout import Nested
from sfn_fragments_asl.wording.calls import name_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments_asl.model.machine import State
    from sfn_fragments_asl.reading.templates import FoundMachine

_STARTING = frozenset({"startExecution", "startSyncExecution"})
_REFERENCE = re.compile(r"\$\{([^{}.]+)(?:\.Arn)?\}(?::.*)?")


@dataclass
class Outermost:
    """A state machine that none of the others starts, with those that it starts.

    Attributes:
        found: The state machine.
        nested: As ``draw`` takes it; each state machine is drawn once, inside the first Task that
            starts it.
    """

    found: FoundMachine
    nested: dict[str, Nested] = field(default_factory=dict)


def outermost(machines: Sequence[FoundMachine]) -> list[Outermost]:
    """Tell state machines that others start from those that are drawn by themselves.

    Args:
        machines: The state machines of any files; one starts another of its own file only.

    Returns:
        Those that no other starts, in their order; of those that start each other, the first.
    """
    taken: set[int] = set()
    started = {
        id(target)
        for machine in machines
        for state in machine.definition.machine.every_state()
        if (target := started_machine(state, machine, machines)) not in (None, machine)
    }
    first = [machine for machine in machines if id(machine) not in started]
    return [
        with_started(machine, machines, taken)
        for machine in [*first, *machines]
        if id(machine) not in taken
    ]


def with_started(
    machine: FoundMachine, machines: Sequence[FoundMachine], taken: set[int] | None = None
) -> Outermost:
    """A state machine, with those that it starts.

    Args:
        machine: The state machine.
        machines: Those among which the ones that it starts are looked for.
        taken: Identities of those that are drawn already, to which its own are added.
    """
    taken = set() if taken is None else taken
    taken.add(id(machine))
    one = Outermost(machine)
    _nest(machine, machines, "", one.nested, taken)
    return one


def _nest(
    machine: FoundMachine,
    machines: Sequence[FoundMachine],
    key: str,
    nested: dict[str, Nested],
    taken: set[int],
) -> None:
    for state in machine.definition.machine.every_state():
        target = started_machine(state, machine, machines)
        if target is None or id(target) in taken:
            continue
        taken.add(id(target))
        nested[key + state.pointer] = Nested(target.name, target.definition.machine)
        _nest(target, machines, f"{key}{state.pointer}#", nested, taken)


def started_machine(
    state: State, machine: FoundMachine, machines: Sequence[FoundMachine]
) -> FoundMachine | None:
    """The state machine of the same file that a Task starts.

    Args:
        state: The state.
        machine: The state machine that it is of.
        machines: Those among which it is looked for.

    Returns:
        The state machine; None where the state starts none of them.
    """
    call = state.call
    named = state.arguments.get("StateMachineArn")
    if call is None or call.action not in _STARTING or not isinstance(named, str):
        return None
    known = _of_file(machine, machines)
    if match := _REFERENCE.fullmatch(named):
        return known.get(match.group(1))
    return known.get(name_in_words(named)) if ":stateMachine:" in named else None


def _of_file(machine: FoundMachine, machines: Sequence[FoundMachine]) -> Mapping[str, FoundMachine]:
    """The state machines of a template by logical id and by the name that is given them."""
    known = {}
    for each in machines:
        if each.file == machine.file and each.checked.logical_id is not None:
            known[each.checked.logical_id] = each
            if each.machine_name != "*" and "${" not in each.machine_name:
                known.setdefault(each.machine_name, each)
    return known
