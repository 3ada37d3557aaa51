"""What is known of the data that passes through states: its size, and literal values.

Sizes are those of compact JSON in UTF-8, which is what the limit of 256 KiB is about.
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.forecast.interval import ONE, Interval, exactly, greatest
from sfn_fragments_asl.forecast.items import items_of
from sfn_fragments_asl.model.expressions import Expression, jsonata_in
from sfn_fragments_asl.model.json_data import is_filled_in, objects
from sfn_fragments_asl.model.jsonata import Node
from sfn_fragments_asl.model.paths import Path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sfn_fragments_asl.model.machine import Machine, State

_CALLS = frozenset({"Task", "Map", "Parallel"})


def size_of(value: Any) -> int:
    """Size of a value as compact JSON, in bytes.

    Examples:
        >>> size_of({"a": [1, "é"]})
        14
    """
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str).encode())


def largest_input(events: Iterable[Mapping[str, Any]]) -> int:
    """Size of the largest input of a state in the history of an execution, in bytes.

    Args:
        events: Events as ``GetExecutionHistory`` returns them.
    """
    entered = (event.get("stateEnteredEventDetails") for event in events)
    return max((len(details["input"].encode()) for details in entered if details), default=0)


@dataclass(frozen=True)
class Data:
    """What is known of a value.

    Attributes:
        size: Its size as compact JSON, in bytes.
        literal: The value, in a tuple, where the definition tells all of it; else empty.
    """

    size: Interval
    literal: tuple[Any, ...] = ()

    def __or__(self, other: Data) -> Data:
        """What is known of a value that is either of two."""
        return Data(self.size | other.size, self.literal if self == other else ())

    def field(self, names: Iterable[str]) -> Data:
        """What is known of a field of it, by the names that lead there."""
        for value in self.literal:
            for name in names:
                if not isinstance(value, dict) or name not in value:
                    return ANYTHING
                value = value[name]
            return literal(value)
        return ANYTHING


#: Any value: the shortest JSON is a digit.
ANYTHING = Data(Interval(1, None))


def literal(value: Any) -> Data:
    """A value that the definition tells."""
    return Data(exactly(size_of(value)), (value,))


@dataclass(frozen=True)
class Traffic:
    """The data of a state.

    Attributes:
        input: What it gets.
        output: What it hands on; what it got, for a state that ends with a failure.
        items: How many items a Map goes over; 1 for other states.
    """

    input: Data
    output: Data
    items: Interval = ONE


def traffic(machine: Machine, assumed: Mapping[str, int]) -> dict[str, Traffic]:
    """Follow the data through the reachable states of a machine, and through those inside them.

    Args:
        machine: The state machine; what an execution is started with may be any JSON.
        assumed: Name of a Map to the number of its items.

    Returns:
        JSON Pointer of a state to its data.
    """
    found: dict[str, Traffic] = {}
    _follow(machine, ANYTHING, assumed, found)
    return found


def _follow(
    machine: Machine, given: Data, assumed: Mapping[str, int], found: dict[str, Traffic]
) -> Data:
    """Follow a value through a machine; returns what comes of it."""
    inputs = {machine.start.name: given} if machine.start else {}
    looping = {state.name for loop in machine.loops for state in loop}
    results: list[Data] = []

    def arrive(name: Any, value: Data) -> None:
        if isinstance(name, str):
            inputs[name] = inputs[name] | value if name in inputs else value

    for state in reversed(machine.deepest_first):
        # What comes back in a loop has not been seen yet.
        got = ANYTHING if state.name in looping else inputs.get(state.name, ANYTHING)
        items = items_of(state, assumed, _item_list(state, got).literal)
        inside = [_follow(each, _item(state, got), assumed, found) for each in state.inner]
        result = _result(state, got, inside, items)
        output = _output(state, got, result)
        found[state.pointer] = Traffic(got, output, items)
        for rule in objects(state.fields.get("Choices")):
            chosen = rule.get("Output") if state.jsonata else None
            arrive(rule.get("Next"), output if chosen is None else _template(state, chosen, got))
        arrive(state.fields.get("Next"), output)
        arrive(state.fields.get("Default"), output)
        for catcher in objects(state.fields.get("Catch")):
            arrive(catcher.get("Next"), _caught(state, catcher, got))
        if state.ends and state.type != "Fail":
            results.append(output)
    outcome = results[0] if results else ANYTHING
    for other in results[1:]:
        outcome |= other
    return outcome


def _item_list(state: State, got: Data) -> Data:
    """The list that a Map goes over."""
    if state.type != "Map" or "ItemReader" in state.fields:
        return ANYTHING
    if state.jsonata:
        return _template(state, state.fields.get("Items"), got)
    return _path(state.fields.get("ItemsPath", "$"), _path(state.fields.get("InputPath", "$"), got))


def _item(state: State, got: Data) -> Data:
    """What the states inside of a Map or Parallel state get."""
    fields = state.fields
    if state.type == "Map" and "ItemBatcher" in fields:
        return ANYTHING
    taken = got if state.jsonata else _path(fields.get("InputPath", "$"), got)
    chosen = next((fields[name] for name in _SELECTORS if name in fields), None)
    if chosen is not None:
        return _template(state, chosen, taken)
    if state.type == "Parallel":
        return taken
    known = [each for each in _item_list(state, got).literal if isinstance(each, list) and each]
    items = [literal(item) for each in known for item in each]
    joined = items[0] if items else ANYTHING
    for item in items[1:]:
        joined |= item
    return joined


_SELECTORS = ("ItemSelector", "Parameters", "Arguments")


def _result(state: State, got: Data, inside: list[Data], items: Interval) -> Data:
    """What a state makes, before it is put into its output."""
    fields = state.fields
    if state.type == "Parallel":
        return _list(inside)
    if state.type == "Map" and inside and "ResultWriter" not in fields:
        # Brackets, the outputs, and a comma between each two of them.
        commas = Interval(max(items.least - 1, 0), items.most and items.most - 1)
        return Data(exactly(2) + commas + inside[0].size * items)
    if state.type in _CALLS:
        return ANYTHING
    if state.jsonata:
        return got
    if state.type == "Pass" and "Result" in fields:
        return literal(fields["Result"])
    taken = _path(fields.get("InputPath", "$"), got)
    parameters = fields.get("Parameters") if state.type == "Pass" else None
    return taken if parameters is None else _template(state, parameters, taken)


def _list(parts: list[Data]) -> Data:
    size = exactly(2 + max(len(parts) - 1, 0))
    for part in parts:
        size += part.size
    return Data(size)


def _output(state: State, got: Data, result: Data) -> Data:
    fields = state.fields
    if state.jsonata:
        return _template(state, fields["Output"], got, result) if "Output" in fields else result
    if "ResultSelector" in fields and state.type in _CALLS:
        result = _template(state, fields["ResultSelector"], result)
    if state.type in _CALLS or state.type == "Pass":
        result = _placed(fields.get("ResultPath", "$"), got, result)
    return _path(fields.get("OutputPath", "$"), result)


def _caught(state: State, catcher: Mapping[str, Any], got: Data) -> Data:
    if state.jsonata:
        return _template(state, catcher["Output"], got) if "Output" in catcher else ANYTHING
    return _placed(catcher.get("ResultPath", "$"), got, ANYTHING)


def _placed(path: Any, got: Data, result: Data) -> Data:
    """An input with a result at the place of a ResultPath."""
    if path is None:
        return got
    names = _names(path)
    if not names:
        return result if path == "$" else ANYTHING
    # The objects around the result; they may be there already, and so may what it replaces.
    around = sum(size_of(name) + len("{:}") for name in names)
    most = (got.size + result.size + exactly(around)).most
    return Data(Interval(result.size.least + around, most))


def _path(path: Any, given: Data) -> Data:
    """What a path finds in a value."""
    if path is None:
        return literal({})
    names = _names(path)
    if names is None:
        return ANYTHING
    return given.field(names) if names else given


def _names(path: Any) -> tuple[str, ...] | None:
    """Names of the fields of a path into the data; None for any other."""
    tree = Expression(path, jsonata=False).tree if isinstance(path, str) else None
    return tree.names if isinstance(tree, Path) and tree.root == "$" else None


def _template(state: State, value: Any, given: Data, result: Data = ANYTHING) -> Data:
    """What is known of the value that a template makes.

    Args:
        state: The state, for its query language.
        value: The template.
        given: The data that its paths are about; in JSONata, the state's input.
        result: In JSONata, the state's result.
    """
    if isinstance(value, str):
        for expression in jsonata_in(value) if state.jsonata else ():
            return _jsonata(expression, given, result)
        # What CloudFormation fills in may have any length.
        return Data(Interval(2, None)) if is_filled_in(value) else literal(value)
    if isinstance(value, list):
        return _built(value, [_template(state, each, given, result) for each in value])
    if not isinstance(value, dict):
        return literal(value)
    fields = {
        name.removesuffix(".$"): _path(each, given)
        if name.endswith(".$") and not state.jsonata
        else _template(state, each, given, result)
        for name, each in value.items()
    }
    made = _built(list(fields), list(fields.values()))
    names = exactly(sum(size_of(name) + 1 for name in fields))
    known = [each.literal[0] for each in fields.values() if each.literal]
    if len(known) == len(fields):
        return literal(dict(zip(fields, known, strict=True)))
    return replace(made, size=made.size + names, literal=())


def _built(whole: list[Any], parts: list[Data]) -> Data:
    """A list of parts."""
    known = [each.literal[0] for each in parts if each.literal]
    return literal(known) if len(known) == len(whole) else _list(parts)


def _jsonata(expression: Expression, given: Data, result: Data) -> Data:
    tree = expression.tree
    reference = tree.reference if isinstance(tree, Node) else None
    match reference:
        case ("states", "input", *names):
            found = given
        case ("states", "result", *names):
            found = result
        case _:
            return ANYTHING
    return found.field(names) if names else found


def peak(passing: Traffic) -> Interval:
    """Size of the larger one of a state's input and output."""
    first, second = passing.input.size, passing.output.size
    return Interval(max(first.least, second.least), greatest(first.most, second.most))
