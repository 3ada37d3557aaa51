"""Names of states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.limits import MAX_STATE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator


def _long_names(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if len(state.name) > MAX_STATE_NAME:
            yield Finding(
                state.name,
                f"the name has {len(state.name)} characters, AWS takes {MAX_STATE_NAME}",
            )


def _repeated_names(checked: CheckedDefinition) -> Iterator[Finding]:
    seen: set[str] = set()
    for state in checked.states():
        if state.name in seen:
            parent = state.machine.parent
            place = f"inside {parent.name!r}" if parent else "in the state machine"
            yield Finding(state.name, f"a second state has this name, {place}")
        seen.add(state.name)


NAME_CHECKS = (
    Check(
        "asl.state-name-length",
        "error",
        "AWS refuses to create a state machine with a longer name of a state.",
        _long_names,
        what="A state's name has more than 80 characters.",
        remedy="shorten the name; in CDK give the state a state_name",
    ),
    Check(
        "asl.state-name-unique",
        "error",
        "AWS refuses to create a state machine in which two states have one name, "
        "wherever they stand (DUPLICATE_STATE_NAME).",
        _repeated_names,
        what="Two states of a state machine have the same name, in branches and item processors "
        "too.",
        remedy="rename one of them",
    ),
)
