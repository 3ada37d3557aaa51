"""States whose output grows until it is above 256 KiB, which fails the execution.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sfn_fragments.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments.checks.expressions import (
    jsonata_sources,
    jsonpath_sources,
    without_literals,
)
from sfn_fragments.checks.graph import mapping
from sfn_fragments.checks.history import known_items

if TYPE_CHECKING:
    from sfn_fragments.checks.graph import Machine, State

MAX_PAYLOAD = 262_144
# An item's output up to this size fills the payload no sooner than the items do the history.
_SMALL = 100

# A value as a whole: not a field of it, and not the argument of a function that selects from it.
_WHOLE_INPUT = re.compile(r"(?:^|[\[:,])\s*\$states\.input\s*(?:$|[\],}])")
_WHOLE_RESULT = re.compile(r"(?:^|[\[:,])\s*\$states\.result\s*(?:$|[\],}])")
#: Calls whose response is as long as what is there: lists, objects, other executions' output.
_OPEN_ENDED = re.compile(
    r":(?:list\w*|scan|query|search\w*|select\w*|batchGet\w*|describe\w+s|filterLogEvents"
    r"|getLogEvents|getObject|getQueryResults|startExecution\.sync(?::2)?)$"
)
_CALLS = ("Task", "Map", "Parallel")


def _has_source(value: Any, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(without_literals(text).strip()) for text in jsonata_sources(value))


def _passes_input(state: State) -> bool:
    """Whether a state's whole input is in its output."""
    fields = state.fields
    if state.jsonata:
        if "Output" in fields:
            return _has_source(fields["Output"], _WHOLE_INPUT)
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
        return "Output" not in fields or _has_source(fields["Output"], _WHOLE_RESULT)
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
        literal = not list(jsonata_sources(output)) if state.jsonata else state.type == "Pass"
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
        if not _OPEN_ENDED.search(state.resource):
            continue
        if _passes_input(state) and _passes_result(state):
            call = state.resource.rpartition(":::")[2]
            yield Finding(state.name, f"it adds all of the response of {call} to its input")


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
        variable = f"${name.removesuffix('.$')}"
        grows = _appends if state.jsonata else _concatenates
        if grows(value if state.jsonata else {name: value}, variable):
            yield variable
    if state.jsonata:
        if _appends(state.fields.get("Output"), "$states.input"):
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


def _appends(value: Any, operand: str) -> bool:
    """Whether JSONata makes a longer list or text of an operand."""
    name = rf"{re.escape(operand)}(?!\w)[\w.]*"
    pattern = re.compile(
        # A merged object has each key once, and does not grow by itself.
        rf"\$append\s*\(\s*{name}|(?<!\$merge\()\[\s*{name}\s*,|{name}\s*&|&\s*{name}"
    )
    return _has_source(value, pattern)


def _concatenates(value: Any, operand: str) -> bool:
    """Whether an intrinsic function makes a longer list or text of an operand."""
    pattern = re.compile(rf"States\.(?:Array|Format)\(.*{re.escape(operand)}(?![\w.])")
    fields = value if isinstance(value, Mapping) else {}
    return any(pattern.search(source) for source in jsonpath_sources(fields))


_WHY = "A state whose output is above 256 KiB fails the execution (States.DataLimitExceeded)"

PAYLOAD_CHECKS = (
    Check(
        "core.collected-results",
        "warning",
        f"{_WHY}, after all of the items were processed.",
        _collected_results,
        what="A Map over a computed list puts the output of every item into its own.",
        remedy="drop the result, or let each item have a small output",
    ),
    Check(
        "core.whole-response",
        "warning",
        f"{_WHY}; the response of such a call is as long as what is there.",
        _whole_responses,
        what="A Task adds the whole response of a list, an object or a nested execution to its "
        "input.",
        remedy="select what is needed with ResultSelector, Output or Assign",
    ),
    Check(
        "core.copied-input",
        "warning",
        f"{_WHY}; each such state multiplies what it got.",
        _copies_of_input,
        what="The branches of a Parallel state return its input, and its output holds all of them.",
        remedy="drop the result (ResultPath null), or end the branches with what they add only",
    ),
    Check(
        "core.growing-loop",
        "warning",
        f"{_WHY}, and a variable cannot be larger either.",
        _growing_loops,
        what="A state in a loop appends to a list or a text that it got.",
        remedy="write what each round adds to S3 or a table",
    ),
)
