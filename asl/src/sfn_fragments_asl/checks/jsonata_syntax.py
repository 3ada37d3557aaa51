"""JSONata that does not parse, and functions that there are not.

https://docs.jsonata.org and, for what Step Functions adds,
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import below, is_filled_in, objects
from sfn_fragments_asl.model.jsonata import (
    BUILT_IN,
    JSONATA_ARGUMENTS,
    LEAST_JSONATA_ARGUMENTS,
    Node,
    UnreadableError,
    called_functions,
    called_names,
    names_without_origin,
    parse_jsonata,
)
from sfn_fragments_asl.model.paths import MalformedError
from sfn_fragments_asl.near_names import near_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.model.expressions import Expression
    from sfn_fragments_asl.model.machine import State


def _expressions(checked: CheckedDefinition) -> Iterator[tuple[State, Expression]]:
    for state in checked.states():
        if state.jsonata and state.language_is_known:
            yield from ((state, expression) for expression in state.expressions)


def _malformed(checked: CheckedDefinition) -> Iterator[Finding]:
    for state, expression in _expressions(checked):
        try:
            parse_jsonata(expression.source)
        except UnreadableError:
            continue
        except MalformedError as problem:
            source = expression.source.strip()
            shown = source if len(source) <= 60 else f"{source[:57]}..."
            message = f"{shown!r} is no JSONata: {problem}" if source else "{% %} is empty"
            yield Finding(state.name, message, "", expression.pointer)


def _functions(checked: CheckedDefinition) -> Iterator[Finding]:
    variables = {name for state in checked.states() for name in state.assigned}
    for state, expression in _expressions(checked):
        tree = expression.tree
        if not isinstance(tree, Node):
            continue
        for name in called_names(tree):
            yield Finding(
                state.name,
                f"{name}() calls no function: the names of functions begin with $",
                f"write ${name}(...)" if name in BUILT_IN else "",
                expression.pointer,
            )
        for name, given in called_functions(tree):
            if name == "eval":
                yield Finding(
                    state.name,
                    "Step Functions has no function $eval",
                    "use $parse for JSON",
                    expression.pointer,
                )
            elif name not in BUILT_IN:
                if name not in variables:
                    near = near_names(name, BUILT_IN)
                    yield Finding(
                        state.name,
                        f"there is no function ${name}",
                        f"did you mean ${near[0]}?" if near else "",
                        expression.pointer,
                    )
            elif given > JSONATA_ARGUMENTS.get(name, given):
                yield Finding(
                    state.name,
                    f"${name} takes {JSONATA_ARGUMENTS[name]} arguments at most, and gets {given}",
                    "",
                    expression.pointer,
                )
            elif given < (least := LEAST_JSONATA_ARGUMENTS.get(name, 0)):
                yield Finding(
                    state.name,
                    f"${name} takes {least} arguments at least, and gets {given}",
                    "",
                    expression.pointer,
                )


def _without_origin(checked: CheckedDefinition) -> Iterator[Finding]:
    for state, expression in _expressions(checked):
        tree = expression.tree
        names = dict.fromkeys(names_without_origin(tree)) if isinstance(tree, Node) else ()
        for name in names:
            rest = "" if name.startswith("$") else f".{name}"
            yield Finding(
                state.name,
                f"it reads {name} from nowhere: at the top of an expression nothing is around it",
                f"write $states.input{rest}",
                expression.pointer,
            )


def _plain_texts(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        if not state.jsonata or not state.language_is_known:
            continue
        for index, rule in enumerate(objects(state.fields.get("Choices"))):
            given = rule.get("Condition")
            if "Condition" in rule and not (isinstance(given, bool) or is_filled_in(given)):
                yield Finding(
                    state.name,
                    f"Choices[{index}].Condition is {given!r}, which is no expression",
                    f"write {{% {given} %}}" if isinstance(given, str) else "",
                    below(state.pointer, "Choices", index, "Condition"),
                )
        given = state.fields.get("Items")
        if given is not None and not (isinstance(given, list | Mapping) or is_filled_in(given)):
            yield Finding(
                state.name,
                f"Items is {given!r}, which is no expression and has no items",
                f"write {{% {given} %}}" if isinstance(given, str) else "",
                below(state.pointer, "Items"),
            )


JSONATA_CHECKS = (
    Check(
        "asl.jsonata",
        "error",
        "AWS refuses to create the state machine (INVALID_JSONATA_EXPRESSION).",
        _malformed,
        what="What stands between {% and %} in a JSONata state does not parse.",
        remedy="correct the expression",
    ),
    Check(
        "asl.jsonata-function",
        "error",
        "An execution that reaches the state fails (States.QueryEvaluationError).",
        _functions,
        what="An expression in JSONata calls a function that does not exist, or with fewer "
        "or more arguments than it takes.",
        remedy="correct the call",
    ),
    Check(
        "asl.jsonata-field",
        "error",
        "AWS refuses to create the state machine, or each execution that reaches the state fails "
        "(States.QueryEvaluationError): a text is no condition and has no items.",
        _plain_texts,
        what="The Condition of a rule, or the Items of a Map, is a text without {% %} or another "
        "value that is none.",
        remedy="write an expression between {% and %}",
    ),
    Check(
        "asl.jsonata-origin",
        "error",
        "AWS refuses to create the state machine (UNSUPPORTED_JSONATA_EXPRESSION): the input of a "
        "state is $states.input, and nothing else.",
        _without_origin,
        what="An expression in JSONata begins with a name, $ or $$, and not with $states or a "
        "variable.",
        remedy="begin with $states.input, $states.result, $states.context or a variable",
    ),
)
