"""States written as Amazon States Language.

``aws_cdk.aws_stepfunctions_tasks`` costs seconds to import, and each of its properties is a round
trip to Node; a :class:`~aws_cdk.aws_stepfunctions.CustomState` takes the JSON at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from aws_cdk import Aws, Fn, JsonNull, Stack, Token
from aws_cdk.aws_stepfunctions import Chain, CustomState, FieldUtils

from sfn_fragments.states.jsonata import Expression
from sfn_fragments.states.naming import state_name
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import is_token, naming_taken_ids
from sfn_fragments_asl.model.translation import list_of, text_literal, to_jsonata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk.aws_stepfunctions import INextable, State
    from constructs import Construct

T = TypeVar("T")

_INTEGRATION = "arn:aws:states:::"
_TOKENS = re.compile(r"(\$\{Token\[[^\]]*\]\})")
# Hardly stands in a text; CloudFormation may replace what is not ASCII.
_SEPARATOR = "|,|"
_RESERVED = re.compile(r"[\\'{}]")


def state(scope: Construct, label: str, definition: Mapping[str, Any]) -> CustomState:
    """Make a state from its definition.

    Args:
        scope: The construct that holds it.
        label: What it does, unique in the scope.
        definition: Its JSON, with service integrations as ``arn:aws:states:::...`` whatever the
            partition, and without ``Next``, ``End`` and catchers whose target is a construct.

    Returns:
        The state, named by :func:`~sfn_fragments.states.naming.state_name`.

    Raises:
        InvalidParametersError: The scope has a state of this name.
    """
    fields = {
        key: _null() if value is None else _in_partition(key, value)
        for key, value in definition.items()
    }
    name = state_name(scope, label)
    with naming_taken_ids(f"state {name!r}", label):
        return CustomState(scope, name, state_json=fields)


def chain(*states: CustomState) -> Chain:
    """Connect states in a row."""
    first, *others = states
    if not others:
        return Chain.start(first)
    connected = first.next(others[0])
    for following in others[1:]:
        connected = connected.next(following)
    return connected


def custom_chain(first: State, *ends: INextable) -> Chain:
    """A chain of connected states, with the states that whatever comes next follows on."""
    return Chain.custom(first, list(ends), first)


def parameters(values: Any) -> Any:
    """Render values for ``Parameters``, ``ResultSelector`` or ``Assign`` of a JSONPath state.

    Keys whose value is a reference path or an intrinsic function get their ``.$``, at every
    depth; CDK's encoded paths (``JsonPath.string_at``) are decoded; other tokens pass.

    Args:
        values: A mapping, a list, or a plain value.

    Returns:
        The same with keys changed.

    Example:
        >>> parameters({"Bucket": "$.bucket", "Tags": {"a": "b"}})
        {'Bucket.$': '$.bucket', 'Tags': {'a': 'b'}}
    """
    return _mark(values)


def translated(scope: Construct, value: Any) -> Expression:
    """What :func:`parameters` renders for JSONPath, as one JSONata expression.

    Reference paths and intrinsic functions are translated, at every depth, and CDK's encoded paths
    with them. A list stays one item of the list that it stands in.

    Args:
        scope: A construct of the stack.
        value: A mapping, a list, or a plain value.

    Returns:
        The expression. It fails where a path finds nothing.

    Raises:
        UntranslatableError: JSONata cannot say what a path says.

    Example:
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


def reference(value: T) -> T | str:
    """The reference path or intrinsic function that a value stands for.

    Args:
        value: A literal, a path, an intrinsic function, or CDK's token of a path.

    Returns:
        The value; a token of a path is decoded.
    """
    decoded = _decoded(value)
    return decoded if isinstance(decoded, str) else value


def _mark(value: Any) -> Any:
    if isinstance(value, Mapping):
        marked = {}
        for key, item in value.items():
            rendered = _mark(item)
            marked[key if key.endswith(".$") or not is_dynamic(rendered) else f"{key}.$"] = rendered
        return marked
    if isinstance(value, Sequence) and not isinstance(value, str):
        if any(is_dynamic(item) for item in value):
            # Only a member of an object can be a path; an intrinsic function makes the array.
            return f"States.Array({', '.join(_argument(item) for item in value)})"
        decoded = _decoded(value)
        return decoded if isinstance(decoded, str) else [_mark(item) for item in value]
    return _null() if value is None else _decoded(value)


def _decoded(value: Any) -> Any:
    """The path that an encoded value of CDK stands for; any other value as it is."""
    if not is_token(value):
        return value
    # Asked for objects alone: the first time is a round trip to Node.
    if not isinstance(value, str | float | list | tuple) and value is _null():
        return value
    return _path_of(value) if isinstance(value, str) else _rendered(value)


@lru_cache(maxsize=1024)
def _path_of(token: str) -> Any:
    """What an encoded text stands for: the same one is given to several states."""
    return _rendered(token)


def _rendered(value: Any) -> Any:
    rendered = FieldUtils.render_object({"value": value}) or {}
    return rendered.get("value.$", value)


def _in_partition(key: str, value: Any) -> Any:
    """A field whose service integrations are those of the stack's partition."""
    if key == "Resource" and isinstance(value, str):
        return value.replace(_INTEGRATION, f"arn:{_partition()}:states:::")
    if key in ("ItemReader", "ResultWriter", "ItemProcessor"):
        return {name: _in_partition(name, item) for name, item in value.items()}
    if key == "States":
        return {name: _fields_in_partition(item) for name, item in value.items()}
    return value


def _fields_in_partition(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _in_partition(key, value) for key, value in definition.items()}


@cache
def _partition() -> str:
    """Token of the partition: looking it up is a round trip to Node."""
    return Aws.PARTITION


@cache
def _null() -> JsonNull:
    """What stands for null: CDK drops a plain one."""
    return JsonNull.INSTANCE


def _argument(value: Any) -> str:
    if isinstance(value, str):
        return value if is_dynamic(value) else literal(value)
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    raise ValueError(f"a list of reference paths holds {value!r}; pass it as a path of its own")


def literal(value: str) -> str:
    r"""A text as an argument of an intrinsic function, with its quotes.

    Args:
        value: Any text.

    Returns:
        The text in single quotes, with what the language reserves escaped.

    Example:
        >>> print(literal("it's {x}"))
        'it\'s \{x\}'
    """
    # What CDK encodes holds braces of its own, and is replaced before Step Functions reads it.
    parts = _TOKENS.split(value)
    parts[::2] = [_RESERVED.sub(r"\\\g<0>", part) for part in parts[::2]]
    return f"'{''.join(parts)}'"
