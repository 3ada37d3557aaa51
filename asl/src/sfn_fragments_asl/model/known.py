"""What is known at synthesis of the value of an expression.

Read are those forms of JSONata and JSONPath that carry a name on: texts put together, fields of
variables and of the input, objects, alternatives, ``$merge`` and ``$sift``, functions that are
called where they stand, ``States.Format`` and ``States.JsonMerge``. Of any other expression nothing
is known, so that a permission gets wider, never too narrow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sfn_fragments_asl.model.intrinsics import Argument, Call, Literal, parse_dynamic
from sfn_fragments_asl.model.jsonata import Node, parse_jsonata
from sfn_fragments_asl.model.paths import MalformedError
from sfn_fragments_asl.model.values import NOTHING, OPEN, Value, concatenated, joined, text

_EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)


@dataclass(frozen=True)
class Scope:
    """What an expression may refer to.

    Attributes:
        variables: Name of each variable of the workflow to what is known of it.
        input: What is known of ``$states.input``, or of ``$`` in JSONPath.
        result: What is known of ``$states.result``.
    """

    variables: Mapping[str, Value] = field(default_factory=dict)
    input: Value = OPEN
    result: Value = OPEN

    def variable(self, name: str) -> Value:
        """What is known of a variable; nothing of one that no state assigns."""
        return self.variables.get(name, OPEN)


def template(data: Any, scope: Scope) -> Value:
    """What is known of JSON data that may hold expressions of either language.

    Args:
        data: The value of ``Arguments``, ``Parameters``, ``Assign``, ``Output`` and so on.
        scope: What the expressions may refer to.

    Returns:
        What is known; nothing where the data is ``None``.
    """
    if data is None:
        return NOTHING
    if isinstance(data, Mapping):
        return Value(
            fields={
                name.removesuffix(".$"): jsonpath(str(value), scope)
                if name.endswith(".$")
                else template(value, scope)
                for name, value in data.items()
            }
        )
    if isinstance(data, list):
        # One of them: what is asked is which names there are, not where they stand.
        return joined(template(item, scope) for item in data)
    if isinstance(data, str):
        match = _EXPRESSION.fullmatch(data)
        return jsonata(match.group(1), scope) if match else text(data)
    return OPEN


def jsonata(source: str, scope: Scope) -> Value:
    """What is known of a JSONata expression.

    Args:
        source: The expression, without ``{% %}``.
        scope: What it may refer to.
    """
    try:
        return _of_node(parse_jsonata(source), scope)
    except MalformedError:
        return OPEN


def _of_node(node: Node, scope: Scope) -> Value:
    match node.kind:
        case "string":
            return text(node.value)
        case "block" if len(node.listed("items")) == 1:
            # Several expressions in parentheses are a program.
            return _of_node(node.listed("items")[0], scope)
        case "condition":
            then, otherwise = node.part("then"), node.part("otherwise")
            return joined(_of_node(side, scope) if side else OPEN for side in (then, otherwise))
        case "binary" if node.value == "&":
            terms = (*node.listed("left"), *node.listed("right"))
            return concatenated(_of_node(term, scope) for term in terms)
        case "unary" if node.value == "{":
            return _of_object(node, scope)
        case "function":
            return _of_function(node, scope)
        case "variable" | "path":
            return _of_path(node, scope)
    return OPEN


def _of_path(node: Node, scope: Scope) -> Value:
    if names := node.reference:
        return _of_reference(names, scope)
    first, *others = node.listed("steps") or (node,)
    if "group" in node.parts or any(
        each.kind != "name" or each.parts or each.binds for each in others
    ):
        return OPEN
    if not others or first.kind != "function" or first.listed("filters"):
        return OPEN
    return _descend(_of_node(first, scope), [each.value for each in others])


def _of_reference(names: tuple[str, ...], scope: Scope) -> Value:
    match names:
        case ("states", "input", *rest):
            return _descend(scope.input, rest)
        case ("states", "result", *rest):
            return _descend(scope.result, rest)
        case ("states", *_):
            return OPEN
        case (name, *rest):
            return _descend(scope.variable(name), rest)
    return OPEN


def _of_function(node: Node, scope: Scope) -> Value:
    if function := node.called_lambda:
        return _of_lambda(function, node.listed("arguments"), scope)
    match node.called, node.listed("arguments"):
        case "merge", (listed,) if listed.kind == "unary" and listed.value == "[":
            return joined(_of_node(item, scope) for item in listed.listed("items"))
        case "sift", (given, *_):
            # What the condition leaves out is not looked at: less is left than is said here.
            return _of_node(given, scope)
        case "string", (given,):
            return _of_node(given, scope)
        case "error", _:
            return NOTHING
    return OPEN


def _of_lambda(function: Node, arguments: Sequence[Node], scope: Scope) -> Value:
    """What a function that is called where it stands makes of its arguments."""
    values = [_of_node(argument, scope) for argument in arguments]
    names = [name.value for name in function.listed("arguments")]
    # A parameter without an argument has no value, and hides the variable of its name.
    bound = {**dict.fromkeys(names, NOTHING), **dict(zip(names, values, strict=False))}
    body = function.part("body")
    inner = Scope({**scope.variables, **bound}, scope.input, scope.result)
    return OPEN if body is None else _of_node(body, inner)


def _of_object(node: Node, scope: Scope) -> Value:
    keys = node.listed("keys")
    if not all(key.kind == "string" for key in keys):
        return OPEN
    values = (_of_node(value, scope) for value in node.listed("values"))
    return Value(fields={key.value: value for key, value in zip(keys, values, strict=True)})


def jsonpath(source: str, scope: Scope) -> Value:
    """What is known of a reference path or an intrinsic function.

    Args:
        source: The path, such as ``$.a`` or ``$variable.a``, or the function.
        scope: What it may refer to.
    """
    try:
        return _of_argument(parse_dynamic(source.strip()), scope)
    except MalformedError:
        return OPEN


def _of_argument(argument: Argument, scope: Scope) -> Value:
    if isinstance(argument, Literal):
        return text(argument.value) if isinstance(argument.value, str) else OPEN
    if isinstance(argument, Call):
        return _of_call(argument, scope)
    if argument.names is None or argument.root == "$$":
        return OPEN
    start = scope.variable(argument.variable) if argument.variable else scope.input
    return _descend(start, argument.names)


def _of_call(call: Call, scope: Scope) -> Value:
    match call.name, call.arguments:
        case "Format", (Literal() as form, *values):
            return _formatted(form, values, scope)
        case "JsonMerge", (first, second, *_):
            return joined([_of_argument(first, scope), _of_argument(second, scope)])
    return OPEN


def _formatted(form: Literal, values: Sequence[Argument], scope: Scope) -> Value:
    first, *others = form.between_placeholders()
    parts = [text(first)]
    for index, literal in enumerate(others):
        parts.append(_of_argument(values[index], scope) if index < len(values) else OPEN)
        parts.append(text(literal))
    return concatenated(parts)


def _descend(value: Value, names: Sequence[str]) -> Value:
    for name in names:
        value = value.field(name)
    return value
