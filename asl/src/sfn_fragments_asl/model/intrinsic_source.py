"""Values written as arguments of intrinsic functions.

Only a member of an object can be a path; in a list, and in an object in a list, intrinsic functions
make the value: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_RESERVED = re.compile(r"[\\'{}]")
_NEVER = re.compile(r"(?!)()")


class Source(str):
    """A path, an intrinsic function or a number, as it stands in a definition."""

    __slots__ = ()


def argument(value: Any, kept: re.Pattern[str] = _NEVER) -> str:
    r"""A value as an argument of an intrinsic function.

    Args:
        value: JSON, in which `Source` stands for what an execution computes.
        kept: What is left as it is in texts, as a group of its own: what is replaced before AWS
            reads the definition.

    Returns:
        The argument. Lists are made by ``States.Array``, and objects by ``States.StringToJson``,
        since there are none among the literals; nor is null.

    Examples:
        >>> print(argument(["a", Source("$.b")]))
        States.Array('a', $.b)
        >>> print(argument({"it's": Source("$.b")}))
        States.StringToJson(States.Format('\{"it\'s":{}\}', States.JsonToString($.b)))
    """
    if isinstance(value, Source):
        return value
    if isinstance(value, str):
        return f"'{_escaped(value, kept)}'"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, Sequence) and value:
        return f"States.Array({', '.join(argument(item, kept) for item in value)})"
    text, arguments = _json_text(value, kept)
    whole = f"'{text}'"
    if arguments:
        whole = f"States.Format({', '.join([whole, *arguments])})"
    return f"States.StringToJson({whole})"


def _json_text(value: Any, kept: re.Pattern[str]) -> tuple[str, list[str]]:
    """JSON as the text of an intrinsic function, and the arguments that fill its places."""
    if isinstance(value, Source):
        computed = value.startswith(("$", "States."))
        return "{}", [f"States.JsonToString({value})" if computed else value]
    if isinstance(value, Mapping):
        members = [(f"{json.dumps(key)}:", *_json_text(item, kept)) for key, item in value.items()]
        opening, closing = r"\{", r"\}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        members = [("", *_json_text(item, kept)) for item in value]
        opening, closing = "[", "]"
    else:
        return _escaped(json.dumps(value), kept), []
    texts = [f"{_escaped(name, kept)}{text}" for name, text, _ in members]
    arguments = [each for *_, filling in members for each in filling]
    return f"{opening}{','.join(texts)}{closing}", arguments


def _escaped(value: str, kept: re.Pattern[str]) -> str:
    parts = kept.split(value)
    parts[::2] = [_RESERVED.sub(r"\\\g<0>", part) for part in parts[::2]]
    return "".join(parts)
