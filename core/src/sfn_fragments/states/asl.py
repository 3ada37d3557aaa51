"""States written as Amazon States Language.

``aws_cdk.aws_stepfunctions_tasks`` costs seconds to import, and each of its properties is a round
trip to Node; a `CustomState` takes the JSON at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from aws_cdk import Aws, JsonNull, Token
from aws_cdk.aws_stepfunctions import Chain, CustomState, FieldUtils, JsonPath

from sfn_fragments.states.naming import state_name
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import is_token, naming_taken_ids
from sfn_fragments_asl.model.intrinsic_source import Source, argument

if TYPE_CHECKING:
    from aws_cdk.aws_stepfunctions import INextable, State
    from constructs import Construct

T = TypeVar("T")

_INTEGRATION = "arn:aws:states:::"
_TOKENS = re.compile(r"(\$\{Token\[[^\]]*\]\})")


def state(scope: Construct, label: str, definition: Mapping[str, Any]) -> CustomState:
    """Make a state from its definition.

    Args:
        scope: The construct that holds it.
        label: What it does, unique in the scope.
        definition: Its JSON, with service integrations as ``arn:aws:states:::...`` whatever the
            partition, and without ``Next``, ``End`` and catchers whose target is a construct.

    Returns:
        The state, named by `state_name`.

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

    Examples:
        >>> parameters({"Bucket": "$.bucket", "Tags": {"a": "b"}})
        {'Bucket.$': '$.bucket', 'Tags': {'a': 'b'}}
    """
    if isinstance(values, Mapping):
        marked = {}
        for key, item in values.items():
            rendered = parameters(item)
            marked[key if key.endswith(".$") or not is_dynamic(rendered) else f"{key}.$"] = rendered
        return marked
    if isinstance(values, Sequence) and not isinstance(values, str):
        decoded = _decoded(values)
        if isinstance(decoded, str):
            return decoded
        items = [parameters(item) for item in values]
        # Only a member of an object can be a path; an intrinsic function makes the array.
        # What CDK encodes holds braces of its own, and is replaced before Step Functions reads it.
        return argument(_argument(values), _TOKENS) if any(map(is_dynamic, items)) else items
    return _null() if values is None else _decoded(values)


def reference(value: T) -> T | str:
    """The reference path or intrinsic function that a value stands for.

    Args:
        value: A literal, a path, an intrinsic function, or CDK's token of a path.

    Returns:
        The value; a token of a path is decoded.
    """
    decoded = _decoded(value)
    return decoded if isinstance(decoded, str) else value


def is_discarded(path: str | None) -> bool:
    """Whether a result path is CDK's ``JsonPath.DISCARD``, by which the input is passed on."""
    # Asked for tokens alone: the first time is a round trip to Node.
    return path is not None and is_token(path) and path == JsonPath.DISCARD


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
        states = value.items()
        return {name: {k: _in_partition(k, v) for k, v in item.items()} for name, item in states}
    return value


@cache
def _partition() -> str:
    """Token of the partition: looking it up is a round trip to Node."""
    return Aws.PARTITION


@cache
def _null() -> JsonNull:
    """What stands for null: CDK drops a plain one."""
    return JsonNull.INSTANCE


def _argument(value: Any) -> Any:
    """A value in which what an execution computes is marked as the source that it is."""
    value = _decoded(value)
    if isinstance(value, str):
        return Source(value) if is_dynamic(value) else value
    if isinstance(value, Mapping):
        return {key: _argument(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_argument(item) for item in value]
    return Source(Token.as_string(value)) if is_token(value) else value
