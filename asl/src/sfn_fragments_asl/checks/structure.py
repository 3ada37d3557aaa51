"""What AWS refuses about the shape of a definition, and what makes it refuse to create it.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
and https://states-language.net. ``cfn-lint`` checks much of it, but is too slow to run at each
synthesis, and passes over a ``DefinitionString`` that holds intrinsics, as those of CDK do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import below, is_filled_in, is_marked, mapping, objects
from sfn_fragments_asl.model.machine import TERMINAL_TYPES, State
from sfn_fragments_asl.near_names import near_names

_CONTINUING = frozenset({"Task", "Pass", "Wait", "Parallel", "Map"})
_TYPES = _CONTINUING | TERMINAL_TYPES | {"Choice"}
_JSONATA_FIELDS = frozenset({"Arguments", "Output", "Items"})
_JSONPATH_FIELDS = frozenset(
    {
        "CausePath",
        "ErrorPath",
        "HeartbeatSecondsPath",
        "InputPath",
        "ItemsPath",
        "MaxConcurrencyPath",
        "OutputPath",
        "Parameters",
        "Result",
        "ResultPath",
        "ResultSelector",
        "SecondsPath",
        "TimeoutSecondsPath",
        "TimestampPath",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentagePath",
    }
)
_WAITS = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
_MOST_MEANT = 100
_JITTER = ("FULL", "NONE")
_MAX_NUMBER = 99_999_999
_MAX_DELAY = 31_622_400


def _start(checked: CheckedDefinition) -> Iterator[Finding]:
    for machine in checked.machines():
        if machine.start is not None:
            continue
        place = machine.place
        given = machine.body.get("StartAt")
        if is_marked(given):
            continue
        if given is None:
            yield Finding(place, "it has no StartAt")
        else:
            yield Finding(place, f"it starts at {given!r}, {_no_such_state(given, machine.states)}")


def _no_such_state(given: Any, states: Mapping[str, State]) -> str:
    near = near_names(given, list(states)) if isinstance(given, str) else []
    return "which is no state of its" + (f"; is {near[0]!r} meant?" if near else "")


def _targets(checked: CheckedDefinition) -> Iterator[Finding]:
    everywhere = {state.name for state in checked.states()}
    found = 0
    for state in checked.states():
        for transition in state.transitions:
            target = transition.target
            if target in state.machine.states or is_marked(target):
                continue
            found += 1
            # Looking for what is meant takes long, and thousands of slips are no slips.
            near = state.machine.states if found <= _MOST_MEANT else {}
            problem = (
                "which stands in another state machine, branch or item processor"
                if target in everywhere
                else _no_such_state(target, near).replace("of its", "here")
            )
            yield Finding(state.name, f"{transition.field} is {target!r}, {problem}")


def _continuations(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if is_marked(state.fields.get("End")):
            continue
        yield from _unfit(state)
        given = [name for name in ("Next", "End") if state.fields.get(name) not in (None, False)]
        if state.type in _CONTINUING and len(given) != 1:
            has = "both Next and End" if given else "neither Next nor End"
            yield Finding(state.name, f"the {state.type} state has {has}", "give it one of them")
        elif state.type in TERMINAL_TYPES and given == ["End"]:
            # A rule of its own: they end anyway.
            continue
        elif state.type in _TYPES - _CONTINUING and given:
            yield Finding(
                state.name,
                f"the {state.type} state has {given[0]}, which such a state cannot have",
                f"remove {given[0]}",
            )


def _needless_ends(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if state.type in TERMINAL_TYPES and state.fields.get("End") is True:
            place = below(state.pointer, "End")
            yield Finding(state.name, f"the {state.type} state has End", pointer=place)


def _unfit(state: State) -> Iterator[Finding]:
    """What Next, Default and End are, where they are no name and no true or false."""
    kinds: dict[str, type] = {"Next": str, "Default": str, "End": bool}
    for name, kind in kinds.items():
        value = state.fields.get(name)
        if value is not None and not isinstance(value, kind):
            remedy = "write true" if kind is bool else "give the name of a state"
            place = below(state.pointer, name)
            yield Finding(state.name, f"{name} is {value!r}", remedy, place)


def _types(checked: CheckedDefinition) -> Iterator[Finding]:
    for machine in checked.machines():
        states = mapping(machine.body.get("States"))
        for name, fields in states.items():
            kind = mapping(fields).get("Type")
            if not isinstance(fields, Mapping):
                yield Finding(
                    name,
                    "the state is no object",
                    "write it as an object with a Type",
                    below(machine.pointer, "States", name),
                )
            elif (not isinstance(kind, str) or kind not in _TYPES) and not is_marked(kind):
                near = near_names(kind, sorted(_TYPES)) if isinstance(kind, str) else []
                yield Finding(
                    name,
                    f"its Type is {kind!r}" if kind is not None else "it has no Type",
                    f"did you mean {near[0]}?" if near else "",
                )


def _required_fields(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        fields = state.fields
        match state.type:
            case "Task" if not (isinstance(fields.get("Resource"), str) and state.resource.strip()):
                yield Finding(state.name, "the Task has no Resource", "name what it calls")
            case "Parallel" if not (state.inner or is_marked(fields.get("Branches"))):
                yield Finding(state.name, "the Parallel state has no Branches", "give it one")
            case "Map" if not is_marked(fields.get(state.processor)):
                given = [name for name in ("ItemProcessor", "Iterator") if name in fields]
                if len(given) != 1 or not state.inner:
                    has = (
                        "both ItemProcessor and Iterator" if len(given) > 1 else "no ItemProcessor"
                    )
                    yield Finding(state.name, f"the Map has {has}", "give it one ItemProcessor")
            case "Wait":
                waits = [name for name in _WAITS if name in fields]
                if len(waits) != 1:
                    yield Finding(
                        state.name,
                        f"the Wait state has {' and '.join(waits) or 'no time to wait for'}",
                        f"give it one of {', '.join(_WAITS)}",
                    )
            case "Choice" if not is_marked(fields.get("Choices")):
                yield from _choice_rules(state)


def _choice_rules(state: State) -> Iterator[Finding]:
    rules = objects(state.fields.get("Choices"))
    if not rules:
        yield Finding(state.name, "the Choice has no Choices", "give it one rule at least")
    for index, rule in enumerate(rules):
        if not isinstance(rule.get("Next"), str):
            place = below(state.pointer, "Choices", index)
            yield Finding(state.name, f"Choices[{index}] has no Next", "say where it leads", place)
        if state.jsonata and "Condition" not in rule:
            yield Finding(
                state.name,
                f"Choices[{index}] has no Condition, and the state's language is JSONata",
                "write the rule as one Condition, or make the state's language JSONPath",
                below(state.pointer, "Choices", index),
            )


def _terminal_states(checked: CheckedDefinition) -> Iterator[Finding]:
    for machine in checked.machines():
        states = machine.states.values()
        if states and not any(state.ends or state.leads_anywhere for state in states):
            yield Finding(
                machine.place, "none of its states has End, or is of type Succeed or Fail"
            )


_LANGUAGES = ("JSONPath", "JSONata")


def _query_languages(checked: CheckedDefinition) -> Iterator[Finding]:
    whole = checked.definition.get("QueryLanguage")
    if whole is not None and whole not in _LANGUAGES and not is_filled_in(whole):
        place = below("", "QueryLanguage")
        remedy = "write JSONPath or JSONata"
        yield Finding("definition", f"its QueryLanguage is {whole!r}", remedy, place)
    for state in checked.states():
        own = state.fields.get("QueryLanguage")
        place = below(state.pointer, "QueryLanguage")
        if not state.language_is_known:
            continue
        if own is not None and own not in _LANGUAGES:
            remedy = "write JSONPath or JSONata"
            yield Finding(state.name, f"its QueryLanguage is {own!r}", remedy, place)
            continue
        if own == "JSONPath" and state.machine.query_language == "JSONata":
            yield Finding(
                state.name,
                "its language is JSONPath in a state machine of JSONata",
                "leave the state machine's QueryLanguage out, and set it on states",
                place,
            )
        wrong = sorted(_of_the_other_language(state))
        if wrong:
            language, other = ("JSONata", "JSONPath") if state.jsonata else ("JSONPath", "JSONata")
            yield Finding(
                state.name,
                f"its language is {language}, and it has {', '.join(wrong)} of {other}",
            )


def _of_the_other_language(state: State) -> Iterator[str]:
    """The fields of a state, and of what it holds, that its language does not have."""
    others = _JSONPATH_FIELDS if state.jsonata else _JSONATA_FIELDS
    yield from set(state.fields) & others
    for index, catcher in enumerate(objects(state.fields.get("Catch"))):
        name = "ResultPath" if state.jsonata else "Output"
        if name in catcher:
            yield f"Catch[{index}].{name}"
    for holder in ("ItemReader", "ResultWriter") if state.type == "Map" else ():
        name = "Parameters" if state.jsonata else "Arguments"
        if name in mapping(state.fields.get(holder)):
            yield f"{holder}.{name}"
    if state.type == "Map" and state.jsonata:
        for holder, fields in (
            ("ItemBatcher", state.fields.get("ItemBatcher")),
            ("ReaderConfig", mapping(state.fields.get("ItemReader")).get("ReaderConfig")),
        ):
            yield from (f"{holder}.{name}" for name in mapping(fields) if name.endswith("Path"))


def _texts(checked: CheckedDefinition) -> Iterator[Finding]:
    version = checked.definition.get("Version", "1.0")
    # CloudFormation makes texts of some numbers, so that the number may work.
    if version not in ("1.0", 1.0) and not is_filled_in(version):
        remedy = 'write "1.0", or leave it out'
        yield Finding("definition", f"its Version is {version!r}", remedy, below("", "Version"))
    for state in checked.states():
        for name in ("Cause", "Error") if state.type == "Fail" else ():
            value = state.fields.get(name, "")
            if not (isinstance(value, str) or is_filled_in(value)):
                place = below(state.pointer, name)
                yield Finding(state.name, f"{name} is {value!r}, which is no text", "", place)


def _error_handlers(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        for name in ("Retry", "Catch"):
            given = state.fields.get(name)
            if given is not None and not isinstance(given, list) and not is_marked(given):
                yield Finding(state.name, f"{name} is no list", f"write {name} as a list")
            handlers = objects(given)
            for index, handler in enumerate(handlers):
                pointer = below(state.pointer, name, index)
                problems = [
                    ("ErrorEquals", problem)
                    for problem in _handled_errors(handler, index == len(handlers) - 1)
                ]
                if name == "Retry":
                    problems += _retrier_numbers(handler)
                elif not isinstance(handler.get("Next"), str):
                    problems.append(("Next", "it has no Next"))
                for field, problem in problems:
                    place = below(pointer, field) if field in handler else pointer
                    yield Finding(state.name, f"{name}[{index}]: {problem}", "", place)


def _handled_errors(handler: Mapping[str, Any], last: bool) -> Iterator[str]:
    errors = handler.get("ErrorEquals")
    if is_marked(errors):
        return
    if not isinstance(errors, list) or not errors:
        yield "it has no ErrorEquals with the name of an error"
    elif not all(isinstance(error, str) for error in errors):
        yield "its ErrorEquals has what is no name of an error"
    elif "States.ALL" in errors:
        if len(errors) > 1:
            yield "States.ALL stands among other errors: it must stand alone"
        if not last:
            yield "States.ALL is not the last: what follows is never used"


def _retrier_numbers(retrier: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    limits: dict[str, tuple[int, int | None, tuple[type, ...]]] = {
        "IntervalSeconds": (1, _MAX_NUMBER, (int,)),
        "MaxAttempts": (0, _MAX_NUMBER, (int,)),
        "MaxDelaySeconds": (1, _MAX_DELAY - 1, (int,)),
        "BackoffRate": (1, None, (int, float)),
    }
    for name, (least, most, kind) in limits.items():
        value: Any = retrier.get(name)
        if value is None or is_filled_in(value):
            continue
        number = isinstance(value, kind) and not isinstance(value, bool)
        if not (number and value >= least and (most is None or value <= most)):
            span = f"{least} or more" if most is None else f"between {least} and {most}"
            whole = "a whole number " if kind == (int,) else ""
            yield name, f"{name} is {value!r}; give {whole}{span}"
    interval, delay = retrier.get("IntervalSeconds", 1), retrier.get("MaxDelaySeconds")
    if isinstance(interval, int) and isinstance(delay, int) and delay <= interval:
        yield (
            "MaxDelaySeconds",
            f"MaxDelaySeconds is {delay}, no more than IntervalSeconds, {interval}",
        )
    jitter = retrier.get("JitterStrategy")
    if jitter is not None and jitter not in _JITTER and not is_marked(jitter):
        yield "JitterStrategy", f"JitterStrategy is {jitter!r}; give {' or '.join(_JITTER)}"


_REFUSED = "AWS refuses to create the state machine"

STRUCTURE_CHECKS = (
    Check(
        "asl.start-at",
        "error",
        f"{_REFUSED} (MISSING_TRANSITION_TARGET).",
        _start,
        what="StartAt is missing, or names a state that is not there.",
        remedy="set StartAt to the name of the first state",
    ),
    Check(
        "asl.transition-target",
        "error",
        f"{_REFUSED} (MISSING_TRANSITION_TARGET); transitions cannot enter or leave a branch or "
        "an item processor.",
        _targets,
        what="Next, Default, a choice or a catcher names a state that is not in the same state "
        "machine, branch or item processor.",
        remedy="name a state beside this one",
    ),
    Check(
        "asl.next-or-end",
        "error",
        f"{_REFUSED} (SCHEMA_VALIDATION_FAILED).",
        _continuations,
        what="A state has neither Next nor End, or both, or one that its type cannot have.",
        remedy="give the state one of Next and End",
    ),
    Check(
        "asl.needless-end",
        # No error: the language's specification forbids it, and published machines have it.
        "warning",
        "The state ends the execution anyway, and the States Language gives it no End: readers of "
        "definitions refuse it.",
        _needless_ends,
        what="A Succeed or Fail state has End.",
        remedy="remove End",
    ),
    Check(
        "asl.end-state",
        "error",
        f"{_REFUSED} (MISSING_END_STATE).",
        _terminal_states,
        what="A state machine, branch or item processor has no state that ends it.",
        remedy="end it with End, or with a Succeed or Fail state",
    ),
    Check(
        "asl.state-type",
        "error",
        f"{_REFUSED} (SCHEMA_VALIDATION_FAILED).",
        _types,
        what="A state has no Type, or one that the States Language does not know.",
        remedy=f"give one of {', '.join(sorted(_TYPES))}",
    ),
    Check(
        "asl.required-field",
        "error",
        f"{_REFUSED} (SCHEMA_VALIDATION_FAILED).",
        _required_fields,
        what="A state lacks what its type needs: Resource, Branches, ItemProcessor, Choices with "
        "Next, a time to wait for.",
        remedy="add the field",
    ),
    Check(
        "asl.query-language",
        "error",
        f"{_REFUSED} (SCHEMA_VALIDATION_FAILED).",
        _query_languages,
        what="A state has fields of the other query language, JSONPath inside a state machine of "
        "JSONata, or a QueryLanguage that there is not.",
        remedy="set the state's QueryLanguage to the language that its fields are written in",
    ),
    Check(
        "asl.text",
        "error",
        f"{_REFUSED} (SCHEMA_VALIDATION_FAILED).",
        _texts,
        what="The Error or Cause of a Fail state is no text, or the definition's Version is other "
        "than the text 1.0.",
        remedy="write it as a text, in quotes",
    ),
    Check(
        "asl.error-handlers",
        "error",
        f"{_REFUSED} (SCHEMA_VALIDATION_FAILED).",
        _error_handlers,
        what="A Retry or Catch has no ErrorEquals, States.ALL not alone or not last, no Next, "
        "numbers out of range, or a JitterStrategy other than FULL and NONE.",
        remedy="correct the retrier or catcher",
    ),
)
