"""Paths and JSONata expressions, as short as they can be read."""

from __future__ import annotations

import json
import re
from typing import Any

_DELIMITED = re.compile(r"\s*\{%(.*)%\}\s*", re.DOTALL)
_JSONATA_INPUT = re.compile(r"\$states\.(?:input\.|context\.(?=\w))")
_BLANKS = re.compile(r"\s+")


def path_in_words(path: str) -> str:
    """A path without what every path begins with.

    Args:
        path: A path of JSONPath: of the input, of the context object, or of a variable.

    Returns:
        The name that a person would use for it.

    Examples:
        >>> [path_in_words(path) for path in ("$.file.bytes", "$", "$$.Execution.Name", "$job.id")]
        ['file.bytes', 'the input', 'Execution.Name', '$job.id']
    """
    if path in ("$", "$$"):
        return "the input" if path == "$" else "the context"
    for prefix in ("$$.", "$."):
        if path.startswith(prefix):
            return path.removeprefix(prefix)
    return path.removeprefix("$") if path.startswith("$[") else path


def undelimited(text: str) -> str:
    """A JSONata expression without ``{%`` and ``%}``, where it has them.

    Args:
        text: The text of a field.
    """
    match = _DELIMITED.fullmatch(text)
    return (match.group(1) if match else text).strip()


def jsonata_in_words(text: str) -> str:
    """A JSONata expression without its delimiters, on one line.

    Args:
        text: The text of a field, with or without ``{%`` and ``%}``.

    Returns:
        The expression, in which fields of the input and of the context object stand by their names.

    Examples:
        >>> jsonata_in_words("{% $states.input.bytes > 0 %}")
        'bytes > 0'
    """
    return _JSONATA_INPUT.sub("", _BLANKS.sub(" ", undelimited(text)))


def value_in_words(value: Any) -> str:
    """A value of a field: an expression by its words, anything else as JSON.

    Args:
        value: JSON data, or a path or a JSONata expression in a text.

    Examples:
        >>> value_in_words("$.a"), value_in_words("{% $states.input.a %}"), value_in_words("a")
        ('a', 'a', '"a"')
    """
    if isinstance(value, str):
        if _DELIMITED.fullmatch(value):
            return jsonata_in_words(value)
        if value.startswith("$") and not value.startswith("${"):
            return path_in_words(value)
    return json.dumps(value, ensure_ascii=False)
