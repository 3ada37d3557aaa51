"""What is known at synthesis of the variables of a definition, and of the input of its states.

Names of buckets, queues and job definitions reach a service call by variables, by the items of a
Map, and by states that pass their input on. All of these are followed, over and over until
nothing new is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.json_data import mapping, objects
from sfn_fragments_asl.model.known import Scope, template
from sfn_fragments_asl.model.values import NOTHING, OPEN, Value, bounded, concatenated, joined, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfn_fragments_asl.model.machine import Machine, State

#: ARNs of job definitions begin with it.
JOB_DEFINITION_ARN = "arn:${AWS::Partition}:batch:${AWS::Region}:${AWS::AccountId}:job-definition/"

# Definitions are settled after two or three rounds; one whose texts grow in a loop never is.
_MOST_ROUNDS = 20


class DataFlow:
    """Follows values through a definition.

    Args:
        machine: The definition.

    Examples:
        >>> from sfn_fragments_asl.model.machine import Machine
        >>> states = {"A": {"Type": "Pass", "Assign": {"b": "c"}}}
        >>> machine = Machine({"StartAt": "A", "States": states})
        >>> DataFlow(machine).scope_of("A").variable("b").texts
        (Known(prefix='c', complete=True),)
    """

    def __init__(self, machine: Machine) -> None:
        """Follow the values until nothing new is found."""
        self._variables: dict[str, Value] = {
            name: NOTHING for state in machine.every_state() for name in state.assigned
        }
        self._inputs: dict[str, Value] = {}
        self._changed = True
        for _ in range(_MOST_ROUNDS):
            self._changed = False
            self._follow(machine, OPEN)
            if not self._changed:
                return
        # What is not settled may be anything.
        self._variables = dict.fromkeys(self._variables, OPEN)
        self._inputs = {}

    def scope_of(self, state_name: str) -> Scope:
        """What the expressions of a state refer to, before its service is called.

        Args:
            state_name: The state; names are unique in a definition.
        """
        return Scope(self._variables, self._inputs.get(state_name, OPEN))

    def _follow(self, machine: Machine, given: Value) -> None:
        self._arrive(machine.body.get("StartAt"), given)
        for name, state in machine.states.items():
            fields = state.fields
            # Some fields are of one language alone.
            is_jsonata = state.jsonata or "Output" in fields
            before = Scope(self._variables, self._inputs.get(name, NOTHING))
            for nested, nested_input in _nested(state, before):
                self._follow(nested, nested_input)
            result = _result(state, before)
            # In JSONPath, what a task assigns is read from its result.
            seen = before.input if is_jsonata or not _reshapes(state) else result
            after = Scope(self._variables, seen, result)
            output = _output(state, after, before.input, is_jsonata=is_jsonata)
            self._assign(fields, after)
            for choice in objects(fields.get("Choices")):
                self._assign(choice, after)
                self._arrive(choice.get("Next"), output)
            for following in (fields.get("Next"), fields.get("Default")):
                self._arrive(following, output)
            for catcher in objects(fields.get("Catch")):
                self._assign(catcher, Scope(self._variables, before.input))
                caught = template(catcher["Output"], before) if "Output" in catcher else OPEN
                self._arrive(catcher.get("Next"), caught)

    def _assign(self, assigning: Mapping[str, Any], scope: Scope) -> None:
        for name, value in template(mapping(assigning.get("Assign")), scope).fields.items():
            self._variables[name] = self._grown(self._variables[name], value)

    def _arrive(self, state_name: Any, value: Value) -> None:
        if isinstance(state_name, str):
            known = self._inputs.get(state_name, NOTHING)
            self._inputs[state_name] = self._grown(known, value)

    def _grown(self, known: Value, more: Value) -> Value:
        grown = bounded(joined([known, more]))
        self._changed = self._changed or grown != known
        return grown


def _nested(state: State, scope: Scope) -> Iterator[tuple[Machine, Value]]:
    """The machines within a state, each with its input."""
    fields = state.fields
    chosen = next(
        (fields[key] for key in ("ItemSelector", "Parameters", "Arguments") if key in fields), None
    )
    given = OPEN if chosen is None else template(chosen, scope)
    if state.type == "Map" and "ItemBatcher" in fields:
        given = OPEN
    elif state.type == "Parallel" and chosen is None and "InputPath" not in fields:
        given = scope.input
    for inner in state.inner:
        yield inner, given


def registers_job_definition(state: State) -> bool:
    """Whether a state registers a job definition."""
    return str(state.fields.get("Resource", "")).endswith("batch:registerJobDefinition")


def registered_definition(state: State, scope: Scope) -> Value:
    """What is known of the ARN of the job definition that a state registers.

    Args:
        state: The state.
        scope: What its expressions refer to.
    """
    name = _job_definition_name(state, scope)
    return concatenated([text(JOB_DEFINITION_ARN), name, text(":"), OPEN])


def _job_definition_name(state: State, scope: Scope) -> Value:
    given = state.fields.get("Arguments", state.fields.get("Parameters"))
    return template(given, scope).field("JobDefinitionName")


def _result(state: State, scope: Scope) -> Value:
    """What is known of what a service returns: the job definition that it has registered."""
    if not registers_job_definition(state):
        return OPEN
    return Value(
        fields={
            "JobDefinitionArn": registered_definition(state, scope),
            "JobDefinitionName": _job_definition_name(state, scope),
        }
    )


def _reshapes(state: State) -> bool:
    """Whether a state in JSONPath does not pass its input on as it is."""
    if state.type in ("Task", "Map", "Parallel"):
        return True
    return any(key in state.fields for key in ("InputPath", "Parameters", "Result"))


def _output(state: State, scope: Scope, given: Value, *, is_jsonata: bool) -> Value:
    fields = state.fields
    if is_jsonata:
        if "Output" in fields:
            return template(fields["Output"], scope)
        return scope.result if state.type in ("Task", "Map", "Parallel") else given
    if fields.get("OutputPath", "$") != "$":
        return OPEN
    if "ResultPath" in fields:
        return given if fields["ResultPath"] is None else OPEN
    return OPEN if _reshapes(state) else given
