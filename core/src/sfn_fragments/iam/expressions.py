"""What is known at synthesis of the value of an expression.

Read are those forms of JSONata and JSONPath that carry a name on: texts put together, fields of
variables and of the input, objects, alternatives, ``$merge`` and ``$sift``, ``States.Format`` and
``States.JsonMerge``. Of any other expression nothing is known, so that a permission gets wider,
never too narrow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sfn_fragments.iam.values import NOTHING, OPEN, Value, concatenated, joined, text

_EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)
_REFERENCE = re.compile(r"\$(\w+)((?:\.\w+)*)")
_PATH = re.compile(r"\$(\w*)((?:\.\w+)*)")
_CALL = re.compile(r"([$\w.]+)\(")
_FIELDS = re.compile(r"(?:\.\w+)*")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'" + r'|"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_QUOTES = "'\""
# What a search stops at: expressions are read for every state of every machine.
_MARK = re.compile(r"""[()\[\]{}'"]""")
_SEPARATORS = {one: re.compile(rf"""[(\[{{'"{one}]""") for one in ";?:&,"}


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
    source = source.strip()
    if (inner := _enclosed(source, "(")) is not None:
        # Several expressions in parentheses are a program.
        return OPEN if len(_split(inner, ";")) > 1 else jsonata(inner, scope)
    _, *choices = _split(source, "?")
    if choices:
        # The first colon that no nested choice takes divides the two.
        parts = _split("?".join(choices), ":")
        middle = len(parts) // 2
        sides = (":".join(parts[:middle]), ":".join(parts[middle:]))
        return joined(jsonata(side, scope) for side in sides)
    terms = _split(source, "&")
    if len(terms) > 1:
        return concatenated(jsonata(term, scope) for term in terms)
    if _QUOTED.fullmatch(source):
        return text(_unquoted(source))
    if (members := _enclosed(source, "{")) is not None:
        return _object(members, scope)
    if match := _REFERENCE.fullmatch(source):
        return _reference(match.group(1), _names(match.group(2)), scope)
    return _jsonata_call(source, scope)


def _jsonata_call(source: str, scope: Scope) -> Value:
    name, arguments, names = _call(source)
    match name, arguments:
        case "$merge", [listed]:
            items = _enclosed(listed.strip(), "[")
            if items is None:
                return OPEN
            value = joined(jsonata(item, scope) for item in _split(items, ","))
        case "$sift", [given, *_]:
            # What the condition leaves out is not looked at: less is left than is said here.
            value = jsonata(given, scope)
        case "$string", [given]:
            value = jsonata(given, scope)
        case "$error", _:
            return NOTHING
        case _:
            return OPEN
    return _descend(value, names)


def jsonpath(source: str, scope: Scope) -> Value:
    """What is known of a reference path or an intrinsic function.

    Args:
        source: The path, such as ``$.a`` or ``$variable.a``, or the function.
        scope: What it may refer to.
    """
    source = source.strip()
    if _QUOTED.fullmatch(source):
        return text(_unquoted(source))
    if match := _PATH.fullmatch(source):
        name, names = match.group(1), _names(match.group(2))
        return _descend(scope.variable(name) if name else scope.input, names)
    name, arguments, _ = _call(source)
    match name, arguments:
        case "States.Format", [form, *values]:
            return _formatted(form.strip(), values, scope)
        case "States.JsonMerge", [first, second, *_]:
            return joined([jsonpath(first, scope), jsonpath(second, scope)])
    return OPEN


def _formatted(form: str, values: list[str], scope: Scope) -> Value:
    if not _QUOTED.fullmatch(form):
        return OPEN
    # Braces that are meant are escaped, and so the placeholders are told from them before.
    literals = re.split(r"(?<!\\)\{\}", form[1:-1])
    parts = [text(_ESCAPED.sub(r"\1", literals[0]))]
    for index, literal in enumerate(literals[1:]):
        parts.append(jsonpath(values[index], scope) if index < len(values) else OPEN)
        parts.append(text(_ESCAPED.sub(r"\1", literal)))
    return concatenated(parts)


def _reference(name: str, names: list[str], scope: Scope) -> Value:
    if name != "states":
        return _descend(scope.variable(name), names)
    match names:
        case ["input", *rest]:
            return _descend(scope.input, rest)
        case ["result", *rest]:
            return _descend(scope.result, rest)
    return OPEN


def _object(members: str, scope: Scope) -> Value:
    fields = {}
    for member in _split(members, ","):
        if not member.strip():
            continue
        key, *value = _split(member, ":")
        if not _QUOTED.fullmatch(key.strip()):
            return OPEN
        fields[_unquoted(key.strip())] = jsonata(":".join(value), scope)
    return Value(fields=fields)


def _descend(value: Value, names: list[str]) -> Value:
    for name in names:
        value = value.field(name)
    return value


def _names(path: str) -> list[str]:
    return path.split(".")[1:]


def _call(source: str) -> tuple[str, list[str], list[str]]:
    """Name and arguments of a function call, and the path behind it; else an empty name."""
    if (match := _CALL.match(source)) and (end := _closing(source, match.end() - 1)):
        rest = source[end + 1 :]
        if _FIELDS.fullmatch(rest):
            return match.group(1), _split(source[match.end() : end], ","), _names(rest)
    return "", [], []


def _enclosed(source: str, bracket: str) -> str | None:
    """What stands in the bracket that a source begins and ends with; else ``None``."""
    if source.startswith(bracket) and _closing(source, 0) == len(source) - 1:
        return source[1:-1]
    return None


def _closing(source: str, start: int) -> int | None:
    """Index of the bracket that closes the one at ``start``; ``None`` where there is none."""
    expected: list[str] = []
    index = start
    while mark := _MARK.search(source, index):
        index = mark.end()
        character = mark.group()
        if character in _QUOTES:
            quoted = _QUOTED.match(source, mark.start())
            index = quoted.end() if quoted else index
        elif character in _BRACKETS:
            expected.append(_BRACKETS[character])
        elif not expected or expected.pop() != character:
            return None
        elif not expected:
            return mark.start()
    return None


def _split(source: str, separator: str) -> list[str]:
    """Split at a separator that is not within quotes or brackets."""
    if separator not in source:
        return [source]
    parts: list[str] = []
    begun = index = 0
    while mark := _SEPARATORS[separator].search(source, index):
        index = mark.end()
        character = mark.group()
        if character == separator:
            parts.append(source[begun : mark.start()])
            begun = index
        elif character in _QUOTES:
            quoted = _QUOTED.match(source, mark.start())
            index = quoted.end() if quoted else index
        else:
            index = (_closing(source, mark.start()) or mark.start()) + 1
    return [*parts, source[begun:]]


def _unquoted(source: str) -> str:
    try:
        return str(json.loads(source))
    except ValueError:
        return _ESCAPED.sub(r"\1", source[1:-1])
