"""Workflow variables: who assigns them, who reads them, and where they can be seen.

https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import is_marked
from sfn_fragments_asl.model.limits import is_variable_name
from sfn_fragments_asl.model.machine import assigned_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.model.machine import Machine, State


def _visible(machine: Machine, outer: frozenset[str]) -> dict[str, frozenset[str]]:
    """State to the variables that some way to it assigns, those of outer scopes included."""
    before = {state.name: outer for state in machine.deepest_first}
    pending = list(machine.deepest_first)
    while pending:
        state = pending.pop()
        for transition in state.transitions:
            target = transition.target
            known = before.get(target)
            arriving = before[state.name] | transition.assigned
            if known is not None and not arriving <= known:
                before[target] = known | arriving
                pending.append(machine.states[target])
    return before


def _missing(
    machine: Machine, outer: frozenset[str], hidden: frozenset[str]
) -> Iterator[tuple[State, str, bool]]:
    """Reads without a value: the state, the variable, whether a distributed Map hides it."""
    visible = _visible(machine, outer)
    for state in reversed(machine.deepest_first):
        seen = visible[state.name]
        for name, needed in state.reads.items():
            if needed and name not in seen:
                yield state, name, name in hidden
        for inner in state.inner:
            if state.distributed:
                yield from _missing(inner, frozenset(), hidden | seen)
            else:
                yield from _missing(inner, seen, hidden)


def _unassigned(checked: CheckedDefinition) -> Iterator[Finding]:
    for state, name, hidden in _missing(checked.machine, frozenset(), frozenset()):
        if not hidden:
            yield Finding(state.name, f"it reads ${name}, which nothing on the way to it assigns")


def _hidden(checked: CheckedDefinition) -> Iterator[Finding]:
    for state, name, hidden in _missing(checked.machine, frozenset(), frozenset()):
        if hidden:
            yield Finding(
                state.name,
                f"it reads ${name} inside a distributed Map, and it is assigned outside of it",
            )


def _unread(checked: CheckedDefinition) -> Iterator[Finding]:
    read = {name for state in checked.states() for name in state.reads}
    told: set[str] = set()
    for state in checked.states():
        for name in sorted(state.assigned - read - told):
            told.add(name)
            yield Finding(state.name, f"it assigns ${name}, which no state reads")


def _shadowed(checked: CheckedDefinition) -> Iterator[Finding]:
    # Counted once for each machine: a Map of a thousand states stands beside a thousand others.
    assigned = {
        id(machine): Counter(name for each in machine.states.values() for name in each.assigned)
        for machine in checked.machines()
    }
    for state in checked.states():
        for parent in state.machine.parents() if state.assigned else ():
            if parent.distributed:
                break
            for name in sorted(state.assigned):
                if _assigned_around(name, parent, assigned[id(parent.machine)]):
                    yield Finding(
                        state.name,
                        f"it assigns ${name} inside {parent.name!r}, and so does a state outside "
                        "of it",
                    )


def _assigned_around(name: str, parent: State, assigned: Counter[str]) -> bool:
    """Whether a state beside a Map or Parallel state assigns a variable, or that state itself.

    AWS created and ran a Parallel whose catcher assigns what its branch does.
    """
    return assigned[name] > (name in parent.assigned) or name in assigned_names(parent.fields)


def _names(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        for name in sorted(state.assigned):
            if name == "states":
                yield Finding(state.name, "it assigns $states, which is Step Functions' own")
            elif is_marked(name):
                continue
            elif not is_variable_name(name):
                yield Finding(state.name, f"it assigns a variable of the name {name!r}")


VARIABLE_CHECKS = (
    Check(
        "asl.variable-name",
        "error",
        "AWS refuses to create the state machine, or no expression can read the variable.",
        _names,
        what="A variable has a name with other characters than letters, digits and _, one of more "
        "than 80 characters, or is called states.",
        remedy="begin with a letter, go on with letters, digits and _, up to 80 of them",
    ),
    Check(
        "asl.unassigned-variable",
        "error",
        "An execution that reaches the state fails, or goes on without the value.",
        _unassigned,
        what="A state reads a variable that no state on the way to it assigns.",
        remedy="assign it in a state before, or correct its name",
    ),
    Check(
        "asl.distributed-map-variable",
        "error",
        "The items of a distributed Map are executions of their own, which see none of the "
        "variables of the one that started them.",
        _hidden,
        what="A state inside a distributed Map reads a variable that is assigned outside of it.",
        remedy="pass the value with the Map's ItemSelector",
    ),
    Check(
        "asl.variable-scope",
        "error",
        "AWS refuses to create the state machine: an inner scope cannot assign a variable of an "
        "outer one.",
        _shadowed,
        what="A state inside a Map or Parallel state assigns a variable that is assigned outside "
        "of it too.",
        remedy="give the inner variable another name, and pass its value on in the output",
    ),
    Check(
        "asl.unread-variable",
        "warning",
        "It takes part of the 10 MiB that the variables of an execution may have, and is often a "
        "name that is written differently where it is read.",
        _unread,
        what="A variable is assigned and never read.",
        remedy="remove the assignment, or correct the name",
    ),
)
