"""Which states of two definitions belong together, and what differs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sfn_fragments_asl.comparing.fields import state_changes
from sfn_fragments_asl.model.json_data import objects
from sfn_fragments_asl.wording.states import state_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfn_fragments_asl.model.machine import Machine, State


@dataclass(frozen=True)
class StateChange:
    """What has happened to a state.

    Attributes:
        kind: ``added``, ``removed``, ``renamed`` or ``changed``; what is renamed may have changed
            as well.
        name: Its name; of one that was removed, its name before.
        before: Its name before; empty for one that was added.
        type: Its type.
        words: What it does where it was added or removed; else each difference.
        pointer: JSON Pointer of it in the definition after; of one that was removed, before.
    """

    kind: Literal["added", "removed", "renamed", "changed"]
    name: str
    before: str
    type: str
    words: tuple[str, ...]
    pointer: str


def compare_states(old: Machine, new: Machine) -> tuple[list[StateChange], dict[str, str]]:
    """Compare the states of two machines, those inside of Map and Parallel states too.

    A state that has another name and the same fields has been renamed, whatever it leads to.

    Args:
        old: The machine before.
        new: The machine after.

    Returns:
        What has happened to each state: added and renamed and changed ones in the order after,
        then removed ones; and name before to name after of the renamed ones.
    """
    before = _by_name(old)
    after = _by_name(new)
    gone = [state for name, state in before.items() if name not in after]
    fresh = [state for name, state in after.items() if name not in before]
    renamed = _renamed(gone, fresh)
    names = {state.name: state.name for state in before.values() if state.name in after}
    known_as = {new_name: old_name for old_name, new_name in (names | renamed).items()}
    found = []
    for name, state in after.items():
        if name not in known_as:
            words = tuple(state_in_words(state))
            found.append(StateChange("added", name, "", state.type, words, state.pointer))
            continue
        earlier = known_as[name]
        changes = tuple(state_changes(before[earlier], state, renamed))
        if earlier != name:
            found.append(StateChange("renamed", name, earlier, state.type, changes, state.pointer))
        elif changes:
            found.append(StateChange("changed", name, name, state.type, changes, state.pointer))
    for state in gone:
        if state.name not in renamed:
            words = tuple(state_in_words(state))
            found.append(
                StateChange("removed", state.name, state.name, state.type, words, state.pointer)
            )
    return found, renamed


def _by_name(machine: Machine) -> dict[str, State]:
    """The states by their names, which AWS wants to be unique; of several, the first."""
    found: dict[str, State] = {}
    for state in machine.every_state():
        found.setdefault(state.name, state)
    return found


def _renamed(gone: Sequence[State], fresh: Sequence[State]) -> dict[str, str]:
    """Names before to names after of states that are the same but for the name."""
    before, after = _by_body(gone), _by_body(fresh)
    # Of several that are alike nobody can tell which is which.
    return {
        states[0].name: after[body][0].name
        for body, states in before.items()
        if len(states) == 1 and len(after.get(body, ())) == 1
    }


def _by_body(states: Sequence[State]) -> dict[str, list[State]]:
    found: dict[str, list[State]] = {}
    for state in states:
        found.setdefault(json.dumps(_body(state), sort_keys=True), []).append(state)
    return found


def _body(state: State) -> dict[str, Any]:
    """The fields of a state without what names other states, and without a comment."""
    left_out = ("Next", "Default", "End", "Comment", "Branches", state.processor)
    fields = {name: value for name, value in state.fields.items() if name not in left_out}
    for name in ("Choices", "Catch"):
        if name in fields:
            fields[name] = [
                {key: value for key, value in rule.items() if key != "Next"}
                for rule in objects(fields[name])
            ]
    if state.inner:
        fields["inside"] = [[sorted(inner.states)] for inner in state.inner]
        processor = state.fields.get(state.processor)
        if isinstance(processor, Mapping):
            fields["config"] = processor.get("ProcessorConfig")
    return fields
