"""What the context object, and in JSONata ``$states``, holds at a place.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.intrinsics import Call
from sfn_fragments_asl.model.jsonata import Node
from sfn_fragments_asl.model.paths import Field, Path
from sfn_fragments_asl.near_names import near_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.model.expressions import Expression
    from sfn_fragments_asl.model.machine import State

# None: anything may follow.
_CONTEXT: dict[str, Any] = {
    "Execution": {key: {} for key in ("Id", "Name", "RedriveCount", "RedriveTime", "RoleArn")}
    | {"Input": None, "StartTime": {}},
    "Map": {"Item": {"Index": {}, "Key": {}, "Source": {}, "Value": None}},
    "State": {key: {} for key in ("EnteredTime", "Name", "RetryCount")},
    "StateMachine": {"Id": {}, "Name": {}},
    "Task": {"Token": {}},
}
_STATES = {"context": _CONTEXT, "errorOutput": None, "input": None, "result": None}
#: Types of states that have a result, and the fields that are evaluated when it is there.
_WITH_RESULT = frozenset({"Map", "Parallel", "Task"})
_AFTER_RESULT = frozenset({"Assign", "Output"})


def _unknown(checked: CheckedDefinition) -> Iterator[Finding]:
    for state, expression, names in _read(checked):
        if problem := _unknown_name(expression, names):
            yield Finding(state.name, *problem, expression.pointer)


def _elsewhere(checked: CheckedDefinition) -> Iterator[Finding]:
    for state, expression, names in _read(checked):
        if problem := _out_of_place(state, expression, names):
            yield Finding(state.name, *problem, expression.pointer)


def _read(checked: CheckedDefinition) -> Iterator[tuple[State, Expression, tuple[str, ...]]]:
    """What is read of ``$states``: the state, the expression and the names."""
    for state in checked.states():
        if not state.language_is_known:
            continue
        for expression in state.expressions:
            for names in _references(expression):
                yield state, expression, names


def _references(expression: Expression) -> Iterator[tuple[str, ...]]:
    """The names below ``$states`` that an expression reads."""
    tree = expression.tree
    if isinstance(tree, Node):
        nodes = list(tree.walk())
        if any(node.called == "exists" for node in nodes):
            # It asks first.
            return
        inside = {id(step) for node in nodes for step in node.listed("steps")}
        for node in nodes:
            if id(node) not in inside and node.beginning[:1] == ("states",):
                yield node.beginning[1:]
        return
    paths = (
        [each for each in tree.walk() if isinstance(each, Path)]
        if isinstance(tree, Call)
        else [tree]
    )
    for path in paths:
        if path is not None and path.root == "$$":
            names = []
            for step in path.steps:
                if not isinstance(step, Field):
                    break
                names.append(step.name)
            yield ("context", *names)


def _unknown_name(expression: Expression, names: tuple[str, ...]) -> tuple[str, str] | None:
    """The first name that is not there, and what to do."""
    known: Any = _STATES
    root = "$states" if expression.jsonata else "$"
    for at, name in enumerate(names):
        if known is None:
            break
        if name not in known:
            near = near_names(name, known)
            holder = ".".join((root, *names[:at])).replace("$.context", "$$")
            has = ", ".join(sorted(known)) or "nothing below"
            return (
                f"{holder} has no {name}",
                f"did you mean {near[0]}?" if near else f"it has {has}",
            )
        known = known[name]
    return None


def _out_of_place(
    state: State, expression: Expression, names: tuple[str, ...]
) -> tuple[str, str] | None:
    field = expression.pointer.removeprefix(state.pointer).split("/")[1]
    around = [state, *state.machine.parents()]
    if names[:2] == ("context", "Map") and not any(one.type == "Map" for one in around):
        return "it reads the item of a Map, and stands in none", "read the state's input"
    if names[:1] == ("result",) and (state.type not in _WITH_RESULT or field not in _AFTER_RESULT):
        return f"it reads $states.result in {field}, where there is none", "read $states.input"
    if names[:1] == ("errorOutput",) and field != "Catch":
        return (
            f"it reads $states.errorOutput in {field}, where there is none",
            "read it in the Output or the Assign of a catcher",
        )
    return None


CONTEXT_CHECKS = (
    Check(
        "asl.context-field",
        # No error, which nobody could accept: AWS adds to the context object, and creates the
        # state machine.
        "warning",
        "What is read is not in the context object, unless Step Functions has got it since this "
        "release: the execution fails there, or goes on without a value.",
        _unknown,
        what="An expression reads a field that the context object ($$) or $states does not have.",
        remedy="correct the name",
    ),
    Check(
        "asl.context-place",
        "error",
        "AWS refuses to create the state machine, or the execution fails there: the value is not "
        "there yet, or not any more.",
        _elsewhere,
        what="An expression reads what the context object ($$) or $states has elsewhere only: an "
        "item outside of a Map, a result before it is there, an error outside of a catcher.",
        remedy="read it where it is",
    ),
)
