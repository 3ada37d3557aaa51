"""How many events an execution writes into its history, which ends at 25,000.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html. Executions of EXPRESS
state machines, and of items of that type, have no such limit.
"""

from __future__ import annotations

import json
import re
from itertools import takewhile
from typing import TYPE_CHECKING

from sfn_fragments.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments.checks.expressions import evaluated
from sfn_fragments.checks.graph import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments.checks.graph import Machine, State

MAX_EVENTS = 25_000
#: What bounds a list that is computed: 256 KiB of items of 100 bytes, such as a path each.
ITEMS_OF_A_PAYLOAD = 262_144 // 100

# Entered and exited; with MapStateStarted and MapStateSucceeded, or those of a Parallel state.
_STATE = 2
_CONTAINER = 4
# Those of a Map run: started and succeeded.
_MAP_RUN = 2
# A service call: scheduled, started, succeeded; submitted, where its end is waited for.
_CALL = 3
_SUBMITTED = 1
# MapIterationStarted and MapIterationSucceeded.
_ITERATION = 2

_WAITS = re.compile(r"\.(sync|waitForTaskToken)\b")
_COUNTS = re.compile(r"States\.MathAdd\(|\$[\w.]+\s*[+-]\s*\d|\d\s*\+\s*\$")
_COMPARES = re.compile(r"[<>]|\$[\w.]+\s*!?=\s*\d")


def known_items(state: State) -> int | None:
    """How many items a Map has at most, where the definition tells."""
    items = state.fields.get("Items")
    if isinstance(items, list):
        return len(items)
    around = state.machine.parent
    if around is not None and around.distributed:
        # A batch of an item reader's items comes as the field of this name.
        source = str(items if state.jsonata else state.fields.get("ItemsPath", ""))
        most = mapping(around.fields.get("ItemBatcher")).get("MaxItemsPerBatch")
        if isinstance(most, int) and re.search(r"(\$|\$states\.input)\.Items\b", source):
            return most
    return None


def events_of(state: State) -> int:
    """Events of one pass through a state without failures.

    A Map whose number of items the definition does not tell counts with one item.
    """
    if state.type == "Task":
        return _STATE + _CALL + (_SUBMITTED if _WAITS.search(state.resource) else 0)
    if state.distributed:
        return _CONTAINER + _MAP_RUN
    if state.type == "Map":
        items = known_items(state)
        return _CONTAINER + (1 if items is None else items) * events_per_item(state)
    if state.type == "Parallel":
        return _CONTAINER + sum(events_on_longest_way(branch) for branch in state.inner)
    return _STATE


def events_per_item(state: State) -> int:
    """Events of one item of an inline Map."""
    return _ITERATION + sum(events_on_longest_way(inner) for inner in state.inner)


def events_on_longest_way(machine: Machine) -> int:
    """Events on the way with the most of them, going through each loop once."""
    after: dict[str, int] = {}
    for state in machine.deepest_first:
        following = (after.get(each.name, 0) for each in machine.following(state))
        after[state.name] = events_of(state) + max(following, default=0)
    return after[machine.start.name] if machine.start else 0


def _executions(checked: CheckedDefinition) -> Iterator[Machine]:
    """What has a history of its own: the state machine, and items of distributed Maps."""
    if not checked.express:
        yield checked.machine
    for state in checked.states():
        config = mapping(mapping(state.fields.get("ItemProcessor")).get("ProcessorConfig"))
        if state.distributed and config.get("ExecutionType") != "EXPRESS":
            yield from state.inner


def _within(machine: Machine) -> Iterator[Machine]:
    """What writes into the history of a machine's execution."""
    yield machine
    for state in machine.states.values():
        if not state.distributed:
            for inner in state.inner:
                yield from _within(inner)


