"""The fields that a definition may have, and those that exclude each other.

https://states-language.net and the pages of the state types below
https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html. Which fields go with
which query language is a rule of `sfn_fragments_asl.checks.structure`, the operators of a
choice rule in JSONPath one of `sfn_fragments_asl.checks.comparisons`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.expressions import own_fields
from sfn_fragments_asl.model.json_data import below, mapping, objects, objects_within
from sfn_fragments_asl.near_names import near_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

    from sfn_fragments_asl.model.machine import Machine, State

_ALL_STATES = {"Comment", "QueryLanguage", "Type"}
# Next and End stand in all lists: asl.next-or-end looks at them.
_IN_AND_OUT = _ALL_STATES | {"End", "InputPath", "Next", "Output", "OutputPath"}
_FALLIBLE = {"Arguments", "Catch", "Parameters", "ResultPath", "ResultSelector", "Retry"}

#: Type of a state to the fields that it may have.
FIELDS_OF_TYPE = {
    "Choice": _IN_AND_OUT | {"Assign", "Choices", "Default"},
    "Fail": _ALL_STATES | {"Cause", "CausePath", "End", "Error", "ErrorPath", "Next"},
    "Map": _IN_AND_OUT
    | (_FALLIBLE - {"Arguments"})
    | {
        "Assign",
        "ItemBatcher",
        "ItemProcessor",
        "ItemReader",
        "ItemSelector",
        "Items",
        "ItemsPath",
        "Iterator",
        "Label",
        "MaxConcurrency",
        "MaxConcurrencyPath",
        "ResultWriter",
        "ToleratedFailureCount",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentage",
        "ToleratedFailurePercentagePath",
    },
    "Parallel": _IN_AND_OUT | _FALLIBLE | {"Assign", "Branches"},
    "Pass": _IN_AND_OUT | {"Assign", "Parameters", "Result", "ResultPath"},
    "Succeed": _IN_AND_OUT,
    "Task": _IN_AND_OUT
    | _FALLIBLE
    | {
        "Assign",
        "Credentials",
        "HeartbeatSeconds",
        "HeartbeatSecondsPath",
        "Resource",
        "TimeoutSeconds",
        "TimeoutSecondsPath",
    },
    "Wait": _IN_AND_OUT | {"Assign", "Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
}

_GRAPH = {"Comment", "StartAt", "States"}
#: Fields of a whole state machine.
FIELDS_OF_MACHINE = _GRAPH | {"QueryLanguage", "TimeoutSeconds", "Version"}
_PROCESSOR = _GRAPH | {"ProcessorConfig"}

_CATCHER = {"Assign", "Comment", "ErrorEquals", "Next", "Output", "ResultPath"}
_RETRIER = {
    "BackoffRate",
    "Comment",
    "ErrorEquals",
    "IntervalSeconds",
    "JitterStrategy",
    "MaxAttempts",
    "MaxDelaySeconds",
}
_JSONATA_RULE = {"Assign", "Comment", "Condition", "Next", "Output"}

_CALL = {"Arguments", "Parameters", "Resource"}
#: Field of a Map to its own fields, by the path of what it holds.
_IN_MAP = {
    "ItemBatcher": {
        "BatchInput",
        "MaxInputBytesPerBatch",
        "MaxInputBytesPerBatchPath",
        "MaxItemsPerBatch",
        "MaxItemsPerBatchPath",
    },
    "ItemProcessor.ProcessorConfig": {"ExecutionType", "Mode"},
    "ItemReader": _CALL | {"ReaderConfig"},
    "ItemReader.ReaderConfig": {
        "CSVDelimiter",
        "CSVHeaderLocation",
        "CSVHeaders",
        "InputType",
        "ItemsPointer",
        "ManifestType",
        "MaxItems",
        "MaxItemsPath",
        "Transformation",
    },
    "ResultWriter": _CALL | {"WriterConfig"},
    "ResultWriter.WriterConfig": {"OutputType", "Transformation"},
}

#: Of each of these and the same with ``Path``, a state has one.
_LITERAL_OR_PATH = (
    "Cause",
    "Error",
    "HeartbeatSeconds",
    "MaxConcurrency",
    "TimeoutSeconds",
    "ToleratedFailureCount",
    "ToleratedFailurePercentage",
)


#: What some state has, and what a whole state machine has and its parts have not.
_OF_STATES = frozenset().union(*FIELDS_OF_TYPE.values())
_OF_WHOLE_MACHINES = FIELDS_OF_MACHINE - _GRAPH


def _misplaced(checked: CheckedDefinition) -> Iterator[Finding]:
    for machine in checked.machines():
        if machine.parent is not None:
            part = "a branch" if machine.parent.type == "Parallel" else "an item processor"
            for name in machine.body:
                if name in _OF_WHOLE_MACHINES:
                    place = below(machine.pointer, name)
                    remedy = f"write {name} in the whole state machine, or in a state"
                    yield Finding(machine.place, f"{part} has {name}", remedy, place)
        for state in machine.states.values():
            known = FIELDS_OF_TYPE.get(state.type)
            for name in state.fields if known else ():
                if known and name in _OF_STATES - known:
                    types = sorted(kind for kind, names in FIELDS_OF_TYPE.items() if name in names)
                    yield Finding(
                        state.name,
                        f"the {state.type} state has {name}",
                        f"remove {name}, which is a field of {', '.join(types)}",
                        below(state.pointer, name),
                    )


def _unknown(checked: CheckedDefinition) -> Iterator[Finding]:
    for machine in checked.machines():
        name = machine.parent.name if machine.parent else "definition"
        for problem, place in _unknown_in_machine(machine):
            yield Finding(name, problem, "", below(machine.pointer, *place))
        for state in machine.states.values():
            for problem, place in _unknown_in_state(state):
                yield Finding(state.name, problem, "", below(state.pointer, *place))


#: What is wrong, and where below its machine or state.
_Unknown = tuple[str, tuple[str | int, ...]]


def _unknown_in_machine(machine: Machine) -> Iterator[_Unknown]:
    parent = machine.parent
    if parent is None:
        yield from _not_among(machine.body, FIELDS_OF_MACHINE, "a state machine")
    elif parent.type == "Parallel":
        yield from _not_among(machine.body, _GRAPH | FIELDS_OF_MACHINE, "a branch")
    else:
        yield from _not_among(machine.body, _PROCESSOR | FIELDS_OF_MACHINE, "an item processor")


def _unknown_in_state(state: State) -> Iterator[_Unknown]:
    if known := FIELDS_OF_TYPE.get(state.type):
        # Another type's fields are a rule of their own.
        own = [name for name in state.fields if name in known or name not in _OF_STATES]
        yield from _not_among(own, known, f"a {state.type} state")
    for index, retrier in enumerate(objects(state.fields.get("Retry"))):
        yield from _not_among(retrier, _RETRIER, "a retrier", ("Retry", index))
    for index, catcher in enumerate(objects(state.fields.get("Catch"))):
        yield from _not_among(catcher, _CATCHER, "a catcher", ("Catch", index))
    if state.type == "Choice" and state.jsonata:
        for index, rule in enumerate(objects(state.fields.get("Choices"))):
            yield from _not_among(rule, _JSONATA_RULE, "a rule in JSONata", ("Choices", index))
    if state.type == "Map":
        for path, known in _IN_MAP.items():
            yield from _not_among(_held(state, path), known, f"{path} of a Map", path.split("."))


def _not_among(
    fields: Iterable[str], known: Set[str], what: str, place: Sequence[str | int] = ()
) -> Iterator[_Unknown]:
    holder = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    for name in fields:
        if name not in known:
            near = near_names(str(name), sorted(known))
            meant = f"; is {near[0]} meant?" if near else ""
            has = f"{holder.removeprefix('.') or 'it'} has"
            yield f"{has} {name}, which {what} cannot have{meant}", (*place, str(name))


#: The same of fields that a Map holds.
_IN_MAP_OR_PATH = {
    "ItemBatcher": ("MaxInputBytesPerBatch", "MaxItemsPerBatch"),
    "ItemReader.ReaderConfig": ("MaxItems",),
}


def _conflicts(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        holders: list[tuple[str, Mapping[str, Any], Sequence[str]]] = [
            ("", state.fields, _LITERAL_OR_PATH)
        ]
        if state.type == "Map":
            holders += [
                (f"{path}.", _held(state, path), names) for path, names in _IN_MAP_OR_PATH.items()
            ]
        for path, fields, names in holders:
            for name in names:
                if name in fields and f"{name}Path" in fields:
                    yield _conflict(state, f"{path}{name}", f"{path}{name}Path")
        if state.type == "Map" and {"Parameters", "ItemSelector"} <= state.fields.keys():
            yield _conflict(state, "Parameters", "ItemSelector")
        yield from _repeated(state)


def _conflict(state: State, one: str, other: str) -> Finding:
    place = below(state.pointer, *other.split("."))
    return Finding(state.name, f"it has both {one} and {other}", f"give {one} or {other}", place)


def _held(state: State, path: str) -> Mapping[str, Any]:
    value: Any = state.fields
    for name in path.split("."):
        value = mapping(value).get(name)
    return mapping(value)


def _repeated(state: State) -> Iterator[Finding]:
    """Fields that are given as a value and, with ``.$``, as a path."""
    if state.jsonata:
        return
    for pointer, fields in objects_within(own_fields(state.fields), state.pointer):
        for name in fields:
            if f"{name}.$" in fields:
                yield Finding(
                    state.name,
                    f"it has both {name} and {name}.$",
                    f"give {name} or {name}.$",
                    below(pointer, f"{name}.$"),
                )


def _given_twice(checked: CheckedDefinition) -> Iterator[Finding]:
    for pointer in checked.repeated:
        name = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        around = [one for one in checked.states() if pointer.startswith(f"{one.pointer}/")]
        place = max(around, key=lambda one: len(one.pointer)).name if around else "definition"
        yield Finding(place, f"{name} is given twice in one object", "remove one of them", pointer)


FIELD_CHECKS = (
    Check(
        "asl.misplaced-field",
        "error",
        "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED: the field is not "
        "supported).",
        _misplaced,
        what="A state has a field of other types of states, such as a Pass state with Catch or a "
        "Map with TimeoutSeconds, or a branch or item processor has one of whole state machines.",
        remedy="remove the field",
    ),
    Check(
        "asl.unknown-field",
        # No error, which nobody could accept: the language grows.
        "warning",
        "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED), unless the States "
        "Language has got the field since this release.",
        _unknown,
        what="A state machine, state, branch, item processor, retrier or catcher has a field that "
        "the States Language does not know.",
        remedy="correct the field's name, or remove it",
    ),
    Check(
        "asl.conflicting-fields",
        "error",
        "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED).",
        _conflicts,
        what="A state has a value and a path for the same setting, such as TimeoutSeconds and "
        "TimeoutSecondsPath, or a field of its parameters twice, with and without .$.",
        remedy="give one of the two",
    ),
    Check(
        "asl.repeated-field",
        "warning",
        "Readers of JSON keep the last one alone, and some refuse the text.",
        _given_twice,
        what="An object in the text of a definition gives a name twice: a field, or a state.",
        remedy="remove one of them",
    ),
)
