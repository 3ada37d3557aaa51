"""States whose output grows until it is above 256 KiB, which fails the execution.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.forecast.events import known_items
from sfn_fragments_asl.model.expressions import jsonata_in, jsonpath_in
from sfn_fragments_asl.model.intrinsics import Call
from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.model.jsonata import Node
from sfn_fragments_asl.model.limits import MAX_PAYLOAD
from sfn_fragments_asl.model.paths import Path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.model.machine import Machine, State

# An item's output up to this size fills the payload no sooner than the items do the history.
_SMALL = 100

_INPUT = ("states", "input")
_RESULT = ("states", "result")
#: Calls whose response is as long as what is there: lists, objects, other executions' output.
_OPEN_ENDED = re.compile(
    r"list\w*|scan|query|search\w*|select\w*|batchGet\w*|describe\w+s|filterLogEvents"
    r"|getLogEvents|getObject|getQueryResults|startExecution\.sync(?::2)?"
)
_CALLS = ("Task", "Map", "Parallel")


def _trees(value: Any) -> Iterator[Node]:
    """The JSONata expressions in a value."""
    for expression in jsonata_in(value):
        if isinstance(expression.tree, Node):
            yield expression.tree


def _holds(value: Any, reference: tuple[str, ...]) -> bool:
    """Whether JSONata puts something into its value as a whole.

    Not a field of it, and not as the argument of a function, which selects from it.
    """
    return any(
        whole.reference == reference
        for tree in _trees(value)
        for whole in (tree, *(member for node in tree.walk() for member in _members(node)))
    )


def _members(node: Node) -> Iterator[Node]:
    """What a node makes its value of, as it is."""
    if node.kind == "unary":
        yield from (*node.listed("items"), *node.listed("values"))
    elif node.kind == "condition":
        yield from (*node.listed("then"), *node.listed("otherwise"))


def _passes_input(state: State) -> bool:
    """Whether a state's whole input is in its output."""
    fields = state.fields
    if state.jsonata:
        if "Output" in fields:
            return _holds(fields["Output"], _INPUT)
        return state.type not in _CALLS
    if fields.get("OutputPath", "$") != "$":
        return False
    if state.type not in (*_CALLS, "Pass"):
        return bool(fields.get("InputPath", "$") == "$")
    result_path = fields.get("ResultPath", "$")
    changed = {"InputPath", "Parameters", "Result"} & set(fields)
    return result_path != "$" or (state.type == "Pass" and not changed)


def _passes_result(state: State) -> bool:
    """Whether the whole result of a Task, Map or Parallel state is in its output."""
    fields = state.fields
    if state.jsonata:
        return "Output" not in fields or _holds(fields["Output"], _RESULT)
    return (
        fields.get("ResultPath", "$") is not None
        and "ResultSelector" not in fields
        and fields.get("OutputPath", "$") == "$"
    )


def _returns_input(machine: Machine) -> bool:
    """Whether some way through a branch ends with all of its input."""
    passing: set[str] = set()
    for state in machine.deepest_first:
        on = state.ends or any(each.name in passing for each in machine.following(state))
        if on and state.type != "Fail" and _passes_input(state):
            passing.add(state.name)
    return machine.start is not None and machine.start.name in passing


def _is_small(machine: Machine) -> bool:
    """Whether the output of every way through an item processor is known to be small."""
    for state in machine.deepest_first:
        if not state.ends or state.type == "Fail":
            continue
        output = state.fields.get("Output" if state.jsonata else "Result")
        literal = not list(jsonata_in(output)) if state.jsonata else state.type == "Pass"
        if output is None or not literal or len(json.dumps(output)) > _SMALL:
            return False
    return True