def _many_events(checked: CheckedDefinition) -> Iterator[Finding]:
    for execution in _executions(checked):
        place = execution.parent.name if execution.parent else "definition"
        # The execution's own: started and succeeded.
        certain = 2 + events_on_longest_way(execution)
        if certain > MAX_EVENTS:
            yield Finding(
                place, f"an execution writes {certain:,} events, AWS ends it at {MAX_EVENTS:,}"
            )
            continue
        for machine in _within(execution):
            for state in machine.states.values():
                if state.type == "Map" and not state.distributed and known_items(state) is None:
                    yield from _many_items(state, execution, certain)


def _many_items(state: State, execution: Machine, certain: int) -> Iterator[Finding]:
    events = events_per_item(state)
    most = (MAX_EVENTS - certain) // events
    message = (
        f"an inline Map over a computed list writes {events:,} events an item: the history's "
        f"{MAX_EVENTS:,} are reached at {most:,} items"
    )
    # Around it, as far as the history reaches.
    around = takewhile(lambda parent: parent is not execution.parent, state.machine.parents())
    outer = [each.name for each in around if each.type == "Map" and known_items(each) is None]
    if outer:
        yield Finding(state.name, f"{message} in all, and {outer[0]!r} repeats it for each of its")
    elif most < ITEMS_OF_A_PAYLOAD:
        yield Finding(
            state.name,
            f"{message}; a list of 256 KiB may have {ITEMS_OF_A_PAYLOAD:,} of 100 bytes",
        )


def _endless_loops(checked: CheckedDefinition) -> Iterator[Finding]:
    for execution in _executions(checked):
        timeout = execution.body.get("TimeoutSeconds")
        for machine in _within(execution):
            for loop in machine.loops:
                each = sum(events_of(state) for state in loop)
                waits = sum(_seconds(state) for state in loop)
                bounded = isinstance(timeout, int) and waits and timeout // waits * each
                if _counted(loop) or (bounded and bounded <= MAX_EVENTS):
                    continue
                rounds = MAX_EVENTS // each
                after = f", after {rounds * waits / 3600:,.1f} hours of waiting" if waits else ""
                states = ", ".join(sorted(state.name for state in loop))
                yield Finding(
                    min(state.name for state in loop),
                    f"a loop without a bound ({states}) writes {each:,} events a round: the "
                    f"history's {MAX_EVENTS:,} are reached in round {rounds:,}{after}",
                )


def _seconds(state: State) -> int:
    seconds = state.fields.get("Seconds")
    # Less than none is what core.seconds finds.
    return max(seconds, 0) if state.type == "Wait" and isinstance(seconds, int) else 0


def _counted(loop: list[State]) -> bool:
    """Whether a loop counts its rounds, and compares a number on its way."""
    if not any(_COUNTS.search(source) for state in loop for source in evaluated(state)):
        return False
    return any(state.type == "Choice" and _compares_a_number(state) for state in loop)


def _compares_a_number(choice: State) -> bool:
    rules = json.dumps(choice.fields.get("Choices"))
    return bool(_COMPARES.search(rules)) if choice.jsonata else '"Numeric' in rules


HISTORY_CHECKS = (
    Check(
        "core.history-events",
        "warning",
        "AWS ends an execution at 25,000 events, whatever it has done by then, and no retry helps.",
        _many_events,
        what="An execution writes more than 25,000 events, or one does that runs an inline Map "
        "over as many items as a list of 256 KiB may have.",
        remedy="make the Map distributed, so that each item has a history of its own; or move the "
        "states of an item into a nested execution",
    ),
    Check(
        "core.unbounded-loop",
        "warning",
        "AWS ends an execution at 25,000 events, and bills each state of each round.",
        _endless_loops,
        what="A loop counts no rounds that a Choice compares, and no Wait with the state machine's "
        "TimeoutSeconds bounds it.",
        remedy="count the rounds and leave at a limit, or wait in the loop and set TimeoutSeconds, "
        "or use a .sync integration instead of asking again",
    ),
)
