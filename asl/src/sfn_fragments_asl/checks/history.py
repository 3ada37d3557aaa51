"""How many events an execution writes into its history, which ends at 25,000.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html. Executions of EXPRESS
state machines, and of items of that type, have no such limit.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.forecast.events import (
    EXECUTION_EVENTS,
    events_of,
    events_on_longest_way,
    events_per_item,
    known_items,
)
from sfn_fragments_asl.model.intrinsics import Call
from sfn_fragments_asl.model.json_data import below, mapping, objects
from sfn_fragments_asl.model.jsonata import Node
from sfn_fragments_asl.model.limits import MAX_EVENTS, MAX_PAYLOAD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sfn_fragments_asl.model.machine import Machine, State

#: What bounds a list that is computed: 256 KiB of items of 100 bytes, such as a path each.
ITEMS_OF_A_PAYLOAD = MAX_PAYLOAD // 100


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
        certain = EXECUTION_EVENTS + events_on_longest_way(execution)
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
    # Less than none is what asl.seconds finds.
    return max(seconds, 0) if state.type == "Wait" and isinstance(seconds, int) else 0


def _counted(loop: Sequence[State]) -> bool:
    """Whether a loop counts its rounds, and compares a number on its way."""
    if not any(_adds(expression.tree) for state in loop for expression in state.expressions):
        return False
    return any(state.type == "Choice" and _compares_a_number(state) for state in loop)


def _adds(tree: object) -> bool:
    """Whether an expression adds a number to something that it reads."""
    if isinstance(tree, Call):
        return any(isinstance(each, Call) and each.name == "MathAdd" for each in tree.walk())
    return isinstance(tree, Node) and any(
        (node.value in ("+", "-") and _is_read(node, "left") and _is_number(node, "right"))
        or (node.value == "+" and _is_number(node, "left") and _is_read(node, "right"))
        for node in tree.walk()
        if node.kind == "binary"
    )


def _compares_a_number(choice: State) -> bool:
    if not choice.jsonata:
        return any(map(_has_numeric_operator, objects(choice.fields.get("Choices"))))
    rules = below(choice.pointer, "Choices", "")
    trees = (each.tree for each in choice.expressions if each.pointer.startswith(rules))
    return any(
        node.value in ("<", "<=", ">", ">=")
        or (node.value in ("=", "!=") and _is_read(node, "left") and _is_number(node, "right"))
        for tree in trees
        if isinstance(tree, Node)
        for node in tree.walk()
        if node.kind == "binary"
    )


def _has_numeric_operator(rule: Mapping[str, object]) -> bool:
    combined = [*objects(rule.get("And")), *objects(rule.get("Or")), *objects([rule.get("Not")])]
    return any(name.startswith("Numeric") for name in rule) or any(
        map(_has_numeric_operator, combined)
    )


def _is_read(node: Node, side: str) -> bool:
    return any(each.kind in ("variable", "path") for each in node.listed(side))


def _is_number(node: Node, side: str) -> bool:
    return any(each.kind == "number" for each in node.listed(side))


HISTORY_CHECKS = (
    Check(
        "asl.history-events",
        "advice",
        "AWS ends an execution at 25,000 events, whatever it has done by then, and no retry helps.",
        _many_events,
        what="An execution writes more than 25,000 events, or one does that runs an inline Map "
        "over as many items as a list of 256 KiB may have.",
        remedy="make the Map distributed, so that each item has a history of its own; or move the "
        "states of an item into a nested execution",
    ),
    Check(
        "asl.unbounded-loop",
        "advice",
        "AWS ends an execution at 25,000 events, and bills each state of each round.",
        _endless_loops,
        what="A loop counts no rounds that a Choice compares, and no Wait with the state machine's "
        "TimeoutSeconds bounds it.",
        remedy="count the rounds and leave at a limit, or wait in the loop and set TimeoutSeconds, "
        "or use a .sync integration instead of asking again",
    ),
)
