"""States that no way leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator


def _unreachable_states(checked: CheckedDefinition) -> Iterator[Finding]:
    for machine in checked.machines():
        if machine.start is None or any(state.leads_anywhere for state in machine.states.values()):
            # Nothing can be said; asl.start-at finds what is no state.
            continue
        reachable = {state.name for state in machine.deepest_first}
        for name in machine.states:
            if name not in reachable:
                yield Finding(name, f"no way leads to it from {machine.start.name!r}")


REACHABILITY_CHECKS = (
    Check(
        "asl.unreachable-state",
        "error",
        "AWS refuses to create the state machine (MISSING_TRANSITION_TARGET: not reachable).",
        _unreachable_states,
        what="No way leads to a state from the start of its state machine, branch or item "
        "processor.",
        remedy="remove the state, or lead to it with Next, Default, a choice or a catcher",
    ),
)
