"""Settings of a job as JSONata, whatever they are written in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aws_cdk import Fn, Stack, Token

from sfn_fragments.states.asl import reference
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import is_token
from sfn_fragments_asl.model.jsonata_source import Expression
from sfn_fragments_asl.model.translation import list_of, text_literal, to_jsonata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct

# Hardly stands in a text; CloudFormation may replace what is not ASCII.
_SEPARATOR = "|,|"


def translated(scope: Construct, value: Any) -> Expression:
    """A setting as one JSONata expression.

    Reference paths and intrinsic functions are translated, at every depth, and CDK's encoded paths
    with them. A list stays one item of the list that it stands in.

    Args:
        scope: A construct of the stack.
        value: A mapping, a list, or a plain value.

    Returns:
        The expression. It fails where a path finds nothing.

    Raises:
        UntranslatableError: JSONata cannot say what a path says.

    Examples:
        >>> translated(None, {"Name": "$$.Execution.Name", "Tags": ["a"]})
        '{"Name": $states.context.Execution.Name, "Tags": ["a"]}'
    """
    value = reference(value)
    if is_dynamic(value):
        return Expression(to_jsonata(value))
    if isinstance(value, str):
        return Expression(text_literal(value))
    if is_token(value):
        return Expression(_source_of_token(scope, value))
    if isinstance(value, Mapping):
        members = (
            f"{text_literal(key.removesuffix('.$'))}: {translated(scope, item)}"
            for key, item in value.items()
        )
        return Expression(f"{{{', '.join(members)}}}")
    if isinstance(value, Sequence):
        return Expression(list_of((each, _may_be_list(each)) for each in _each(scope, value)))
    return Expression(json.dumps(value))


def _source_of_token(scope: Construct, value: Any) -> str:
    """What CDK replaces by a number, by a list of texts, or by anything else, as JSONata."""
    if isinstance(value, float):
        return Token.as_string(value)
    if isinstance(value, list | tuple):
        # Its JSON would bring quotes into the expression, which is a text in JSON itself.
        joined_texts = text_literal(Fn.join(_SEPARATOR, list(value)))
        separator = text_literal(_SEPARATOR)
        return f'({joined_texts} = "" ? [] : [$split({joined_texts}, {separator})])'
    return Stack.of(scope).to_json_string(value)


def _each(scope: Construct, values: Sequence[Any]) -> Iterator[Expression]:
    for value in values:
        yield translated(scope, value)


def _may_be_list(item: Expression) -> bool:
    # What is written as a list, JSONata leaves as it is; texts, numbers and objects are none.
    return item.startswith(("$", "("))