def _collected_results(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if state.type != "Map" or known_items(state) is not None or "ResultWriter" in state.fields:
            continue
        if _passes_result(state) and not all(_is_small(inner) for inner in state.inner):
            yield Finding(
                state.name,
                "the Map collects the output of each item of a computed list: 256 KiB are reached "
                f"at {MAX_PAYLOAD // 1024:,} items of 1 KiB",
                "write the results to S3 with the ResultWriter of a distributed Map"
                if state.distributed
                else "end each item with a small output, such as {}, or drop the Map's result "
                "(ResultPath null, or an Output without $states.result)",
            )


def _whole_responses(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        call = state.call
        if call is None or not _OPEN_ENDED.fullmatch(call.action + call.pattern):
            continue
        if _passes_input(state) and _passes_result(state):
            named = state.resource.rpartition(":::")[2]
            yield Finding(state.name, f"it adds all of the response of {named} to its input")


def _copies_of_input(checked: CheckedDefinition) -> Iterator[Finding]:
    for machine in checked.machines():
        looping = {state.name for loop in machine.loops for state in loop}
        for state in machine.states.values():
            if state.type != "Parallel" or not _passes_result(state):
                continue
            if {"InputPath", "Parameters", "Arguments"} & set(state.fields):
                continue
            copies = sum(_returns_input(branch) for branch in state.inner)
            kept = _passes_input(state)
            if copies > 1 or (copies and kept and state.name in looping):
                again = ", in each round of a loop" if state.name in looping else ""
                yield Finding(
                    state.name,
                    f"its output holds {copies + kept} copies of its input{again}",
                )


def _growing_loops(checked: CheckedDefinition) -> Iterator[Finding]:
    for machine in checked.machines():
        for loop in machine.loops:
            for state in loop:
                for what in _grows(state):
                    yield Finding(state.name, f"in a loop, it adds to {what} in each round")


def _grows(state: State) -> Iterator[str]:
    """What a state makes longer than it was."""
    for name, value in mapping(state.fields.get("Assign")).items():
        variable = name.removesuffix(".$")
        if (
            _appends(value, (variable,))
            if state.jsonata
            else _concatenates({name: value}, f"${variable}")
        ):
            yield f"${variable}"
    if state.jsonata:
        if _appends(state.fields.get("Output"), _INPUT):
            yield "its input"
    elif state.type == "Pass":
        path = state.fields.get("ResultPath", "$")
        parameters = state.fields.get("Parameters")
        if isinstance(path, str) and path != "$" and _concatenates(parameters, path):
            yield path
        for name, value in mapping(parameters).items() if path == "$" else ():
            place = f"$.{name.removesuffix('.$')}"
            if _concatenates({name: value}, place):
                yield place


def _appends(value: Any, operand: tuple[str, ...]) -> bool:
    """Whether JSONata makes a longer list or text of an operand."""
    return any(
        (made.reference or ())[: len(operand)] == operand
        for tree in _trees(value)
        for made in _made_longer(tree)
    )


def _made_longer(node: Node) -> Iterator[Node]:
    """What stands in a list, or in a text, with something behind it."""
    children = list(node.children())
    if node.called == "append":
        yield from node.listed("arguments")[:1]
    elif node.called == "merge":
        # A merged object has each key once, and does not grow by itself.
        children = [inner for each in children for inner in each.children()]
    elif node.kind == "unary" and node.value == "[" and len(node.listed("items")) > 1:
        yield node.listed("items")[0]
    elif node.kind == "binary" and node.value == "&":
        yield from (*node.listed("left"), *node.listed("right"))
    for child in children:
        yield from _made_longer(child)


def _concatenates(value: Any, operand: str) -> bool:
    """Whether an intrinsic function makes a longer list or text of an operand."""
    return any(
        isinstance(each, Path) and (each.text == operand or each.text.startswith(f"{operand}["))
        for expression in jsonpath_in(mapping(value), template=True)
        if isinstance(expression.tree, Call)
        for call in expression.tree.walk()
        if isinstance(call, Call) and call.name in ("Array", "Format")
        for each in call.walk()
    )


_WHY = "A state whose output is above 256 KiB fails the execution (States.DataLimitExceeded)"

PAYLOAD_CHECKS = (
    Check(
        "asl.collected-results",
        "advice",
        f"{_WHY}, after all of the items were processed.",
        _collected_results,
        what="A Map over a computed list puts the output of every item into its own.",
        remedy="drop the result, or let each item have a small output",
    ),
    Check(
        "asl.whole-response",
        "advice",
        f"{_WHY}; the response of such a call is as long as what is there.",
        _whole_responses,
        what="A Task adds the whole response of a list, an object or a nested execution to its "
        "input.",
        remedy="select what is needed with ResultSelector, Output or Assign",
    ),
    Check(
        "asl.copied-input",
        "advice",
        f"{_WHY}; each such state multiplies what it got.",
        _copies_of_input,
        what="The branches of a Parallel state return its input, and its output holds all of them.",
        remedy="drop the result (ResultPath null), or end the branches with what they add only",
    ),
    Check(
        "asl.growing-loop",
        "warning",
        f"{_WHY}, and a variable cannot be larger either.",
        _growing_loops,
        what="A state in a loop appends to a list or a text that it got.",
        remedy="write what each round adds to S3 or a table",
    ),
)
