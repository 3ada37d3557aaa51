"""The value of a path, as Jayway's JsonPath finds it, which AWS uses.

The conditions of filters are parsed by PyPI's ``jsonpath-ng``, and evaluated here over its tree: it
compares a missing field with ``null``, and orders values of different types.
https://github.com/json-path/JsonPath
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from sfn_fragments_asl.model.json_data import is_number
from sfn_fragments_asl.model.paths import (
    Descend,
    Every,
    Field,
    Fields,
    Filter,
    Function,
    Index,
    Indices,
    MalformedError,
    Path,
    Slice,
    Step,
)


class NothingFoundError(LookupError):
    """A path leads to nothing."""


class _Absent:
    """What a path in a condition does not find; equal to nothing but itself."""


_ABSENT = _Absent()

_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "avg": lambda values: sum(values) / len(values),
    "length": len,
    "max": max,
    "min": min,
    "sum": sum,
}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(path: Path, data: Any) -> Any:
    """What a path finds.

    Args:
        path: The path; its root is the data.
        data: JSON data.

    Returns:
        The value; for a path that may find several places, the list of what is there, empty or
        not; for several names of one object (``['a','b']``), an object of those that are there.

    Raises:
        NothingFoundError: There is nothing where a single place is meant.
        MalformedError: The condition of a filter cannot be read.

    Examples:
        >>> from sfn_fragments_asl.model.paths import parse_path
        >>> evaluate(parse_path("$.a[?(@.b > 1)].c"), {"a": [{"b": 2, "c": "x"}, {"b": 1}]})
        ['x']
    """
    steps = path.steps
    last = steps[-1] if steps else None
    if isinstance(last, Function):
        return _called(last, evaluate(Path(path.text, path.root, steps[:-1]), data))
    if isinstance(last, Fields) and not any(step.several for step in steps[:-1]):
        return dict(_named(_single(steps[:-1], data, path), last.names))
    if path.finds_several:
        return list(_found(steps, data, data))
    return _single(steps, data, path)


def _single(steps: tuple[Step, ...], data: Any, path: Path) -> Any:
    for value in _found(steps, data, data):
        return value
    raise NothingFoundError(f"{path.text} leads to nothing")


def _found(steps: tuple[Step, ...], data: Any, root: Any) -> Iterator[Any]:
    """The values that steps lead to, in the order of the data."""
    if not steps:
        yield data
        return
    step, *others = steps
    rest = tuple(others)
    if isinstance(step, Descend):
        for inner in _descendants(data):
            yield from _found(rest, inner, root)
        return
    for value in _next(step, data, root):
        yield from _found(rest, value, root)


def _descendants(data: Any) -> Iterator[Any]:
    yield data
    for value in _every(data):
        yield from _descendants(value)


def _every(data: Any) -> list[Any]:
    if isinstance(data, Mapping):
        return list(data.values())
    return data if isinstance(data, list) else []


def _next(step: Step, data: Any, root: Any) -> Iterator[Any]:
    """The values one step further."""
    match step:
        case Field(name=name):
            yield from (value for _, value in _named(data, (name,)))
        case Fields(names=names):
            yield from (value for _, value in _named(data, names))
        case Index(index=index):
            yield from _at(data, index)
        case Indices(indices=indices):
            for index in indices:
                yield from _at(data, index)
        case Slice(start=start, end=end, step=by) if isinstance(data, list):
            yield from data[start:end:by]
        case Every():
            yield from _every(data)
        case Filter(condition=condition):
            holds = _condition(condition)
            # Of an object, the condition is about itself.
            yield from (
                one for one in (data if isinstance(data, list) else [data]) if holds(one, root)
            )


def _named(data: Any, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if isinstance(data, Mapping):
        yield from ((name, data[name]) for name in names if name in data)


def _at(data: Any, index: int) -> Iterator[Any]:
    if isinstance(data, list) and -len(data) <= index < len(data):
        yield data[index]


def _called(function: Function, value: Any) -> Any:
    """What a function of a path makes of what stands before it."""
    if function.name == "keys" and isinstance(value, Mapping):
        return list(value)
    if function.name == "length" and isinstance(value, str | Mapping):
        return len(value)
    made = _FUNCTIONS.get(function.name)
    if made is None:
        raise MalformedError(f"there is no function {function.name}()", function.position)
    try:
        return made(value)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise NothingFoundError(f"{function.text} has no value here: {error}") from error


@lru_cache(maxsize=1024)
def _condition(source: str) -> Callable[[Any, Any], bool]:
    """A condition of a filter: of an item, and of all the data."""
    # Only filters need it, and it takes longer to import than all of the model.
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.ext.parser import parse

    try:
        parsed: Any = parse(f"$[?({source})]")
    except (JSONPathError, AttributeError) as error:
        raise MalformedError(f"the condition {source!r} cannot be read: {error}") from error
    return _all_of(parsed.right.expressions)


def _all_of(expressions: list[Any]) -> Callable[[Any, Any], bool]:
    return lambda item, root: all(_holds(each, item, root) for each in expressions)


def _holds(expression: Any, item: Any, root: Any) -> bool:
    match type(expression).__name__:
        case "Or":
            return any(_holds(each, item, root) for each in expression.operands)
        case "And":
            return all(_holds(each, item, root) for each in expression.operands)
    left = _operand(expression.target, item, root)
    if expression.op is None:
        return left is not _ABSENT
    if expression.op == "!":
        return left is _ABSENT
    right = _operand(expression.value, item, root)
    if expression.op in ("==", "=", "!=", "<>"):
        return _equal(left, right) == (expression.op in ("==", "="))
    comparable = (is_number(left) and is_number(right)) or (
        isinstance(left, str) and isinstance(right, str)
    )
    return comparable and expression.op in _ORDERS and _ORDERS[expression.op](left, right)


def _equal(left: Any, right: Any) -> bool:
    # 1 is equal to true in Python.
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _operand(node: Any, item: Any, root: Any) -> Any:
    """The value of one side of a comparison; ``_ABSENT`` where its path leads to nothing."""
    match type(node).__name__:
        case "This":
            return item
        case "Root":
            return root
        case "Child":
            data = _operand(node.left, item, root)
            return _inside(node.right, data)
        case "Fields" | "Index" | "Filter":
            return _inside(node, item)
    return node


def _inside(node: Any, data: Any) -> Any:
    found: Iterator[Any] = iter(())
    match type(node).__name__:
        case "Fields":
            found = (value for _, value in _named(data, tuple(node.fields)))
        case "Index":
            found = (value for index in node.indices for value in _at(data, index))
        case "Filter" if isinstance(data, list):
            holds = _all_of(node.expressions)
            return [each for each in data if holds(each, data)]
    return next(found, _ABSENT)
