"""What is known at synthesis of the variables of a definition, and of the input of its states.

Names of buckets, queues and job definitions reach a service call by variables, by the items of a
Map, and by states that pass their input on. All of these are followed, over and over until
nothing new is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments.definition import walk_states
from sfn_fragments.iam.expressions import Scope, template
from sfn_fragments.iam.values import NOTHING, OPEN, Value, concatenated, joined, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: ARNs of job definitions begin with it.
JOB_DEFINITION_ARN = "arn:${AWS::Partition}:batch:${AWS::Region}:${AWS::AccountId}:job-definition/"

# Definitions are settled after two or three rounds; one whose texts grow in a loop never is.
_MOST_ROUNDS = 20


class DataFlow:
    """Follows values through a definition.

    Args:
        definition: The parsed definition.

    Example:
        >>> states = {"A": {"Type": "Pass", "Assign": {"b": "c"}}}
        >>> DataFlow({"StartAt": "A", "States": states}).scope_of("A").variable("b").texts
        (Known(prefix='c', complete=True),)
    """

    def __init__(self, definition: Mapping[str, Any]) -> None:
        """Follow the values until nothing new is found."""
        self._variables: dict[str, Value] = {
            name: NOTHING for _, state in walk_states(definition) for name in _assigned(state)
        }
        self._inputs: dict[str, Value] = {}
        self._changed = True
        for _ in range(_MOST_ROUNDS):
            self._changed = False
            self._follow(definition, OPEN, definition.get("QueryLanguage"))
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

    def _follow(self, machine: Mapping[str, Any], given: Value, language: str | None) -> None:
        self._arrive(machine.get("StartAt"), given)
        for name, state in machine.get("States", {}).items():
            # Some fields are of one language alone.
            is_jsonata = (state.get("QueryLanguage") or language) == "JSONata" or "Output" in state
            before = Scope(self._variables, self._inputs.get(name, NOTHING))
            for nested, nested_input in _nested(state, before):
                self._follow(nested, nested_input, language)
            result = _result(state, before)
            # In JSONPath, what a task assigns is read from its result.
            seen = before.input if is_jsonata or not _reshapes(state) else result
            after = Scope(self._variables, seen, result)
            output = _output(state, after, before.input, is_jsonata=is_jsonata)
            self._assign(state, after)
            for choice in state.get("Choices", []):
                self._assign(choice, after)
                self._arrive(choice.get("Next"), output)
            for following in (state.get("Next"), state.get("Default")):
                self._arrive(following, output)
            for catcher in state.get("Catch", []):
                self._assign(catcher, Scope(self._variables, before.input))
                caught = template(catcher["Output"], before) if "Output" in catcher else OPEN
                self._arrive(catcher.get("Next"), caught)

    def _assign(self, assigning: Mapping[str, Any], scope: Scope) -> None:
        for name, value in template(assigning.get("Assign", {}), scope).fields.items():
            self._variables[name] = self._grown(self._variables[name], value)

    def _arrive(self, state_name: str | None, value: Value) -> None:
        if state_name is not None:
            known = self._inputs.get(state_name, NOTHING)
            self._inputs[state_name] = self._grown(known, value)

    def _grown(self, known: Value, more: Value) -> Value:
        grown = joined([known, more])
        self._changed = self._changed or grown != known
        return grown


def _assigned(state: Mapping[str, Any]) -> Iterator[str]:
    for assigning in (state, *state.get("Choices", []), *state.get("Catch", [])):
        for name in assigning.get("Assign", {}):
            yield name.removesuffix(".$")


def _nested(state: Mapping[str, Any], scope: Scope) -> Iterator[tuple[Mapping[str, Any], Value]]:
    """The machines within a state, each with its input."""
    chosen = next(
        (state[key] for key in ("ItemSelector", "Parameters", "Arguments") if key in state), None
    )
    if state.get("Type") == "Map":
        item = OPEN if chosen is None else template(chosen, scope)
        for key in ("ItemProcessor", "Iterator"):
            if key in state:
                yield state[key], OPEN if "ItemBatcher" in state else item
    plain = "InputPath" not in state
    for branch in state.get("Branches", []):
        given = scope.input if plain else OPEN
        yield branch, given if chosen is None else template(chosen, scope)


def registers_job_definition(state: Mapping[str, Any]) -> bool:
    """Whether a state registers a job definition."""
    return str(state.get("Resource", "")).endswith("batch:registerJobDefinition")


def registered_definition(state: Mapping[str, Any], scope: Scope) -> Value:
    """What is known of the ARN of the job definition that a state registers.

    Args:
        state: The state.
        scope: What its expressions refer to.
    """
    name = _job_definition_name(state, scope)
    return concatenated([text(JOB_DEFINITION_ARN), name, text(":"), OPEN])


def _job_definition_name(state: Mapping[str, Any], scope: Scope) -> Value:
    given = state.get("Arguments", state.get("Parameters"))
    return template(given, scope).field("JobDefinitionName")


def _result(state: Mapping[str, Any], scope: Scope) -> Value:
    """What is known of what a service returns: the job definition that it has registered."""
    if not registers_job_definition(state):
        return OPEN
    return Value(
        fields={
            "JobDefinitionArn": registered_definition(state, scope),
            "JobDefinitionName": _job_definition_name(state, scope),
        }
    )


def _reshapes(state: Mapping[str, Any]) -> bool:
    """Whether a state in JSONPath does not pass its input on as it is."""
    if state.get("Type") in ("Task", "Map", "Parallel"):
        return True
    return any(key in state for key in ("InputPath", "Parameters", "Result"))


def _output(state: Mapping[str, Any], scope: Scope, given: Value, *, is_jsonata: bool) -> Value:
    if is_jsonata:
        if "Output" in state:
            return template(state["Output"], scope)
        return scope.result if state.get("Type") in ("Task", "Map", "Parallel") else given
    if state.get("OutputPath", "$") != "$":
        return OPEN
    if "ResultPath" in state:
        return given if state["ResultPath"] is None else OPEN
    return OPEN if _reshapes(state) else given
