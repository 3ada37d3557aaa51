"""JSONata expressions, put together from values and other expressions.

A JSONata state reads variables and computes in the fields of the service call itself, where
JSONPath would need a Pass state in front of it.
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_NAME = re.compile(r"[A-Za-z_]\w*")


class Expression(str):
    """The source of a JSONata expression, without ``{% %}``."""

    __slots__ = ()


def field(variable: str, *names: str) -> Expression:
    """A variable, or a field of it.

    Args:
        variable: The variable, without ``$``.
        *names: Fields, outermost first.

    Returns:
        The expression.

    Examples:
        >>> field("job", "memory")
        '$job.memory'
    """
    steps = [name if _NAME.fullmatch(name) else f"`{name}`" for name in names]
    return Expression(".".join([f"${variable}", *steps]))


def source(value: Any) -> str:
    """A value as JSONata source.

    Args:
        value: JSON data that may hold expressions at any depth.

    Returns:
        The source.

    Examples:
        >>> source({"Name": "a", "Value": field("job", "memory")})
        '{"Name": "a", "Value": $job.memory}'
    """
    if isinstance(value, Expression):
        return str(value)
    if isinstance(value, Mapping):
        members = (f"{json.dumps(key)}: {source(item)}" for key, item in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(source(item) for item in value) + "]"
    return json.dumps(value)


def concat(*parts: Any) -> Any:
    """Join texts and expressions.

    Args:
        *parts: Texts and expressions.

    Returns:
        A text where all parts are texts, else an expression.

    Examples:
        >>> concat("a/", field("job", "id"))
        '"a/" & $job.id'
    """
    merged: list[Any] = []
    for part in parts:
        if merged and not isinstance(part, Expression) and not isinstance(merged[-1], Expression):
            merged[-1] += part
        else:
            merged.append(part)
    if len(merged) == 1:
        return merged[0]
    return Expression(" & ".join(source(part) for part in merged))


def render(value: Any) -> Any:
    """JSON data for ``Arguments``, ``Assign`` or ``Output``, with expressions in ``{% %}``.

    Args:
        value: JSON data that may hold expressions at any depth.

    Returns:
        The data.

    Examples:
        >>> render({"Bucket": field("job", "bucket"), "Key": "a"})
        {'Bucket': '{% $job.bucket %}', 'Key': 'a'}
    """
    if isinstance(value, Expression):
        return f"{{% {value} %}}"
    if isinstance(value, Mapping):
        return {key: render(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [render(item) for item in value]
    return value
