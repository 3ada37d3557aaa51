"""Calls of intrinsic functions, as a tree.

There is no parser of them on PyPI but for the one inside of LocalStack's interpreter.
https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from sfn_fragments_asl.model.paths import MalformedError, Path, parse_path, read_path

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Intrinsic functions, with the least and the greatest number of their arguments.
INTRINSIC_FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "Array": (0, None),
    "ArrayContains": (2, 2),
    "ArrayGetItem": (2, 2),
    "ArrayLength": (1, 1),
    "ArrayPartition": (2, 2),
    "ArrayRange": (3, 3),
    "ArrayUnique": (1, 1),
    "Base64Decode": (1, 1),
    "Base64Encode": (1, 1),
    "Format": (1, None),
    "Hash": (2, 2),
    "JsonMerge": (3, 3),
    "JsonToString": (1, 1),
    "MathAdd": (2, 2),
    "MathRandom": (2, 3),
    "StringSplit": (2, 2),
    "StringToJson": (1, 1),
    "UUID": (0, 0),
}

_FUNCTION = re.compile(r"States\.(\w+)\s*\(")
_LITERAL = re.compile(r"'(?:\\.|[^'\\])*'|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_SPACE = re.compile(r"\s*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
#: A backslash before what it cannot stand before; in pairs they are read one after the other.
_UNKNOWN_ESCAPE = re.compile(r"(?:[^\\]|\\['{}\\])*(\\[^'{}\\])", re.DOTALL)
_PART = re.compile(r"(?:\\.|(?!\{\}).)*", re.DOTALL)


@dataclass(frozen=True)
class Literal:
    """A text, a number, ``true``, ``false`` or ``null`` among the arguments of a call.

    Attributes:
        text: As it is written, with its quotes.
        position: Index of its first character.
    """

    text: str
    position: int

    @property
    def value(self) -> str | float | bool | None:
        """What it stands for."""
        if self.text.startswith("'"):
            return _ESCAPED.sub(r"\1", self.text[1:-1])
        value: float | bool | None = json.loads(self.text)
        return value

    def between_placeholders(self) -> list[str]:
        """The parts of a template of ``States.Format`` that stand between its ``{}``."""
        # Braces that are meant are escaped, and so the placeholders are told from them before.
        template, parts, at = self.text[1:-1], list[str](), 0
        while part := _PART.match(template, at):
            parts.append(_ESCAPED.sub(r"\1", part.group()))
            if part.end() == len(template):
                break
            at = part.end() + len("{}")
        return parts


@dataclass(frozen=True)
class Call:
    """A call of an intrinsic function.

    Attributes:
        text: As it is written.
        name: Name of the function, without ``States.``.
        arguments: Its arguments.
        position: Index of its first character.

    Examples:
        >>> call = parse_intrinsic("States.Format('{}/{}', $.a, States.UUID())")
        >>> call.name, [argument.text for argument in call.arguments]
        ('Format', ["'{}/{}'", '$.a', 'States.UUID()'])
    """

    text: str
    name: str
    arguments: tuple[Argument, ...]
    position: int

    def walk(self) -> Iterator[Argument]:
        """The call, then each of its arguments, at every depth."""
        yield self
        for argument in self.arguments:
            if isinstance(argument, Call):
                yield from argument.walk()
            else:
                yield argument


Argument: TypeAlias = Call | Path | Literal


@lru_cache(maxsize=4096)
def parse_intrinsic(text: str) -> Call:
    """Read a call of an intrinsic function.

    Args:
        text: The call, such as ``States.Format('{}', $.a)``.

    Returns:
        Its tree.

    Raises:
        MalformedError: It is none.
    """
    try:
        call, end = _read_call(text, 0)
    except RecursionError:
        raise MalformedError("its calls are nested too deep") from None
    if text[end:].strip():
        raise MalformedError(f"{text[end:]!r} follows the call of the intrinsic function", end)
    return call


def parse_dynamic(text: str) -> Path | Call:
    """Read what JSONPath evaluates in a field that ends with ``.$``.

    Args:
        text: A path, or a call of an intrinsic function.

    Returns:
        Its tree.

    Raises:
        MalformedError: It is neither.
    """
    return parse_intrinsic(text) if text.startswith("States.") else parse_path(text)


def dynamic_problem(text: str) -> str | None:
    """What is wrong with a text that Step Functions evaluates: a path or an intrinsic function.

    Args:
        text: The text; it begins with ``$`` or ``States.``.

    Returns:
        What is wrong, in a few words; ``None`` for what is well formed.

    Examples:
        >>> dynamic_problem("States.UUID()"), dynamic_problem("States.Uuid()")
        (None, 'there is no intrinsic function States.Uuid')
    """
    try:
        parse_dynamic(text)
    except MalformedError as problem:
        return str(problem)
    return None


def _read_call(text: str, start: int) -> tuple[Call, int]:
    called = _FUNCTION.match(text, start)
    if called is None:
        raise MalformedError("an intrinsic function is called like States.UUID()", start)
    name = called.group(1)
    if name not in INTRINSIC_FUNCTIONS:
        raise MalformedError(f"there is no intrinsic function States.{name}", start)
    at = _skip(text, called.end())
    arguments: list[Argument] = []
    while not text.startswith(")", at):
        if arguments:
            if not text.startswith(",", at):
                raise MalformedError(f"the call of States.{name} is not closed", at)
            at = _skip(text, at + 1)
        argument, at = _read_argument(text, at, name)
        arguments.append(argument)
        at = _skip(text, at)
    least, most = INTRINSIC_FUNCTIONS[name]
    count = len(arguments)
    if count < least or (most is not None and count > most):
        takes = f"{least} or more" if most is None else f"{least} to {most}"
        takes = str(least) if least == most else takes
        plural = "" if takes == "1" else "s"
        raise MalformedError(
            f"States.{name} takes {takes} argument{plural}, and not {count}", start
        )
    return Call(text[start : at + 1], name, tuple(arguments), start), at + 1


def _read_argument(text: str, at: int, name: str) -> tuple[Argument, int]:
    if text.startswith("$", at):
        return read_path(text, at)
    if text.startswith("States.", at):
        return _read_call(text, at)
    literal = _LITERAL.match(text, at)
    if literal is None:
        raise MalformedError(
            f"an argument of States.{name} is no path, no 'text' and no number", at
        )
    if unknown := _UNKNOWN_ESCAPE.match(literal.group()):
        raise MalformedError(
            f"a text of States.{name} has the escape {unknown.group(1)}; there are "
            r"\', \{, \} and \\ alone",
            at + unknown.start(1),
        )
    return Literal(literal.group(), at), literal.end()


def _skip(text: str, at: int) -> int:
    spaces = _SPACE.match(text, at)
    return at if spaces is None else spaces.end()
